"""The coordinator: the one process that expands deliveries and decides whose turn it is.

Any worker may be it: each waits for the same lock of PostgreSQL, and whoever dies leaves it to the next one. It is told
when there is something to do, by the database, and looks by itself every second in case it was not.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued

from bot.errors import LeaseLost
from bot.jobs.dispatch import dispatch
from bot.jobs.expand import Expander, expand
from bot.jobs.queue import SYSTEM_QUEUE
from bot.jobs.upkeep import Duties, Duty
from bot.store.database import Connection, Pool

log = logging.getLogger(__name__)

COORDINATOR = 0x636F6E6462
"""A number of our own for PostgreSQL's advisory lock: who holds it is the coordinator."""

LOOK_EVERY = 1.0
"""Seconds."""

UPKEEP_AT_ONCE = 4
UPKEEP_GRACE = 2.0
"""Seconds that upkeep gets to end when the coordinator stops; all of it can be broken off and done again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordination:
    """What a coordinator does: `queue` gets the scans, `upkeep` and `duties` run by the clock."""

    queue: App
    upkeep: App
    expander: Expander
    duties: Duties


async def coordinate(conninfo: str, pool: Pool, work: Coordination) -> None:
    """Wait for the coordinator's turn, then be it until cancelled.

    Raises:
        LeaseLost: the database is gone, and with it the lock.

    """
    try:
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            await connection.execute("SELECT pg_advisory_lock(%s)", (COORDINATOR,))
            log.info("this process coordinates")
            async with asyncio.TaskGroup() as group:
                group.create_task(_run_upkeep(work))
                group.create_task(_give_work(connection, pool, work))
                if always := work.duties.always:
                    group.create_task(_repeat(pool, always))
    except* psycopg.OperationalError as errors:
        raise LeaseLost(f"the connection to the database was lost: {errors.exceptions[0]}") from errors


async def _run_upkeep(work: Coordination) -> None:
    for name in work.duties.at_start:
        with suppress(AlreadyEnqueued):
            await work.upkeep.tasks[name].defer_async(timestamp=0)
    await work.upkeep.run_worker_async(
        queues=[SYSTEM_QUEUE],
        concurrency=UPKEEP_AT_ONCE,
        install_signal_handlers=False,
        shutdown_graceful_timeout=UPKEEP_GRACE,
        delete_jobs="successful",
    )


async def _give_work(connection: Connection, pool: Pool, work: Coordination) -> None:
    await connection.execute("LISTEN condabot")
    while True:
        await expand(pool, work.expander)
        await dispatch(work.queue, pool)
        async for _ in connection.notifies(timeout=LOOK_EVERY, stop_after=1):
            pass


async def _repeat(pool: Pool, duty: Duty) -> None:
    while True:
        await duty(pool)
        await asyncio.sleep(LOOK_EVERY)
