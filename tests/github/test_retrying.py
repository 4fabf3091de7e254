"""Which calls are made again: never what may have been done and would then be there twice."""

import pytest

from bot.errors import AnswerLost, GitHubError, GitHubUnavailable
from bot.github.retrying import OVERALL, Repeat, retrying
from tests.clocks import ManualClock

LOST = AnswerLost("lost")
UNSENT = GitHubUnavailable("no connection")
LIMIT = GitHubUnavailable("a short limit", status=429, retry_after=5)
LONG = GitHubUnavailable("a long limit", status=429, retry_after=90)
GONE = GitHubError("not found", status=404)
SAFE, FRESH, ONCE = Repeat.SAFE, Repeat.FRESH, Repeat.UNSENT


@pytest.mark.parametrize(
    ("repeat", "error", "attempts"),
    [
        pytest.param(SAFE, LOST, 4, id="a lost answer to what may be done twice"),
        pytest.param(ONCE, LOST, 1, id="a lost answer to what may not"),
        pytest.param(ONCE, UNSENT, 4, id="what was not sent was not done"),
        pytest.param(ONCE, LIMIT, 4, id="what a limit refused was not done"),
        pytest.param(SAFE, LONG, 1, id="a limit beyond a job's patience"),
        pytest.param(SAFE, GONE, 1, id="what is not there"),
        pytest.param(FRESH, GONE, 2, id="what was just made may show a moment later"),
        pytest.param(FRESH, LOST, 4, id="what was just made and its answer lost"),
        pytest.param(SAFE, GitHubUnavailable("moved", status=301), 1, id="a repository that moved"),
        pytest.param(SAFE, GitHubError("no", status=422), 1, id="a refusal"),
        pytest.param(SAFE, ValueError("ours"), 1, id="a defect of ours"),
    ],
)
async def test_a_call_is_made_again_as_often_as_is_right(repeat: Repeat, error: Exception, attempts: int) -> None:
    made = 0

    async def call() -> None:
        nonlocal made
        made += 1
        raise error

    with pytest.raises(type(error)) as caught:
        await retrying(ManualClock(), repeat)(call)
    assert caught.value is error
    assert made == attempts


async def test_a_limit_is_waited_for_and_the_answer_returned() -> None:
    clock = ManualClock()
    outcomes = iter([LIMIT, LOST, None])

    async def call() -> str:
        if error := next(outcomes):
            raise error
        return "answer"

    assert await retrying(clock, SAFE)(call) == "answer"
    named, grown = clock.sleeps
    assert named == 5
    assert 2 <= grown <= 3


async def test_no_attempt_begins_after_the_deadline_of_the_whole_call() -> None:
    clock = ManualClock()
    made = 0

    async def slow() -> None:
        nonlocal made
        made += 1
        clock.advance(OVERALL / 2)
        raise LOST

    with pytest.raises(AnswerLost):
        await retrying(clock, SAFE)(slow)
    assert made == 2
