"""What scans did, for operators: one row for each attempt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.store.database import Connection
from bot.store.repositories import InstalledRepository

RunId = NewType("RunId", int)

START = """
INSERT INTO run (job_id, installation_id, repository_id, reason, kind) VALUES (%s, %s, %s, %s, %s) RETURNING id
"""
FINISH = """
UPDATE run SET finished_at = now(), state = %s, outcomes = %s, log = %s, requests = %s WHERE id = %s
RETURNING extract(epoch FROM finished_at - started_at)::float
"""
END = """
UPDATE run SET finished_at = now(), state = %s, outcomes = ARRAY[%s] WHERE job_id = %s AND state = 'running'
"""
RECENT = """
SELECT id, installation_id, repository_id, started_at, finished_at, state, outcomes, log, reason FROM run
WHERE repository_id = %s ORDER BY id DESC LIMIT %s
"""


class RunState(StrEnum):
    """How a run stands. `POSTPONED` runs are due again, `ABANDONED` ones lost their worker."""

    RUNNING = "running"
    DONE = "done"
    POSTPONED = "postponed"
    FAILED = "failed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One attempt at a scan."""

    id: RunId
    repository: InstalledRepository
    started: datetime
    finished: datetime | None
    state: RunState
    outcomes: tuple[str, ...]
    log: tuple[str, ...]
    reason: str = ""


async def start_run(
    connection: Connection, repository: InstalledRepository, job_id: int, reason: str = "", *, kind: str = ""
) -> RunId:
    """Record that the queue's job *job_id* of a *kind* looks at *repository* now, for *reason*."""
    values = (job_id, repository.installation_id, repository.repository_id, reason, kind)
    row = await (await connection.execute(START, values)).fetchone()
    return RunId(row[0] if row else 0)


async def finish_run(
    connection: Connection,
    run: RunId,
    state: RunState,
    outcomes: Sequence[str],
    log: Sequence[str] = (),
    *,
    requests: int = 0,
) -> float:
    """Record what came of a run, in lines of text, and its *requests* to GitHub; return how many seconds it took."""
    row = await (await connection.execute(FINISH, (state, list(outcomes), list(log), requests, run))).fetchone()
    return float(row[0]) if row else 0.0


async def end_runs_of_job(connection: Connection, job_id: int, state: RunState, sentence: str) -> None:
    """Record how those runs of the queue's job *job_id* ended that cannot say so themselves."""
    await connection.execute(END, (state, sentence, job_id))


async def recent_runs(connection: Connection, repository_id: int, *, limit: int = 20) -> tuple[Run, ...]:
    """Return the last runs of a repository, the latest first."""
    cursor = await connection.execute(RECENT, (repository_id, limit))
    return tuple(
        Run(
            id=RunId(row[0]),
            repository=InstalledRepository(installation_id=row[1], repository_id=row[2]),
            started=row[3],
            finished=row[4],
            state=RunState(row[5]),
            outcomes=tuple(row[6]),
            log=tuple(row[7]),
            reason=row[8],
        )
        for row in await cursor.fetchall()
    )


async def forget_old_runs(connection: Connection, *, days: int = 30) -> None:
    """Forget runs that started more than *days* ago."""
    await connection.execute("DELETE FROM run WHERE started_at < now() - make_interval(days => %s)", (days,))
