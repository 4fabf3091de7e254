"""The one table of wants: whatever happens raises a repository's `wanted_at`, and whose turn it is follows from that.

A want is level-triggered: it says that a repository is to be looked at after now, not what happened. Turns go round
over installations, by priority, so that nobody waits for somebody else's thousand repositories.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from bot.store.database import Connection
from bot.store.repositories import InstalledRepository

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(days=1)
JITTER = 0.2
RUNNING_WAIT = timedelta(seconds=10)
"""After this it is looked again whether a repository that is wanted is still being scanned. The queue says so at once
when that has ended; this is the net below."""

RAISE = """
WITH wanted AS (
    UPDATE repository SET
        reason = CASE WHEN wanted_at IS NULL OR priority < %(priority)s THEN %(reason)s ELSE reason END,
        priority = CASE WHEN wanted_at IS NULL THEN %(priority)s ELSE greatest(priority, %(priority)s) END,
        wanted_at = least(wanted_at, now() + random() * %(spread)s::interval),
        next_try_at = CASE WHEN %(priority)s >= %(person)s THEN NULL ELSE next_try_at END
    WHERE repository_id = ANY(%(ids)s)
    RETURNING installation_id, due_at
), first AS (
    SELECT installation_id, min(due_at) AS due_at FROM wanted WHERE due_at IS NOT NULL GROUP BY installation_id
)
UPDATE installation SET next_at = least(next_at, first.due_at),
    next_priority = CASE WHEN next_at IS NULL THEN %(priority)s ELSE greatest(next_priority, %(priority)s) END
FROM first WHERE installation.installation_id = first.installation_id
"""
UNSCANNED = """
SELECT repository_id FROM repository WHERE (wanted_at IS NULL OR wanted_at > now())
AND (scanned_at IS NULL OR scanned_at < %(midnight)s) AND repository_id %% 1440 <= %(minute)s
ORDER BY scanned_at NULLS FIRST LIMIT %(limit)s
"""
WHOSE_TURN = """
SELECT installation_id FROM installation
WHERE next_at <= now() AND next_priority >= %s AND NOT suspended AND NOT paused
ORDER BY next_priority DESC, served_at, installation_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
TAKE = """
WITH turn AS (
    SELECT repository_id, priority, reason FROM idle_repository
    WHERE installation_id = %(installation)s AND due_at <= now() AND priority >= %(least)s
    ORDER BY priority DESC, due_at, repository_id LIMIT 1
)
UPDATE repository SET wanted_at = NULL, scanned_at = now() FROM turn
WHERE repository.repository_id = turn.repository_id RETURNING turn.repository_id, turn.priority, turn.reason
"""
SERVED = """
UPDATE installation SET
    served_at = CASE WHEN %(served)s THEN clock_timestamp() ELSE served_at END,
    (next_at, next_priority) = (SELECT due_at, priority FROM (
        (SELECT due_at, priority, 1 AS rank FROM idle_repository
         WHERE installation_id = %(installation)s AND due_at <= now() ORDER BY priority DESC LIMIT 1)
        UNION ALL
        (SELECT now() + %(busy)s, priority, 2 FROM repository
         WHERE installation_id = %(installation)s AND due_at <= now() ORDER BY priority DESC LIMIT 1)
        UNION ALL
        (SELECT due_at, priority, 2 FROM repository
         WHERE installation_id = %(installation)s AND due_at > now() ORDER BY due_at LIMIT 1)
    ) AS next ORDER BY rank, due_at LIMIT 1)
WHERE installation_id = %(installation)s
"""
TELL = """
UPDATE installation SET next_at = least(next_at, due_at), next_priority = greatest(next_priority, priority)
FROM repository WHERE repository_id = %s AND repository.installation_id = installation.installation_id
AND due_at IS NOT NULL
"""
DONE = """
UPDATE repository SET last_ok_at = now(), failures = 0, next_try_at = NULL,
    head = CASE WHEN %(head)s = '' THEN head ELSE %(head)s END, paths = %(paths)s WHERE repository_id = %(id)s
"""
AGAIN_AT = """
UPDATE repository SET
    reason = CASE WHEN wanted_at IS NULL THEN %(reason)s ELSE reason END,
    priority = CASE WHEN wanted_at IS NULL THEN %(priority)s ELSE priority END,
    wanted_at = least(wanted_at, %(at)s + random() * %(spread)s::interval)
WHERE repository_id = %(id)s
"""
LATER = """
UPDATE repository SET failures = failures + %(failed)s,
    next_try_at = CASE WHEN wanted_at IS NULL OR priority < %(person)s THEN now() + %(wait)s END,
    reason = CASE WHEN wanted_at IS NULL THEN %(reason)s ELSE reason END,
    priority = CASE WHEN wanted_at IS NULL THEN %(priority)s ELSE greatest(priority, %(priority)s) END,
    wanted_at = least(wanted_at, now())
WHERE repository_id = %(id)s
"""


