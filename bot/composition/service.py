"""The parts of the App, put together from settings: the scan that workers run, the web application, the processes."""

from collections.abc import AsyncIterator, Iterable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import httpx

from bot.children.bounds import MEBIBYTE
from bot.clock import Clock, SystemClock
from bot.composition.budgets import StoredBudgets
from bot.egress import EgressPolicy, EgressProxy
from bot.github.auth import AppSigner, GitHubApp
from bot.github.ours import MarkerKeys
from bot.github.throttle import LOCAL_PACE, Budgets, Throttles
from bot.handlers import requests_of
from bot.handlers.policy import WebhookPolicy
from bot.inspecting import Inspectors, ScanLimits, Supplies
from bot.jobs.calm import AT_ONCE, Calm
from bot.jobs.gate import StoreGate
from bot.jobs.listing import list_installations, list_repositories
from bot.jobs.scan import RepositoryScan
from bot.jobs.sweep import sweep
from bot.jobs.upkeep import EVERY_HOUR, EVERY_TEN_MINUTES, Duties
from bot.jobs.worker import Work
from bot.relock import SolverPool
from bot.settings import AppSettings, ChannelSettings, Settings
from bot.store.database import Pool
from bot.updating.memory import Shelf
from bot.updating.read.relevance import is_relevant

GITHUB_TIMEOUT = 30.0
PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
LISTING, SWEEPING = "list installations", "sweep deliveries"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def branch_prefix(app: AppSettings) -> str:
    """Return the prefix of the bot's branches: its slug, which is unique among Apps."""
    return f"{app.slug}/"


@asynccontextmanager
async def open_scan(
    settings: Settings,
    app: AppSettings,
    environment: Mapping[str, str],
    egress: EgressPolicy,
    *,
    pool: Pool,
    calm: Calm | None = None,
) -> AsyncIterator[RepositoryScan]:
    """Yield the scan of a repository with everything it needs; *environment* is what solver processes may see.

    GitHub's budgets are kept behind *pool*. It is as *calm* as is usual, unless that is said.
    """
    clock = SystemClock()
    async with (
        httpx.AsyncClient(timeout=GITHUB_TIMEOUT, follow_redirects=False) as http,
        open_inspectors(settings, environment, egress) as inspections,
    ):
        signer = AppSigner(app.app_id, app.private_key)
        yield RepositoryScan(
            app=GitHubApp(
                signer=signer,
                http=http,
                base_url=app.github_api,
                clock=clock,
                budgets=_budgets(app, pool, clock),
            ),
            inspections=inspections,
            keys=MarkerKeys(app.webhook_secrets),
            prefix=branch_prefix(app),
            clock=clock,
            calm=calm or _calm(app),
            gate=StoreGate(pool=pool, writes=settings.operating.writes),
        )


@asynccontextmanager
async def open_inspectors(
    settings: Settings, environment: Mapping[str, str], egress: EgressPolicy
) -> AsyncIterator[Inspectors]:
    """Yield what looks at repositories, in children; *egress* learns from them where indexes keep their files."""
    async with SolverPool(settings.channels, processes=settings.solver_processes, environment=environment) as solvers:
        supplies = Supplies(
            channels=settings.channels,
            indexes=settings.pypi,
            environment=environment,
            processes=settings.solver_processes,
            solvers=solvers,
            allow_files_at=egress.allow_files_at,
            shelf=Shelf(),
        )
        async with Inspectors(supplies, scan_limits(settings)) as inspections:
            yield inspections


def scan_limits(settings: Settings) -> ScanLimits:
    """Return the bounds of one look at a repository."""
    return ScanLimits(
        seconds=settings.scan_seconds,
        processor_seconds=settings.scan_processor_seconds,
        memory=settings.scan_memory * MEBIBYTE,
    )


@asynccontextmanager
async def guarded(
    settings: Settings, app: AppSettings, environment: MutableMapping[str, str], egress: EgressPolicy
) -> AsyncIterator[Mapping[str, str]]:
    """Send every outbound call of this process and of its children through an `EgressProxy`, by *environment*.

    It must be given the very policy that the scan has, which learns where indexes keep their files.
    An operator who named a proxy of their own has their own policy there, and it stays.
    """
    if any(environment.get(name) for name in PROXY_VARIABLES):
        yield environment
        return
    trusted = {app.github_api, settings.channels.channel_alias, *_mirror_urls(settings.channels)}
    async with EgressProxy(replace(egress, trusted=egress.trusted | trusted)) as proxy:
        environment.update(dict.fromkeys(PROXY_VARIABLES, proxy.url))
        try:
            yield environment
        finally:
            for name in PROXY_VARIABLES:
                del environment[name]


def _mirror_urls(channels: ChannelSettings) -> Iterable[str]:
    return (mirror.url for mirror in channels.mirrors)


def duties(scan: RepositoryScan) -> Duties:
    """Return what is asked of GitHub by the clock."""
    listed = partial(list_installations, app=scan.app)
    swept = partial(sweep, app=scan.app, clock=scan.clock)
    return Duties(
        at_start={LISTING: listed, SWEEPING: swept},
        by_cron={EVERY_HOUR: {LISTING: listed}, EVERY_TEN_MINUTES: {SWEEPING: swept}},
        always=partial(list_repositories, app=scan.app),
    )


def _budgets(app: AppSettings, pool: Pool, clock: Clock) -> Budgets:
    """A GitHub on this machine limits nobody."""
    return Throttles(pace=LOCAL_PACE, clock=clock) if _is_local(app) else StoredBudgets(pool=pool, clock=clock)


def _calm(app: AppSettings) -> Calm:
    """On a GitHub on this machine nobody is disturbed."""
    return AT_ONCE if _is_local(app) else Calm()


def _is_local(app: AppSettings) -> bool:
    return urlsplit(app.github_api).hostname in LOOPBACK


def build_work(app: AppSettings, scan: RepositoryScan) -> Work:
    """Return what workers do: *scan*, what deliveries ask for, and what is asked of GitHub by the clock."""
    policy = WebhookPolicy(is_relevant=is_relevant, branch_prefix=branch_prefix(app), bot=f"{app.slug}[bot]")
    return Work(scan=scan, expander=partial(requests_of, policy=policy), duties=duties(scan))
