"""What is remembered after a scan, whatever it came to."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta

import psycopg
import pytest

from bot import metrics
from bot.errors import CondabotError, GitHubError, GitHubUnavailable
from bot.jobs.attempt import attempt
from bot.jobs.report import Assignment, RunReport, Scan
from bot.store.database import Pool
from bot.store.installations import InstallationFacts, see_installation, take_unlisted
from bot.store.proposals import FAILURES_BEFORE_REST, FailedProposal, proposal_pushed, pushed_within
from bot.store.repositories import InstalledRepository, forget_installation, forget_repository, watched_paths
from bot.store.runs import RunState, recent_runs
from bot.store.wants import Priority
from tests.jobs.conftest import run_of
from tests.turns import OTHER, PERSON, REPOSITORY, THIRD, asked, known, pass_time, rows, taken, turn, wanted


def ending(end: RunReport | BaseException) -> Scan:
    async def scan(assignment: Assignment) -> RunReport:  # noqa: ARG001 - the port's signature
        if isinstance(end, BaseException):
            raise end
        return end

    return scan


async def attempted(pool: Pool, end: RunReport | BaseException, *, priority: Priority = Priority.PUSH) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
    with nullcontext() if isinstance(end, RunReport | CondabotError) else pytest.raises(type(end)):
        await attempt(pool, ending(end), turn(priority=priority), 1)


LATER, FAILED, DONE = RunState.POSTPONED, RunState.FAILED, RunState.DONE
FAILURE = FailedProposal(key="numpy", sentence="no")


@pytest.mark.parametrize(
    ("end", "state", "outcome", "minutes"),
    [
        pytest.param(RunReport(outcomes=("up to date",)), DONE, "up to date", None, id="it went well"),
        pytest.param(
            RunReport(outcomes=("not finished",), again_after=90), LATER, "not finished", 1.5, id="there is more to do"
        ),
        pytest.param(
            RunReport(outcomes=("could not publish",), failed=(FAILURE,)), DONE, "could not publish", 6, id="a proposal"
        ),
        pytest.param(GitHubUnavailable("limited", retry_after=120), LATER, "limited", 2, id="GitHub limits us"),
        pytest.param(GitHubUnavailable("down"), LATER, "down", 5, id="GitHub is down"),
        pytest.param(GitHubUnavailable("now", retry_after=0), LATER, "now", 0, id="GitHub says that we may now"),
        pytest.param(asyncio.CancelledError(), LATER, "the worker was stopped", 0, id="the worker was stopped"),
        pytest.param(GitHubError("no", status=400), FAILED, "no", 6, id="GitHub refuses"),
        pytest.param(
            ZeroDivisionError("x"), FAILED, "a defect of condabot: ZeroDivisionError: x", 6, id="a defect of ours"
        ),
    ],
)
async def test_a_run_says_what_came_of_it_and_is_wanted_again_unless_it_went_well(
    pool: Pool, end: RunReport | BaseException, state: RunState, outcome: str, minutes: float | None
) -> None:
    await attempted(pool, end)
    run = await run_of(pool)
    assert (run.state, run.outcomes[0], run.reason) == (state, outcome, "push")
    async with pool.connection() as connection:
        if minutes:
            assert await taken(connection) == []
            await pass_time(connection, minutes)
        assert await taken(connection) == ([] if minutes is None else [70])


async def test_a_failed_run_says_when_it_is_tried_again(pool: Pool) -> None:
    await attempted(pool, GitHubError("no"))
    [_, again] = (await run_of(pool)).outcomes
    assert again in {f"tried again in {minutes} minutes" for minutes in (4, 5, 6)}


@pytest.mark.parametrize(("status", "listed"), [(403, (7,)), (404, (7,)), (422, (7,)), (400, ()), (None, ())])
async def test_what_github_says_the_app_has_no_more_is_listed_again(
    pool: Pool, status: int | None, listed: tuple[int, ...]
) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        await take_unlisted(connection)
    await attempted(pool, GitHubError("no", status=status))
    async with pool.connection() as connection:
        assert await take_unlisted(connection) == listed


async def test_what_a_scan_found_is_remembered(pool: Pool) -> None:
    await attempted(pool, RunReport(head="abc", paths=("deps/*.txt",), pushed=("numpy",), published=("numpy",)))
    async with pool.connection() as connection:
        assert await watched_paths(connection, 70) == ("deps/*.txt",)
        assert len(await pushed_within(connection, 70, timedelta(days=7))) == 1
        assert await asked(connection, "SELECT head, last_ok_at IS NULL FROM repository") == [("abc", False)]


async def test_a_report_that_cannot_be_stored_is_a_defect_with_a_run_that_has_ended(pool: Pool) -> None:
    """A package may be called anything: the repository is looked at again, and the run has ended."""
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
    with pytest.raises(psycopg.DataError):
        await attempt(pool, ending(RunReport(outcomes=("a\0b",), pushed=("numpy",), published=("numpy",))), turn(), 1)
    assert (await run_of(pool)).state is RunState.FAILED
    assert await rows(pool, "SELECT failures, wanted_at IS NULL FROM repository") == [(1, False)]
    assert await rows(pool, "SELECT 1 FROM push") == []


async def told(pool: Pool) -> Assignment:
    """Return what a scan is told."""
    found: list[Assignment] = []

    async def scan(assignment: Assignment) -> RunReport:
        found.append(assignment)
        return RunReport()

    await attempt(pool, scan, turn(), 1)
    return found[0]


async def test_a_proposal_that_fails_five_times_rests_with_its_reason(pool: Pool) -> None:
    for number in range(FAILURES_BEFORE_REST):
        assert number == 0 or (await told(pool)).resting == {}
        failure = FailedProposal(key="numpy", sentence=f"no {number}")
        await attempted(pool, RunReport(failed=(failure,), pushed=("scipy",)))
    assert (await told(pool)).resting == {"numpy": "no 4"}
    assert len((await told(pool)).pushed) == FAILURES_BEFORE_REST


@pytest.mark.parametrize(
    ("everything", "ticked", "uninvited"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, False)],
)
async def test_a_scan_is_told_whether_anybody_asked_for_this_repository(
    pool: Pool, *, everything: bool, ticked: bool, uninvited: bool
) -> None:
    facts = InstallationFacts(id=7, everything=everything, permissions={"contents": "write"})
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        await see_installation(connection, facts)
        await connection.execute("UPDATE repository SET ticked = %s", (ticked,))
    assignment = await told(pool)
    assert (assignment.uninvited, assignment.permissions, assignment.reason) == (uninvited, facts.permissions, "push")


async def test_a_scan_that_is_asked_for_by_a_person_while_it_fails_is_not_waited_for(pool: Pool) -> None:
    async def failing(assignment: Assignment) -> RunReport:
        async with pool.connection() as connection:
            await wanted(connection, assignment.repository, why=PERSON)
        raise GitHubError("no")

    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
    await attempt(pool, failing, turn(), 1)
    async with pool.connection() as connection:
        assert await taken(connection) == [70]


ENDS = [
    RunReport(),
    RunReport(again_after=0),
    RunReport(failed=(FAILURE,), pushed=("a",)),
    GitHubError("no", status=404),
]


@pytest.mark.parametrize("end", ENDS, ids=["well", "later", "failed proposals", "refused"])
@pytest.mark.parametrize("everything", [True, False], ids=["with its account", "alone"])
async def test_what_is_forgotten_while_it_is_scanned_does_not_come_back(
    pool: Pool, end: RunReport | Exception, *, everything: bool
) -> None:
    async def scan(assignment: Assignment) -> RunReport:
        async with pool.connection() as connection:
            await (forget_installation(connection, 7) if everything else forget_repository(connection, REPOSITORY))
        return await ending(end)(assignment)

    async with pool.connection() as connection:
        await known(connection, REPOSITORY, OTHER)
    await attempt(pool, scan, turn(), 1)
    tables = {"repository": 1, "installation": 1, "run": 0, "proposal": 0, "push": 0}
    for table, count in tables.items():
        found = await rows(pool, f"SELECT count(*) FROM {table}")  # noqa: S608 - constants
        assert found == [(0 if everything else count,)], table


async def test_what_is_forgotten_before_its_job_begins_is_not_scanned(pool: Pool) -> None:
    await attempt(pool, ending(ZeroDivisionError()), turn(), 1)
    assert await rows(pool, "SELECT 1 FROM run") == []


async def test_what_has_moved_before_its_job_begins_is_scanned_where_it_is(pool: Pool) -> None:
    moved = InstalledRepository(installation_id=THIRD.installation_id, repository_id=70)
    async with pool.connection() as connection:
        await known(connection, moved)
        await proposal_pushed(connection, 70, "numpy")
    assert (await told(pool)).repository == moved


async def test_what_is_recorded_holds_no_secret(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)

    def hide(text: str) -> str:
        return text.replace("hunter2", "***")

    await attempt(pool, ending(RunReport(outcomes=("read https://u:hunter2@x",), log=("hunter2",))), turn(), 1, hide)
    await attempt(pool, ending(GitHubError("no hunter2")), turn(), 2, hide)

    async with pool.connection() as connection:
        runs = await recent_runs(connection, REPOSITORY.repository_id)
    assert "hunter2" not in str([(each.outcomes, each.log) for each in runs])
    assert len(runs) == 2


async def test_the_requests_of_a_run_are_counted_apart_from_those_of_others(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        await known(connection, OTHER)

    async def scan(assignment: Assignment) -> RunReport:
        async def ask(status: int) -> None:
            await asyncio.sleep(0)
            metrics.github_answered("core", status)

        await asyncio.gather(*(ask(404) for _ in range(3 if assignment.repository == REPOSITORY else 2)))
        return RunReport()

    await asyncio.gather(attempt(pool, scan, turn(), 1), attempt(pool, scan, turn(OTHER), 2))

    assert await rows(pool, "SELECT requests FROM run ORDER BY repository_id = %s DESC", REPOSITORY.repository_id) == [
        (3,),
        (2,),
    ]
