"""`GET /health`: the process answers. `GET /ready`: it can do its work, which needs the database."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

import psycopg
from aiohttp import web
from psycopg_pool import PoolTimeout

from bot.store.database import Pool

PATIENCE = 5.0


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
