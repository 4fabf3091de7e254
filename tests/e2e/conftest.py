"""The whole of condabot on a small channel: what a person does on GitHub goes in, pull requests come out."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from bot.demo.channel import ChannelData, Record, record
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.github.repository import Repository
from bot.demo.passing_time import ToldClock, live_by_told_time, tell_time
from bot.demo.stage import Keys, Scenery, Stage, open_stage
from bot.github import auth
from bot.jobs.calm import AT_ONCE, Calm
from bot.settings import PagesSettings
from bot.store.database import make_pool, transacted
from bot.store.wants import Priority, Want, want

TUESDAY = datetime(2026, 6, 16, 12, tzinfo=UTC)
"""When each world begins, whatever the calendar says: on the first day of a month locks are refreshed.

Long past, since views of the database do not live by the told time: what is due later than now they do not show.
"""

OPERATOR = "o" * 40
"""The token of who may see every page."""

AFRESH = 1_700_000_000_000
SMALL = (
    record("alpha", "1.0", timestamp=AFRESH),
    record("alpha", "1.1", timestamp=AFRESH),
    record("alpha", "2.0", depends=["core >=2"], timestamp=AFRESH),
    record("beta", "1.0", depends=["core <2"], timestamp=AFRESH),
    record("beta", "1.1", depends=["core <2"], timestamp=AFRESH),
    record("core", "1.0", timestamp=AFRESH),
    record("core", "2.0", timestamp=AFRESH),
)
ENVIRONMENT_YML = """\
name: small
channels:
  - conda-forge
platforms: [linux-64]
dependencies:
  - alpha=1.0  # first
  - core
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The stage, and the sentences of a test about it."""

    stage: Stage

    async def installed(self, name: str, files: Mapping[str, str | bytes | None]) -> Repository:
        """Return a repository on which the App was installed and has done its work."""
        repository = self.stage.github.create_repository(name, files)
        await self.stage.github.install(repository.owner.login, [repository])
        await self.stage.idle()
        return repository

    async def pushed(self, repository: Repository, files: Mapping[str, str | bytes | None]) -> None:
        """A person pushes to the default branch, and the bot has done its work."""
        repository.commit(repository.default_branch, files, message="A person's commit")
        await self.stage.idle()

    async def wanted(self, repository: Repository) -> None:
        """The day asks for another look, and the bot has done its work."""
        daily = Want(priority=Priority.DAY, reason="the daily look")
        async with make_pool(self.stage.conninfo, size=1) as pool:
            await transacted(pool, lambda connection: want(connection, (repository.id,), daily))
        await self.stage.idle()

    def publish(self, *records: Record) -> None:
        """New releases are there."""
        self.stage.channel["conda-forge"].publish(records)

    def outcomes(self) -> list[list[str]]:
        """Return what every run came to, the oldest first."""
        with psycopg.connect(self.stage.conninfo) as connection:
            return [outcomes for (outcomes,) in connection.execute("SELECT outcomes FROM run ORDER BY id")]

    def read_since(self, count: int) -> list[str]:
        """Return the operations after the first *count* that read the repository: up to the first that does not."""
        reading = ("apps/create-installation-access-token", "graphql", "git/get-tree", "git/get-blob")
        return list(takewhile(lambda each: each in reading, self.asked_since(count)))[:-1]

    def asked_since(self, count: int) -> list[str]:
        """Return the operations asked of GitHub after the first *count*."""
        return [each.operation for each in self.stage.github.requests[count:]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Living(World):
    """A world in which time passes, and a coordinator's duties are done, when a test says so."""

    clock: ToldClock

    async def passes(self, time: timedelta) -> None:
        """So much *time* passes, and the bot has done its work."""
        self.clock.pass_on(time)
        await tell_time(self.stage.conninfo, self.clock.now())
        await self.stage.idle()

    async def comes(self, moment: datetime) -> None:
        """The *moment* comes, and the bot has done its work."""
        await self.passes(moment - self.clock.now())

    async def does(self, duty: str) -> None:
        """The coordinator does a duty, and the bot has done what follows."""
        await self.stage.duties.do(duty)
        await self.stage.idle()

    def asked_of(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows that the database answers *query* with, which changes nothing.

        What waits for a lock would wait for ever for one that this very loop holds: see `changed`.
        """
        with psycopg.connect(self.stage.conninfo) as connection:
            connection.read_only = True
            return connection.execute(query, values).fetchall()

    async def changed(self, *statements: LiteralString | sql.Composed) -> None:
        """Have *statements* done in the database, each by itself."""
        async with await psycopg.AsyncConnection.connect(self.stage.conninfo, autocommit=True) as connection:
            for each in statements:
                await connection.execute(each)


def titles(repository: Repository) -> dict[int, str]:
    return {number: pull.title for number, pull in repository.pulls.items() if pull.state == "open"}


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys.generate()


@pytest.fixture(scope="session", autouse=True)
def key_is_read_once() -> Iterator[None]:
    """All worlds have one key; to read it takes long, since its numbers are tried."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auth, "_rsa_key", cache(auth._rsa_key))
        yield


@pytest.fixture
async def world(tmp_path: Path, database: str, keys: Keys, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with open_living(tmp_path, database, keys, request, has_duties=False) as world:
        yield world


@pytest.fixture
async def living(tmp_path: Path, database: str, keys: Keys, request: pytest.FixtureRequest) -> AsyncIterator[Living]:
    async with open_living(tmp_path, database, keys, request) as living:
        yield living


@pytest.fixture
async def calm(tmp_path: Path, database: str, keys: Keys, request: pytest.FixtureRequest) -> AsyncIterator[Living]:
    """A world as calm as GitHub's own."""
    async with open_living(tmp_path, database, keys, request, calm=Calm()) as living:
        yield living


@asynccontextmanager
async def open_living(
    root: Path,
    database: str,
    keys: Keys,
    request: pytest.FixtureRequest,
    *,
    calm: Calm = AT_ONCE,
    begins: datetime = TUESDAY,
    records: Sequence[Record] = SMALL,
    has_duties: bool = True,
) -> AsyncIterator[Living]:
    """Open a world whose channel has *records*, in which time *begins* when that says."""
    clock = ToldClock(begins)
    live_by_told_time(database)
    await tell_time(database, clock.now())
    scenery = Scenery(
        channel=channel_of(*records),
        database_url=database,
        keys=keys,
        clock=clock,
        has_duties=has_duties,
        calm=calm,
        pages=PagesSettings(operator_token=OPERATOR),
    )
    async with open_stage(root, scenery) as stage:
        yield Living(stage=stage, clock=clock)
        await _ends_well(stage, request)


def small_channel() -> DemoChannel:
    return channel_of(*SMALL)


def channel_of(*records: Record) -> DemoChannel:
    return DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*records)))


async def _ends_well(stage: Stage, request: pytest.FixtureRequest) -> None:
    await stage.idle()
    assert stage.github.violations == []
    if not request.node.get_closest_marker("interrupted"):
        assert {name for unused in stage.github.unused_permissions().values() for name in unused} == set()
