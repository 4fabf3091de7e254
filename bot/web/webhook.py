"""`POST /webhook`: believe GitHub's signature and nothing else, write down what is to be done, answer.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
Nothing of a body is parsed before its signature is right. A delivery and its jobs are stored in one transaction; GitHub
wants an answer within ten seconds and does not deliver again by itself.
"""

import asyncio
import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web
from procrastinate import App

from bot.errors import BadInput
from bot.handlers import Router, requests_of, router
from bot.handlers.policy import WebhookPolicy
from bot.jobs.queue import enqueue
from bot.jobs.requests import Request
from bot.store.database import Pool
from bot.store.deliveries import Delivery, Receipt, record_delivery

log = logging.getLogger(__name__)

LARGEST_BODY = 25_000_000
"""Bytes: GitHub sends no larger payload."""

AT_ONCE = 8
SECONDS_TO_READ = 10
LONGEST_GUID = 100


def is_signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Say whether *signature*, the header `X-Hub-Signature-256`, is that of *body* by one of *secrets*."""
    given = signature.encode("utf-8", "surrogateescape")
    return any(
        hmac.compare_digest(b"sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest().encode(), given)
        for secret in secrets
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """The endpoint. `secrets` are more than one during a rotation; `queue` is open on `pool`."""

    secrets: tuple[str, ...] = field(repr=False)
    policy: WebhookPolicy
    pool: Pool
    queue: App
    _reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a delivery: 202 if it is GitHub's, whatever comes of it; 4xx otherwise."""
        body = await self._body(request)
        if not is_signed(body, request.headers.get("X-Hub-Signature-256", ""), self.secrets):
            raise web.HTTPUnauthorized(text="the signature is not GitHub's")
        guid = request.headers.get("X-GitHub-Delivery", "")
        if not 0 < len(guid) <= LONGEST_GUID or not guid.isascii():
            raise web.HTTPBadRequest(text="X-GitHub-Delivery is missing")
        found = router(request.headers.get("X-GitHub-Event", ""))
        text = await self._accept(found, guid, body) if found else "ignored"
        return web.Response(status=HTTPStatus.ACCEPTED, text=text)

    async def _body(self, request: web.Request) -> bytes:
        """Return the raw body, of which never more than the limit is held."""
        if (request.content_length or 0) > LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, request.content_length or 0)
        async with self._reading:
            try:
                async with asyncio.timeout(SECONDS_TO_READ):
                    return await request.read()
            except TimeoutError as error:
                raise web.HTTPRequestTimeout from error

    async def _accept(self, found: Router, guid: str, body: bytes) -> str:
        """Store the delivery with its jobs and say what it was."""
        try:
            requests = requests_of(found, body, self.policy)
        except BadInput as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return await self._store(Delivery(guid=guid, event=found.event), requests)

    async def _store(self, delivery: Delivery, requests: Sequence[Request]) -> str:
        async with self.pool.connection() as connection:
            receipt = await record_delivery(connection, delivery)
            if receipt is Receipt.NEW:
                for request in requests:
                    await enqueue(self.queue, connection, request)
        log.info("delivery %s of %s is %s and asks for %s jobs", delivery.guid, delivery.event, receipt, len(requests))
        return str(receipt)
