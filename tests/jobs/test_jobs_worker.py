"""What workers do with jobs: run, record, take over from the dead, stop, begin again."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import MappingProxyType

import psycopg
import pytest
from procrastinate import App

from bot.errors import LeaseLost
from bot.jobs.coordinator import COORDINATOR
from bot.jobs.lease import LEASES, LeasedJobManager, open_lease
from bot.jobs.queue import REPOSITORY_QUEUE
from bot.jobs.report import Assignment, RunReport
from bot.jobs.rescue import ATTEMPTS, rescue
from bot.jobs.upkeep import EVERY_MINUTE, Duties
from bot.jobs.worker import keep_working, run_worker
from bot.store.database import Pool
from bot.store.runs import RunState, recent_runs, start_run
from tests.clocks import ManualClock
from tests.jobs.conftest import Scans, handed_over, run_of, states, want_one, work, working
from tests.turns import OTHER, PERSON, REPOSITORY, rows, taken


async def test_a_scan_is_run_and_recorded(database: str, pool: Pool) -> None:
    scans = Scans()
    scans.may_end.set()
    await want_one(pool)
    async with working(database, pool, scans):
        run = await run_of(pool)
    assert (run.state, run.outcomes, run.log) == (RunState.DONE, ("up to date",), ("asked 4 times",))


async def test_a_push_during_a_scan_gives_exactly_one_more(database: str, pool: Pool) -> None:
    scans = Scans()
    async with working(database, pool, scans):
        await want_one(pool)
        await scans.begun.get()
        for _ in range(5):
            await want_one(pool)
        scans.may_end.set()
        await scans.begun.get()
        await run_of(pool)
    assert scans.begun.empty()
    assert await rows(pool, "SELECT count(*) FROM run") == [(2,)]


async def test_repositories_do_not_wait_for_each_other(database: str, pool: Pool) -> None:
    scans = Scans()
    for repository in (REPOSITORY, OTHER):
        await want_one(pool, repository)
    async with working(database, pool, scans):
        assert {await scans.begun.get(), await scans.begun.get()} == {70, 71}
        scans.may_end.set()


async def test_a_defect_does_not_block_its_repository(database: str, pool: Pool) -> None:
    """The job is kept as failed, for the operator; the next one runs."""
    begun: asyncio.Queue[int] = asyncio.Queue()

    async def defective(assignment: Assignment) -> RunReport:
        begun.put_nowait(assignment.repository.repository_id)
        raise ZeroDivisionError

    async with working(database, pool, defective):
        for number in range(1, 3):
            await want_one(pool, why=PERSON)
            await begun.get()
            await failed(pool, number)
    assert await states(pool) == ["failed", "failed"]


async def failed(pool: Pool, count: int) -> None:
    """Wait until so many runs have failed."""
    async with asyncio.timeout(60):
        while await rows(pool, "SELECT count(*) FROM run WHERE state = 'failed'") != [(count,)]:  # noqa: ASYNC110 - no event tells what the database does
            await asyncio.sleep(0.01)


async def test_a_scan_cut_off_by_the_end_of_its_worker_is_due_again(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.worker.GRACE", 0.0)
    scans = Scans()
    await want_one(pool)
    async with working(database, pool, scans):
        await scans.begun.get()
    run = await run_of(pool)
    assert (run.state, run.outcomes) == (RunState.POSTPONED, ("the worker was stopped",))
    async with pool.connection() as connection:
        await connection.execute("DELETE FROM procrastinate_jobs")
        assert await taken(connection) == [70]


async def test_a_worker_that_is_stopped_while_scans_hang_is_gone_when_they_have_been_cut_off(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease and its slots too, so that others take over at once."""
    monkeypatch.setattr("bot.jobs.worker.GRACE", 0.0)
    scans = Scans()
    for repository in (REPOSITORY, OTHER):
        await want_one(pool, repository)
    worker = asyncio.create_task(run_worker(database, pool, work(scans)))
    for _ in range(2):
        await scans.begun.get()
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker
    await lease_released(pool)
    assert await rows(pool, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]


async def test_a_worker_that_becomes_the_coordinator_later_then_has_duties(
    database: str, pool: Pool, queue: App
) -> None:
    scans, is_done = Scans(), asyncio.Event()

    async def duty(_: Pool) -> None:
        is_done.set()

    duties = Duties(by_cron=MappingProxyType({EVERY_MINUTE: {"duty": duty}}))
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as coordinator:
        await coordinator.execute("SELECT pg_advisory_lock(%s)", (COORDINATOR,))
        worker = asyncio.create_task(run_worker(database, pool, replace(work(scans), duties=duties)))
        await handed_over(queue, pool)
        await scans.begun.get()
        assert not is_done.is_set()
    async with asyncio.timeout(60):
        await is_done.wait()
    scans.may_end.set()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


PROGRAM = """
import asyncio, sys
from bot.jobs.upkeep import Duties
from bot.jobs.worker import Work, run_worker
from bot.store.database import make_pool

async def scan(assignment):
    print("begun", flush=True)
    await asyncio.Event().wait()

async def main():
    async with make_pool(sys.argv[1]) as pool:
        work = Work(scan=scan, look=scan, carry_out=scan, expander=lambda event, body: (), duties=Duties())
        await run_worker(sys.argv[1], pool, work)

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
    await want_one(pool)
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
    async with asyncio.timeout(60):
        while await rows(pool, held) != [(0,)]:  # noqa: ASYNC110 - no event tells what another process does
            await asyncio.sleep(0.01)


async def orphan(queue: App, pool: Pool) -> int:
    """Leave a scan behind as a dead worker does; return its id."""
    await handed_over(queue, pool)
    worker = await queue.job_manager.register_worker()
    job = await queue.job_manager.fetch_job([REPOSITORY_QUEUE], worker)
    assert job is not None
    assert job.id is not None
    return job.id


async def test_an_orphan_whose_twin_waits_gives_way_to_it(queue: App, pool: Pool) -> None:
    await orphan(queue, pool)
    await handed_over(queue, pool)
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


async def test_a_worker_that_loses_its_lease_stops(database: str, pool: Pool) -> None:
    scans = Scans()
    await want_one(pool)
    async with working(database, pool, scans) as worker:
        await scans.begun.get()
        scans.may_end.set()
        await rows(pool, TERMINATE)
        with pytest.raises(ExceptionGroup) as caught:
            async with asyncio.timeout(60):
                await asyncio.shield(worker)
    assert caught.group_contains(LeaseLost)


async def test_a_worker_without_a_database_begins_again_until_there_is_one(
    database: str, pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    scans, clock = Scans(), ManualClock()
    await want_one(pool)
    worker = asyncio.create_task(keep_working(database, pool, work(scans), clock))
    await scans.begun.get()
    await rows(pool, TERMINATE)
    scans.may_end.set()
    await run_of(pool)
    await want_one(pool)
    await scans.begun.get()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert clock.sleeps
    assert "the worker stopped: the connection to the database was lost" in caplog.text


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
    worker = asyncio.create_task(keep_working(database, pool, work(Scans()), ManualClock()))
    await begun.wait()

    is_gone.set()
    await asyncio.sleep(0)  # the group learns of it, and cancels its own task in the same moment
    worker.cancel()

    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(60):
            await worker
