"""What workers do with looks: take them beside scans, record them, and come again to what did not go well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.errors import CondabotError, GitHubUnavailable
from bot.jobs.look_attempt import attempt_look
from bot.jobs.report import LookAssignment, RunReport, TakeLook
from bot.jobs.worker import run_worker
from bot.store.database import Pool
from bot.store.looks import Look, want_look
from bot.store.repositories import forget_repositories
from bot.store.runs import Run, RunState, recent_runs
from tests.jobs.conftest import Scans, want_one, work
from tests.turns import REPOSITORY, known, rows

LOOK = Look(repository=REPOSITORY, number=4)
ENDED = frozenset(RunState) - {RunState.RUNNING}


class Looks:
    """Looks that are taken, and come to what they are told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.taken: asyncio.Queue[LookAssignment] = asyncio.Queue()
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self, assignment: LookAssignment) -> RunReport:
        self.taken.put_nowait(assignment)
        await self.may_end.wait()
        if self.error:
            raise self.error
        return RunReport(outcomes=("said success",))


@asynccontextmanager
async def looking(database: str, pool: Pool, look: TakeLook, scans: Scans) -> AsyncIterator[None]:
    worker = asyncio.create_task(run_worker(database, pool, replace(work(scans), look=look)))
    yield
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


async def want_it(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        await want_look(connection, LOOK)


async def ended(pool: Pool, *states: RunState, first: bool = True) -> Run:
    """Return a run of the look that has ended, in one of *states*; the daily scan may run beside it.

    Unless the *first* will do, no other one may be running.
    """
    async with asyncio.timeout(60), pool.connection() as connection:
        while True:
            runs = [each for each in await recent_runs(connection, 70) if each.reason == LOOK.words]
            found = [each for each in runs if each.state in (states or ENDED)]
            if found and (first or found == runs):
                return found[0]
            await connection.commit()
            await asyncio.sleep(0.01)


async def looks(pool: Pool) -> list[tuple[int, bool]]:
    """Return the failures of every look there is, and whether it is wanted."""
    return [(each[0], each[1]) for each in await rows(pool, "SELECT failures, wanted_at IS NOT NULL FROM look")]


async def test_a_look_waits_for_no_scan_and_is_recorded(database: str, pool: Pool) -> None:
    scans, taken = Scans(), Looks()
    async with looking(database, pool, taken, scans):
        await want_one(pool)
        await scans.begun.get()
        await want_it(pool)
        run = await ended(pool)
        assert (run.state, run.reason, run.outcomes) == (RunState.DONE, "pull request #4", ("said success",))
        scans.may_end.set()
    assert await looks(pool) == []


async def test_a_push_during_a_look_is_one_more(database: str, pool: Pool) -> None:
    taken, scans = Looks(), Scans()
    taken.may_end.clear()
    scans.may_end.set()
    async with looking(database, pool, taken, scans):
        await want_it(pool)
        await taken.taken.get()
        for _ in range(3):
            await want_it(pool)
        taken.may_end.set()
        await taken.taken.get()
        await ended(pool, first=False)
    assert taken.taken.empty()
    assert await rows(pool, "SELECT count(*) FROM run WHERE reason = 'pull request #4'") == [(2,)]


@pytest.mark.parametrize(
    ("error", "state", "failures"),
    [
        (CondabotError("no"), RunState.FAILED, 1),
        (ZeroDivisionError(), RunState.FAILED, 1),
        (GitHubUnavailable("away", retry_after=60), RunState.POSTPONED, 0),
    ],
)
async def test_what_did_not_go_well_is_wanted_again(
    database: str, pool: Pool, error: Exception, state: RunState, failures: int
) -> None:
    async with looking(database, pool, Looks(error), Scans()):
        await want_it(pool)
        run = await ended(pool)
    assert run.state is state
    assert await looks(pool) == [(failures, True)]


async def test_one_that_was_cut_off_is_wanted_again_at_once(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a worker is stopped; the one of a worker that died the queue gives back (`bot.jobs.rescue`)."""
    monkeypatch.setattr("bot.jobs.worker.GRACE", 0.0)
    taken = Looks()
    taken.may_end.clear()
    async with looking(database, pool, taken, Scans()):
        await want_it(pool)
        await taken.taken.get()
    assert await looks(pool) == [(0, True)]
    taken.may_end.set()
    async with looking(database, pool, taken, Scans()):
        await taken.taken.get()
        await ended(pool, RunState.DONE)
    assert await looks(pool) == []


async def test_of_a_repository_that_was_forgotten_nobody_looks_at_anything(database: str, pool: Pool) -> None:
    taken = Looks()
    await want_it(pool)
    async with pool.connection() as connection:
        await forget_repositories(connection, [70])
    async with looking(database, pool, taken, Scans()):
        await want_one(pool)
    assert taken.taken.empty()
    assert await looks(pool) == []


@pytest.mark.parametrize("error", [None, CondabotError("no hunter2"), GitHubUnavailable("hunter2", retry_after=60)])
async def test_what_is_recorded_holds_no_secret(pool: Pool, error: Exception | None) -> None:
    await want_it(pool)

    async def take(_: LookAssignment) -> RunReport:
        if error:
            raise error
        return RunReport(outcomes=("read https://u:hunter2@x",))

    await attempt_look(pool, take, LOOK, 1, lambda text: text.replace("hunter2", "***"))

    async with pool.connection() as connection:
        [run] = await recent_runs(connection, 70)
    assert "***" in run.outcomes[0]
    assert "hunter2" not in str(run.outcomes)
