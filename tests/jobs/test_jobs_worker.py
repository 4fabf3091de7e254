"""What workers do with jobs: run, record, postpone, take over from the dead."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime

import psycopg
import pytest
from procrastinate import App

from bot.errors import CondabotError, GitHubError, GitHubUnavailable, LeaseLost
from bot.jobs.attempt import attempt
from bot.jobs.lease import LEASES, LeasedJobManager, open_lease
from bot.jobs.queue import REPOSITORY_QUEUE
from bot.jobs.report import RunReport, Scan
from bot.jobs.rescue import ATTEMPTS, rescue
from bot.jobs.worker import build_worker, enqueue_daily, enqueue_due, forget, keep_working, run_worker
from bot.store.database import Pool
from bot.store.repositories import InstalledRepository, remember
from bot.store.runs import Run, RunState, recent_runs, start_run
from tests.clocks import ManualClock
from tests.jobs.conftest import REPOSITORY, request, rows, states

OTHER = InstalledRepository(installation_id=7, repository_id=71)


class Scans:
    """A scan that says when it was begun, and ends when it is told to."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[int] = asyncio.Queue()
        self.may_end = asyncio.Event()

    async def __call__(self, installation_id: int, repository_id: int) -> RunReport:
        assert installation_id == 7
        self.begun.put_nowait(repository_id)
        await self.may_end.wait()
        return RunReport(outcomes=("up to date",), log=("asked 4 times",))


@asynccontextmanager
async def working(database: str, pool: Pool, scan: Scan) -> AsyncIterator[asyncio.Task[None]]:
    worker = asyncio.create_task(run_worker(database, pool, scan))
    yield worker
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


def ended(run: Run) -> bool:
    return run.state is not RunState.RUNNING


async def run_of(pool: Pool, repository_id: int = 70, *, until: Callable[[Run], bool] = ended) -> Run:
    """Return the last run of a repository once it is *until*."""
    async with asyncio.timeout(30), pool.connection() as connection:
        while True:
            runs = await recent_runs(connection, repository_id, limit=1)
            await connection.commit()
            if runs and until(runs[0]):
                return runs[0]
            await asyncio.sleep(0.01)


async def test_a_scan_is_run_and_recorded(database: str, pool: Pool, queue: App) -> None:
    scans = Scans()
    scans.may_end.set()
    await request(queue, pool)
    async with working(database, pool, scans):
        run = await run_of(pool)
    assert (run.state, run.outcomes, run.log) == (RunState.DONE, ("up to date",), ("asked 4 times",))


async def test_a_push_during_a_scan_gives_exactly_one_more(database: str, pool: Pool, queue: App) -> None:
    scans = Scans()
    async with working(database, pool, scans):
        await request(queue, pool)
        await scans.begun.get()
        for _ in range(5):
            await request(queue, pool)
        scans.may_end.set()
        await scans.begun.get()
        await run_of(pool)
    assert scans.begun.empty()
    assert await rows(pool, "SELECT count(*) FROM run") == [(2,)]


async def test_repositories_do_not_wait_for_each_other(database: str, pool: Pool, queue: App) -> None:
    scans = Scans()
    for repository in (REPOSITORY, OTHER):
        await request(queue, pool, repository)
    async with working(database, pool, scans):
        assert {await scans.begun.get(), await scans.begun.get()} == {70, 71}
        scans.may_end.set()


def failing(error: Exception) -> Scan:
    async def scan(installation_id: int, repository_id: int) -> RunReport:  # noqa: ARG001 - the port's signature
        raise error

    return scan


@pytest.mark.parametrize(
    ("error", "state", "sentence", "due"),
    [
        pytest.param(
            GitHubUnavailable("limited", retry_after=-1), RunState.POSTPONED, "limited", True, id="GitHub limits us"
        ),
        pytest.param(GitHubUnavailable("down"), RunState.POSTPONED, "down", False, id="GitHub is down"),
        pytest.param(GitHubError("no"), RunState.FAILED, "no", False, id="GitHub refuses"),
        pytest.param(
            ZeroDivisionError("x"),
            RunState.FAILED,
            "a defect of condabot: ZeroDivisionError: x",
            False,
            id="a defect of ours",
        ),
    ],
)
async def test_a_scan_that_fails_says_so_and_is_due_only_if_github_was_not_there(
    pool: Pool, queue: App, error: Exception, state: RunState, sentence: str, *, due: bool
) -> None:
    """Asked of one attempt: a worker's upkeep would take what is due before we see it."""
    with nullcontext() if isinstance(error, CondabotError) else pytest.raises(type(error)):
        await attempt(pool, failing(error), REPOSITORY, 1)
    run = await run_of(pool)
    assert (run.state, run.outcomes) == (state, (sentence,))
    postponed = [(True,)] if state is RunState.POSTPONED else []
    assert await rows(pool, "SELECT due_at IS NOT NULL FROM repository") == postponed
    await enqueue_due(queue, pool)
    assert await states(pool) == (["todo"] if due else [])


