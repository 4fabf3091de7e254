"""How fast an installation may be used: what a request costs, who may ask for how much, and a budget in memory.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#secondary-rate-limits
GitHub asks for a second between writes, one at a time (which keeps them below its 80 a minute too), at most 500 an
hour that create content, 900 points a minute by REST and 2,000 by GraphQL, and less than 100 requests at once. The
defaults stay clear of each. Every write counts as content: GitHub does not say which do.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.clock import Clock
from bot.errors import GitHubUnavailable
from bot.github.limits import Heard
from bot.github.recent import Recent

HOUR = 3600.0
PATIENCE = 20
"""Seconds that a job waits for a limit; what takes longer ends the job, which is due again then."""

INSTALLATIONS = 4096
THE_APP = 0
"""Stands, where an installation's id is asked for, for the App itself, which GitHub limits apart."""


class Priority(StrEnum):
    """For whom something is asked. What nobody waits for leaves a fifth of every budget to those who wait."""

    PERSON = "person"
    SWEEP = "sweep"

    def share(self, whole: int) -> int:
        """Return how much of *whole* may be used."""
        return whole if self is Priority.PERSON else whole * 4 // 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a request costs: GitHub's points by REST or GraphQL, and writes."""

    core: int = 0
    graphql: int = 0
    writes: int = 0


