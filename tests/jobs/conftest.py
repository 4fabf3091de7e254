"""A queue on a database, workers on it, and ways to look into both."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from procrastinate import App

from bot.jobs.queue import build_queue, hand_over
from bot.jobs.report import Assignment, CommandAssignment, LookAssignment, RunReport, Scan
from bot.jobs.requests import Request
from bot.jobs.upkeep import Duties
from bot.jobs.worker import Work, run_worker
from bot.store.database import Pool
from bot.store.repositories import InstalledRepository
from bot.store.runs import Run, RunState, recent_runs
from bot.store.wants import Want
from tests.turns import PUSH, REPOSITORY, known, rows, turn, wanted

STATES = "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'scan' ORDER BY id"


@pytest.fixture
async def queue(pool: Pool) -> AsyncIterator[App]:
    queue = build_queue()
    async with queue.open_async(pool):
        yield queue


async def states(pool: Pool) -> list[str]:
    """Return the states of the scans in the queue, the oldest first; those done well are not kept."""
    return [state for (state,) in await rows(pool, STATES)]


async def want_one(pool: Pool, repository: InstalledRepository = REPOSITORY, *, why: Want = PUSH) -> None:
    """Have a repository wanted; the coordinator of a worker then hands it over."""
    async with pool.connection() as connection:
        await wanted(connection, repository, why=why)


async def handed_over(queue: App, pool: Pool, repository: InstalledRepository = REPOSITORY) -> None:
    """Have a job in the queue, as if it had been the turn of *repository*."""
    async with pool.connection() as connection:
        await known(connection, repository)
        await hand_over(queue, connection, turn(repository))


class Scans:
    """A scan that says when it was begun, and ends when it is told to."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[int] = asyncio.Queue()
        self.may_end = asyncio.Event()

    async def __call__(self, assignment: Assignment) -> RunReport:
        self.begun.put_nowait(assignment.repository.repository_id)
        await self.may_end.wait()
        return RunReport(outcomes=("up to date",), log=("asked 4 times",))


def nothing(event: str, body: bytes) -> tuple[Request, ...]:  # noqa: ARG001 - the port's signature
    return ()


async def no_look(assignment: LookAssignment) -> RunReport:
    raise AssertionError(f"nobody asked for {assignment.look.words}")


async def no_command(assignment: CommandAssignment) -> RunReport:
    raise AssertionError(f"nobody asked for {assignment.command.words}")


def work(scan: Scan, *, concurrency: int = 4) -> Work:
    return Work(
        scan=scan, look=no_look, carry_out=no_command, expander=nothing, duties=Duties(), concurrency=concurrency
    )


@asynccontextmanager
async def working(database: str, pool: Pool, scan: Scan) -> AsyncIterator[asyncio.Task[None]]:
    worker = asyncio.create_task(run_worker(database, pool, work(scan)))
    yield worker
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


def ended(run: Run) -> bool:
    return run.state is not RunState.RUNNING


async def run_of(pool: Pool, repository_id: int = 70, *, until: Callable[[Run], bool] = ended) -> Run:
    """Return the last run of a repository once it is *until*."""
    async with asyncio.timeout(60), pool.connection() as connection:
        while True:
            runs = await recent_runs(connection, repository_id, limit=1)
            await connection.commit()
            if runs and until(runs[0]):
                return runs[0]
            await asyncio.sleep(0.01)