async def test_a_defect_does_not_block_its_repository(database: str, pool: Pool, queue: App) -> None:
    """The job is kept as failed, for the operator; the next one runs."""
    begun: asyncio.Queue[int] = asyncio.Queue()

    async def defective(installation_id: int, repository_id: int) -> RunReport:
        begun.put_nowait(repository_id)
        raise ZeroDivisionError(installation_id)

    async with working(database, pool, defective):
        for _ in range(2):
            await request(queue, pool)
            await begun.get()
    assert await states(pool) == ["failed", "failed"]


async def test_a_scan_cut_off_by_the_end_of_its_worker_is_due_again(
    database: str, pool: Pool, queue: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.worker.GRACE", 0.0)
    scans = Scans()
    await request(queue, pool)
    async with working(database, pool, scans):
        await scans.begun.get()
    run = await run_of(pool)
    assert (run.state, run.outcomes) == (RunState.POSTPONED, ("the worker was stopped",))
    await enqueue_due(queue, pool)
    assert (await states(pool))[-1] == "todo"


PROGRAM = """
import asyncio, sys
from bot.jobs.report import RunReport
from bot.jobs.worker import run_worker
from bot.store.database import make_pool

async def scan(installation_id, repository_id):
    print("begun", flush=True)
    await asyncio.Event().wait()

async def main():
    async with make_pool(sys.argv[1]) as pool:
        await run_worker(sys.argv[1], pool, scan)

asyncio.run(main())
"""


@asynccontextmanager
async def process(database: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a worker in a process of its own until it has begun a scan."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, database, stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    async with asyncio.timeout(60):
        assert await worker.stdout.readline() == b"begun\n"
    yield worker
    if worker.returncode is None:
        worker.kill()
    await worker.wait()


async def test_the_job_of_a_killed_worker_is_taken_at_once(database: str, pool: Pool, queue: App) -> None:
    """While its worker lives nobody takes it; killed with SIGKILL, the next worker has it before anything else."""
    scans = Scans()
    scans.may_end.set()
    await request(queue, pool)
    async with process(database) as first:
        await rescue(queue, pool)
        assert await states(pool) == ["doing"]
        os.kill(first.pid, signal.SIGKILL)
        await first.wait()
        await lease_released(pool)
        async with working(database, pool, scans):
            run = await run_of(pool, until=lambda run: run.state is RunState.DONE)
            async with pool.connection() as connection:
                before = (await recent_runs(connection, 70))[1]
    assert run.outcomes == ("up to date",)
    assert (before.state, before.outcomes) == (RunState.ABANDONED, ("its worker died",))


async def lease_released(pool: Pool) -> None:
    """Wait until the server has noticed that a client is gone; it does when the kernel closes the socket."""
    held = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = {LEASES}"  # noqa: S608 - a constant
    async with asyncio.timeout(10):
        while await rows(pool, held) != [(0,)]:  # noqa: ASYNC110 - no event tells what another process does
            await asyncio.sleep(0.01)


async def orphan(queue: App, pool: Pool) -> int:
    """Leave a scan behind as a dead worker does; return its id."""
    await request(queue, pool)
    worker = await queue.job_manager.register_worker()
    job = await queue.job_manager.fetch_job([REPOSITORY_QUEUE], worker)
    assert job is not None
    assert job.id is not None
    return job.id


async def test_an_orphan_whose_twin_waits_gives_way_to_it(queue: App, pool: Pool) -> None:
    await orphan(queue, pool)
    await request(queue, pool)
    await rescue(queue, pool)
    assert await states(pool) == ["failed", "todo"]


async def test_a_job_that_kills_its_workers_is_given_up_and_shown(queue: App, pool: Pool) -> None:
    job_id = await orphan(queue, pool)
    for _ in range(1, ATTEMPTS):
        await rescue(queue, pool)
        assert await states(pool) == ["todo"]
        worker = await queue.job_manager.register_worker()
        assert await queue.job_manager.fetch_job([REPOSITORY_QUEUE], worker)
    async with pool.connection() as connection:
        await start_run(connection, REPOSITORY, job_id)
    await rescue(queue, pool)
    assert await states(pool) == ["failed"]
    run = await run_of(pool)
    assert (run.state, run.outcomes) == (RunState.FAILED, ("given up: its worker died 5 times",))


async def test_a_slow_worker_keeps_its_job(database: str, queue: App, pool: Pool) -> None:
    """Also one that gave no sign of life for long: what counts is its lease."""
    async with open_lease(database) as lease:
        queue.job_manager = LeasedJobManager(queue.connector, lease)
        await orphan(queue, pool)
        await rows(pool, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 day' RETURNING id")
        await rescue(queue, pool)
        assert await states(pool) == ["doing"]
    await lease_released(pool)
    await rescue(queue, pool)
    assert await states(pool) == ["todo"]


async def test_one_process_rescues_at_a_time(database: str, queue: App, pool: Pool) -> None:
    """Another would have seen the same orphan, and given it back when it runs again."""
    await orphan(queue, pool)
    async with await psycopg.AsyncConnection.connect(database) as other:
        await other.execute("SELECT pg_advisory_xact_lock(%s)", (0x636F6E65,))
        await rescue(queue, pool)
        assert await states(pool) == ["doing"]


TERMINATE = """
SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 2
"""


async def test_a_worker_that_loses_its_lease_stops(database: str, pool: Pool, queue: App) -> None:
    scans = Scans()
    await request(queue, pool)
    async with working(database, pool, scans) as worker:
        await scans.begun.get()
        scans.may_end.set()
        await rows(pool, TERMINATE)
        with pytest.raises(ExceptionGroup) as caught:
            await asyncio.wait_for(asyncio.shield(worker), 30)
    assert caught.group_contains(LeaseLost)


async def test_a_worker_without_a_database_begins_again_until_there_is_one(
    database: str, pool: Pool, queue: App, caplog: pytest.LogCaptureFixture
) -> None:
    scans, clock = Scans(), ManualClock()
    await request(queue, pool)
    worker = asyncio.create_task(keep_working(database, pool, scans, clock))
    await scans.begun.get()
    await rows(pool, TERMINATE)
    scans.may_end.set()
    await run_of(pool)
    await request(queue, pool)
    await scans.begun.get()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert clock.sleeps
    assert "the worker stopped: the connection to the database was lost" in caplog.text


NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def at_minute(minute: int) -> InstalledRepository:
    """Return a repository whose time of the day is *minute* minutes after midnight."""
    return InstalledRepository(installation_id=7, repository_id=1440 * 3 + minute)


async def known(pool: Pool, *repositories: InstalledRepository) -> None:
    async with pool.connection() as connection:
        for repository in repositories:
            await remember(connection, repository)


async def test_every_repository_is_scanned_once_a_day_at_its_own_time(pool: Pool, queue: App) -> None:
    await known(pool, at_minute(0), at_minute(12 * 60), at_minute(12 * 60 + 1))
    await enqueue_daily(queue, pool, NOON)
    assert await states(pool) == ["todo", "todo"]
    await enqueue_daily(queue, pool, NOON.replace(minute=10))
    assert await states(pool) == ["todo", "todo", "todo"]


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        pytest.param("2026-11-01 00:00:00+00", [], id="it was looked at today"),
        pytest.param("2026-10-31 23:59:59+00", ["todo"], id="it was looked at yesterday"),
        pytest.param("2026-11-01 00:59:59+01", ["todo"], id="yesterday in UTC, wherever that was today"),
    ],
)
async def test_what_was_scanned_today_already_is_not_scanned_again(
    pool: Pool, queue: App, started: str, expected: list[str]
) -> None:
    await known(pool, at_minute(0))
    async with pool.connection() as connection:
        await start_run(connection, at_minute(0), 1)
    await rows(pool, f"UPDATE run SET started_at = '{started}' RETURNING id")  # noqa: S608 - a constant
    await enqueue_daily(queue, pool, NOON)
    assert await states(pool) == expected


async def test_upkeep_is_planned_and_runs(database: str, pool: Pool) -> None:
    async with open_lease(database) as lease:
        worker = build_worker(pool, Scans(), lease)
        async with worker.open_async(pool):
            planned = {name for name, _ in worker.periodic_registry.periodic_tasks}
            assert planned == {"rescue", "enqueue_due", "enqueue_daily", "forget"}
            for name in planned:
                await worker.tasks[name].defer_async(timestamp=0)
            await worker.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
            await forget(worker, pool)
    assert await rows(pool, "SELECT status::text FROM procrastinate_jobs WHERE status <> 'succeeded'") == []


async def test_a_worker_that_is_stopped_in_the_moment_it_loses_its_database_stops(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_gone, begun = asyncio.Event(), asyncio.Event()

    async def lose() -> None:
        await is_gone.wait()
        raise LeaseLost("gone")

    async def run(*_: object) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(lose())
            begun.set()
            await asyncio.Event().wait()

    monkeypatch.setattr("bot.jobs.worker.run_worker", run)
    worker = asyncio.create_task(keep_working(database, pool, Scans(), ManualClock()))
    await begun.wait()

    is_gone.set()
    await asyncio.sleep(0)  # the group learns of it, and cancels its own task in the same moment
    worker.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(worker, 10)
