"""One real PostgreSQL for a run of the tests, one database of it for each test that wants one."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import conninfo, sql

from bot.store.database import Pool, make_pool
from bot.store.embedded import embedded_postgres
from bot.store.migrate import migrate

TEMPLATE = "migrated"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose database `migrated` has the whole schema and no rows."""
    data_dir: Path = tmp_path_factory.mktemp("data")
    with embedded_postgres(data_dir, at_end="delete") as uri:
        forgo_durability(uri)
        create_database(uri, TEMPLATE, template="template1")
        migrate(named(uri, TEMPLATE))
        yield uri


@pytest.fixture
def database(postgres: str) -> str:
    """A database of this test's own, as the service finds it after a start."""
    name = f"test_{uuid4().hex}"
    create_database(postgres, name, template=TEMPLATE)
    return named(postgres, name)


@pytest.fixture
def empty_database(postgres: str) -> str:
    """A database without any table."""
    name = f"test_{uuid4().hex}"
    create_database(postgres, name, template="template1")
    return named(postgres, name)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    async with make_pool(database) as pool:
        yield pool


def forgo_durability(server: str) -> None:
    """Let the server not wait for the disk: its data do not outlive the run."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")


def create_database(server: str, name: str, *, template: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def named(server: str, database: str) -> str:
    """Return the connection string of another database of *server*."""
    return conninfo.make_conninfo(server, dbname=database)
