"""The same deeds end in the same git state and the same pull requests, whatever goes wrong meanwhile."""

import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from psycopg import conninfo, sql

from bot.composition.service import LISTING, SWEEPING
from bot.demo.channel import record
from bot.demo.github.faults import chaos
from bot.demo.github.hooks import Delivery, DeliveryMode, unreliable
from bot.demo.github.repository import Repository
from bot.demo.passing_time import ToldClock, live_by_told_time
from bot.demo.stage import Keys, Scenery, open_stage
from bot.errors import CondabotError
from bot.jobs.upkeep import want_daily
from bot.store.database import make_pool
from tests.conftest import TEMPLATE, create_database, named, own_database
from tests.e2e.conftest import ENVIRONMENT_YML, TUESDAY, Living, small_channel

pytestmark = pytest.mark.interrupted

ROUNDS = 12
UNSETTLED = """
SELECT count(*) FROM repository WHERE wanted_at IS NOT NULL OR failures > 0 OR last_ok_at IS NULL
"""
DISK_FULL = """
CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
"""
NO_SPACE = sql.SQL("CREATE TRIGGER no_space BEFORE INSERT ON {} EXECUTE FUNCTION no_space()")
SPACE = sql.SQL("DROP TRIGGER no_space ON {}")
ANOTHER = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() LIMIT 1
"""
FULL = ("delivery", "procrastinate_jobs", "push", "run")

Trouble = Callable[[Living], Awaitable[None]]
State = Mapping[str, object]


async def none(_: Living) -> None:
    """Nothing goes wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What people see in the end, and how often somebody would have been told of the same thing."""

    states: tuple[State, ...]
    twins: int


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def calm(tmp_path_factory: pytest.TempPathFactory, postgres: str, keys: Keys) -> Lived:
    """What an undisturbed life ends in: lived once, for all that are compared with it."""
    with own_database(postgres, template=TEMPLATE) as database:
        return await lived(tmp_path_factory.mktemp("calm"), database, keys, none)


async def lived(
    root: Path, database: str, keys: Keys, trouble: Trouble, meanwhile: Trouble = none, *, workers: int = 1
) -> Lived:
    """Play all deeds with a *trouble* from the beginning, and another one *meanwhile*; return what that ends in."""
    clock = ToldClock(late_in_the_evening())
    live_by_told_time(database)
    scenery = Scenery(
        channel=small_channel(), database_url=database, keys=keys, clock=clock, has_duties=True, workers=workers
    )
    async with open_stage(root, scenery) as stage:
        living = Living(stage=stage, clock=clock)
        await trouble(living)
        repositories = await deeds(living, meanwhile)
        stage.github.faults.clear()
        await settled(living)
        assert stage.github.violations == []
    return Lived(states=tuple(map(state, repositories)), twins=sum(map(twins, repositories)))


def late_in_the_evening() -> datetime:
    """Return a moment by which every repository had its minute of the day: each has its own for the daily look."""
    return TUESDAY.replace(hour=23)


async def deeds(living: Living, meanwhile: Trouble) -> tuple[Repository, ...]:
    """What people and packagers do; each looks at what the one before led to."""
    github = living.stage.github
    first, second = (github.create_repository(f"acme/{name}", {"environment.yml": ENVIRONMENT_YML}) for name in "ab")
    await github.install("acme", [first, second])
    await meanwhile(living)
    await settled(living)
    living.publish(record("alpha", "2.1"))
    first.commit("main", {"environment.yml": ENVIRONMENT_YML + "\n"}, message="A blank line")
    await settled(living)
    await github.merge(first, numbered(first, "Update alpha from 1.0 to 1.1"))
    await github.close(second, numbered(second, "Update alpha from 1.0 to 1.1"))
    await settled(living)
    return first, second


async def settled(living: Living) -> None:
    """Return when nothing is left to be done: time passes, and the coordinator does what it does by the clock."""
    for _ in range(ROUNDS):
        await living.passes(timedelta(days=1, minutes=1))
        await living.stage.github.release_webhooks(reversed)
        for duty in (SWEEPING, LISTING):
            with suppress(CondabotError):
                await living.does(duty)
        async with make_pool(living.stage.conninfo, size=2) as pool:
            await want_daily(pool, living.clock.now())
        await living.stage.idle()
        if living.asked_of(UNSETTLED) == [(0,)] and not living.stage.github.webhooks.held:
            return
    left = living.asked_of("SELECT full_name, reason, failures FROM repository")
    pytest.fail(f"not settled after {ROUNDS} days: {left}")


def numbered(repository: Repository, title: str) -> int:
    return next(each.number for each in repository.pulls.values() if (each.title, each.state) == (title, "open"))


def state(repository: Repository) -> State:
    """What people see: the pull requests, and the files on every branch."""
    return {
        "pulls": sorted((pull.title, pull.head, pull.base, pull.state) for pull in repository.pulls.values()),
        "branches": {branch: repository.tree(branch) for branch in repository.branches()},
    }


def twins(repository: Repository) -> int:
    """Return how many check runs say what another one of the same commit says."""
    said = [(each.head_sha, each.name, each.external_id) for each in repository.check_runs.values()]
    return len(said) - len(set(said))


# -- GitHub has a bad day


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.verify) for seed in range(3, 9))])
async def test_failing_answers_and_secondary_limits(
    seed: int, calm: Lived, tmp_path: Path, database: str, keys: Keys
) -> None:
    async def bad_day(living: Living) -> None:
        for fault in chaos(seed):
            living.stage.github.faults.add(fault)

    assert await lived(tmp_path, database, keys, bad_day) == calm


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.verify) for seed in range(2, 6))])
async def test_webhooks_that_are_lost_come_twice_or_in_another_order(
    seed: int, calm: Lived, tmp_path: Path, database: str, keys: Keys
) -> None:
    async def unreliably(living: Living) -> None:
        living.stage.github.webhooks.mode = unreliable(seed)

    assert await lived(tmp_path, database, keys, unreliably) == calm


@pytest.mark.verify
@pytest.mark.parametrize("mode", [DeliveryMode.DROPPED, DeliveryMode.LOST, DeliveryMode.DUPLICATED, DeliveryMode.HELD])
async def test_webhooks_all_of_which(
    mode: DeliveryMode, calm: Lived, tmp_path: Path, database: str, keys: Keys
) -> None:
    async def always(living: Living) -> None:
        def of(delivery: Delivery) -> DeliveryMode:
            return DeliveryMode.NORMAL if delivery.redelivery else mode

        living.stage.github.webhooks.mode = of

    assert await lived(tmp_path, database, keys, always) == calm


@pytest.mark.parametrize("seconds", [10, *(pytest.param(each, marks=pytest.mark.verify) for each in (-10, 60, -60))])
async def test_a_clock_that_is_off(seconds: int, calm: Lived, tmp_path: Path, database: str, keys: Keys) -> None:
    async def skewed(living: Living) -> None:
        living.stage.github.clock_offset = timedelta(seconds=seconds)

    assert await lived(tmp_path, database, keys, skewed) == calm


# -- there are two of us


async def test_two_workers(calm: Lived, tmp_path: Path, database: str, keys: Keys) -> None:
    assert await lived(tmp_path, database, keys, none, workers=2) == calm


@pytest.mark.verify
async def test_two_workers_on_a_bad_day_with_unreliable_webhooks(
    calm: Lived, tmp_path: Path, database: str, keys: Keys
) -> None:
    async def everything(living: Living) -> None:
        for fault in chaos(11):
            living.stage.github.faults.add(fault)
        living.stage.github.webhooks.mode = unreliable(11)

    assert await lived(tmp_path, database, keys, everything, workers=2) == calm


# -- PostgreSQL has one


async def test_a_database_that_is_lost(calm: Lived, tmp_path: Path, postgres: str, database: str, keys: Keys) -> None:
    async def lost(living: Living) -> None:
        await living.stage.idle()
        name = conninfo.conninfo_to_dict(database)["dbname"]
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(name))))
        create_database(postgres, str(name), template=TEMPLATE)
        live_by_told_time(named(postgres, str(name)))
        await living.stage.duties.begin()

    assert await lived(tmp_path, database, keys, none, lost) == calm


@pytest.mark.verify
async def test_a_server_that_crashes(calm: Lived, tmp_path: Path, database: str, keys: Keys) -> None:
    """Whoever kills one of its processes has PostgreSQL drop all connections and recover, as from `immediate`."""

    async def crash(living: Living) -> None:
        [(pid,)] = living.asked_of(ANOTHER)
        os.kill(pid, signal.SIGKILL)
        await recovered(living)

    name = conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(database, autocommit=True) as connection:
        set_ = sql.SQL("ALTER DATABASE {} SET synchronous_commit = on")
        connection.execute(set_.format(sql.Identifier(str(name))))
    assert await lived(tmp_path, database, keys, none, crash) == calm


async def recovered(living: Living) -> None:
    for _ in range(500):
        with suppress(psycopg.OperationalError):
            living.asked_of("SELECT 1")
            return
        await living.clock.sleep(0)


async def test_a_disk_that_is_full_for_a_while(calm: Lived, tmp_path: Path, database: str, keys: Keys) -> None:
    async def full(living: Living) -> None:
        await living.changed(DISK_FULL, *(NO_SPACE.format(sql.Identifier(table)) for table in FULL))

    async def room(living: Living) -> None:
        await living.changed(*(SPACE.format(sql.Identifier(table)) for table in FULL))

    assert await lived(tmp_path, database, keys, full, room) == calm
