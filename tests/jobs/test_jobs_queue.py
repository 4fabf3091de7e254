"""Requests become jobs: one runs, one waits, none is lost."""

import pytest
from procrastinate import App

from bot.jobs.queue import REPOSITORY_QUEUE, enqueue
from bot.jobs.requests import ForgetInstallation, ForgetRepository, ScanRequest
from bot.store.database import Pool
from bot.store.repositories import InstalledRepository
from tests.jobs.conftest import REPOSITORY, request, rows, states


async def test_a_hundred_requests_are_one_waiting_job(queue: App, pool: Pool) -> None:
    for _ in range(100):
        await request(queue, pool)
    assert await states(pool) == ["todo"]


async def test_requests_while_a_scan_runs_are_one_more(queue: App, pool: Pool) -> None:
    await request(queue, pool)
    worker = await queue.job_manager.register_worker()
    assert await queue.job_manager.fetch_job([REPOSITORY_QUEUE], worker)
    for _ in range(3):
        await request(queue, pool)
    assert await states(pool) == ["doing", "todo"]
    assert await queue.job_manager.fetch_job([REPOSITORY_QUEUE], worker) is None


async def test_a_job_is_there_exactly_if_the_callers_transaction_is(queue: App, pool: Pool) -> None:
    async with pool.connection() as connection:
        async with connection.transaction(force_rollback=True):
            await enqueue(queue, connection, ScanRequest(repository=REPOSITORY))
        assert await states(pool) == []
        await enqueue(queue, connection, ScanRequest(repository=REPOSITORY))
    assert await states(pool) == ["todo"]


async def test_a_job_that_waits_already_does_not_break_the_callers_transaction(queue: App, pool: Pool) -> None:
    async with pool.connection() as connection:
        for _ in range(2):
            await enqueue(queue, connection, ScanRequest(repository=REPOSITORY))
        await connection.execute("SELECT 1")


@pytest.mark.parametrize(
    "forget", [ForgetRepository(repository=REPOSITORY), ForgetInstallation(installation_id=7)], ids=["one", "all"]
)
async def test_what_is_scanned_is_remembered_until_it_is_forgotten(
    queue: App, pool: Pool, forget: ForgetRepository | ForgetInstallation
) -> None:
    other = InstalledRepository(installation_id=8, repository_id=80)
    async with pool.connection() as connection:
        for repository in (REPOSITORY, other):
            await enqueue(queue, connection, ScanRequest(repository=repository))
        await enqueue(queue, connection, forget)
    assert await rows(pool, "SELECT repository_id FROM repository") == [(80,)]
