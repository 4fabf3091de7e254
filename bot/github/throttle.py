"""How fast an installation may be used. One throttle serves all jobs of an installation.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
GitHub asks for a second between writes, one at a time (which keeps them below its 80 a minute too), at most 500 an
hour that create content, and less than 100 requests at once. The defaults stay clear of each.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import GitHubUnavailable

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The limits kept: seconds from the end of a write to the next, writes in an hour, requests at once."""

    write_interval: float = 1.0
    writes_per_hour: int = 400
    concurrency: int = 10


GITHUB_PACE = Pace()
LOCAL_PACE = Pace(write_interval=0.0, writes_per_hour=100_000)
"""For a GitHub on this machine, which limits nobody."""


class Throttle:
    """Lets requests through at a `Pace`."""

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._pace = pace
        self._clock = clock
        self._slots = asyncio.Semaphore(pace.concurrency)
        self._writer = asyncio.Lock()
        self._writes: deque[float] = deque(maxlen=pace.writes_per_hour)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Hold one of the slots while a request reads."""
        async with self._slots:
            yield

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Hold the only write slot, from a write interval after the last write on.

        Raises:
            GitHubUnavailable: the writes of this hour are used up; `retry_after` says when the next is due.

        """
        async with self._writer, self._slots:
            await self._next_write()
            try:
                yield
            finally:
                self._writes.append(self._clock.monotonic())

    async def _next_write(self) -> None:
        if not self._writes:
            return
        now = self._clock.monotonic()
        if len(self._writes) == self._pace.writes_per_hour and (left := self._writes[0] + HOUR - now) > 0:
            raise GitHubUnavailable("the writes of this hour are used up", retry_after=round(left) + 1)
        if (wait := self._writes[-1] + self._pace.write_interval - now) > 0:
            await self._clock.sleep(wait)
