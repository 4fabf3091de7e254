"""One process of all gives work, is told when there is some, and leaves it to the next one when it dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import MappingProxyType

import pytest
from procrastinate import App

from bot.errors import LeaseLost
from bot.jobs.coordinator import COORDINATOR, Coordination, coordinate
from bot.jobs.lease import open_lease
from bot.jobs.requests import Request
from bot.jobs.upkeep import EVERY_NIGHT, Duties, build_upkeep
from bot.store.database import Pool
from bot.store.deliveries import Delivery, store_delivery
from tests.turns import rows

TERMINATE = """
SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE datname = current_database() AND locktype = 'advisory' AND granted
AND (classid::bigint << 32) + objid::bigint = %s
"""


class Coordinator:
    """One that says when it looked for work, and what it expanded."""

    def __init__(self) -> None:
        self.expanded: asyncio.Queue[str] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    def expander(self, event: str, body: bytes) -> tuple[Request, ...]:
        assert event == "push"
        self.expanded.put_nowait(body.decode())
        return ()

    @asynccontextmanager
    async def running(self, database: str, pool: Pool, queue: App) -> AsyncIterator[asyncio.Task[None]]:
        async with open_lease(database) as lease:
            upkeep = build_upkeep(pool, Duties(), lease)
            async with upkeep.open_async(pool):
                work = Coordination(queue=queue, upkeep=upkeep, expander=self.expander, duties=Duties())
                task = asyncio.create_task(coordinate(database, pool, work))
                yield task
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[None]:
    """One thing for each time that a coordinator has looked for work; by itself it never looks a second time."""
    found: asyncio.Queue[None] = asyncio.Queue()

    async def look(*_: object) -> int:
        found.put_nowait(None)
        return 0

    monkeypatch.setattr("bot.jobs.coordinator.dispatch", look)
    monkeypatch.setattr("bot.jobs.coordinator.LOOK_EVERY", 1e6)
    return found


async def deliver(pool: Pool, guid: str) -> None:
    async with pool.connection() as connection:
        await store_delivery(connection, Delivery(guid=guid, event="push", body=guid.encode()))


async def test_a_delivery_wakes_the_coordinator(
    database: str, pool: Pool, queue: App, looks: asyncio.Queue[None]
) -> None:
    coordinator = Coordinator()
    async with coordinator.running(database, pool, queue):
        await looks.get()
        for guid in ("one", "two"):
            await deliver(pool, guid)
            assert await coordinator.expanded.get() == guid


@pytest.mark.parametrize(
    "event",
    [
        pytest.param("UPDATE installation SET next_at = now()", id="a repository is wanted"),
        pytest.param("UPDATE procrastinate_jobs SET status = 'doing'", id="a job begins"),
        pytest.param("DELETE FROM procrastinate_jobs", id="a job ends"),
    ],
)
async def test_what_may_make_a_turn_wakes_the_coordinator(
    database: str, pool: Pool, queue: App, looks: asyncio.Queue[None], event: str
) -> None:
    await rows(pool, "INSERT INTO installation (installation_id) VALUES (7) RETURNING 1")
    await rows(pool, "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('other', 'x') RETURNING 1")
    async with Coordinator().running(database, pool, queue):
        await looks.get()
        await rows(pool, f"{event} RETURNING 1")
        await looks.get()


async def test_one_of_two_gives_work_and_when_it_loses_the_database_the_other_goes_on(
    database: str, pool: Pool, queue: App, looks: asyncio.Queue[None]
) -> None:
    first, second = Coordinator(), Coordinator()
    async with first.running(database, pool, queue) as lost:
        await looks.get()
        async with second.running(database, pool, queue):
            for guid in ("one", "two", "three"):
                await deliver(pool, guid)
                assert await first.expanded.get() == guid
            assert second.expanded.empty()

            await rows(pool, TERMINATE, COORDINATOR)
            with pytest.raises(LeaseLost, match="the connection to the database was lost"):
                await lost

            await deliver(pool, "four")
            assert await second.expanded.get() == "four"
    assert first.expanded.empty()


async def test_a_coordinator_that_is_stopped_does_not_wait_for_a_duty_that_hangs(
    database: str, pool: Pool, queue: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.coordinator.UPKEEP_GRACE", 0.0)
    begun = asyncio.Event()

    async def hang(_: Pool) -> None:
        begun.set()
        await asyncio.Event().wait()

    hanging = MappingProxyType({"hang": hang})
    duties = Duties(at_start=hanging, by_cron=MappingProxyType({EVERY_NIGHT: hanging}))
    async with open_lease(database) as lease:
        upkeep = build_upkeep(pool, duties, lease)
        async with upkeep.open_async(pool):
            work = Coordination(queue=queue, upkeep=upkeep, expander=Coordinator().expander, duties=duties)
            task = asyncio.create_task(coordinate(database, pool, work))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
