"""`POST /webhook`: believe GitHub's signature and nothing else, write the delivery down as it came, answer.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
Whoever cannot have GitHub's signature is sent away before a byte of the body is read, and nothing of a body is parsed
before its signature is right. What a delivery asks for is not this process's business: it is one row, and GitHub has
its answer. It wants that within ten seconds and does not deliver again by itself.
"""

import asyncio
import hmac
import logging
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import psycopg
from aiohttp import web

from bot import metrics
from bot.errors import BadInput
from bot.handlers import router
from bot.handlers.payloads import ids_of
from bot.logs import About, bind
from bot.metrics import DeliveryResult
from bot.store.database import Pool
from bot.store.deliveries import Delivery, store_delivery

log = logging.getLogger(__name__)

LARGEST_BODY = 26_214_400
"""Bytes. GitHub caps payloads at 25 MB and does not say of which kind: so the larger one."""

SMALL_BODY = 1_048_576
"""Bytes. Nearly every payload is smaller; those never wait for the large ones."""

LARGE_AT_ONCE = 4
SECONDS_TO_WAIT = 5
SECONDS_TO_READ = 10
SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}", re.ASCII)
GUID = re.compile(r"[!-~]{1,100}", re.ASCII)
EVENT = re.compile(r"[a-z0-9_]{1,100}", re.ASCII)


def is_signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Say whether *signature*, the header `X-Hub-Signature-256`, is that of *body* by one of *secrets*."""
    given = signature.encode("utf-8", "surrogateescape")
    return any(
        hmac.compare_digest(b"sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest().encode(), given)
        for secret in secrets
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """The endpoint. `secrets` are more than one during a rotation; `pool` is one for an inbox (`make_inbox_pool`)."""

    secrets: tuple[str, ...] = field(repr=False)
    pool: Pool
    _large: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LARGE_AT_ONCE))

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a delivery: 202 if it is GitHub's, whatever comes of it; 4xx otherwise."""
        began, result = time.monotonic(), DeliveryResult.REFUSED
        try:
            response = await self._answer(request)
            result = DeliveryResult.STORED
        finally:
            metrics.delivery_answered(result, time.monotonic() - began)
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        signature = _signature(request)
        body = await self._body(request)
        if not is_signed(body, signature, self.secrets):
            raise web.HTTPUnauthorized(text="the signature is not GitHub's")
        delivery = _delivery(request, body)
        bind(About(delivery=delivery.guid, installation=delivery.installation_id or 0))
        await self._store(delivery)
        log.info("a delivery of %s is stored", delivery.event)
        return web.Response(status=HTTPStatus.ACCEPTED, text="stored")

    async def _store(self, delivery: Delivery) -> None:
        """Store it; once more where the connection was broken, for a delivery is one row however often it is stored."""
        try:
            async with self.pool.connection() as connection:
                await store_delivery(connection, delivery)
        except psycopg.OperationalError:
            await self.pool.check()
            async with self.pool.connection() as connection:
                await store_delivery(connection, delivery)

    async def _body(self, request: web.Request) -> bytes:
        """Return the raw body, of which never more than the limit is held."""
        async with self._room(request.content_length):
            try:
                async with asyncio.timeout(SECONDS_TO_READ):
                    return await request.read()
            except TimeoutError as error:
                raise web.HTTPRequestTimeout from error
            except ConnectionResetError as error:
                raise web.HTTPBadRequest(text="whoever sent it has hung up") from error

    @asynccontextmanager
    async def _room(self, length: int | None) -> AsyncIterator[None]:
        """Have room for a body of *length* bytes, None if nobody said how many; few large ones are read at once."""
        if length is not None and length > LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, length)
        if length is not None and length <= SMALL_BODY:
            yield
            return
        try:
            async with asyncio.timeout(SECONDS_TO_WAIT):
                await self._large.acquire()
        except TimeoutError as error:
            raise web.HTTPServiceUnavailable(text="too many large bodies are being read") from error
        try:
            yield
        finally:
            self._large.release()


def _signature(request: web.Request) -> str:
    """Return the signature that a request came with, before anything of its body is read."""
    if "Content-Encoding" in request.headers:
        raise web.HTTPUnsupportedMediaType(text="GitHub does not encode its payloads")
    signature = request.headers.get("X-Hub-Signature-256", "")
    if not SIGNATURE.fullmatch(signature):
        raise web.HTTPUnauthorized(text="the signature is not GitHub's")
    return signature


def _delivery(request: web.Request, body: bytes) -> Delivery:
    """Return the delivery that a request brought; of what nobody waits for only the ids are kept."""
    guid, event = request.headers.get("X-GitHub-Delivery", ""), request.headers.get("X-GitHub-Event", "")
    if not GUID.fullmatch(guid):
        raise web.HTTPBadRequest(text="X-GitHub-Delivery is missing")
    if not EVENT.fullmatch(event):
        raise web.HTTPBadRequest(text="X-GitHub-Event is missing")
    try:
        ids = ids_of(body)
    except BadInput as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return Delivery(
        guid=guid,
        event=event,
        body=body if router(event) else None,
        installation_id=ids.installation_id,
        repository_id=ids.repository_id,
    )
