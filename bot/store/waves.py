"""Whom a release wakes: all at once where they are few; in a wave where they are many.

A wave is one row, however many repositories ask for its name: it has a place in their order, from the one that changed
last to the one that changed longest ago, and each poll takes it on by a bounded number. Who is wanted anyway, or was
looked at since the release, is passed over: so several releases are one scan.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store.database import Connection
from bot.store.wants import Priority

OF_CHANNEL = "SELECT name_id, name FROM channel_name WHERE channel_id = %s AND name = ANY(%s) ORDER BY name_id"
FEW = """
SELECT repository_id FROM asked WHERE names @> ARRAY[%(name)s::integer] AND %(subdir)s = ANY(subdirs) LIMIT %(limit)s
"""
RAISE = """
INSERT INTO wave AS known (name_id, subdirs) SELECT unnest(%s::integer[]), ARRAY[%s::text]
ON CONFLICT (name_id) DO UPDATE SET released_at = now(),
    subdirs = ARRAY(SELECT DISTINCT unnest(known.subdirs || excluded.subdirs) ORDER BY 1)
"""
TURNS = """
SELECT wave.name_id, url, name, subdirs, released_at, at, repository_id
FROM wave JOIN channel_name USING (name_id) JOIN channel USING (channel_id) ORDER BY served_at, released_at LIMIT %s
"""
ON = """
SELECT repository_id, changed_at FROM asked
WHERE names @> ARRAY[%(name)s::integer] AND subdirs && %(subdirs)s::text[]
AND (changed_at, repository_id) < (coalesce(%(at)s::timestamptz, 'infinity'), %(repository)s)
ORDER BY changed_at DESC, repository_id DESC LIMIT %(limit)s
"""
STAND = "UPDATE wave SET at = %s, repository_id = %s, served_at = now() WHERE name_id = %s"
THROUGH = "DELETE FROM wave WHERE name_id = %s AND released_at <= began_at"
AGAIN = """
UPDATE wave SET began_at = now(), served_at = now(), at = NULL, repository_id = 0 WHERE name_id = %s
"""
UNAWARE = """
SELECT repository_id FROM repository WHERE repository_id = ANY(%(ids)s)
AND (scanned_at IS NULL OR scanned_at < %(released)s)
AND NOT coalesce(wanted_at <= now() + %(soon)s AND priority >= %(release)s, false)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A release that many ask for, on some subdirs, and where the wave stands; `at` is None before it began."""

    name_id: int
    channel: str
    name: str
    subdirs: tuple[str, ...]
    released_at: datetime
    at: datetime | None
    repository_id: int


async def ids_of_names(connection: Connection, channel_id: int, names: Collection[str]) -> Sequence[tuple[int, str]]:
    """Return those of *names* that any repository asks a channel for, each with its number."""
    return await (await connection.execute(OF_CHANNEL, (channel_id, list(names)))).fetchall()


async def who_asks(connection: Connection, name_id: int, subdir: str, *, limit: int) -> tuple[int, ...]:
    """Return up to *limit* repositories that ask for a name and look at *subdir*."""
    values = {"name": name_id, "subdir": subdir, "limit": limit}
    # A plan made once for all names would go by their average: through the whole table for a rare one.
    cursor = await connection.execute(FEW, values, prepare=False)
    return tuple(repository_id for (repository_id,) in await cursor.fetchall())


async def raise_waves(connection: Connection, name_ids: Iterable[int], subdir: str) -> None:
    """Have all who ask for these names on *subdir* woken, in waves."""
    await connection.execute(RAISE, (list(name_ids), subdir))


async def waves(connection: Connection, *, limit: int) -> tuple[Wave, ...]:
    """Return up to *limit* waves, the one that waited longest first."""
    cursor = await connection.execute(TURNS, (limit,))
    return tuple(
        Wave(
            name_id=name_id,
            channel=url,
            name=name,
            subdirs=tuple(subdirs),
            released_at=released_at,
            at=at,
            repository_id=repository_id,
        )
        for name_id, url, name, subdirs, released_at, at, repository_id in await cursor.fetchall()
    )


async def roll(connection: Connection, wave: Wave, *, limit: int) -> tuple[int, ...]:
    """Take *wave* on by up to *limit* repositories, and return them. At its end it is gone, or begins again."""
    values = {
        "name": wave.name_id,
        "subdirs": list(wave.subdirs),
        "at": wave.at,
        "repository": wave.repository_id,
        "limit": limit,
    }
    rows = await (await connection.execute(ON, values, prepare=False)).fetchall()
    if len(rows) == limit:
        last, changed_at = rows[-1]
        await connection.execute(STAND, (changed_at, last, wave.name_id))
    elif not (await connection.execute(THROUGH, (wave.name_id,))).rowcount:
        await connection.execute(AGAIN, (wave.name_id,))
    return tuple(repository_id for repository_id, _ in rows)


async def unaware(
    connection: Connection, repository_ids: Collection[int], released_at: datetime, soon: timedelta
) -> tuple[int, ...]:
    """Return the repositories that have not been looked at since *released_at*, and will not be *soon* anyway."""
    values = {"ids": list(repository_ids), "released": released_at, "soon": soon, "release": Priority.RELEASE}
    cursor = await connection.execute(UNAWARE, values)
    return tuple(repository_id for (repository_id,) in await cursor.fetchall())
