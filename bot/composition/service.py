"""The parts of the App, put together from settings: the scan that workers run, the web application, the processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
from aiohttp import web

from bot.app import Service, build_app
from bot.children.bounds import MEBIBYTE
from bot.clock import Clock, SystemClock
from bot.composition.way import Way
from bot.github.auth import AppSigner, GitHubApp
from bot.github.ours import MarkerKeys
from bot.github.throttle import GITHUB_PACE, LOCAL_PACE, Pace
from bot.handlers.policy import WebhookPolicy
from bot.inspecting import Inspectors, ScanLimits, Supplies
from bot.jobs.scan import RepositoryScan
from bot.relock import SolverPool
from bot.settings import AppSettings, Settings
from bot.updating.memory import Shelf
from bot.updating.read.relevance import is_relevant

GITHUB_TIMEOUT = 30.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def branch_prefix(app: AppSettings) -> str:
    """Return the prefix of the bot's branches: its slug, which is unique among Apps."""
    return f"{app.slug}/"


@asynccontextmanager
async def open_scan(settings: Settings, app: AppSettings, way: Way) -> AsyncIterator[RepositoryScan]:
    """Yield the scan of a repository with everything it needs; it reaches the world by *way*."""
    clock = SystemClock()
    async with (
        httpx.AsyncClient(timeout=GITHUB_TIMEOUT, follow_redirects=False) as http,
        open_inspectors(settings, way) as inspections,
    ):
        signer = AppSigner(app.app_id, app.private_key)
        yield RepositoryScan(
            app=GitHubApp(signer=signer, http=http, base_url=app.github_api, clock=clock, pace=_pace(app)),
            inspections=inspections,
            keys=MarkerKeys(app.webhook_secrets),
            prefix=branch_prefix(app),
            clock=clock,
        )


@asynccontextmanager
async def open_inspectors(settings: Settings, way: Way) -> AsyncIterator[Inspectors]:
    """Yield what looks at repositories, in children; *way* learns from them where indexes keep their files."""
    processes = settings.solver_processes
    async with SolverPool(settings.channels, processes=processes, environment=way.environment) as solvers:
        supplies = Supplies(
            sources=way.sources,
            egress=settings.egress,
            environment=way.environment,
            processes=processes,
            solvers=solvers,
            allow_files_at=way.egress.allow_files_at,
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


def _pace(app: AppSettings) -> Pace:
    """A GitHub on this machine limits nobody."""
    return LOCAL_PACE if urlsplit(app.github_api).hostname in LOOPBACK else GITHUB_PACE


def web_application(app: AppSettings, conninfo: str, scan: RepositoryScan | None, clock: Clock) -> web.Application:
    """Return the web application; with *scan* it works off jobs itself."""
    policy = WebhookPolicy(is_relevant=is_relevant, branch_prefix=branch_prefix(app))
    service = Service(conninfo=conninfo, webhook_secrets=app.webhook_secrets, policy=policy, scan=scan, clock=clock)
    return build_app(service)
