"""What is done by the clock: every repository is looked at once a day, and what is old is dropped."""

from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from bot.jobs.lease import open_lease
from bot.jobs.upkeep import Duties, build_upkeep, forget, want_daily
from bot.store.database import Pool
from bot.store.repositories import InstalledRepository
from tests.turns import PUSH, known, rows, taken, wanted

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
RARELY = "0 0 29 2 *"
"""A time of which none is near: what was due in the last minutes is done at once."""


def at_minute(minute: int) -> InstalledRepository:
    """Return a repository whose time of the day is *minute* minutes after midnight."""
    return InstalledRepository(installation_id=7, repository_id=1440 * 3 + minute)


async def daily(pool: Pool, moment: datetime) -> list[int]:
    """Return the minutes of those that are looked at."""
    await want_daily(pool, moment)
    async with pool.connection() as connection:
        return sorted(repository_id % 1440 for repository_id in await taken(connection))


async def test_every_repository_is_looked_at_once_a_day_at_its_own_time(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, *map(at_minute, (0, 720, 721, 1439)))
    assert await daily(pool, NOON) == [0, 720]
    await rows(pool, "UPDATE repository SET scanned_at = '2026-11-01' WHERE scanned_at IS NOT NULL RETURNING 1")
    assert await daily(pool, NOON) == []
    assert await daily(pool, NOON.replace(minute=1)) == [721]
    assert await daily(pool, NOON.replace(hour=23, minute=59)) == [1439]


@pytest.mark.parametrize(
    ("scanned", "expected"),
    [
        pytest.param("2026-11-01 00:00:00+00", [], id="it was looked at today"),
        pytest.param("2026-10-31 23:59:59+00", [0], id="it was looked at yesterday"),
        pytest.param("2026-11-01 00:59:59+01", [0], id="yesterday in UTC, wherever that was today"),
    ],
)
async def test_what_was_looked_at_today_already_is_not_looked_at_again(
    pool: Pool, scanned: str, expected: list[int]
) -> None:
    async with pool.connection() as connection:
        await known(connection, at_minute(0))
        await connection.execute("UPDATE repository SET scanned_at = %s", (scanned,))
    assert await daily(pool, NOON) == expected


async def test_what_is_wanted_anyway_keeps_its_reason(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, at_minute(0), why=PUSH)
    await want_daily(pool, NOON)
    assert await rows(pool, "SELECT reason FROM repository") == [("push",)]


async def test_upkeep_is_planned_and_runs(database: str, pool: Pool) -> None:
    done: list[Pool] = []

    async def duty(pool: Pool) -> None:
        done.append(pool)

    duties = Duties(by_cron=MappingProxyType({RARELY: {"reconcile": duty}}))
    async with open_lease(database) as lease:
        upkeep = build_upkeep(pool, duties, lease)
        async with upkeep.open_async(pool):
            planned = {name for name, _ in upkeep.periodic_registry.periodic_tasks}
            assert planned == {"rescue", "want_unscanned", "forget", "reconcile"}
            for name in planned:
                await upkeep.tasks[name].defer_async(timestamp=0)
            await upkeep.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
            await forget(upkeep, pool)
    assert done == [pool]
    assert await rows(pool, "SELECT status::text FROM procrastinate_jobs WHERE status <> 'succeeded'") == []
