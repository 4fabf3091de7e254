"""Transactions that wait for each other both come through; whoever waits for a connection can be cancelled."""

import asyncio

import pytest
from psycopg.errors import DeadlockDetected

from bot.store.database import DEADLOCKS, Connection, Pool, make_pool, transacted

TOUCH = "UPDATE repository SET failures = failures + 1 WHERE repository_id = %s"


async def test_two_that_wait_for_each_other_are_both_done_once(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("INSERT INTO repository (repository_id, installation_id) VALUES (70, 7), (71, 7)")
    begun = {70: asyncio.Event(), 71: asyncio.Event()}

    async def touch(first: int, second: int) -> None:
        async def do(connection: Connection) -> None:
            await connection.execute("SET LOCAL deadlock_timeout = '1ms'")
            await connection.execute(TOUCH, (first,))
            begun[first].set()
            await begun[second].wait()
            await connection.execute(TOUCH, (second,))

        await transacted(pool, do)

    await asyncio.gather(touch(70, 71), touch(71, 70))

    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT failures FROM repository")
        assert await cursor.fetchall() == [(2,), (2,)]


async def test_what_never_comes_through_is_given_up(pool: Pool) -> None:
    tries = 0

    async def do(_: Connection) -> None:
        nonlocal tries
        tries += 1
        raise DeadlockDetected

    with pytest.raises(DeadlockDetected):
        await transacted(pool, do)
    assert tries == DEADLOCKS + 1


TURNS = 12
"""Of the loop, between a connection that comes free and the cancellation: in one of the first the two meet."""


async def test_a_loop_that_asks_for_connections_ends_when_cancelled_as_one_comes_free(database: str) -> None:
    async def ask() -> None:
        while True:
            async with pool.connection():
                await asyncio.sleep(0)

    async with make_pool(database, size=1) as pool:
        for turns in range(TURNS):
            async with pool.connection():
                asking = asyncio.create_task(ask())
                while not pool.get_stats()["requests_waiting"]:  # noqa: ASYNC110 - no event tells it
                    await asyncio.sleep(0)
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            done, _ = await asyncio.wait([asking], timeout=60)
            assert done, turns
            async with pool.connection():
                pass  # it was given back
