"""`GET /metrics`: what this process counted, and what stands in the database at this moment.

The latter is the same whichever process is asked. Who has the operator's token may ask from anywhere; where there is no
token, only who asks from this machine itself: not what a proxy on it passes on.
"""

import asyncio
import hmac
import ipaddress
import logging
from dataclasses import dataclass, field
from http import HTTPStatus

import psycopg
from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from psycopg_pool import PoolTimeout

from bot import metrics
from bot.store.backlog import inbox, least_budget, queue, watched_hosts
from bot.store.database import Connection, Pool
from bot.store.halts import halts

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds for all that is asked of the database."""

AT_ONCE = 2
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""https://prometheus.io/docs/instrumenting/exposition_formats/"""

PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsPage:
    """The endpoint."""

    pool: Pool
    operator_token: str = field(default="", repr=False)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with Prometheus's text; what the database does not tell in time is left out, and said."""
        if not may_read(request, self.operator_token):
            raise web.HTTPForbidden(text="metrics are for the operator")
        if self._room.locked():
            raise web.HTTPTooManyRequests(text="metrics are being read already")
        async with self._room:
            text = metrics.written() + generate_latest(await self._stored())
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE}, status=HTTPStatus.OK)

    async def _stored(self) -> CollectorRegistry:
        registry = CollectorRegistry()
        up = _gauge(registry, "database_up", "Whether the database told its numbers in time.")
        try:
            async with asyncio.timeout(PATIENCE), self.pool.connection(timeout=PATIENCE) as connection:
                await _tell(registry, connection)
        except (psycopg.Error, PoolTimeout, TimeoutError) as error:
            log.warning("the database did not tell its numbers: %s", type(error).__name__)
        else:
            up.set(1)
        return registry


def may_read(request: web.Request, operator_token: str) -> bool:
    """Tell whether *request* comes from the operator."""
    if operator_token:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, f"Bearer {operator_token}".encode())
    passed_on = any(name in request.headers for name in PASSED_ON)
    return not passed_on and _is_loopback(request.remote or "")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


async def _tell(registry: CollectorRegistry, connection: Connection) -> None:
    """Read everything first: half of it would be taken for all."""
    waiting, new, budget, stopped, hosts = (
        await queue(connection),
        await inbox(connection),
        await least_budget(connection),
        await halts(connection),
        await watched_hosts(connection),
    )
    length = _gauge(registry, "queue_length", "Repositories whose turn it is; 10000 is that many or more.", "priority")
    for each in waiting:
        length.labels(each.priority.name.lower()).set(each.number)
    oldest = max((each.oldest for each in waiting), default=0.0)
    _gauge(registry, "queue_oldest_seconds", "How long the first of them has waited.").set(oldest)
    _gauge(registry, "inbox_length", "Deliveries that wait to be expanded.").set(new.number)
    _gauge(registry, "inbox_oldest_seconds", "How long the first of them has waited.").set(new.oldest)
    if budget is not None:
        _gauge(registry, "github_budget_min", "The smallest part of GitHub's limit that an account has left.").set(
            budget
        )
    ages = _gauge(registry, "repodata_age_seconds", "How old what is known of channels that answer is.", "host")
    failing = _gauge(registry, "repodata_failing", "Subdirs of channels that do not answer.", "host")
    for host in hosts:
        ages.labels(host.name).set(host.age)
        failing.labels(host.name).set(host.failing)
    halted = _gauge(registry, "writes_halted", "Whether the operator or the breaker has stopped all writes.")
    halted.set(bool(stopped))


def _gauge(registry: CollectorRegistry, name: str, words: str, *labels: str) -> Gauge:
    return Gauge(name, words, labels, namespace=metrics.PREFIX, registry=registry)
