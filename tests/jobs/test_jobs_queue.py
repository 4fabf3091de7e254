"""A turn becomes a job: one runs, one waits, none is lost."""

from procrastinate import App

from bot.jobs.queue import REPOSITORY_QUEUE, hand_over
from bot.store.database import Pool
from tests.jobs.conftest import handed_over, states
from tests.turns import OTHER, rows, turn


async def test_a_hundred_turns_of_a_repository_are_one_waiting_job(queue: App, pool: Pool) -> None:
    for _ in range(100):
        await handed_over(queue, pool)
    assert await states(pool) == ["todo"]


async def test_turns_while_a_scan_runs_are_one_more(queue: App, pool: Pool) -> None:
    await handed_over(queue, pool)
    worker = await queue.job_manager.register_worker()
    assert await queue.job_manager.fetch_job([REPOSITORY_QUEUE], worker)
    for _ in range(3):
        await handed_over(queue, pool)
    assert await states(pool) == ["doing", "todo"]
    assert await queue.job_manager.fetch_job([REPOSITORY_QUEUE], worker) is None


async def test_a_job_is_there_exactly_if_the_callers_transaction_is(queue: App, pool: Pool) -> None:
    async with pool.connection() as connection:
        async with connection.transaction(force_rollback=True):
            await hand_over(queue, connection, turn())
        assert await states(pool) == []
        await hand_over(queue, connection, turn())
    assert await states(pool) == ["todo"]


async def test_a_job_that_waits_already_does_not_break_the_callers_transaction(queue: App, pool: Pool) -> None:
    async with pool.connection() as connection:
        for _ in range(2):
            await hand_over(queue, connection, turn())
        await hand_over(queue, connection, turn(OTHER))
    assert await states(pool) == ["todo", "todo"]


async def test_a_job_says_whose_turn_it_is_and_why(queue: App, pool: Pool) -> None:
    await handed_over(queue, pool)
    said = {"installation_id": 7, "repository_id": 70, "priority": 50, "reason": "push"}
    assert await rows(pool, "SELECT args, priority FROM procrastinate_jobs") == [(said, 50)]
