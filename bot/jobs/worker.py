"""A worker process: runs the scans that it is handed, and stands by to coordinate."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException

from bot.clock import Clock
from bot.errors import LeaseLost
from bot.jobs.attempt import attempt
from bot.jobs.command_attempt import attempt_command
from bot.jobs.coordinator import Coordination, coordinate
from bot.jobs.dispatch import offer_slots
from bot.jobs.expand import Expander
from bot.jobs.lease import Lease, LeasedJobManager, open_lease
from bot.jobs.look_attempt import attempt_look
from bot.jobs.pulse import Pulse
from bot.jobs.queue import COMMAND, LOOK, REPOSITORY_QUEUE, SCAN, build_queue
from bot.jobs.report import CarryOut, Scan, TakeLook
from bot.jobs.rescue import rescue
from bot.jobs.upkeep import Duties, build_upkeep
from bot.model.command import Command, Verb
from bot.store.commands import PullCommand
from bot.store.database import Pool
from bot.store.looks import Look
from bot.store.repositories import InstalledRepository
from bot.store.wants import Priority, Turn

log = logging.getLogger(__name__)

STALLED = 24 * 3600.0
"""Seconds. procrastinate forgets silent workers, which makes orphans of their jobs; here the lease decides that."""

POLLING = 1.0
"""Seconds until a job is seen that waited for another one of its repository: its end wakes nobody."""

RESTART = 5.0
"""Seconds before a worker that lost its database begins again."""

GRACE = 5.0
"""Seconds that running jobs get to end when the worker stops; then they are cut off and due again.

Whoever stops a container waits ten seconds: https://docs.docker.com/reference/cli/docker/container/stop/
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What workers do with what they are handed, `concurrency` at once: `scan` repositories, take a `look` at changes.

    What people ask for in pull requests they `carry_out`. As coordinators they expand and have `duties`. What is
    recorded is read by people: `redact` takes secrets out of it.
    """

    scan: Scan
    look: TakeLook
    carry_out: CarryOut
    expander: Expander
    duties: Duties
    concurrency: int = 4
    pulse: Pulse = field(default_factory=Pulse)
    redact: Callable[[str], str] = str


async def run_worker(conninfo: str, pool: Pool, work: Work) -> None:
    """Run jobs until cancelled. First of all, take over what dead workers left.

    Raises:
        ExceptionGroup: with a `LeaseLost`, when the database is gone.

    """
    async with open_lease(conninfo) as lease, open_lease(conninfo) as second:
        work.pulse.lease = lease
        queue, upkeep = build_scanner(pool, work, lease), build_upkeep(pool, work.duties, second)
        async with queue.open_async(pool), upkeep.open_async(pool):
            await rescue(queue, pool)
            await offer_slots(lease.connection, work.concurrency)
            coordination = Coordination(queue=queue, upkeep=upkeep, expander=work.expander, duties=work.duties)
            # All are told to stop at once: while running jobs end, nothing is handed over to this worker any more.
            async with asyncio.TaskGroup() as group:
                parts = (
                    group.create_task(lease.watch()),
                    group.create_task(second.watch()),
                    group.create_task(coordinate(conninfo, pool, coordination)),
                    group.create_task(_run(queue, work.concurrency)),
                )
                # Within the group: see `_end_if_cancelled`.
                await asyncio.wait(parts)


async def keep_working(conninfo: str, pool: Pool, work: Work, clock: Clock) -> None:
    """Run a worker until cancelled; when the database goes away, begin again until it is back."""
    while True:
        try:
            await run_worker(conninfo, pool, work)
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
        queues=[REPOSITORY_QUEUE],
        concurrency=concurrency,
        fetch_job_polling_interval=POLLING,
        install_signal_handlers=False,
        stalled_worker_timeout=STALLED,
        shutdown_graceful_timeout=GRACE,
        delete_jobs="successful",
    )


def build_scanner(pool: Pool, work: Work, lease: Lease) -> App:
    """Return the queue with the tasks that scan and look as *work* says, whose worker holds *lease*."""
    queue = build_queue()
    queue.job_manager = LeasedJobManager(queue.connector, lease)

    @queue.task(name=SCAN, queue=REPOSITORY_QUEUE, pass_context=True)
    async def run_scan(
        context: JobContext, *, installation_id: int, repository_id: int, priority: int, reason: str
    ) -> None:
        repository = InstalledRepository(installation_id=installation_id, repository_id=repository_id)
        turn = Turn(repository=repository, priority=Priority(priority), reason=reason)
        await attempt(pool, work.scan, turn, context.job.id or 0, work.redact)

    @queue.task(name=LOOK, queue=REPOSITORY_QUEUE, pass_context=True)
    async def take_look(
        context: JobContext, *, installation_id: int, repository_id: int, number: int, head: str, base: str
    ) -> None:
        repository = InstalledRepository(installation_id=installation_id, repository_id=repository_id)
        look = Look(repository=repository, number=number, head=head, base=base)
        await attempt_look(pool, work.look, look, context.job.id or 0, work.redact)

    @queue.task(name=COMMAND, queue=REPOSITORY_QUEUE, pass_context=True)
    async def carry_out(  # noqa: PLR0913 -- what a job is told
        context: JobContext,
        *,
        installation_id: int,
        repository_id: int,
        number: int,
        source: str,
        verb: str,
        argument: str,
        login: str,
        user_id: int,
    ) -> None:
        asked = PullCommand(
            repository=InstalledRepository(installation_id=installation_id, repository_id=repository_id),
            number=number,
            source=source,
            command=Command(verb=Verb(verb), argument=argument),
            login=login,
            user_id=user_id,
        )
        await attempt_command(pool, work.carry_out, asked, context.job.id or 0, work.redact)

    return queue
