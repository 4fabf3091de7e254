"""What keeps a command from being carried out before GitHub is asked anything, and how it is remembered."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.errors import CondabotError, GitHubUnavailable
from bot.github.ours import MarkerKeys
from bot.jobs.command import Commands
from bot.jobs.command_attempt import attempt_command
from bot.jobs.gate import Gate, OpenGate, ShutGate
from bot.jobs.report import CommandAssignment, RunReport
from bot.model.command import Command, Verb
from bot.store.commands import ATTEMPTS, PullCommand, take_command, want_command
from bot.store.database import Pool
from bot.store.runs import RunState, recent_runs
from bot.store.wants import Priority, Want
from tests.turns import REPOSITORY, known, rows

NOTHING: Any = None
ASKED = PullCommand(
    repository=REPOSITORY,
    number=4,
    source="comment-9",
    command=Command(verb=Verb.RELOCK),
    login="alice",
    user_id=5,
)


def commands(gate: Gate) -> Commands:
    """Return the use case with nothing behind it: whatever it asked would fail."""
    return Commands(
        app=NOTHING,
        keys=MarkerKeys(["x" * 32]),
        prefix="condabot/",
        clock=SystemClock(),
        gate=gate,
        relocking=NOTHING,
        explaining=NOTHING,
    )


def assignment(permissions: Mapping[str, str] | None = None) -> CommandAssignment:
    return CommandAssignment(repository=REPOSITORY, permissions=permissions, page="the page", command=ASKED)


async def test_without_the_permission_nobody_is_asked() -> None:
    report = await commands(OpenGate())(assignment({"contents": "write"}))

    assert report.outcomes == (
        "the App may not write pull_requests in this repository: accept its new permissions at the page",
    )


async def test_where_nothing_may_be_written_it_waits(pool: Pool) -> None:
    report = await commands(ShutGate(sentence="writes are off"))(assignment())
    await attempted(pool, report)

    assert report.outcomes == ("not done yet, since writes are off: relock in pull request #4",)
    assert await standing(pool) == [(0, True)]


async def attempted(pool: Pool, result: RunReport | Exception) -> None:
    """Have the command taken and attempted, which comes to *result*."""

    async def carry_out(given: CommandAssignment) -> RunReport:
        assert given.command == ASKED
        if isinstance(result, Exception):
            raise result
        return result

    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        await want_command(connection, ASKED)
        assert await take_command(connection) == ASKED
    await attempt_command(pool, carry_out, ASKED, 1, lambda text: text.replace("hunter2", "***"))


async def standing(pool: Pool) -> list[tuple[Any, ...]]:
    return await rows(pool, "SELECT failures, wanted_at IS NOT NULL FROM command")


async def test_what_was_done_is_forgotten_and_what_it_wants_is_wanted(pool: Pool) -> None:
    await attempted(pool, RunReport(outcomes=("done",), wants=Want(priority=Priority.PERSON, reason="as asked")))

    assert await standing(pool) == []
    assert await rows(pool, "SELECT reason, wanted_at IS NOT NULL FROM repository") == [("as asked", True)]


@pytest.mark.parametrize(
    ("error", "state", "failures"),
    [
        (CondabotError("no hunter2"), RunState.FAILED, 1),
        (GitHubUnavailable("away hunter2", retry_after=60), RunState.POSTPONED, 0),
    ],
)
async def test_what_did_not_go_well_is_wanted_again(
    pool: Pool, error: Exception, state: RunState, failures: int
) -> None:
    await attempted(pool, error)

    assert await standing(pool) == [(failures, True)]
    async with pool.connection() as connection:
        [run] = await recent_runs(connection, REPOSITORY.repository_id)
    assert (run.state, run.reason) == (state, "relock in pull request #4")
    assert "***" in run.outcomes[0]


async def test_what_fails_too_often_is_given_up(pool: Pool) -> None:
    await attempted(pool, CondabotError("no"))
    async with pool.connection() as connection:
        await connection.execute("UPDATE command SET failures = %s, wanted_at = NULL", (ATTEMPTS - 1,))
    await attempt_command(pool, _fails, ASKED, 1)

    assert await standing(pool) == []
    async with pool.connection() as connection:
        [last, _] = await recent_runs(connection, REPOSITORY.repository_id)
    assert last.outcomes[-1] == "given up after 3 attempts"


async def _fails(_: CommandAssignment) -> RunReport:
    raise CondabotError("no")
