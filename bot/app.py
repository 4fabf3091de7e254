"""The intake, put together: its routes, what they need, and in which order that starts and stops.

It shares its event loop with no work: whoever works does so in a process of their own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from aiohttp import web

from bot.clock import Clock, SystemClock
from bot.github.people import People, web_address
from bot.settings import GITHUB_API, PagesSettings
from bot.store.database import Pool, make_inbox_pool, make_pool
from bot.store.migrate import migrate
from bot.web.health import Readiness, health
from bot.web.metrics import MetricsPage
from bot.web.pages.ports import PagesSetup
from bot.web.pages.site import routes as page_routes
from bot.web.webhook import LARGEST_BODY, Webhook

PAGES_AT_ONCE = 2
"""Connections to the database that the pages share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the intake is made of. `conninfo` names a PostgreSQL server, `webhook_secrets` has the newest first.

    Pages are served where somebody can sign in: with a token that *pages* have, or as `people` whom GitHub knows. They
    tell the time by the `clock`.
    """

    conninfo: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    pages: PagesSettings = field(default_factory=PagesSettings)
    people: People | None = None
    github_api: str = GITHUB_API
    clock: Clock = field(default_factory=SystemClock)


def build_app(service: Service) -> web.Application:
    """Return the web application; when it starts, the database is migrated and everything is opened."""
    inbox, pool = make_inbox_pool(service.conninfo), make_pool(service.conninfo)
    webhook = Webhook(secrets=service.webhook_secrets, pool=inbox)
    app = web.Application(client_max_size=LARGEST_BODY + 1)
    app.add_routes(
        [
            web.get("/health", health),
            web.get("/ready", Readiness(pool=pool).handle),
            web.get("/metrics", MetricsPage(pool=pool, operator_token=service.pages.operator_token).handle),
            web.post("/webhook", webhook.handle),
        ]
    )
    app.cleanup_ctx.append(_database(service, inbox, pool))
    if service.pages.operator_token or service.people:
        _add_pages(app, service, pool)
    return app


def _add_pages(app: web.Application, service: Service, pool: Pool) -> None:
    """Serve the pages, which read through connections of their own."""
    reading = make_pool(service.conninfo, size=PAGES_AT_ONCE)
    setup = PagesSetup(
        pool=pool,
        reading=reading,
        clock=service.clock,
        webhook_secrets=service.webhook_secrets,
        operator_token=service.pages.operator_token,
        people=service.people,
        url=service.pages.url,
        github=web_address(service.github_api),
    )

    async def opened(_: web.Application) -> AsyncIterator[None]:
        async with reading:
            yield

    app.cleanup_ctx.append(opened)
    app.add_routes(page_routes(setup))


def _database(service: Service, inbox: Pool, pool: Pool) -> Callable[[web.Application], AsyncIterator[None]]:
    async def opened(_: web.Application) -> AsyncIterator[None]:
        await asyncio.to_thread(migrate, service.conninfo)
        async with inbox, pool:
            yield

    return opened
