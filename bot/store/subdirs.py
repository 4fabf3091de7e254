"""The subdirs of channels in use, as they were seen last: the hash of each name's records, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Connection
from bot.store.wants import wait_after

MOST_SUBDIRS = 2_000
"""That are looked at in one poll. Where more are in use, chance decides: no one is left out for ever."""

IN_USE = """
SELECT subdir_id, channel_id, url, subdir, form, etag, modified, failures
FROM channel_subdir JOIN channel USING (channel_id) WHERE next_at <= now() ORDER BY random() LIMIT %s
"""
CHANGE = """
INSERT INTO channel_hash AS known (subdir_id, name, hash, changed_at)
SELECT %(id)s, new.name, new.hash, CASE WHEN %(baseline)s THEN NULL ELSE now() END
FROM unnest(%(names)s::text[], %(hashes)s::bytea[]) AS new (name, hash)
LEFT JOIN channel_hash AS old ON old.subdir_id = %(id)s AND old.name = new.name
WHERE old.hash IS DISTINCT FROM new.hash
ON CONFLICT (subdir_id, name) DO UPDATE SET hash = excluded.hash,
    changed_at = CASE WHEN %(baseline)s THEN known.changed_at ELSE excluded.changed_at END
RETURNING name
"""
VANISH = """
DELETE FROM channel_hash WHERE subdir_id = %(id)s
AND NOT EXISTS (SELECT FROM unnest(%(names)s::text[]) AS new (name) WHERE new.name = channel_hash.name)
"""
SEE = """
UPDATE channel_subdir SET form = %s, etag = %s, modified = %s, failures = 0, problem = '', next_at = now()
WHERE subdir_id = %s
"""
RECOVER = "UPDATE channel_subdir SET failures = 0, problem = '', next_at = now() WHERE subdir_id = %s"
FAIL = """
UPDATE channel_subdir SET failures = failures + 1, problem = %s, next_at = now() + %s WHERE subdir_id = %s
"""
FIRST_SEEN = """
SELECT max(changed_at) FROM channel JOIN channel_subdir USING (channel_id) JOIN channel_hash USING (subdir_id)
WHERE url = %s AND name = %s
"""
PROBLEMS = """
SELECT url, subdir, problem FROM channel_subdir JOIN channel USING (channel_id) WHERE failures > 0 ORDER BY url, subdir
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of a subdir: the form in which it was published, and how HTTP tells it from others.

    `form` is None where nothing was seen yet.
    """

    form: str | None = None
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedSubdir:
    """A subdir of a channel in use, and what was seen of it last."""

    id: int
    channel_id: int
    channel: str
    subdir: str
    seen: State
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a subdir of a channel is not watched at present, in a sentence."""

    channel: str
    subdir: str
    sentence: str


async def subdirs_in_use(connection: Connection, *, limit: int = MOST_SUBDIRS) -> tuple[WatchedSubdir, ...]:
    """Return the subdirs that are to be looked at now: all in use but those that failed a short while ago."""
    cursor = await connection.execute(IN_USE, (limit,))
    return tuple(
        WatchedSubdir(
            id=subdir_id,
            channel_id=channel_id,
            channel=url,
            subdir=subdir,
            seen=State(form=form, etag=etag, modified=modified),
            failures=failures,
        )
        for subdir_id, channel_id, url, subdir, form, etag, modified, failures in await cursor.fetchall()
    )


async def see_state(
    connection: Connection, watched: WatchedSubdir, state: State, hashes: Mapping[str, bytes]
) -> Sequence[str]:
    """Remember the *hashes* of a new state; return the names that are new or have another hash.

    The first state is the baseline and changes nothing, and so is the first in another form, where hashes are others.
    """
    is_baseline = watched.seen.form != state.form
    values = {
        "id": watched.id,
        "baseline": is_baseline,
        "names": list(hashes),
        "hashes": list(hashes.values()),
    }
    changed = [name for (name,) in await (await connection.execute(CHANGE, values)).fetchall()]
    await connection.execute(VANISH, values)
    await connection.execute(SEE, (state.form, state.etag, state.modified, watched.id))
    return () if is_baseline else changed


async def see_unchanged(connection: Connection, watched: WatchedSubdir) -> None:
    """Remember that a subdir answers again."""
    await connection.execute(RECOVER, (watched.id,))


async def see_failure(connection: Connection, watched: WatchedSubdir, sentence: str) -> None:
    """Remember why a subdir could not be looked at, and look later: the wait doubles with each failure, up to a day."""
    await connection.execute(FAIL, (sentence, wait_after(watched.failures), watched.id))


async def subdir_problems(connection: Connection) -> tuple[Problem, ...]:
    """Return the subdirs in use that could not be looked at last time."""
    cursor = await connection.execute(PROBLEMS)
    return tuple(Problem(channel=url, subdir=subdir, sentence=text) for url, subdir, text in await cursor.fetchall())


async def first_seen(connection: Connection, channel: str, name: str) -> datetime | None:
    """Return when what *channel* now has of *name* was all there for the first time.

    It is None where nothing changed since the channel was seen first, or where it is not watched: then nobody knows. A
    record that appeared after that was there at this moment at the latest.
    """
    row = await (await connection.execute(FIRST_SEEN, (channel, name))).fetchone()
    return row[0] if row else None
