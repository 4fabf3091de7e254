"""The parts of the App, put together from settings: the scan that workers run, the web application, the processes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
from aiohttp import web

from bot.app import Service, build_app
from bot.clock import Clock, SystemClock
from bot.egress import EgressPolicy
from bot.github.auth import AppSigner, GitHubApp
from bot.github.ours import MarkerKeys
from bot.github.throttle import GITHUB_PACE, LOCAL_PACE, Pace
from bot.handlers.policy import Policy as WebhookPolicy
from bot.jobs.scan import RepositoryScan
from bot.planning.policy import Policy
from bot.settings import AppSettings, Settings
from bot.updating.engine import open_engine
from bot.updating.relevance import is_relevant

GITHUB_TIMEOUT = 30.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def branch_prefix(app: AppSettings) -> str:
    """Return the prefix of the bot's branches: its slug, which is unique among Apps."""
    return f"{app.slug}/"


@asynccontextmanager
async def open_scan(
    settings: Settings, app: AppSettings, environment: Mapping[str, str]
) -> AsyncIterator[RepositoryScan]:
    """Yield the scan of a repository with everything it needs; *environment* is what solver processes may see."""
    clock = SystemClock()
    trusted = frozenset(mirror.url for mirror in settings.channels.mirrors)
    async with (
        httpx.AsyncClient(timeout=GITHUB_TIMEOUT, follow_redirects=False) as http,
        open_engine(
            settings.channels,
            egress=EgressPolicy(trusted=trusted),
            policy=Policy(),
            processes=settings.solver_processes,
            environment=environment,
        ) as engine,
    ):
        signer = AppSigner(app.app_id, app.private_key)
        yield RepositoryScan(
            app=GitHubApp(signer=signer, http=http, base_url=app.github_api, clock=clock, pace=_pace(app)),
            engine=engine,
            keys=MarkerKeys(app.webhook_secrets),
            prefix=branch_prefix(app),
            clock=clock,
        )


def _pace(app: AppSettings) -> Pace:
    """A GitHub on this machine limits nobody."""
    return LOCAL_PACE if urlsplit(app.github_api).hostname in LOOPBACK else GITHUB_PACE


def web_application(app: AppSettings, conninfo: str, scan: RepositoryScan | None, clock: Clock) -> web.Application:
    """Return the web application; with *scan* it works off jobs itself."""
    policy = WebhookPolicy(is_relevant=is_relevant, branch_prefix=branch_prefix(app))
    service = Service(conninfo=conninfo, webhook_secrets=app.webhook_secrets, policy=policy, scan=scan, clock=clock)
    return build_app(service)
