"""What all processes together may ask of GitHub: never more than a window allows, nobody passed over, nothing lost.

The database's clock cannot be set, so that the moment is an argument here. Two pools stand for two processes.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from bot.store.budgets import Asked, PrimaryLimit, Rate, Rates, block, give_back, keep, learn, rate, take
from bot.store.database import Pool, make_pool
from tests.conftest import TEMPLATE, own_database

START = datetime(2026, 8, 1, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
INSTALLATION = 7
UNBOUND = Rate(burst=1_000_000, every=timedelta())
"""What limits nothing."""

FREE = Rates(write_every=timedelta(), hour=UNBOUND, core=UNBOUND, graphql=UNBOUND)
WRITE, READ, QUERY = Asked(core=5, writes=1), Asked(core=1), Asked(graphql=1)


@pytest.fixture(scope="module")
def module_database(postgres: str) -> Iterator[str]:
    """One database for all examples of all laws, each of which begins with an empty table."""
    with own_database(postgres, template=TEMPLATE) as database:
        yield database


@asynccontextmanager
async def empty(database: str) -> AsyncIterator[AsyncConnection[TupleRow]]:
    async with await AsyncConnection.connect(database, autocommit=True) as connection:
        await connection.execute("TRUNCATE budget")
        yield connection


async def starts(
    connection: AsyncConnection[TupleRow], arrivals: list[float], asked: Asked, rates: Rates
) -> list[datetime]:
    """Return when the requests of *arrivals*, in seconds from each to the next, may go; those refused do not."""
    now, found = START, []
    for pause in arrivals:
        now += timedelta(seconds=pause)
        turn = await take(connection, INSTALLATION, asked, rates, now=now)
        if turn.taken:
            found.append(now + turn.wait)
    return found


def most_in_a_window(moments: list[datetime], window: timedelta) -> int:
    """Return the largest number of *moments* in any half-open window."""
    return max((sum(first <= each < first + window for each in moments) for first in moments), default=0)


PAUSES = st.lists(st.sampled_from([0.0, 0.001, 0.5, 1.0, 3.0, 20.0]), max_size=60)


@given(pauses=PAUSES, amount=st.integers(2, 20), patience=st.sampled_from([0, 2, 20]))
def test_no_window_has_more_than_it_allows(
    module_database: str, pauses: list[float], amount: int, patience: int
) -> None:
    window = 10 * SECOND

    async def run() -> None:
        async with empty(module_database) as connection:
            asked = Asked(core=1, patience=patience * SECOND)
            found = await starts(connection, pauses, asked, replace(FREE, core=rate(amount, window)))
        assert most_in_a_window(found, window) <= amount

    asyncio.run(run())


@given(pauses=PAUSES)
def test_writes_are_apart_and_so_never_more_than_sixty_a_minute(module_database: str, pauses: list[float]) -> None:
    async def run() -> None:
        async with empty(module_database) as connection:
            asked = Asked(writes=1, patience=20 * SECOND)
            found = await starts(connection, pauses, asked, replace(FREE, write_every=SECOND))
        assert all(later - earlier >= SECOND for earlier, later in pairwise(found))
        assert most_in_a_window(found, MINUTE) <= 60

    asyncio.run(run())


@given(pauses=PAUSES, amount=st.integers(2, 12))
def test_who_waits_is_served_in_order_and_who_comes_again_in_time_is_not_refused(
    module_database: str, pauses: list[float], amount: int
) -> None:
    """No starvation: a wait that was named is true if nobody else asks meanwhile."""
    rates = replace(FREE, core=rate(amount, 10 * SECOND))

    async def run() -> None:
        async with empty(module_database) as connection:
            found = await starts(connection, pauses, Asked(core=1, patience=HOUR), rates)
            assert len(found) == len(pauses)
            assert found == sorted(found)
            now = START + timedelta(seconds=sum(pauses))
            first = await take(connection, INSTALLATION, READ, rates, now=now)
            again = await take(connection, INSTALLATION, READ, rates, now=now + first.wait)
            assert again.taken or first.taken

    asyncio.run(run())


STEPS = st.lists(st.tuples(st.sampled_from([0.0, 1.0, 5.0, 40.0]), st.booleans()), max_size=20)


@given(steps=STEPS, kept_at=st.integers(0, 20), kept=st.integers(1, 4))
def test_what_is_reserved_and_given_back_was_never_there(
    module_database: str, steps: list[tuple[float, bool]], kept_at: int, kept: int
) -> None:
    """Others may be refused meanwhile, so that they only ask while nothing is kept."""
    rates = replace(FREE, hour=Rate(burst=5, every=7 * SECOND))

    async def outcomes(connection: AsyncConnection[TupleRow], *, reserve: bool) -> list[tuple[bool, timedelta]]:
        now, found = START, []
        for number, (pause, long) in enumerate(steps):
            now += timedelta(seconds=pause)
            if reserve and number == kept_at:
                held = await keep(connection, INSTALLATION, kept, rates, keeping=HOUR, now=now)
                if held.taken:
                    await give_back(connection, INSTALLATION, held.until, kept)
            asked = Asked(writes=1, patience=20 * SECOND if long else timedelta())
            turn = await take(connection, INSTALLATION, asked, rates, now=now)
            found.append((turn.taken, turn.wait))
        return found

    async def run() -> None:
        async with empty(module_database) as connection:
            plain = await outcomes(connection, reserve=False)
        async with empty(module_database) as connection:
            assert await outcomes(connection, reserve=True) == plain

    asyncio.run(run())


@given(
    steps=st.lists(st.tuples(st.sampled_from([0.0, 1.0, 4.0, 30.0]), st.sampled_from("kwrg")), max_size=40),
    amount=st.integers(4, 16),
)
def test_no_hour_has_more_writes_than_it_allows_reserved_or_not(
    module_database: str, steps: list[tuple[float, str]], amount: int
) -> None:
    """Keep, write freely, write what is reserved, give back: in any order, at any time, also after a lapse."""
    window = 60 * SECOND
    rates = replace(FREE, hour=rate(amount, window))

    async def run() -> None:
        now, found, until = START, list[datetime](), None
        async with empty(module_database) as connection:
            for pause, step in steps:
                now += timedelta(seconds=pause)
                if step == "k":
                    held = await keep(connection, INSTALLATION, 2, rates, keeping=90 * SECOND, now=now)
                    until = held.until if held.taken else until
                elif step == "g" and until:
                    await give_back(connection, INSTALLATION, until, 1)
                elif step in "wr":
                    mine = until if step == "r" else None
                    turn = await take(connection, INSTALLATION, Asked(writes=1, kept_until=mine), rates, now=now)
                    found += [now + turn.wait] if turn.taken else []
        assert most_in_a_window(found, window) <= amount

    asyncio.run(run())


@pytest.fixture
async def pools(database: str) -> AsyncIterator[tuple[Pool, Pool]]:
    async with AsyncExitStack() as stack:
        first, second = [await stack.enter_async_context(make_pool(database, size=4)) for _ in range(2)]
        yield first, second


async def test_two_processes_that_ask_at_once_get_one_budget(pools: tuple[Pool, Pool]) -> None:
    rates = replace(FREE, core=Rate(burst=10, every=HOUR))

    async def ask(pool: Pool) -> bool:
        async with pool.connection() as connection:
            return (await take(connection, INSTALLATION, READ, rates)).taken

    taken = await asyncio.gather(*(ask(pool) for _ in range(20) for pool in pools))
    assert sum(taken) == 10


async def test_two_processes_write_in_one_line(pools: tuple[Pool, Pool]) -> None:
    rates = replace(FREE, write_every=SECOND)
    asked = Asked(writes=1, patience=20 * SECOND)

    async def ask(pool: Pool) -> timedelta:
        async with pool.connection() as connection:
            return (await take(connection, INSTALLATION, asked, rates, now=START)).wait

    waits = await asyncio.gather(*(ask(pool) for _ in range(5) for pool in pools))
    assert sorted(waits) == [number * SECOND for number in range(10)]


async def test_two_processes_do_not_reserve_the_same_writes(pools: tuple[Pool, Pool]) -> None:
    rates = replace(FREE, hour=Rate(burst=10, every=HOUR))

    async def reserve(pool: Pool) -> bool:
        async with pool.connection() as connection:
            return (await keep(connection, INSTALLATION, 3, rates, keeping=HOUR)).taken

    assert sum(await asyncio.gather(*(reserve(pool) for _ in range(4) for pool in pools))) == 3


async def test_nobody_holds_the_row_while_waiting(pools: tuple[Pool, Pool]) -> None:
    """A process whose transaction hangs holds up others only until it ends; what waits for its turn holds nothing."""
    first, second = pools
    asked = Asked(writes=1, patience=20 * SECOND)
    rates = replace(FREE, write_every=10 * SECOND)
    async with first.connection() as connection:
        await take(connection, INSTALLATION, asked, rates, now=START)
        waiting = await take(connection, INSTALLATION, asked, rates, now=START)
    async with second.connection() as connection:
        await connection.execute("SET LOCAL lock_timeout = '1s'")
        turn = await take(connection, INSTALLATION, asked, rates, now=START)
    assert (waiting.wait, turn.wait) == (10 * SECOND, 20 * SECOND)


async def test_a_wait_beyond_patience_takes_nothing(pool: Pool) -> None:
    rates = replace(FREE, core=Rate(burst=1, every=MINUTE))
    async with pool.connection() as connection:
        assert (await take(connection, INSTALLATION, READ, rates, now=START)).taken
        for _ in range(3):
            turn = await take(connection, INSTALLATION, READ, rates, now=START)
            assert (turn.taken, turn.wait) == (False, MINUTE)


async def test_installations_and_kinds_of_points_are_counted_apart(pool: Pool) -> None:
    rates = replace(FREE, core=Rate(burst=1, every=HOUR), graphql=Rate(burst=1, every=HOUR))
    async with pool.connection() as connection:
        for installation in (7, 8):
            for asked in (READ, QUERY):
                assert (await take(connection, installation, asked, rates, now=START)).taken
                assert not (await take(connection, installation, asked, rates, now=START)).taken


async def test_a_sweep_leaves_a_fifth_of_the_primary_limit(pool: Pool) -> None:
    """It waits for the reset, a person does not."""
    limit = PrimaryLimit(resource="core", limit=5000, remaining=1000, reset=START + 10 * MINUTE)
    async with pool.connection() as connection:
        await take(connection, INSTALLATION, READ, FREE, now=START)
        await learn(connection, INSTALLATION, limit)
        sweep = await take(connection, INSTALLATION, READ, replace(FREE, spared=0.2), now=START)
        person = await take(connection, INSTALLATION, READ, FREE, now=START)
        later = await take(connection, INSTALLATION, READ, replace(FREE, spared=0.2), now=START + 10 * MINUTE)
    assert (sweep.taken, sweep.wait) == (False, 10 * MINUTE)
    assert (person.taken, person.remaining) == (True, 999)
    assert later.taken


async def test_what_github_counts_is_believed_when_it_is_less_and_after_a_reset(pool: Pool) -> None:
    def said(remaining: int, minutes: int, *, free: bool = False) -> PrimaryLimit:
        reset = START + minutes * MINUTE
        return PrimaryLimit(resource="graphql", limit=5000, remaining=remaining, reset=reset, free=free)

    async with pool.connection() as connection:

        async def remaining() -> int:
            return (await take(connection, INSTALLATION, QUERY, FREE, now=START)).remaining + 1

        await remaining()
        await learn(connection, INSTALLATION, said(100, 30))
        assert await remaining() == 100
        await learn(connection, INSTALLATION, said(120, 30))
        assert await remaining() == 99, "an answer that was overtaken"
        await learn(connection, INSTALLATION, said(50, 30))
        assert await remaining() == 50
        await learn(connection, INSTALLATION, said(50, 30, free=True))
        assert await remaining() == 50, "an unchanged answer costs nothing"
        await learn(connection, INSTALLATION, said(7, -30))
        assert await remaining() == 49, "an answer of the hour before"
        await learn(connection, INSTALLATION, said(4999, 90))
        assert await remaining() == 4999


async def test_nothing_passes_while_github_blocks_and_unnamed_blocks_grow(pool: Pool) -> None:
    async with pool.connection() as connection:

        async def wait(now: datetime) -> timedelta:
            return (await take(connection, INSTALLATION, READ, FREE, now=now)).wait

        now = START
        await block(connection, INSTALLATION, MINUTE, named=False, now=now)
        await block(connection, INSTALLATION, MINUTE, named=False, now=now + SECOND)
        assert await wait(now) == MINUTE, "refused together is one blow"
        now += MINUTE
        assert await wait(now) == timedelta()
        await block(connection, INSTALLATION, MINUTE, named=False, now=now)
        assert await wait(now) == 2 * MINUTE
        await block(connection, INSTALLATION, 5 * MINUTE, named=True, now=now)
        assert await wait(now) == 5 * MINUTE, "what GitHub names counts"
        now += HOUR
        await block(connection, INSTALLATION, MINUTE, named=False, now=now)
        assert await wait(now) == MINUTE, "long ago is forgotten"


async def test_a_reserved_write_is_used_once(pool: Pool) -> None:
    rates = replace(FREE, hour=Rate(burst=2, every=HOUR))
    async with pool.connection() as connection:
        kept = await keep(connection, INSTALLATION, 1, rates, keeping=HOUR, now=START)
        mine = Asked(writes=1, kept_until=kept.until)
        turns = [await take(connection, INSTALLATION, mine, rates, now=START) for _ in range(3)]
    assert [(turn.taken, turn.reserved) for turn in turns] == [(True, True), (True, False), (False, False)]


async def test_reserved_writes_of_a_process_that_died_lapse(pool: Pool) -> None:
    rates = replace(FREE, hour=Rate(burst=2, every=HOUR))
    async with pool.connection() as connection:
        assert (await keep(connection, INSTALLATION, 2, rates, keeping=30 * MINUTE, now=START)).taken
        refused = await take(connection, INSTALLATION, WRITE, rates, now=START)
        more = await keep(connection, INSTALLATION, 1, rates, keeping=30 * MINUTE, now=START)
        later = await take(connection, INSTALLATION, WRITE, rates, now=START + 30 * MINUTE)
    assert (refused.taken, refused.wait) == (False, 30 * MINUTE)
    assert (more.taken, more.wait) == (False, 30 * MINUTE)
    assert later.taken


async def test_a_budget_that_was_lost_begins_anew(pool: Pool) -> None:
    """After a crash of the server the table is empty: nothing but GitHub's own answers is needed to go on."""
    async with pool.connection() as connection:
        await take(connection, INSTALLATION, READ, FREE)
        await connection.execute("TRUNCATE budget")
        await learn(connection, INSTALLATION, PrimaryLimit(resource="core", limit=1, remaining=1, reset=START))
        assert (await take(connection, INSTALLATION, READ, FREE)).taken
        with pytest.raises(psycopg.errors.UndefinedColumn):
            await learn(connection, INSTALLATION, PrimaryLimit(resource="no", limit=1, remaining=1, reset=START))