class Priority(IntEnum):
    """How urgent a want is: the higher is served first. A person waits for a person only."""

    DAY = 10
    RELEASE = 20
    SCHEDULE = 30
    INSTALL = 40
    PUSH = 50
    PERSON = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """Why a scan is wanted, and how soon: at once, or at a moment of its own within `spread`.

    A person's want does not wait for what failed before.
    """

    priority: Priority
    reason: str
    spread: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A repository whose turn it is, and why."""

    repository: InstalledRepository
    priority: Priority
    reason: str


async def want(connection: Connection, repository_ids: Collection[int], why: Want) -> None:
    """Want the repositories that are known among *repository_ids* scanned after now."""
    values = {
        "ids": list(repository_ids),
        "priority": why.priority,
        "reason": why.reason,
        "spread": why.spread,
        "person": Priority.PERSON,
    }
    await connection.execute(RAISE, values)


async def want_unscanned(connection: Connection, moment: datetime, *, limit: int = 5000) -> int:
    """Want up to *limit* repositories that nobody looked at on the day (UTC) of *moment*; return how many.

    Each has its minute of the day, by its id: so they are spread over the day, and one that was missed is not lost.
    """
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    values = {"midnight": midnight, "minute": (moment - midnight) // timedelta(minutes=1), "limit": limit}
    ids = [repository_id for (repository_id,) in await (await connection.execute(UNSCANNED, values)).fetchall()]
    await want(connection, ids, Want(priority=Priority.DAY, reason="the daily look"))
    return len(ids)


async def take_turn(connection: Connection, *, least: Priority = Priority.DAY) -> Turn | None:
    """Return the repository whose turn it is, which is not wanted any more; None if there is none of *least* priority.

    Whose scan waits or runs already is passed over until that has ended.
    """
    while row := await (await connection.execute(WHOSE_TURN, (least,))).fetchone():
        values = {"installation": row[0], "least": least}
        taken = await (await connection.execute(TAKE, values)).fetchone()
        await connection.execute(SERVED, values | {"served": taken is not None, "busy": RUNNING_WAIT})
        if taken:
            repository = InstalledRepository(installation_id=row[0], repository_id=taken[0])
            return Turn(repository=repository, priority=Priority(taken[1]), reason=taken[2])
    return None


async def scan_done(connection: Connection, repository_id: int, *, head: str = "", paths: Sequence[str] = ()) -> None:
    """Record that a scan of *head* went well: what failed before is forgotten.

    *paths* are patterns of those that matter to this repository besides what matters to all.
    """
    await connection.execute(DONE, {"id": repository_id, "head": head, "paths": list(paths)})
    await connection.execute(TELL, (repository_id,))


async def want_at(connection: Connection, repository_id: int, moment: datetime, why: Want) -> None:
    """Want a repository at *moment* or, for its spread, somewhat later; what wants it sooner stays as it is."""
    values = {"id": repository_id, "at": moment, "priority": why.priority, "reason": why.reason, "spread": why.spread}
    await connection.execute(AGAIN_AT, values)
    await connection.execute(TELL, (repository_id,))


async def scan_later(connection: Connection, turn: Turn, wait: timedelta) -> None:
    """Want again what could not be done now, after *wait*: nobody is to blame."""
    await _again(connection, turn, wait, failed=0)


async def scan_failed(connection: Connection, turn: Turn) -> timedelta:
    """Want again what failed, after a wait that doubles with each failure in a row, up to a day; return that wait."""
    cursor = await connection.execute(
        "SELECT failures FROM repository WHERE repository_id = %s", (turn.repository.repository_id,)
    )
    row = await cursor.fetchone()
    wait = wait_after(row[0] if row else 0)
    await _again(connection, turn, wait, failed=1)
    return wait


def wait_after(failures: int) -> timedelta:
    """Return how long to wait after a failure that *failures* came before, a fifth more or less by chance."""
    doubled = min(FIRST_WAIT * float(2 ** min(failures, 20)), LONGEST_WAIT)
    return doubled * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 -- spreads load, guards nothing


async def _again(connection: Connection, turn: Turn, wait: timedelta, *, failed: int) -> None:
    repository_id = turn.repository.repository_id
    values = {
        "id": repository_id,
        "wait": wait,
        "failed": failed,
        "reason": turn.reason,
        "priority": turn.priority,
        "person": Priority.PERSON,
    }
    await connection.execute(LATER, values)
    await connection.execute(TELL, (repository_id,))
