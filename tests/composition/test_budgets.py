"""A job's budget, kept in PostgreSQL: it waits, gives up, reserves, and learns what GitHub answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.composition.budgets import AWAY, StoredBudgets, budget_rates
from bot.errors import GitHubUnavailable
from bot.github.limits import Block, Heard, Primary, Resource
from bot.github.throttle import GITHUB_PACE, QUERY, READ, WRITE, Budget, Cost, Pace, Priority
from bot.store.database import Pool, make_pool
from tests.clocks import ManualClock

INSTALLATION = 7


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def stored(pool: Pool, clock: ManualClock, pace: Pace = GITHUB_PACE) -> StoredBudgets:
    timed: Clock = clock
    return StoredBudgets(pool=pool, clock=timed, pace=pace, now=clock.now)


async def use(budget: Budget, cost: Cost, times: int = 1) -> None:
    for _ in range(times):
        async with budget.turn(cost):
            pass


@asynccontextmanager
async def another_process(database: str, clock: ManualClock) -> AsyncIterator[StoredBudgets]:
    async with make_pool(database) as pool:
        yield stored(pool, clock)


async def test_writes_of_two_processes_are_a_second_apart(pool: Pool, database: str, clock: ManualClock) -> None:
    ours = stored(pool, clock).budget(INSTALLATION, Priority.PERSON)
    async with another_process(database, clock) as other:
        await use(ours, WRITE)
        await use(other.budget(INSTALLATION, Priority.PERSON), WRITE)
    assert clock.sleeps == [1.0]


async def test_a_job_that_would_wait_too_long_gives_up_its_slot_and_says_when(pool: Pool, clock: ManualClock) -> None:
    ours = stored(pool, clock, Pace(write_interval=0, writes_per_hour=4)).budget(INSTALLATION, Priority.PERSON)
    await use(ours, WRITE)
    with pytest.raises(GitHubUnavailable, match="has used up") as caught:
        await use(ours, WRITE)
    assert caught.value.retry_after == 1200
    clock.advance(1200)
    await use(ours, WRITE)


async def test_a_sweep_stops_before_a_person_does(pool: Pool, clock: ManualClock) -> None:
    budgets = stored(pool, clock, Pace(write_interval=0, writes_per_hour=40))
    sweep, person = (budgets.budget(INSTALLATION, priority) for priority in (Priority.SWEEP, Priority.PERSON))
    await use(sweep, WRITE, times=8)
    with pytest.raises(GitHubUnavailable):
        await use(sweep, WRITE)
    await use(person, WRITE, times=2)
    with pytest.raises(GitHubUnavailable):
        await use(person, WRITE)


async def test_what_was_reserved_and_not_used_is_given_back(pool: Pool, database: str, clock: ManualClock) -> None:
    budgets = stored(pool, clock, Pace(write_interval=0))
    async with another_process(database, clock) as other:
        async with budgets.reserve(INSTALLATION, Priority.PERSON, 1000) as ours:
            with pytest.raises(GitHubUnavailable):
                await use(other.budget(INSTALLATION, Priority.PERSON), WRITE)
            with pytest.raises(GitHubUnavailable, match="used up"):
                async with other.reserve(INSTALLATION, Priority.PERSON, 1):
                    pass
            await use(ours, WRITE, times=3)
        async with other.reserve(INSTALLATION, Priority.PERSON, 97):
            pass


async def test_nothing_reserved_is_nothing(pool: Pool, clock: ManualClock) -> None:
    async with stored(pool, clock).reserve(INSTALLATION, Priority.PERSON, 0) as ours:
        await use(ours, READ)


def primary(clock: ManualClock, remaining: int) -> Primary:
    reset = clock.now() + timedelta(minutes=10)
    return Primary(resource=Resource.GRAPHQL, limit=5000, remaining=remaining, reset=reset)


async def test_what_one_process_hears_another_heeds(pool: Pool, database: str, clock: ManualClock) -> None:
    ours = stored(pool, clock).budget(INSTALLATION, Priority.PERSON)
    await use(ours, QUERY)
    await ours.learn(Heard(primary=primary(clock, 0)))
    async with another_process(database, clock) as other:
        with pytest.raises(GitHubUnavailable) as caught:
            await use(other.budget(INSTALLATION, Priority.PERSON), QUERY)
        assert caught.value.retry_after == 600
        await use(other.budget(INSTALLATION, Priority.PERSON), READ)
        await ours.learn(Heard(block=Block(seconds=90, named=True)))
        with pytest.raises(GitHubUnavailable) as blocked:
            await use(other.budget(INSTALLATION, Priority.PERSON), READ)
        assert blocked.value.retry_after == 90


async def test_only_news_is_written_down(pool: Pool, clock: ManualClock) -> None:
    ours = stored(pool, clock).budget(INSTALLATION, Priority.PERSON)
    await use(ours, QUERY)
    await ours.learn(Heard(primary=primary(clock, 4000)))
    await use(ours, QUERY)
    async with pool.connection() as connection:
        await connection.execute("LOCK TABLE budget IN ACCESS EXCLUSIVE MODE")
        await ours.learn(Heard(primary=primary(clock, 3999)))
        await ours.learn(Heard())


async def test_without_the_database_github_counts_as_away(
    database: str, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with make_pool(database) as pool:
        budgets = stored(pool, clock)
        ours = budgets.budget(INSTALLATION, Priority.PERSON)
        async with budgets.reserve(INSTALLATION, Priority.PERSON, 1):
            await pool.close()
    with pytest.raises(GitHubUnavailable, match=AWAY):
        await use(ours, READ)
    await ours.learn(Heard(block=Block(seconds=90, named=True)))
    assert "were not given back" in caplog.text
    assert "not written down" in caplog.text


def test_the_rates_are_githubs_or_below() -> None:
    """In a window comes what may come at once, and what it adds: never more than the pace allows."""
    rates = budget_rates(GITHUB_PACE, Priority.PERSON)
    for rate, window, amount in ((rates.hour, 3600, 400), (rates.core, 60, 900), (rates.graphql, 60, 2000)):
        assert rate.burst + window / rate.every.total_seconds() <= amount
    sweep = budget_rates(GITHUB_PACE, Priority.SWEEP)
    assert (sweep.hour.burst, rates.hour.burst, sweep.spared) == (80, 100, 0.2)
