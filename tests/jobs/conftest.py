"""A queue on a database, and ways to look into it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from procrastinate import App

from bot.jobs.queue import build_queue, hand_over
from bot.store.database import Pool
from bot.store.repositories import InstalledRepository, know_repositories
from bot.store.wants import Priority, Turn, Want, want

REPOSITORY = InstalledRepository(installation_id=7, repository_id=70)
OTHER = InstalledRepository(installation_id=7, repository_id=71)
PUSH = Want(priority=Priority.PUSH, reason="a push")
PERSON = Want(priority=Priority.PERSON, reason="a person")
DAY = Want(priority=Priority.DAY, reason="the daily look")
STATES = "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'scan' ORDER BY id"


@pytest.fixture
async def queue(pool: Pool) -> AsyncIterator[App]:
    queue = build_queue()
    async with queue.open_async(pool):
        yield queue


def turn(repository: InstalledRepository = REPOSITORY, priority: Priority = Priority.PUSH) -> Turn:
    return Turn(repository=repository, priority=priority, reason="a push")


async def rows(pool: Pool, query: str, *values: object) -> list[tuple[Any, ...]]:
    async with pool.connection() as connection:
        return await (await connection.execute(query.encode(), values)).fetchall()


async def states(pool: Pool) -> list[str]:
    """Return the states of the scans in the queue, the oldest first; those done well are not kept."""
    return [state for (state,) in await rows(pool, STATES)]


async def known(pool: Pool, *repositories: InstalledRepository) -> None:
    async with pool.connection() as connection:
        await know_repositories(connection, repositories)


async def wanted(pool: Pool, *repositories: InstalledRepository, why: Want = PUSH) -> None:
    """Have repositories known and wanted; the coordinator of a worker then hands them over."""
    async with pool.connection() as connection:
        await know_repositories(connection, repositories)
        await want(connection, [each.repository_id for each in repositories], why)


async def handed_over(queue: App, pool: Pool, repository: InstalledRepository = REPOSITORY) -> None:
    """Have a job in the queue, as if it had been the turn of *repository*."""
    await known(pool, repository)
    async with pool.connection() as connection:
        await hand_over(queue, connection, turn(repository))


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Return once *condition* is true of what another process or the database does, which nobody tells us."""
    while not await condition():
        pass
