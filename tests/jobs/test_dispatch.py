"""Who gets the next free slot: decided when there is one, and not before."""

import psycopg
import pytest
from procrastinate import App

from bot.jobs.dispatch import Slots, dispatch, offer_slots
from bot.jobs.queue import REPOSITORY_QUEUE
from bot.store.database import Pool
from bot.store.repositories import InstalledRepository
from bot.store.wants import Priority, Want
from tests.turns import DAY, INSTALL, OTHER, PERSON, PUSH, REPOSITORY, THIRD, rows, wanted

WAITING = "SELECT substr(lock, 6)::bigint FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"


async def waiting(pool: Pool) -> list[int]:
    return [repository_id for (repository_id,) in await rows(pool, WAITING)]


async def want_all(pool: Pool, *repositories: InstalledRepository, why: Want = PUSH) -> None:
    async with pool.connection() as connection:
        await wanted(connection, *repositories, why=why)


@pytest.mark.parametrize(
    ("capacity", "busy", "free", "least"),
    [
        (0, 0, 0, Priority.DAY),
        (4, 0, 4, Priority.DAY),
        (4, 2, 2, Priority.DAY),
        (4, 3, 1, Priority.PUSH),
        (4, 4, 0, Priority.DAY),
        (4, 9, 0, Priority.DAY),
        (1, 0, 1, Priority.DAY),
    ],
)
def test_the_last_free_slot_is_kept_for_who_is_waiting(capacity: int, busy: int, free: int, least: Priority) -> None:
    slots = Slots(capacity=capacity, busy=busy)
    assert (slots.free, slots.least) == (free, least)


async def test_nothing_is_handed_over_while_nobody_works(pool: Pool, queue: App) -> None:
    await want_all(pool, REPOSITORY)
    assert await dispatch(queue, pool) == 0
    assert await waiting(pool) == []


async def test_no_more_is_handed_over_than_workers_run_at_once(database: str, pool: Pool, queue: App) -> None:
    """Their slots add up, also where two have the same number, and end with their connections."""
    repositories = [InstalledRepository(installation_id=each, repository_id=each) for each in range(1, 20)]
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as first:
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as second:
            for worker in (first, second):
                await offer_slots(worker, 3)
            await want_all(pool, *repositories)
            assert await dispatch(queue, pool) == 6
            assert await dispatch(queue, pool) == 0
        await first.execute("DELETE FROM procrastinate_jobs")
        assert await dispatch(queue, pool) == 3


async def test_the_last_slot_is_for_a_push_and_a_job_that_ends_makes_room(
    database: str, pool: Pool, queue: App
) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as worker:
        await offer_slots(worker, 2)
        await want_all(pool, REPOSITORY, OTHER, THIRD, why=INSTALL)
        assert (await dispatch(queue, pool), await waiting(pool)) == (1, [70])
        await want_all(pool, OTHER, why=PERSON)
        assert (await dispatch(queue, pool), await waiting(pool)) == (1, [70, 71])
        await worker.execute("DELETE FROM procrastinate_jobs")
        assert (await dispatch(queue, pool), await waiting(pool)) == (1, [80])


async def test_the_only_slot_there_is_is_for_everybody(database: str, pool: Pool, queue: App) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as worker:
        await offer_slots(worker, 1)
        await want_all(pool, REPOSITORY, why=DAY)
        assert await dispatch(queue, pool) == 1


async def test_a_repository_that_is_being_scanned_is_handed_over_after_that(
    database: str, pool: Pool, queue: App
) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        await offer_slots(connection, 4)
        await want_all(pool, REPOSITORY)
        await dispatch(queue, pool)
        worker = await queue.job_manager.register_worker()
        assert await queue.job_manager.fetch_job([REPOSITORY_QUEUE], worker)
        await want_all(pool, REPOSITORY)
        assert await dispatch(queue, pool) == 0
        await connection.execute("DELETE FROM procrastinate_jobs")
        assert await dispatch(queue, pool) == 1
