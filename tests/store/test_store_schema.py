"""The schema, the embedded server, and what the tables promise."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from bot.store import embedded
from bot.store.database import Pool, make_pool, server
from bot.store.deliveries import Delivery, forget_old_deliveries, store_delivery, take_deliveries
from bot.store.embedded import RUNTIME_VARIABLE, embedded_postgres
from bot.store.installations import known_installations, take_unlisted
from bot.store.migrate import _our_files, migrate
from bot.store.proposals import forget_old_pushes, proposal_pushed
from bot.store.repositories import repositories_of
from bot.store.runs import RunState, finish_run, forget_old_runs, recent_runs, start_run
from bot.store.wants import want_unscanned
from tests.turns import REPOSITORY, known, rows, taken

MIGRATIONS = Path(embedded.__file__).parent / "migrations"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that is not below pytest's own, which only the user who runs the tests may enter.

    Run by root, as in a container, PostgreSQL is another user: pytest closes its directories to it whenever it starts.
    """
    with TemporaryDirectory(prefix="condabot-") as path:
        yield Path(path)


def test_the_schema_is_applied_once(empty_database: str) -> None:
    assert migrate(empty_database) == ("procrastinate", *sorted(each.name for each in MIGRATIONS.iterdir()))
    assert migrate(empty_database) == ()


async def test_processes_that_start_together_migrate_once(empty_database: str) -> None:
    applied = await asyncio.gather(*(asyncio.to_thread(migrate, empty_database) for _ in range(3)))
    assert sorted(map(len, applied)) == [0, 0, 1 + len(list(MIGRATIONS.iterdir()))]


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


BEFORE = """
INSERT INTO repository (repository_id, installation_id, due_at, due_reason)
VALUES (70, 7, now(), 'GitHub was down'), (71, 7, NULL, ''), (80, 8, now() + interval '1 hour', '');
INSERT INTO delivery (guid, event, installation_id, repository_id) VALUES ('g', 'push', 7, 70);
INSERT INTO run (job_id, installation_id, repository_id, state, outcomes) VALUES (1, 7, 70, 'done', '{opened #1}')
"""


async def test_what_the_first_release_knew_is_known_after_the_second_migration(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Repositories are kept, each is looked at within the day, and what was delivered before is not expanded again."""
    first, *_ = _our_files()
    monkeypatch.setattr("bot.store.migrate._our_files", lambda: (first,))
    assert migrate(empty_database) == ("procrastinate", "0001_app.sql")
    with psycopg.connect(empty_database) as connection:
        connection.execute(BEFORE)
    monkeypatch.undo()

    migrate(empty_database)

    async with make_pool(empty_database) as pool, pool.connection() as connection:
        assert await known_installations(connection) == {7, 8}
        assert await repositories_of(connection, 7) == {70, 71}
        assert await take_deliveries(connection) == ()
        assert [run.outcomes for run in await recent_runs(connection, 70)] == [("opened #1",)]
        assert sorted(await take_unlisted(connection)) == [7, 8]
        assert await want_unscanned(connection, datetime(2026, 11, 1, 23, 59, tzinfo=UTC)) == 3
        assert sorted(await taken(connection)) == [70, 71, 80]


async def test_old_deliveries_runs_and_pushes_are_forgotten(pool: Pool) -> None:
    async def counts() -> list[object]:
        return [(await rows(pool, f"SELECT count(*) FROM {table}"))[0][0] for table in ("delivery", "run", "push")]  # noqa: S608 - constants

    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        await store_delivery(connection, Delivery(guid="g", event="push", body=b"{}"))
        await start_run(connection, REPOSITORY, 1)
        await proposal_pushed(connection, 70, "numpy")
    for days, expected in ((1, [1, 1, 1]), (0, [0, 0, 0])):
        async with pool.connection() as connection:
            await forget_old_deliveries(connection, days=days)
            await forget_old_runs(connection, days=days)
            await forget_old_pushes(connection, days=days)
        assert await counts() == expected


async def test_a_run_says_what_came_of_it(pool: Pool) -> None:
    async with pool.connection() as connection:
        first = await start_run(connection, REPOSITORY, 1, "a push")
        await finish_run(connection, first, RunState.DONE, ("opened #1",), ("read 3 files",))
        await start_run(connection, REPOSITORY, 2)
        running, done = await recent_runs(connection, 70)
    assert (running.state, running.finished, running.reason) == (RunState.RUNNING, None, "")
    assert (done.state, done.outcomes, done.log) == (RunState.DONE, ("opened #1",), ("read 3 files",))
    assert (done.repository, done.reason) == (REPOSITORY, "a push")
    assert done.finished is not None
    assert done.finished >= done.started
