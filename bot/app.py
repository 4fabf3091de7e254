"""The service, put together: its routes, what they need, and in which order that starts and stops."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from aiohttp import web
from procrastinate import App as Queue

from bot.clock import Clock, SystemClock
from bot.handlers.policy import WebhookPolicy
from bot.jobs.queue import build_queue
from bot.jobs.report import Scan
from bot.jobs.worker import keep_working
from bot.store.database import Pool, make_pool
from bot.store.migrate import migrate
from bot.web.health import Readiness, health
from bot.web.webhook import LARGEST_BODY, Webhook

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the service is made of. With `scan` it works off jobs itself; without, other processes do.

    `conninfo` names a PostgreSQL server, `webhook_secrets` has the newest first.
    """

    conninfo: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    policy: WebhookPolicy
    scan: Scan | None = None
    clock: Clock = field(default_factory=SystemClock)


def build_app(service: Service) -> web.Application:
    """Return the web application; when it starts, the database is migrated and everything is opened."""
    pool, queue = make_pool(service.conninfo), build_queue()
    webhook = Webhook(secrets=service.webhook_secrets, policy=service.policy, pool=pool, queue=queue)
    app = web.Application(client_max_size=LARGEST_BODY + 1)
    app.add_routes(
        [
            web.get("/health", health),
            web.get("/ready", Readiness(pool=pool).handle),
            web.post("/webhook", webhook.handle),
        ]
    )
    app.cleanup_ctx.append(_database(service, pool, queue))
    if service.scan:
        app.cleanup_ctx.append(_worker(service, pool, service.scan))
    return app


def _database(service: Service, pool: Pool, queue: Queue) -> Callable[[web.Application], AsyncIterator[None]]:
    async def opened(_: web.Application) -> AsyncIterator[None]:
        await asyncio.to_thread(migrate, service.conninfo)
        async with pool, queue.open_async(pool):
            yield

    return opened


def stop_without_worker(work: asyncio.Task[None]) -> None:
    """End the process when its worker died of a defect: accepting deliveries that nobody works off helps nobody.

    Raises:
        GracefulExit: aiohttp then stops as on SIGTERM, and whoever supervises the process starts it again.

    """
    if not work.cancelled() and (error := work.exception()):
        log.critical("the worker died, the service stops", exc_info=error)
        raise web.GracefulExit


def _worker(service: Service, pool: Pool, scan: Scan) -> Callable[[web.Application], AsyncIterator[None]]:
    async def working(_: web.Application) -> AsyncIterator[None]:
        work = asyncio.create_task(keep_working(service.conninfo, pool, scan, service.clock))
        work.add_done_callback(stop_without_worker)
        yield
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    return working
