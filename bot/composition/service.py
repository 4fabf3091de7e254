"""The parts of the App, put together from settings: the scan that workers run, the web application, the processes."""

from collections.abc import AsyncIterator, Iterable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
from aiohttp import web

from bot.app import Service, build_app
from bot.clock import Clock, SystemClock
from bot.composition.engine import open_engine
from bot.egress import CHANNEL_HOSTS, EgressPolicy, EgressProxy, default_index_url
from bot.github.auth import AppSigner, GitHubApp
from bot.github.ours import MarkerKeys
from bot.github.throttle import GITHUB_PACE, LOCAL_PACE, Pace
from bot.handlers.policy import WebhookPolicy
from bot.jobs.scan import RepositoryScan
from bot.planning.policy import Policy
from bot.settings import PYPI_MAPPING, AppSettings, ChannelSettings, Settings
from bot.updating.read.relevance import is_relevant

GITHUB_TIMEOUT = 30.0
PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def branch_prefix(app: AppSettings) -> str:
    """Return the prefix of the bot's branches: its slug, which is unique among Apps."""
    return f"{app.slug}/"


@asynccontextmanager
async def open_scan(
    settings: Settings, app: AppSettings, environment: Mapping[str, str], egress: EgressPolicy
) -> AsyncIterator[RepositoryScan]:
    """Yield the scan of a repository with everything it needs; *environment* is what solver processes may see."""
    clock = SystemClock()
    async with (
        httpx.AsyncClient(timeout=GITHUB_TIMEOUT, follow_redirects=False) as http,
        open_engine(
            settings.channels,
            settings.pypi,
            egress=egress,
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


def egress_policy(settings: Settings) -> EgressPolicy:
    """Return what repositories may name as channels and indexes: public ones, and those that the operator has set up.

    A mirror is none of them: where bytes come from is not what a lock may say.
    """
    channels, index_url, mapping_url = settings.channels, settings.pypi.index_url, settings.pypi.mapping_url
    named = [
        channels.channel_alias,
        *(channels.default_channels or ()),
        *(mirror.canonical for mirror in channels.mirrors),
        index_url or default_index_url(),
        *([mapping_url] if mapping_url else []),
    ]
    hosts = CHANNEL_HOSTS | {urlsplit(url).hostname or "" for url in named}
    chosen = {index_url, mapping_url} - {None, PYPI_MAPPING}
    return EgressPolicy(hosts=hosts, trusted=frozenset(url for url in chosen if url))


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


def _pace(app: AppSettings) -> Pace:
    """A GitHub on this machine limits nobody."""
    return LOCAL_PACE if urlsplit(app.github_api).hostname in LOOPBACK else GITHUB_PACE


def web_application(app: AppSettings, conninfo: str, scan: RepositoryScan | None, clock: Clock) -> web.Application:
    """Return the web application; with *scan* it works off jobs itself."""
    policy = WebhookPolicy(is_relevant=is_relevant, branch_prefix=branch_prefix(app))
    service = Service(conninfo=conninfo, webhook_secrets=app.webhook_secrets, policy=policy, scan=scan, clock=clock)
    return build_app(service)
