"""Jobs whose worker died go back into the queue, at once and each a limited number of times."""

import logging

from procrastinate import App
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from procrastinate.utils import utcnow

from bot.jobs.lease import LEASES
from bot.store.database import Connection, Pool
from bot.store.runs import RunState, end_runs_of_job

log = logging.getLogger(__name__)

ATTEMPTS = 5
"""A job that killed this many workers would kill the next one too."""

RESCUER = 0x636F6E65
"""Number of the lock that lets one process rescue at a time; another could give back a job that is running again."""

ORPHANS = """
SELECT id, attempts FROM procrastinate_jobs WHERE status = 'doing' AND NOT EXISTS (
    SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE datname = current_database() AND locktype = 'advisory' AND granted AND objsubid = 2
    AND classid::bigint = %s AND objid::bigint = worker_id
) ORDER BY id
"""


async def rescue(queue: App, pool: Pool) -> None:
    """Give back every job that is marked as running by a worker without a lease."""
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (RESCUER,))
        if await cursor.fetchone() != (True,):
            return
        orphans = await connection.execute(ORPHANS, (LEASES,))
        for job_id, attempts in await orphans.fetchall():
            await _settle(queue, connection, job_id, attempts + 1)


async def _settle(queue: App, connection: Connection, job_id: int, attempts: int) -> None:
    """Queue the job again, or end it if it was tried often enough or a newer one for the same repository waits."""
    if attempts >= ATTEMPTS:
        sentence = f"given up: its worker died {attempts} times"
        log.error("job %s %s", job_id, sentence)
        await end_runs_of_job(connection, job_id, RunState.FAILED, sentence)
        await queue.job_manager.finish_job_by_id_async(job_id, status=Status.FAILED, delete_job=False)
        return
    log.warning("the worker of job %s died: attempt %s of %s follows", job_id, attempts + 1, ATTEMPTS)
    await end_runs_of_job(connection, job_id, RunState.ABANDONED, "its worker died")
    try:
        await queue.job_manager.retry_job_by_id_async(job_id, retry_at=utcnow())
    except UniqueViolation:
        await queue.job_manager.finish_job_by_id_async(job_id, status=Status.FAILED, delete_job=False)
