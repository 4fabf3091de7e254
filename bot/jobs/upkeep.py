"""What the coordinator does by the clock, besides giving work: each a small job of its own queue."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from procrastinate import App

from bot.errors import CondabotError
from bot.jobs.lease import Lease, LeasedJobManager
from bot.jobs.queue import SYSTEM_QUEUE, build_queue
from bot.jobs.rescue import rescue
from bot.store.commands import forget_lost_commands
from bot.store.database import Pool, transacted
from bot.store.deliveries import forget_old_deliveries
from bot.store.locked import forget_unused_packages
from bot.store.looks import forget_lost_looks
from bot.store.names import forget_unused_names
from bot.store.proposals import forget_old_pushes
from bot.store.pulls import forget_old_pulls
from bot.store.runs import forget_old_runs
from bot.store.wants import want_unscanned

log = logging.getLogger(__name__)

EVERY_MINUTE = "* * * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"
EVERY_TEN_MINUTES = "*/10 * * * *"
EVERY_HOUR = "23 * * * *"
EVERY_NIGHT = "17 3 * * *"
KEPT_HOURS = 24 * 30

Duty: TypeAlias = Callable[[Pool], Awaitable[None]]
"""Something that is done again and again on the database, with whatever else it needs already bound to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What is done besides keeping the database in order: duties by name, by the cron line that says when.

    Those `at_start` are done when somebody becomes the coordinator, too; what is to be done `always` each second.
    """

    at_start: Mapping[str, Duty] = field(default_factory=lambda: MappingProxyType({}))
    always: Duty | None = None
    by_cron: Mapping[str, Mapping[str, Duty]] = field(default_factory=lambda: MappingProxyType({}))


def build_upkeep(pool: Pool, duties: Duties, lease: Lease) -> App:
    """Return the queue of what is done by the clock, whose worker holds *lease*."""
    queue = build_queue()
    queue.job_manager = LeasedJobManager(queue.connector, lease)
    _add_own(queue, pool)
    for cron, named in duties.by_cron.items():
        for name, duty in named.items():
            _add(queue, cron, name, partial(_do, duty, pool))
    return queue


async def _do(duty: Duty, pool: Pool, moment: datetime) -> None:
    del moment
    try:
        await duty(pool)
    except CondabotError as error:
        log.warning("not done, and done later: %s", error)


def _add_own(queue: App, pool: Pool) -> None:
    _add(queue, EVERY_MINUTE, "rescue", lambda _: rescue(queue, pool))
    _add(queue, EVERY_TEN_MINUTES, "want_unscanned", lambda moment: want_daily(pool, moment))
    _add(queue, EVERY_NIGHT, "forget", lambda _: forget(queue, pool))


def _add(queue: App, cron: str, name: str, do: Callable[[datetime], Awaitable[None]]) -> None:
    """Have *do* done, with the moment that *cron* names, by one process at a time."""

    @queue.periodic(cron=cron)
    @queue.task(name=name, queue=SYSTEM_QUEUE, queueing_lock=name, lock=name)
    async def run(timestamp: int) -> None:
        await do(datetime.fromtimestamp(timestamp, UTC))


async def want_daily(pool: Pool, moment: datetime) -> None:
    """Have every repository scanned once on the day of *moment*: the net below everything else that wakes."""
    await transacted(pool, partial(want_unscanned, moment=moment))


async def forget(queue: App, pool: Pool) -> None:
    """Drop what is too old to be of use."""
    async with pool.connection() as connection:
        await forget_old_deliveries(connection)
        await forget_old_runs(connection)
        await forget_old_pushes(connection)
        await forget_old_pulls(connection)
        await forget_lost_looks(connection)
        await forget_lost_commands(connection)
        await forget_unused_names(connection)
        await forget_unused_packages(connection)
    await queue.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True, include_aborted=True)
