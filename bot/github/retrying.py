"""Which failed calls are made again, when, and how often: the policy, which `tenacity` carries out.

Nothing is sent twice that may have been done and would be done twice. Waits grow and are never the same for two
processes, so that those that failed together do not come back together.
"""

from collections.abc import Callable
from enum import Enum, auto
from http import HTTPStatus

from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt, wait_exponential_jitter

from bot.clock import Clock
from bot.errors import AnswerLost, GitHubError, GitHubUnavailable
from bot.github.failures import MOVED
from bot.github.throttle import PATIENCE

ATTEMPTS = 4
OVERALL = 120.0
"""Seconds after the first attempt of a call in which the last one begins."""

BACKOFF = wait_exponential_jitter(initial=1, max=10, jitter=1)


class Repeat(Enum):
    """When a call may be made again after it failed. What GitHub did not do, it may be asked for again in any case."""

    SAFE = auto()
    """Also when it may have been done: it reads, or states all of what shall be."""

    FRESH = auto()
    """The same, and once when it is not found: GitHub's replicas may not know yet what was just made."""

    UNSENT = auto()
    """Only when it was not done: done twice it would be there twice."""


def retrying(clock: Clock, repeat: Repeat) -> AsyncRetrying:
    """Return what makes a call up to four times, as *repeat* allows, and raises its last error."""
    return AsyncRetrying(
        sleep=clock.sleep,
        wait=_wait,
        stop=_overall(clock, stop_after_attempt(ATTEMPTS)),
        retry=lambda state: _may_repeat(repeat, state),
        reraise=True,
    )


def _overall(clock: Clock, enough: Callable[[RetryCallState], bool]) -> Callable[[RetryCallState], bool]:
    start = clock.monotonic()
    return lambda state: enough(state) or clock.monotonic() + state.upcoming_sleep - start > OVERALL


def _wait(state: RetryCallState) -> float:
    """Return the seconds that GitHub named, or some that grow."""
    named = getattr(_error(state), "retry_after", None)
    return BACKOFF(state) if named is None else float(named)


def _may_repeat(repeat: Repeat, state: RetryCallState) -> bool:
    match _error(state):
        case AnswerLost():
            return repeat is not Repeat.UNSENT
        case GitHubUnavailable(retry_after=wait, status=status):
            # a repository that moved has another URL by now: the whole job begins anew
            return status not in MOVED and (wait is None or wait <= PATIENCE)
        case GitHubError(status=HTTPStatus.NOT_FOUND):
            return repeat is Repeat.FRESH and state.attempt_number == 1
        case _:
            return False


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
