"""Which names a repository asks for, in which channels: what tells whom a release concerns.

A repository is one row with the set of its names as numbers, which a GIN index finds by any of them; why not a row for
each name stands in docs/decisions/0024. Channels and names that nobody asks for are forgotten at night.
"""

from collections.abc import Collection
from dataclasses import dataclass

from bot.datasources.shard_index import is_package_name
from bot.store.database import Connection

NOARCH = "noarch"
MOST_NAMES = 2_000
"""Of one repository. Who asks for more is woken by the first ones, and by the daily look."""

LONGEST_CHANNEL = 2_048
"""Of the characters of a URL; an index of PostgreSQL takes no text of 2,700 bytes."""

INTERN_CHANNELS = """
INSERT INTO channel (url) SELECT DISTINCT url FROM unnest(%(channels)s::text[]) AS asked (url)
WHERE NOT EXISTS (SELECT FROM channel WHERE channel.url = asked.url) ORDER BY url
ON CONFLICT (url) DO NOTHING
"""
INTERN_NAMES = """
INSERT INTO channel_name (channel_id, name)
SELECT channel_id, asked.name FROM unnest(%(channels)s::text[], %(names)s::text[]) AS asked (url, name)
JOIN channel USING (url) LEFT JOIN channel_name AS known USING (channel_id, name)
WHERE known.name_id IS NULL ORDER BY channel_id, asked.name
ON CONFLICT (channel_id, name) DO NOTHING
"""
KNOW_SUBDIRS = """
INSERT INTO channel_subdir (channel_id, subdir)
SELECT channel.channel_id, here.subdir FROM channel CROSS JOIN unnest(%(subdirs)s::text[]) AS here (subdir)
LEFT JOIN channel_subdir AS known ON known.channel_id = channel.channel_id AND known.subdir = here.subdir
WHERE channel.url = ANY(%(channels)s) AND known.subdir_id IS NULL ORDER BY 1, 2
ON CONFLICT (channel_id, subdir) DO NOTHING
"""
REMEMBER = """
WITH now_asked AS (
    SELECT coalesce(array_agg(name_id ORDER BY name_id), '{}') AS names
    FROM unnest(%(channels)s::text[], %(names)s::text[]) AS pair (url, name)
    JOIN channel USING (url) JOIN channel_name USING (channel_id, name)
)
INSERT INTO asked (repository_id, names, subdirs)
SELECT repository.repository_id, now_asked.names, %(subdirs)s::text[]
FROM repository CROSS JOIN now_asked LEFT JOIN asked USING (repository_id)
WHERE repository.repository_id = %(id)s
AND (asked.names, asked.subdirs) IS DISTINCT FROM (now_asked.names, %(subdirs)s::text[])
ON CONFLICT (repository_id) DO UPDATE SET names = excluded.names, subdirs = excluded.subdirs, changed_at = now()
"""
FORGET_NAMES = """
DELETE FROM channel_name WHERE known_at < now() - interval '1 day'
AND name_id NOT IN (SELECT DISTINCT unnest(names) FROM asked)
"""
FORGET_CHANNELS = """
DELETE FROM channel WHERE NOT EXISTS (SELECT FROM channel_name WHERE channel_name.channel_id = channel.channel_id)
"""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ChannelName:
    """A package by its name in a channel, which is known by its canonical URL."""

    channel: str
    name: str


async def remember_names(
    connection: Connection, repository_id: int, names: Collection[ChannelName], subdirs: Collection[str]
) -> None:
    """Have a release of any of *names*, on one of *subdirs* or noarch, wake a repository, and of no other name.

    They are what the last scan asked channels for; what no package can be called is left out. Nothing is written where
    that is what is known already, or where the repository itself is not known any more.
    """
    asked = sorted({each for each in names if is_package_name(each.name) and len(each.channel) <= LONGEST_CHANNEL})
    asked = asked[:MOST_NAMES]
    values = {
        "id": repository_id,
        "channels": [each.channel for each in asked],
        "names": [each.name for each in asked],
        "subdirs": sorted({*subdirs, NOARCH}),
    }
    for statement in (INTERN_CHANNELS, INTERN_NAMES, KNOW_SUBDIRS, REMEMBER):
        await connection.execute(statement, values)


async def forget_unused_names(connection: Connection) -> None:
    """Forget names and channels that no repository asks for any more: such channels are not watched any longer."""
    await connection.execute(FORGET_NAMES)
    await connection.execute(FORGET_CHANNELS)
