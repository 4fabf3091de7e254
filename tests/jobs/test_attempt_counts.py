"""What an attempt tells of itself: in metrics, in the log, and to the breaker."""

import logging

import pytest

from bot import metrics
from bot.errors import GitHubUnavailable
from bot.jobs.attempt import attempt
from bot.jobs.report import Assignment, RunReport
from bot.logs import ReadableLines
from bot.store.database import Pool
from bot.store.halts import Cause, halts
from bot.store.installations import InstallationFacts, see_installation
from bot.store.repositories import InstalledRepository, RepositoryFacts, see_repositories
from bot.store.wants import Priority, Turn

HERE = InstalledRepository(installation_id=7, repository_id=70)
TURN = Turn(repository=HERE, priority=Priority.RELEASE, reason="numpy 2 is out")


@pytest.fixture
async def known(pool: Pool) -> Pool:
    async with pool.connection() as connection:
        await see_installation(connection, InstallationFacts(id=7, account="acme"))
        await see_repositories(connection, 7, (RepositoryFacts(id=70, node_id="", full_name="acme/app"),))
    return pool


def counted(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(f"condabot_{name}", labels) or 0.0


async def test_a_scan_that_went_well_is_counted_with_its_pushes(known: Pool) -> None:
    async def scan(assignment: Assignment) -> RunReport:
        assert assignment.repository == HERE
        return RunReport(pushed=("numpy", "scipy"))

    jobs, pushes = (
        counted("job_seconds_count", kind="release", outcome="done"),
        counted("pushes_total", reason="release"),
    )
    await attempt(known, scan, TURN, 1)

    assert counted("job_seconds_count", kind="release", outcome="done") == jobs + 1
    assert counted("pushes_total", reason="release") == pushes + 2


async def test_one_that_is_to_be_tried_later_is_counted_as_such(known: Pool) -> None:
    async def scan(_: Assignment) -> RunReport:
        raise GitHubUnavailable("limited", retry_after=60)

    before = counted("job_seconds_count", kind="release", outcome="postponed")
    await attempt(known, scan, TURN, 1)
    assert counted("job_seconds_count", kind="release", outcome="postponed") == before + 1


async def test_a_rejected_lock_trips_the_breaker(known: Pool) -> None:
    async def scan(_: Assignment) -> RunReport:
        return RunReport(rejected="numpy 2: another hash")

    before = counted("locks_rejected_total")
    await attempt(known, scan, TURN, 1)

    async with known.connection() as connection:
        assert [each.cause for each in await halts(connection)] == [Cause.REJECTED_LOCK]
    assert counted("locks_rejected_total") == before + 1


async def test_what_is_logged_meanwhile_says_of_which_repository(known: Pool) -> None:
    lines: list[str] = []

    async def scan(_: Assignment) -> RunReport:
        record = logging.LogRecord("bot", logging.INFO, "x.py", 1, "looks", (), None)
        lines.append(ReadableLines(str).format(record))
        return RunReport()

    await attempt(known, scan, TURN, 1)

    assert lines[0].endswith("run=1 repository=acme/app installation=7: looks")
