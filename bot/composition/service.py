"""The parts of the App, put together from settings: the scan that workers run, the web application, the processes."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import httpx

from bot.clock import Clock, SystemClock
from bot.composition.advisories import advisory_index
from bot.composition.budgets import StoredBudgets
from bot.composition.scanning import branch_prefix, github_client, is_local, open_inspectors
from bot.composition.targets import open_targets
from bot.composition.way import Way
from bot.datasources.channel_hashes import ChannelHashes
from bot.github.auth import AppSigner, GitHubApp
from bot.github.ours import MarkerKeys
from bot.github.throttle import LOCAL_PACE, Budgets, Throttles
from bot.handlers import requests_of
from bot.handlers.policy import WebhookPolicy
from bot.jobs.calm import AT_ONCE, Calm
from bot.jobs.command import Commands
from bot.jobs.explain import Explaining
from bot.jobs.heeding import Advisories, heed_advisories
from bot.jobs.listing import list_installations, list_repositories
from bot.jobs.look import ChangeLook
from bot.jobs.neighbours import InstalledNeighbours
from bot.jobs.relock import Relocking
from bot.jobs.scan import RepositoryScan
from bot.jobs.stored_gate import StoreGate
from bot.jobs.sweep import sweep
from bot.jobs.upkeep import EVERY_FIVE_MINUTES, EVERY_HOUR, EVERY_TEN_MINUTES, Duties
from bot.jobs.watch import Channels, watch_channels
from bot.jobs.worker import Work
from bot.settings import AppSettings, Settings
from bot.store.database import Pool
from bot.store.repositories import repository_called
from bot.updating.read.relevance import is_relevant

NOBODY = 0
"""No installation: whose credentials are for some installations only, are not for this."""

LISTING, SWEEPING, WATCHING = "list installations", "sweep deliveries", "watch channels"
HEEDING = "heed advisories"

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_scan(
    settings: Settings, app: AppSettings, way: Way, *, pool: Pool, calm: Calm | None = None, clock: Clock | None = None
) -> AsyncIterator[RepositoryScan[GitHubApp]]:
    """Yield the scan of a repository with everything it needs; it reaches the world by *way*.

    GitHub's budgets are kept behind *pool*. It is as *calm* as is usual and lives by the machine's clock, unless
    something else is said.
    """
    clock = clock or SystemClock()
    async with (
        github_client() as http,
        open_inspectors(settings, way) as inspections,
        open_targets(settings) as targets,
    ):
        github = GitHubApp(
            signer=AppSigner(app.app_id, app.private_key, *app.older_private_keys),
            http=http,
            base_url=app.github_api,
            clock=clock,
            budgets=_budgets(app, pool, clock),
        )
        yield RepositoryScan(
            app=github,
            inspections=inspections,
            keys=MarkerKeys(app.webhook_secrets),
            prefix=branch_prefix(app.slug),
            clock=clock,
            calm=calm or _calm(app),
            gate=StoreGate(pool=pool, writes=settings.operating.writes),
            neighbours=InstalledNeighbours(app=github, find=partial(_repository_called, pool), clock=clock),
            targets=targets,
        )


async def _repository_called(pool: Pool, installation_id: int, full_name: str) -> int | None:
    async with pool.connection() as connection:
        return await repository_called(connection, installation_id, full_name)


@asynccontextmanager
async def open_channels(settings: Settings, way: Way) -> AsyncIterator[ChannelHashes]:
    """Yield what tells which names of a channel changed, as far as anybody may read it."""
    public = way.sources(NOBODY).channels
    async with httpx.AsyncClient(timeout=settings.channels.timeout, follow_redirects=False) as http:
        yield ChannelHashes(http, public, check_url=way.egress.check_channel_url)


@asynccontextmanager
async def open_advisory_source(way: Way) -> AsyncIterator[Advisories | None]:
    """Yield what knows all advisories, None where nobody says where these are."""
    async with httpx.AsyncClient() as http:
        yield advisory_index(http, way.sources(NOBODY).indexes, way.egress)


def duties(scan: RepositoryScan[GitHubApp], channels: Channels, advisories: Advisories | None) -> Duties:
    """Return what is asked of GitHub, of channels and of *advisories* by the clock."""

    async def heed(pool: Pool) -> None:
        if advisories is not None:
            log.info("advisories were looked at: %s", await heed_advisories(pool, advisories))

    async def watch(pool: Pool) -> None:
        watched = await watch_channels(pool, channels)
        log.info("channels were looked at: %s", watched)

    listed = partial(list_installations, app=scan.app)
    swept = partial(sweep, app=scan.app, clock=scan.clock)
    return Duties(
        at_start={LISTING: listed, SWEEPING: swept},
        by_cron={
            EVERY_FIVE_MINUTES: {WATCHING: watch},
            EVERY_TEN_MINUTES: {SWEEPING: swept},
            EVERY_HOUR: {LISTING: listed, HEEDING: heed},
        },
        always=partial(list_repositories, app=scan.app),
    )


def _budgets(app: AppSettings, pool: Pool, clock: Clock) -> Budgets:
    """A GitHub on this machine limits nobody."""
    return (
        Throttles(pace=LOCAL_PACE, clock=clock) if is_local(app.github_api) else StoredBudgets(pool=pool, clock=clock)
    )


def _calm(app: AppSettings) -> Calm:
    """On a GitHub on this machine nobody is disturbed."""
    return AT_ONCE if is_local(app.github_api) else Calm()


def build_work(
    app: AppSettings, scan: RepositoryScan[GitHubApp], channels: Channels, advisories: Advisories | None
) -> Work:
    """Return what workers do: scans, and what is asked of GitHub, *channels* and *advisories* by the clock."""
    return replace(build_scans(app, scan), duties=duties(scan, channels, advisories))


def build_scans(app: AppSettings, scan: RepositoryScan[GitHubApp]) -> Work:
    """Return what workers do because of deliveries: *scan*, and what else these ask for."""
    policy = WebhookPolicy(is_relevant=is_relevant, branch_prefix=branch_prefix(app.slug), bot=f"{app.slug}[bot]")
    look = ChangeLook(
        app=scan.app,
        inspections=scan.inspections,
        clock=scan.clock,
        blobs=scan.blobs,
        gate=scan.gate,
        neighbours=scan.neighbours,
    )
    relocking = Relocking(
        app=scan.app,
        inspections=scan.inspections,
        clock=scan.clock,
        blobs=scan.blobs,
        neighbours=scan.neighbours,
    )
    explaining = Explaining(
        app=scan.app,
        inspections=scan.inspections,
        clock=scan.clock,
        blobs=scan.blobs,
        neighbours=scan.neighbours,
    )
    commands = Commands(
        app=scan.app,
        keys=scan.keys,
        prefix=scan.prefix,
        clock=scan.clock,
        gate=scan.gate,
        relocking=relocking,
        explaining=explaining,
    )
    return Work(scan=scan, look=look, carry_out=commands, expander=partial(requests_of, policy=policy), duties=Duties())
