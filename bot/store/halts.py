"""Whether anything may be written to GitHub: stopped for the whole App, an account, or a repository.

Who stops the whole App stops writes; repositories are still looked at, and their runs say what would have been done.
Who stops an account or a repository has it left alone: it keeps what is wanted, and is looked at when it goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.store.database import Connection
from bot.store.repositories import InstalledRepository
from bot.store.wants import Priority, Want, want

HALT = "INSERT INTO halt (cause, sentence) VALUES (%s, %s) ON CONFLICT (cause) DO NOTHING RETURNING true"
HALTS = "SELECT cause, sentence, at FROM halt ORDER BY at, cause"
WHY_NOT = """
SELECT coalesce(
    (SELECT 'nothing is written by the whole App: ' || sentence FROM halt ORDER BY at, cause LIMIT 1),
    (SELECT CASE WHEN installation.suspended THEN 'the App is suspended for this account'
                 WHEN installation.paused THEN 'this account is paused'
                 WHEN repository.paused THEN 'this repository is paused' END
     FROM repository JOIN installation USING (installation_id) WHERE repository_id = %s),
    '')
"""
PAUSE_ACCOUNT = "UPDATE installation SET paused = %s WHERE lower(account) = lower(%s) RETURNING installation_id"
PAUSE_REPOSITORY = "UPDATE repository SET paused = %s WHERE lower(full_name) = lower(%s) RETURNING repository_id"
LOOKED_AT = """
SELECT repository_id FROM repository WHERE scanned_at >= %s AND repository_id > %s ORDER BY repository_id LIMIT %s
"""
RESUMED = "INSERT INTO mark (name, at) VALUES ('resumed', now()) ON CONFLICT (name) DO UPDATE SET at = excluded.at"
AT_ONCE = 5000
CATCH_UP = timedelta(hours=1)
GOES_ON = "writes go on"


class Cause(StrEnum):
    """Why nothing is written. The names are in metrics, and never change."""

    PERSON = "person"
    REJECTED_LOCK = "rejected-lock"
    CLOSED_UNMERGED = "closed-unmerged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Nothing is written since `at`; `sentence` says why."""

    cause: Cause
    sentence: str
    at: datetime


async def halt(connection: Connection, cause: Cause, sentence: str) -> bool:
    """Stop all writes; return whether they were not stopped for *cause* already, whose sentence stays."""
    return await (await connection.execute(HALT, (cause, sentence))).fetchone() is not None


async def halts(connection: Connection) -> tuple[Halt, ...]:
    """Return why nothing is written, the oldest first; nothing if writes are free."""
    cursor = await connection.execute(HALTS)
    return tuple(Halt(cause=Cause(cause), sentence=sentence, at=at) for cause, sentence, at in await cursor.fetchall())


async def why_no_writes(connection: Connection, repository: InstalledRepository) -> str:
    """Return in a sentence why nothing may be written to *repository* now, empty if it may."""
    row = await (await connection.execute(WHY_NOT, (repository.repository_id,))).fetchone()
    return str(row[0]) if row else ""


async def go_on(connection: Connection) -> tuple[Halt, ...]:
    """Let writes go on; return what had stopped them. What was looked at meanwhile is wanted once more."""
    stopped = await halts(connection)
    if stopped:
        await connection.execute("DELETE FROM halt")
        await connection.execute(RESUMED)
        await _want_looked_at(connection, stopped[0].at)
    return stopped


async def _want_looked_at(connection: Connection, since: datetime) -> None:
    """Scans since then wrote nothing, and count as done."""
    why = Want(priority=Priority.DAY, reason=GOES_ON, spread=CATCH_UP)
    last = 0
    while True:
        cursor = await connection.execute(LOOKED_AT, (since, last, AT_ONCE))
        ids = [repository_id for (repository_id,) in await cursor.fetchall()]
        if not ids:
            return
        await want(connection, ids, why)
        last = ids[-1]


async def pause_account(connection: Connection, account: str, *, paused: bool) -> int:
    """Leave the repositories of *account* alone, or go on with them; return how many installations that are."""
    cursor = await connection.execute(PAUSE_ACCOUNT, (paused, account))
    return len(await cursor.fetchall())


async def pause_repository(connection: Connection, full_name: str, *, paused: bool) -> int:
    """Leave a repository alone, or go on with it, which has it looked at; return how many there are of that name."""
    cursor = await connection.execute(PAUSE_REPOSITORY, (paused, full_name))
    ids: Sequence[int] = [repository_id for (repository_id,) in await cursor.fetchall()]
    if not paused:
        await want(connection, ids, Want(priority=Priority.PERSON, reason="it goes on"))
    return len(ids)
