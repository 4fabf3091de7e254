"""GitHub's budgets, kept in PostgreSQL for all processes: what `bot.github` asks, answered by `bot.store`.

In this process there is only a gate for each installation, and the number of a job's own reserved writes that are left.
Nothing is believed here that could let two processes overrun a limit together.
"""

import logging
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg

from bot.clock import Clock
from bot.errors import GitHubUnavailable
from bot.github.limits import Heard, Primary
from bot.github.recent import Recent
from bot.github.throttle import GITHUB_PACE, INSTALLATIONS, PATIENCE, Budget, Cost, Gate, Pace, Priority
from bot.store import budgets
from bot.store.budgets import Asked, PrimaryLimit, Rate, Rates, Turn, rate
from bot.store.database import Connection, Pool

log = logging.getLogger(__name__)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
KEEPING = timedelta(minutes=30)
"""How long writes stay reserved: longer than a scan may take, so that they lapse only when its process died."""

DOWN = 60
"""Seconds after which a job looks for the database again."""

AWAY = "the database that keeps GitHub's budgets does not answer"


def budget_rates(pace: Pace, priority: Priority) -> Rates:
    """Return the rates for work of *priority*: what nobody waits for finds a budget empty that is only nearly so."""

    def shared(whole: Rate) -> Rate:
        return Rate(burst=max(1, priority.share(whole.burst)), every=whole.every)

    return Rates(
        write_every=timedelta(seconds=pace.write_interval),
        hour=shared(rate(pace.writes_per_hour, HOUR)),
        core=shared(rate(pace.core_per_minute, MINUTE)),
        graphql=shared(rate(pace.graphql_per_minute, MINUTE)),
        spared=(100 - priority.share(100)) / 100,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBudgets:
    """The budgets of all installations. `now` gives the moment in place of the database's clock, for tests."""

    pool: Pool
    clock: Clock
    pace: Pace = GITHUB_PACE
    now: Callable[[], datetime | None] = lambda: None
    _gates: Recent[int, Gate] = field(default_factory=lambda: Recent(INSTALLATIONS))

    def budget(self, installation_id: int, priority: Priority) -> Budget:
        """Return the budget of an installation for work of *priority*."""
        return self._of(installation_id, priority)

    @asynccontextmanager
    async def reserve(self, installation_id: int, priority: Priority, writes: int) -> AsyncIterator[Budget]:
        """Keep *writes* of this hour for a budget, of more than may come at once only those; give back what is left."""
        budget = self._of(installation_id, priority)
        await budget.keep(writes)
        try:
            yield budget
        finally:
            await budget.give_back()

    def _of(self, installation_id: int, priority: Priority) -> "_StoredBudget":
        return _StoredBudget(
            budgets=self,
            installation_id=installation_id,
            rates=budget_rates(self.pace, priority),
            gate=self._gates.setdefault(installation_id, Gate(self.pace.concurrency)),
        )

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Give a connection; where there is none, GitHub is as good as away."""
        try:
            async with self.pool.connection() as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise GitHubUnavailable(AWAY, retry_after=DOWN) from error


@dataclass(slots=True, kw_only=True)
class _StoredBudget:
    """The budget of one job; *kept* writes until *kept_until* are its own."""

    budgets: StoredBudgets
    installation_id: int
    rates: Rates
    gate: Gate
    kept: int = 0
    kept_until: datetime | None = None
    _turn: Turn | None = None

    @asynccontextmanager
    async def turn(self, cost: Cost) -> AsyncIterator[None]:
        async with self.gate.passing(cost):
            wait = await self._taken(cost)
            if wait > 0:
                await self.budgets.clock.sleep(wait)
            yield

    async def _taken(self, cost: Cost) -> float:
        asked = Asked(
            core=cost.core,
            graphql=cost.graphql,
            writes=cost.writes,
            kept_until=self.kept_until if self.kept else None,
            patience=timedelta(seconds=PATIENCE),
        )
        async with self.budgets.connection() as connection:
            turn = await budgets.take(connection, self.installation_id, asked, self.rates, now=self.budgets.now())
        if not turn.taken:
            raise GitHubUnavailable(
                f"installation {self.installation_id} has used up what GitHub allows for now",
                retry_after=_seconds(turn.wait),
            )
        self.kept -= turn.reserved
        self._turn = turn
        return turn.wait.total_seconds()

    async def learn(self, heard: Heard) -> None:
        """Write down what is news. Without the database it is not: the next answer says it again."""
        said = heard.primary if heard.primary and self._is_news(heard.primary, free=heard.free) else None
        if not said and not heard.block:
            return
        try:
            await self._write(heard, said)
        except GitHubUnavailable as error:
            log.warning("not written down what GitHub said of its limits: %s", error)

    async def _write(self, heard: Heard, said: Primary | None) -> None:
        async with self.budgets.connection() as connection:
            if said:
                limit = PrimaryLimit(
                    resource=said.resource,
                    limit=said.limit,
                    remaining=said.remaining,
                    reset=said.reset,
                    free=heard.free,
                )
                await budgets.learn(connection, self.installation_id, limit)
            if heard.block:
                wait = timedelta(seconds=heard.block.seconds)
                named, now = heard.block.named, self.budgets.now()
                await budgets.block(connection, self.installation_id, wait, named=named, now=now)

    def _is_news(self, said: Primary, *, free: bool) -> bool:
        known = self._turn
        return known is None or free or known.reset != said.reset or said.remaining < known.remaining

    async def keep(self, writes: int) -> None:
        """Have *writes* kept for this job."""
        wanted = min(writes, self.rates.hour.burst)
        if wanted < 1:
            return
        async with self.budgets.connection() as connection:
            kept = await budgets.keep(
                connection, self.installation_id, wanted, self.rates, keeping=KEEPING, now=self.budgets.now()
            )
        if not kept.taken:
            raise GitHubUnavailable("the writes of this hour are used up", retry_after=_seconds(kept.wait))
        self.kept, self.kept_until = wanted, kept.until

    async def give_back(self) -> None:
        """Give back what was kept and not used. Without the database it lapses by itself."""
        if not self.kept or self.kept_until is None:
            return
        try:
            async with self.budgets.connection() as connection:
                await budgets.give_back(connection, self.installation_id, self.kept_until, self.kept)
        except GitHubUnavailable as error:
            log.warning("reserved writes were not given back and lapse in a while: %s", error)


def _seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
