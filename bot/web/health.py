"""`GET /health`: the process lives. `GET /ready`: it can do its work, which needs the database.

The intake lives as long as it answers. A worker listens by itself, if it is to be watched: it lives as long as its
event loop turns, or else it would not answer, and its lease is held, or else it gets no jobs.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

import psycopg
from aiohttp import web
from psycopg_pool import PoolTimeout

from bot.jobs.pulse import Pulse
from bot.store.database import Pool
from bot.web.metrics import MetricsPage

PATIENCE = 5.0
GRACE = 1.0
"""Seconds that requests get to end when a worker stops."""


async def health(request: web.Request) -> web.Response:  # noqa: ARG001 - aiohttp's signature
    """Answer 200."""
    return web.Response(text="alive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The endpoint."""

    pool: Pool

    async def handle(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's signature
        """Answer 200 if the database does, 503 if not."""
        try:
            async with asyncio.timeout(PATIENCE), self.pool.connection(timeout=PATIENCE) as connection:
                await connection.execute("SELECT 1")
        except (psycopg.Error, PoolTimeout, TimeoutError):
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="the database does not answer")
        return web.Response(text="ready")


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """A worker's own `GET /health`."""

    pulse: Pulse

    async def handle(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's signature
        """Answer 200 if the worker can get jobs, 503 if not."""
        if self.pulse.beats:
            return web.Response(text="alive")
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="the worker has no lease")


def worker_app(pool: Pool, pulse: Pulse, metrics: MetricsPage) -> web.Application:
    """Return what a worker answers to."""
    app = web.Application(client_max_size=1)
    app.add_routes(
        [
            web.get("/health", Liveness(pulse=pulse).handle),
            web.get("/ready", Readiness(pool=pool).handle),
            web.get("/metrics", metrics.handle),
        ]
    )
    return app


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    """Have *app* answer at *host* and *port* meanwhile."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()
