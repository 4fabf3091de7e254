"""What goes wrong on purpose.

A fault applies to operations by the name GitHub gives them (`pulls/create`, `git/*`, `graphql`, `graphql:updateRefs`).
Of the requests that it applies to, it lets `skip` pass; of the others its `rhythm` says which it strikes.
`fault_answers` has what a struck request is answered.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class FaultKind(StrEnum):
    """The ways in which GitHub and the network fail."""

    UNAUTHORIZED = "401: the credentials are not good any more"
    NO_PERMISSION = "403 that names the permission; in GraphQL 200 with FORBIDDEN"
    RULE_VIOLATION = "a ruleset refuses: 422; in GraphQL 200 with UNPROCESSABLE"
    NOT_FOUND = "404; in GraphQL 200 with NOT_FOUND"
    UNPROCESSABLE = "422; in GraphQL 200 with UNPROCESSABLE"
    SECONDARY_LIMIT_403 = "secondary limit as 403"
    SECONDARY_LIMIT_429 = "secondary limit as 429"
    SECONDARY_LIMIT_UNTIMED = "secondary limit as 403 that does not say how long"
    PRIMARY_LIMIT = "primary limit: 403 with nothing remaining; in GraphQL 200 with RATE_LIMITED"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502 with an HTML page"
    UNAVAILABLE = "503"
    GATEWAY_TIMEOUT = "504: it took too long"
    GARBAGE = "200 with what is no JSON"
    WRONG_SHAPE = "200 with JSON that is not the answer"
    HANG = "no answer until `Faults.release`; then the request is done"
    HALF_ANSWER = "all is done but the connection breaks within the answer"
    RESET_BEFORE = "the connection breaks before anything is done"
    RESET_AFTER = "all is done but the answer is lost"


Rhythm = Callable[[int], bool]
"""Says of the first, second, third request whether it is struck."""


def always(_count: int) -> bool:
    """Strike each request."""
    return True


def every(number: int) -> Rhythm:
    """Strike the request with that *number*, and its multiples."""
    return lambda count: count % number == 0


def share(part: float, *, seed: int) -> Rhythm:
    """Strike about *part* of the requests: by lot, and the same ones for the same *seed*."""
    return lambda count: random.Random(f"{seed} {count}").random() < part  # noqa: S311 - it must be repeatable


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault; it is over after `times` strikes, None for never. `retry_after` is in seconds."""

    kind: FaultKind
    operation: str = "*"
    times: int | None = 1
    skip: int = 0
    rhythm: Rhythm = always
    writes_only: bool = False
    retry_after: int = 1

    def concerns(self, operation: str, *, write: bool) -> bool:
        """Say whether requests for *operation* are among those it may strike."""
        return fnmatchcase(operation, self.operation) and (write or not self.writes_only)


def chaos(seed: int) -> tuple[Fault, ...]:
    """Return a bad day: ten in a hundred answers fail or are lost, and writes meet a secondary limit now and then."""
    return (
        Fault(kind=FaultKind.BAD_GATEWAY, times=None, rhythm=share(0.04, seed=seed)),
        Fault(kind=FaultKind.RESET_BEFORE, times=None, rhythm=share(0.03, seed=seed + 1)),
        Fault(kind=FaultKind.RESET_AFTER, times=None, rhythm=share(0.03, seed=seed + 2)),
        Fault(kind=FaultKind.SECONDARY_LIMIT_403, times=None, rhythm=every(20), writes_only=True),
    )


@dataclass(slots=True)
class _Waiting:
    fault: Fault
    seen: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        """Count one more request, and say whether it is struck."""
        self.seen += 1
        strikes = self.seen > self.fault.skip and self.fault.rhythm(self.seen - self.fault.skip)
        self.struck += strikes
        return strikes


class Faults:
    """The faults that are still to strike, and the requests that hang."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._released = asyncio.Event()
        self._hanging = asyncio.Event()

    def add(self, fault: Fault) -> None:
        """Let *fault* strike from now on."""
        self._waiting.append(_Waiting(fault))

    def deny(self, operation: str) -> None:
        """Refuse *operation* for want of a permission, until `clear`."""
        self.add(Fault(kind=FaultKind.NO_PERMISSION, operation=operation, times=None))

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    @property
    def pending(self) -> bool:
        """Say whether a fault has not struck as often as it should."""
        return bool(self._waiting)

    def strike(self, operation: str, *, write: bool) -> Fault | None:
        """Return the fault that a request for *operation* meets."""
        for each in list(self._waiting):
            if each.fault.concerns(operation, write=write) and each.strikes():
                if each.struck == each.fault.times:
                    self._waiting.remove(each)
                return each.fault
        return None

    async def hang(self) -> None:
        """Return when released."""
        released = self._released
        self._hanging.set()
        await released.wait()

    async def hanging(self) -> None:
        """Return when a request hangs."""
        await self._hanging.wait()

    def release(self) -> None:
        """Let the requests go on that hang now."""
        self._released.set()
        self._released, self._hanging = asyncio.Event(), asyncio.Event()
