"""What all tests share: one real PostgreSQL with a database for each test that wants one, readers by other people.

Tests talk to this machine only (pytest-socket, in pyproject.toml): any other connection fails the test.
"""

import gc
import signal
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from psycopg import conninfo, sql

from bot.store.database import Pool, make_pool
from bot.store.embedded import embedded_postgres
from bot.store.migrate import migrate
from tests.forks import Forks
from tests.oracle.watch import watched

if TYPE_CHECKING:
    from tests.packages import Built

TEMPLATE = "migrated"
VALID = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
EXAMPLES = 30
"""Of each law, so that the suite is fast enough to run before each commit."""

# Builds upon the profile that hypothesis chose: on CI that one repeats the same examples.
hypothesis.settings.register_profile("condabot", deadline=None, max_examples=EXAMPLES)
hypothesis.settings.load_profile("condabot")

Reader = Callable[[str], Path]
"""Gives the python of the environment that `make verify` made of `tests/readers/NAME.txt`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reader", action="append", default=[], metavar="NAME=PYTHON", help="an independent reader")
    parser.addoption("--payloads", metavar="FILE", help="the index.json of npm's @octokit/webhooks-examples")
    parser.addoption("--corpus", metavar="DIRECTORY", help="a folder of real manifests and locks, with index.jsonl")
    parser.addoption("--lock-corpus", metavar="DIRECTORY", help="a directory of real lockfiles")


def pytest_configure() -> None:
    """A run in the background ignores SIGINT, and so would every process that it starts: tests send it to some."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let no garbage be looked for among ten thousand tests: neither while they are collected nor while they run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def few_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One certificate is all that this process and its children trust: nothing here is encrypted.

    Reading those of the world takes every HTTP client longer than most tests take.
    """
    path = tmp_path_factory.mktemp("certificates") / "trusted.pem"
    path.write_bytes(certificate())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        patch.setattr("certifi.where", lambda: str(path))
        yield


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    with Forks() as forks:
        yield forks


@pytest.fixture(autouse=True)
def children_are_forked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Children of the bot have been imported before (tests/forks.py), unless the test is marked `started`."""
    if not request.node.get_closest_marker("started"):
        monkeypatch.setattr("bot.children.child.start_process", request.getfixturevalue("forks").start_process)


@pytest.fixture(scope="session", autouse=True)
def no_search_for_sniffio() -> Iterator[None]:
    """Nobody has it here; httpcore looks for it along the whole path, on each request."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "sniffio", None)
        yield


@pytest.fixture(autouse=True)
def locks_in_step(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every `pixi.lock` that comes out of a test is one that pixi takes with its manifest."""
    complaints = watched(monkeypatch)
    yield
    assert complaints == []


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, "Built"]:
    """Small real packages, each by its name there (tests/packages.py)."""
    from tests.packages import build_all  # noqa: PLC0415 -- a builder that few tests need

    folder = tmp_path_factory.mktemp("packages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RATTLER_CACHE_DIR", str(folder / "cache"))
        return build_all(folder)


@pytest.fixture(scope="session")
def real_files(request: pytest.FixtureRequest) -> Path:
    """A folder of real files; its `index.jsonl` says of which repository, path and commit each one is."""
    directory: str | None = request.config.getoption("--corpus")
    if directory is None:
        pytest.skip("no folder of real manifests and locks was given (--corpus)")
    return Path(directory)


@pytest.fixture(scope="session")
def reader(pytestconfig: pytest.Config) -> Reader:
    options: list[str] = pytestconfig.getoption("--reader")
    pythons = {name: Path(python) for name, _, python in (each.partition("=") for each in options)}

    def find(name: str) -> Path:
        return pythons[name] if name in pythons else pytest.fail(f"no --reader {name}=PYTHON was given: `make verify`")

    return find


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server whose database `migrated` has the whole schema and no rows.

    Not below pytest's own directory: another run beside this one would close that to the server's user.
    """
    with TemporaryDirectory(prefix="postgres-") as data_dir, embedded_postgres(Path(data_dir), at_end="delete") as uri:
        forgo_durability(uri)
        create_database(uri, TEMPLATE, template="template1")
        migrate(named(uri, TEMPLATE))
        yield uri


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """A database of this test's own, as the service finds it after a start."""
    with own_database(postgres, template=TEMPLATE) as database:
        yield database


@pytest.fixture
def empty_database(postgres: str) -> Iterator[str]:
    """A database without any table."""
    with own_database(postgres, template="template1") as database:
        yield database


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    async with make_pool(database) as pool:
        yield pool


def certificate() -> bytes:
    """Return a certificate of nobody, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody.example")])
    new = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), *VALID)
    return new.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def forgo_durability(server: str) -> None:
    """Let the server not wait for the disk: its data do not outlive the run."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")


def create_database(server: str, name: str, *, template: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


@contextmanager
def own_database(server: str, *, template: str) -> Iterator[str]:
    """Make a database, give its connection string, and drop it whoever is still connected."""
    name = f"test_{uuid4().hex}"
    create_database(server, name, template=template)
    yield named(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def named(server: str, database: str) -> str:
    """Return the connection string of another database of *server*."""
    return conninfo.make_conninfo(server, dbname=database)
