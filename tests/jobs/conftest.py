"""A queue on a database, and ways to look into it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from procrastinate import App

from bot.jobs.queue import build_queue, request_scan
from bot.store.database import Pool
from bot.store.repositories import InstalledRepository

REPOSITORY = InstalledRepository(installation_id=7, repository_id=70)
STATES = "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'scan' ORDER BY id"


@pytest.fixture
async def queue(pool: Pool) -> AsyncIterator[App]:
    queue = build_queue()
    async with queue.open_async(pool):
        yield queue


async def rows(pool: Pool, query: str) -> list[tuple[Any, ...]]:
    async with pool.connection() as connection:
        return await (await connection.execute(query.encode())).fetchall()


async def states(pool: Pool) -> list[str]:
    """Return the states of the scans in the queue, the oldest first; those done well are not kept."""
    return [state for (state,) in await rows(pool, STATES)]


async def request(queue: App, pool: Pool, repository: InstalledRepository = REPOSITORY) -> None:
    async with pool.connection() as connection:
        await request_scan(queue, connection, repository)
