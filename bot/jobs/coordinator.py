"""The coordinator: the one process that expands deliveries and decides whose turn it is.

Any worker may be it: each waits for the same lock of PostgreSQL, and whoever dies leaves it to the next one. It is told
when there is something to do, by the database, and looks by itself every second in case it was not.
"""

import asyncio
import logging

import psycopg
from procrastinate import App

from bot.errors import LeaseLost
from bot.jobs.dispatch import dispatch
from bot.jobs.expand import Expander, expand
from bot.jobs.queue import SYSTEM_QUEUE
from bot.store.database import Connection, Pool

log = logging.getLogger(__name__)

COORDINATOR = 0x636F6E6462
"""A number of our own for PostgreSQL's advisory lock: who holds it is the coordinator."""

LOOK_EVERY = 1.0
"""Seconds."""

UPKEEP_AT_ONCE = 4
UPKEEP_GRACE = 2.0
"""Seconds that upkeep gets to end when the coordinator stops; all of it can be broken off and done again."""


async def coordinate(conninfo: str, pool: Pool, queue: App, upkeep: App, expander: Expander) -> None:
    """Wait for the coordinator's turn, then be it until cancelled. *queue* gets the scans, *upkeep* runs by the clock.

    Raises:
        LeaseLost: the database is gone, and with it the lock.

    """
    try:
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            await connection.execute("SELECT pg_advisory_lock(%s)", (COORDINATOR,))
            log.info("this process coordinates")
            async with asyncio.TaskGroup() as group:
                group.create_task(_run_upkeep(upkeep))
                group.create_task(_give_work(connection, pool, queue, expander))
    except* psycopg.OperationalError as errors:
        raise LeaseLost(f"the connection to the database was lost: {errors.exceptions[0]}") from errors


async def _run_upkeep(upkeep: App) -> None:
    await upkeep.run_worker_async(
        queues=[SYSTEM_QUEUE],
        concurrency=UPKEEP_AT_ONCE,
        install_signal_handlers=False,
        shutdown_graceful_timeout=UPKEEP_GRACE,
        delete_jobs="successful",
    )


async def _give_work(connection: Connection, pool: Pool, queue: App, expander: Expander) -> None:
    await connection.execute("LISTEN condabot")
    while True:
        await expand(pool, expander)
        await dispatch(queue, pool)
        async for _ in connection.notifies(timeout=LOOK_EVERY, stop_after=1):
            pass
