"""The whole of condabot on this machine: a channel, a GitHub, a PostgreSQL, and the App between them.

`condabot demo` and the end-to-end tests stand on the same stage. Nothing leaves the machine.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.app import Service, build_app
from bot.clock import Clock, SystemClock
from bot.composition.service import build_scans, duties, open_advisory_source, open_channels, open_scan
from bot.composition.way import unguarded
from bot.demo.channel.server import DemoChannel
from bot.demo.github.server import FakeGitHub
from bot.demo.index.server import FILES_URL, DemoIndex
from bot.demo.localhost import LocalServer
from bot.demo.mapping import DemoMapping
from bot.egress import default_index_url, resolve_index
from bot.jobs.calm import AT_ONCE, Calm
from bot.jobs.upkeep import Duties
from bot.jobs.worker import keep_working
from bot.settings import AppSettings, ChannelSettings, Mirror, PagesSettings, PypiSettings, Settings
from bot.store.database import Pool, make_pool, server
from bot.targets import Target

APP_ID = 4242
POLL = 0.01
ENOUGH = 2
UNFINISHED = """
SELECT (SELECT count(*) FROM delivery WHERE state = 'new')
     + (SELECT count(*) FROM repository JOIN installation USING (installation_id)
        WHERE due_at <= now() AND NOT suspended AND NOT installation.paused)
     + (SELECT count(*) FROM due_look) + (SELECT count(*) FROM due_command)
     + (SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'repository' AND status IN ('todo', 'doing'))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The App's keys, made for one stage and known nowhere else."""

    private_key: str
    public_key: bytes
    webhook_secret: str

    @classmethod
    def generate(cls) -> "Keys":
        """Make new keys."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return cls(private_key=private.decode(), public_key=public, webhook_secret=secrets.token_hex(32))


@dataclass(frozen=True, slots=True, kw_only=True)
class DutiesByHand:
    """What a coordinator does by the clock, done when somebody says so."""

    pool: "Pool | None" = None
    duties: Duties = field(default_factory=Duties)

    async def do(self, name: str) -> None:
        """Do what is called *name* there."""
        named = {name: duty for each in self.duties.by_cron.values() for name, duty in each.items()}
        await named[name](self._open)

    async def begin(self) -> None:
        """Do what a new coordinator does first."""
        for duty in self.duties.at_start.values():
            await duty(self._open)

    async def always(self) -> None:
        """Do what a coordinator does each second."""
        if self.duties.always:
            await self.duties.always(self._open)

    @property
    def _open(self) -> Pool:
        if self.pool is None:
            raise ValueError("nobody works on this stage")
        return self.pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What stands on the stage. `url` is the App's address; `duties` are those of a coordinator, to be done by hand."""

    channel: DemoChannel
    github: FakeGitHub
    settings: Settings
    conninfo: str
    url: str
    duties: DutiesByHand

    async def idle(self) -> None:
        """Return when every webhook is delivered, what is to be listed is listed, and every job is done.

        Only if that is seen twice: what is wanted a moment after a statement has begun, and committed before it looks,
        is not due yet by the time of that statement.
        """
        seen = 0
        async with await psycopg.AsyncConnection.connect(self.conninfo, autocommit=True) as connection:
            while seen < ENOUGH:
                await self.github.settle()
                await self.duties.always()
                cursor = await connection.execute(UNFINISHED)
                is_idle = await cursor.fetchone() == (0,)
                seen = seen + 1 if is_idle else 0
                await asyncio.sleep(0 if is_idle else POLL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenery:
    """What the stage is built from; by default the demo channel, an index that has nothing, a PostgreSQL of its own.

    By default nothing is known of what conda packages are called on PyPI, either, and no advisory. `scan_memory` is in
    MiB. The App is as `calm` as that says, and lives by the `clock`, as its GitHub does. It asks GitHub and channels
    for nothing by the clock, unless it `has_duties`: then a test has them done. Its `pages` are seen by whom they name.
    `targets` are what environments are handed over to.
    """

    channel: DemoChannel = field(default_factory=DemoChannel)
    index: DemoIndex = field(default_factory=DemoIndex)
    mapping: DemoMapping = field(default_factory=DemoMapping)
    advisories: Path | None = None
    keys: Keys = field(default_factory=Keys.generate)
    database_url: str | None = None
    scan_memory: int = 2048
    calm: Calm = AT_ONCE
    clock: Clock = field(default_factory=lambda: SystemClock())  # noqa: PLW0108 - tests put another one in its place
    has_duties: bool = False
    workers: int = 1
    pages: PagesSettings = field(default_factory=PagesSettings)
    targets: tuple[Target, ...] = ()


@asynccontextmanager
async def open_stage(root: Path, scenery: Scenery, *, github_port: int = 0, works: bool = True) -> AsyncIterator[Stage]:
    """Build the stage below the directory *root*; at the end everything is stopped, its files stay.

    Unless it *works*, the App only takes webhooks, and a `condabot worker` elsewhere is to do the work.
    """
    keys, database_url = scenery.keys, scenery.database_url
    async with (
        scenery.channel as served,
        scenery.index as indexed,
        scenery.mapping as mapping,
        _open_github(root, keys, github_port, scenery.clock) as github,
    ):
        settings = replace(
            _settings(root, served, github, keys, database_url),
            pypi=_pypi(root, indexed, mapping, scenery.advisories),
            scan_memory=scenery.scan_memory,
            targets=scenery.targets,
        )
        with server(settings.database_url, settings.data_dir) as conninfo:
            worker = _open_worker(settings, conninfo, scenery) if works else nullcontext(DutiesByHand())
            async with _open_intake(settings, conninfo, scenery) as url, worker as duties:
                github.webhook_url = f"{url}/webhook"
                yield Stage(channel=served, github=github, settings=settings, conninfo=conninfo, url=url, duties=duties)


@asynccontextmanager
async def _open_github(root: Path, keys: Keys, port: int, clock: Clock) -> AsyncIterator[FakeGitHub]:
    github = FakeGitHub(
        root / "github", keys.public_key, app_id=APP_ID, webhook_secret=keys.webhook_secret, clock=clock.now
    )
    await github.start(port)
    try:
        yield github
    finally:
        await github.stop()


def _settings(root: Path, channel: DemoChannel, github: FakeGitHub, keys: Keys, database_url: str | None) -> Settings:
    mirrors = tuple(Mirror(canonical=name, url=url) for name, urls in channel.mirrors.items() for url in urls)
    return Settings(
        channels=ChannelSettings(mirrors=mirrors, cache_dir=root / "cache"),
        data_dir=root / "data",
        database_url=database_url,
        app=AppSettings(
            app_id=str(APP_ID),
            private_key=keys.private_key,
            webhook_secrets=(keys.webhook_secret,),
            github_api=github.url,
        ),
    )


@asynccontextmanager
async def _open_worker(settings: Settings, conninfo: str, scenery: Scenery) -> AsyncIterator[DutiesByHand]:
    """Have workers of this process work until the end; give what they do not do by themselves."""
    app, way = _app(settings), unguarded(settings, {})
    async with (
        make_pool(conninfo) as pool,
        open_scan(settings, app, way, pool=pool, calm=scenery.calm, clock=scenery.clock) as scan,
        open_channels(settings, way) as channels,
        open_advisory_source(way) as advisories,
    ):
        work, asked = build_scans(app, scan), duties(scan, channels, advisories)
        workers = [
            asyncio.create_task(keep_working(conninfo, pool, work, scenery.clock)) for _ in range(scenery.workers)
        ]
        try:
            yield DutiesByHand(pool=pool, duties=asked if scenery.has_duties else Duties())
        finally:
            for each in workers:
                each.cancel()
            await asyncio.gather(*workers, return_exceptions=True)


@asynccontextmanager
async def _open_intake(settings: Settings, conninfo: str, scenery: Scenery) -> AsyncIterator[str]:
    """Take webhooks in this process; give the address."""
    service = Service(
        conninfo=conninfo,
        webhook_secrets=_app(settings).webhook_secrets,
        pages=scenery.pages,
        clock=scenery.clock,
    )
    async with LocalServer(build_app(service)) as server:
        yield server.url


def _pypi(root: Path, index: DemoIndex, mapping: DemoMapping, advisories: Path | None) -> PypiSettings:
    mirrors = (
        Mirror(canonical=resolve_index(default_index_url()).url, url=index.url),
        Mirror(canonical=FILES_URL, url=index.files_url),
    )
    told = str(advisories) if advisories else ""
    return PypiSettings(mirrors=mirrors, mapping_url=mapping.url, cache_dir=root / "cache", advisories=told)


def _app(settings: Settings) -> AppSettings:
    if settings.app is None:
        raise ValueError("the stage has an App")
    return settings.app
