"""The schema, the embedded server, and what the tables promise."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from bot.store.database import Pool, server
from bot.store.deliveries import Delivery, Receipt, forget_old_deliveries, record_delivery
from bot.store.embedded import RUNTIME_VARIABLE, embedded_postgres
from bot.store.migrate import migrate
from bot.store.repositories import (
    InstalledRepository,
    forget_installation,
    forget_repository,
    postpone,
    remember,
    take_due,
)
from bot.store.runs import RunState, finish_run, forget_old_runs, recent_runs, start_run

REPOSITORY = InstalledRepository(installation_id=7, repository_id=70)
OTHER = InstalledRepository(installation_id=7, repository_id=71)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that is not below pytest's own, which only the user who runs the tests may enter.

    Run by root, as in a container, PostgreSQL is another user: pytest closes its directories to it whenever it starts.
    """
    with TemporaryDirectory(prefix="condabot-") as path:
        yield Path(path)


def test_the_schema_is_applied_once(empty_database: str) -> None:
    assert migrate(empty_database) == ("procrastinate", "0001_app.sql", "0003_budgets.sql")
    assert migrate(empty_database) == ()


async def test_processes_that_start_together_migrate_once(empty_database: str) -> None:
    applied = await asyncio.gather(*(asyncio.to_thread(migrate, empty_database) for _ in range(3)))
    assert sorted(map(len, applied)) == [0, 0, 3]


PROGRAM = """
import sys
from pathlib import Path
import psycopg
from bot.store.embedded import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as uri, psycopg.connect(uri) as connection:
    print(connection.execute("SELECT count(*) FROM shared").fetchone()[0])
"""


def test_processes_with_one_data_directory_share_the_server(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RUNTIME_VARIABLE, str(tmp_path))
    with server(None, data_dir) as uri:
        with psycopg.connect(uri) as connection:
            connection.execute("CREATE TABLE shared AS SELECT 1")
        command = [sys.executable, "-W", "error", "-c", PROGRAM, str(data_dir)]
        assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "1\n"
        with psycopg.connect(uri) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert os.environ[RUNTIME_VARIABLE] == str(tmp_path)  # noqa: TID251 - the promise is about it


def test_the_environment_is_left_as_it_was(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RUNTIME_VARIABLE, raising=False)
    with embedded_postgres(data_dir, at_end="delete"):
        assert RUNTIME_VARIABLE not in os.environ  # noqa: TID251 - the promise is about it
    assert not (data_dir / "postgres").exists()


def test_the_operators_server_is_used_as_it_is(tmp_path: Path) -> None:
    with server("postgresql://db.example/condabot", tmp_path) as conninfo:
        assert conninfo == "postgresql://db.example/condabot"
    assert list(tmp_path.iterdir()) == []


async def test_a_delivery_is_new_once(pool: Pool) -> None:
    delivery = Delivery(guid="g", event="push")
    async with pool.connection() as connection:
        assert await record_delivery(connection, delivery) is Receipt.NEW
        assert await record_delivery(connection, delivery) is Receipt.DUPLICATE


async def test_a_delivery_that_was_rolled_back_is_new_again(pool: Pool) -> None:
    delivery = Delivery(guid="g", event="push")
    async with pool.connection() as connection:
        async with connection.transaction(force_rollback=True):
            await record_delivery(connection, delivery)
        assert await record_delivery(connection, delivery) is Receipt.NEW


async def test_old_deliveries_and_runs_are_forgotten(pool: Pool) -> None:
    async with pool.connection() as connection:
        await record_delivery(connection, Delivery(guid="g", event="push"))
        await start_run(connection, REPOSITORY, 1)
        await forget_old_deliveries(connection, days=1)
        await forget_old_runs(connection, days=1)
        assert await record_delivery(connection, Delivery(guid="g", event="push")) is Receipt.DUPLICATE
        assert len(await recent_runs(connection, 70)) == 1
    async with pool.connection() as connection:
        await forget_old_deliveries(connection, days=0)
        await forget_old_runs(connection, days=0)
        assert await record_delivery(connection, Delivery(guid="g", event="push")) is Receipt.NEW
        assert await recent_runs(connection, 70) == ()


async def test_a_repository_is_due_once_and_not_before_its_time(pool: Pool) -> None:
    async with pool.connection() as connection:
        await remember(connection, REPOSITORY)
        await postpone(connection, REPOSITORY, timedelta(seconds=-1), "GitHub was down")
        await postpone(connection, OTHER, timedelta(hours=1), "GitHub limits us")
        assert await take_due(connection) == (REPOSITORY,)
        assert await take_due(connection) == ()


async def test_what_the_app_may_not_see_any_more_is_forgotten(pool: Pool) -> None:
    third = InstalledRepository(installation_id=8, repository_id=80)
    async with pool.connection() as connection:
        for repository in (REPOSITORY, OTHER, third):
            await postpone(connection, repository, timedelta(seconds=-1), "")
            await start_run(connection, repository, 1)
        await forget_repository(connection, REPOSITORY)
        assert await recent_runs(connection, 70) == ()
        assert len(await recent_runs(connection, 71)) == 1
        await forget_installation(connection, 7)
        assert await recent_runs(connection, 71) == ()
        assert await take_due(connection) == (third,)


async def test_a_run_says_what_came_of_it(pool: Pool) -> None:
    async with pool.connection() as connection:
        first = await start_run(connection, REPOSITORY, 1)
        await finish_run(connection, first, RunState.DONE, ("opened #1",), ("read 3 files",))
        await start_run(connection, REPOSITORY, 2)
        running, done = await recent_runs(connection, 70)
    assert (running.state, running.finished) == (RunState.RUNNING, None)
    assert (done.state, done.outcomes, done.log) == (RunState.DONE, ("opened #1",), ("read 3 files",))
    assert done.repository == REPOSITORY
    assert done.finished is not None
    assert done.finished >= done.started
