"""The intake, put together: its routes, what they need, and in which order that starts and stops.

It shares its event loop with no work: whoever works does so in a process of their own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from aiohttp import web

from bot.store.database import Pool, make_pool
from bot.store.migrate import migrate
from bot.web.health import Readiness, health
from bot.web.webhook import LARGEST_BODY, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the intake is made of. `conninfo` names a PostgreSQL server, `webhook_secrets` has the newest first."""

    conninfo: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)


def build_app(service: Service) -> web.Application:
    """Return the web application; when it starts, the database is migrated and everything is opened."""
    pool = make_pool(service.conninfo)
    webhook = Webhook(secrets=service.webhook_secrets, pool=pool)
    app = web.Application(client_max_size=LARGEST_BODY + 1)
    app.add_routes(
        [
            web.get("/health", health),
            web.get("/ready", Readiness(pool=pool).handle),
            web.post("/webhook", webhook.handle),
        ]
    )
    app.cleanup_ctx.append(_database(service, pool))
    return app


def _database(service: Service, pool: Pool) -> Callable[[web.Application], AsyncIterator[None]]:
    async def opened(_: web.Application) -> AsyncIterator[None]:
        await asyncio.to_thread(migrate, service.conninfo)
        async with pool:
            yield

    return opened