READ = Cost(core=1)
WRITE = Cost(core=5, writes=1)
CHORE = Cost(core=5)
"""Changes what nobody sees, such as tokens."""
QUERY = Cost(graphql=1)
MUTATION = Cost(graphql=5, writes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The limits kept: seconds from a write to the next, writes in an hour, points in a minute, requests at once."""

    write_interval: float = 1.0
    writes_per_hour: int = 400
    core_per_minute: int = 900
    graphql_per_minute: int = 2000
    concurrency: int = 10


GITHUB_PACE = Pace()
LOCAL_PACE = Pace(write_interval=0.0, writes_per_hour=100_000)
"""For a GitHub on this machine, which limits nobody."""


class Budget(Protocol):
    """What one job may still ask of GitHub for one installation."""

    def turn(self, cost: Cost) -> AbstractAsyncContextManager[None]:
        """Wait until a request of *cost* may be sent, and hold its place until it is answered.

        Raises:
            GitHubUnavailable: that takes longer than a job waits; `retry_after` says how long.

        """
        ...

    async def learn(self, heard: Heard) -> None:
        """Take in what an answer said of limits."""
        ...


class Budgets(Protocol):
    """The budgets of all installations."""

    def budget(self, installation_id: int, priority: Priority) -> Budget:
        """Return the budget of an installation for work of *priority*."""
        ...

    def reserve(self, installation_id: int, priority: Priority, writes: int) -> AbstractAsyncContextManager[Budget]:
        """Keep *writes* of this hour for a budget; what it has not used at the end is given back.

        Raises:
            GitHubUnavailable: there are not so many left; `retry_after` says when there will be.

        """
        ...


class Gate:
    """Lets the requests of this process to one installation pass: few at once, one write at a time."""

    def __init__(self, concurrency: int) -> None:
        self._slots = asyncio.Semaphore(concurrency)
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def passing(self, cost: Cost) -> AsyncIterator[None]:
        """Hold a place for a request of *cost*."""
        async with AsyncExitStack() as held:
            if cost.writes:
                await held.enter_async_context(self._writer)
            await held.enter_async_context(self._slots)
            yield


class Throttle:
    """The budget of one installation as this process alone knows it: for commands, tests, and a GitHub close by."""

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self.pace = pace
        self._clock = clock
        self._gate = Gate(pace.concurrency)
        self._writes: deque[float] = deque(maxlen=pace.writes_per_hour)
        self._reserved = 0
        self._blocked_until = clock.monotonic()

    @asynccontextmanager
    async def turn(self, cost: Cost, *, at_most: int, reserved: bool) -> AsyncIterator[None]:
        """Hold a place for a request of *cost* of somebody who may use *at_most* writes an hour."""
        async with self._gate.passing(cost):
            if cost.writes:
                await self._wait_to_write(at_most, reserved=reserved)
            await self._wait(self._blocked_until - self._clock.monotonic(), "GitHub limits this installation")
            try:
                yield
            finally:
                if cost.writes:
                    self._writes.append(self._clock.monotonic())
                    self._reserved -= reserved

    def learn(self, heard: Heard) -> None:
        """Let nothing pass for as long as GitHub asked."""
        if heard.block:
            self._blocked_until = max(self._blocked_until, self._clock.monotonic() + heard.block.seconds)

    def reserve(self, writes: int, *, at_most: int) -> None:
        """Keep *writes* for somebody who may use *at_most* an hour."""
        if (wait := self._until_free(at_most, writes)) > 0:
            raise GitHubUnavailable("the writes of this hour are used up", retry_after=round(wait) + 1)
        self._reserved += writes

    def release(self, writes: int) -> None:
        """Give back what was reserved."""
        self._reserved -= writes

    async def _wait_to_write(self, at_most: int, *, reserved: bool) -> None:
        if not reserved:
            await self._wait(self._until_free(at_most, 1), "the writes of this hour are used up")
        if self._writes:
            await self._wait(self._writes[-1] + self.pace.write_interval - self._clock.monotonic(), "")

    def _until_free(self, at_most: int, writes: int) -> float:
        """Return the seconds until *writes* more are allowed."""
        if len(self._writes) + self._reserved + writes <= at_most:
            return 0.0
        now = self._clock.monotonic()
        used = [moment for moment in self._writes if moment > now - HOUR]
        excess = len(used) + self._reserved + writes - at_most
        if excess <= 0:
            return 0.0
        return used[excess - 1] + HOUR - now if excess <= len(used) else HOUR

    async def _wait(self, seconds: float, reason: str) -> None:
        if seconds > PATIENCE:
            raise GitHubUnavailable(reason, retry_after=round(seconds) + 1)
        if seconds > 0:
            await self._clock.sleep(seconds)


@dataclass(slots=True, kw_only=True)
class _Share:
    """The budget of a job, of a throttle that others use too; *reserved* writes are its own."""

    throttle: Throttle
    priority: Priority
    reserved: int = 0

    @property
    def at_most(self) -> int:
        return self.priority.share(self.throttle.pace.writes_per_hour)

    @asynccontextmanager
    async def turn(self, cost: Cost) -> AsyncIterator[None]:
        reserved = bool(cost.writes and self.reserved)
        self.reserved -= reserved
        try:
            async with self.throttle.turn(cost, at_most=self.at_most, reserved=reserved):
                reserved = False  # it is used, whatever comes of it
                yield
        finally:
            self.reserved += reserved

    async def learn(self, heard: Heard) -> None:
        self.throttle.learn(heard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttles:
    """Budgets that live and die with this process."""

    pace: Pace
    clock: Clock
    _throttles: Recent[int, Throttle] = field(default_factory=lambda: Recent(INSTALLATIONS))

    def budget(self, installation_id: int, priority: Priority) -> Budget:
        """Return the budget of an installation for work of *priority*."""
        return _Share(throttle=self._throttle(installation_id), priority=priority)

    @asynccontextmanager
    async def reserve(self, installation_id: int, priority: Priority, writes: int) -> AsyncIterator[Budget]:
        """Keep *writes* of this hour for a budget; what it has not used at the end is given back."""
        share = _Share(throttle=self._throttle(installation_id), priority=priority)
        share.throttle.reserve(writes, at_most=share.at_most)
        share.reserved = writes
        try:
            yield share
        finally:
            share.throttle.release(share.reserved)

    def _throttle(self, installation_id: int) -> Throttle:
        return self._throttles.setdefault(installation_id, Throttle(self.pace, self.clock))
