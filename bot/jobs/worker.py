"""A worker process: takes jobs from the queue, and keeps the queue in order."""

import asyncio
import logging
from datetime import UTC, datetime

import psycopg
from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException

from bot.clock import Clock
from bot.errors import LeaseLost
from bot.jobs.attempt import attempt
from bot.jobs.lease import Lease, LeasedJobManager, open_lease
from bot.jobs.queue import REPOSITORY_QUEUE, SCAN, SYSTEM_QUEUE, build_queue, request_scan
from bot.jobs.report import Scan
from bot.jobs.rescue import rescue
from bot.store.database import Pool
from bot.store.deliveries import forget_old_deliveries
from bot.store.repositories import InstalledRepository, take_due, unseen_today
from bot.store.runs import forget_old_runs

log = logging.getLogger(__name__)

EVERY_MINUTE = "* * * * *"
EVERY_TEN_MINUTES = "*/10 * * * *"
EVERY_NIGHT = "17 3 * * *"
KEPT_HOURS = 24 * 30
STALLED = 24 * 3600.0
"""Seconds. procrastinate forgets silent workers, which makes orphans of their jobs; here the lease decides that."""

POLLING = 1.0
"""Seconds until a job is seen that waited for another one of its repository: its end wakes nobody."""

RESTART = 5.0
"""Seconds before a worker that lost its database begins again."""

GRACE = 30.0
"""Seconds that running jobs get to end when the worker stops; then they are cut off and due again."""


async def run_worker(conninfo: str, pool: Pool, scan: Scan, *, concurrency: int = 4) -> None:
    """Run jobs until cancelled, *concurrency* at once. First of all, take over what dead workers left.

    Raises:
        ExceptionGroup: with a `LeaseLost`, when the database is gone.

    """
    async with open_lease(conninfo) as lease, asyncio.TaskGroup() as group:
        queue = build_worker(pool, scan, lease)
        async with queue.open_async(pool):
            await rescue(queue, pool)
            watch = group.create_task(lease.watch())
            await _run(queue, concurrency)
            watch.cancel()


async def keep_working(conninfo: str, pool: Pool, scan: Scan, clock: Clock) -> None:
    """Run a worker until cancelled; when the database goes away, begin again until it is back."""
    while True:
        try:
            await run_worker(conninfo, pool, scan)
        except* (LeaseLost, psycopg.OperationalError, ConnectorException) as errors:
            log.error("the worker stopped: %s", "; ".join(map(str, errors.exceptions)))  # noqa: TRY400 - no defect
        _end_if_cancelled()
        await clock.sleep(RESTART)


def _end_if_cancelled() -> None:
    """Cancel once more: before Python 3.13 a group that fails in the same moment loses that it was cancelled.

    https://github.com/python/cpython/issues/116720
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


async def _run(queue: App, concurrency: int) -> None:
    await queue.run_worker_async(
        queues=[REPOSITORY_QUEUE, SYSTEM_QUEUE],
        concurrency=concurrency,
        fetch_job_polling_interval=POLLING,
        install_signal_handlers=False,
        stalled_worker_timeout=STALLED,
        shutdown_graceful_timeout=GRACE,
        delete_jobs="successful",
    )


def build_worker(pool: Pool, scan: Scan, lease: Lease) -> App:
    """Return the queue with all its tasks, whose worker holds *lease*."""
    queue = build_queue()
    queue.job_manager = LeasedJobManager(queue.connector, lease)
    _add_scan(queue, pool, scan)
    _add_upkeep(queue, pool)
    return queue


def _add_scan(queue: App, pool: Pool, scan: Scan) -> None:
    @queue.task(name=SCAN, queue=REPOSITORY_QUEUE, pass_context=True)
    async def run_scan(context: JobContext, *, installation_id: int, repository_id: int) -> None:
        repository = InstalledRepository(installation_id=installation_id, repository_id=repository_id)
        await attempt(pool, scan, repository, context.job.id or 0)


def _add_upkeep(queue: App, pool: Pool) -> None:
    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="rescue", queue=SYSTEM_QUEUE, queueing_lock="rescue")
    async def run_rescue(timestamp: int) -> None:  # noqa: ARG001 - procrastinate's signature
        await rescue(queue, pool)

    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="enqueue_due", queue=SYSTEM_QUEUE, queueing_lock="enqueue_due")
    async def run_enqueue_due(timestamp: int) -> None:  # noqa: ARG001 - procrastinate's signature
        await enqueue_due(queue, pool)

    @queue.periodic(cron=EVERY_TEN_MINUTES)
    @queue.task(name="enqueue_daily", queue=SYSTEM_QUEUE, queueing_lock="enqueue_daily")
    async def run_enqueue_daily(timestamp: int) -> None:
        await enqueue_daily(queue, pool, datetime.fromtimestamp(timestamp, UTC))

    @queue.periodic(cron=EVERY_NIGHT)
    @queue.task(name="forget", queue=SYSTEM_QUEUE, queueing_lock="forget")
    async def run_forget(timestamp: int) -> None:  # noqa: ARG001 - procrastinate's signature
        await forget(queue, pool)


async def enqueue_due(queue: App, pool: Pool) -> None:
    """Have every repository scanned whose time has come."""
    async with pool.connection() as connection:
        for repository in await take_due(connection):
            await request_scan(queue, connection, repository)


async def enqueue_daily(queue: App, pool: Pool, moment: datetime) -> None:
    """Have every repository scanned once on the day of *moment*: channels change where nobody pushes."""
    async with pool.connection() as connection:
        for repository in await unseen_today(connection, moment):
            await request_scan(queue, connection, repository)


async def forget(queue: App, pool: Pool) -> None:
    """Drop what is too old to be of use."""
    async with pool.connection() as connection:
        await forget_old_deliveries(connection)
        await forget_old_runs(connection)
    await queue.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True, include_aborted=True)
