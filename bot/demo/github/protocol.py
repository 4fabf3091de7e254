"""What every request to the API goes through, whatever it asks for.

User agent, API version, faults, credentials, the operation itself, validation, conditional requests, rate limits.
https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

from aiohttp import web

from bot.demo.github import fault_answers, limits, permissions
from bot.demo.github.auth import Credential, InstallationCredential, authenticate
from bot.demo.github.dispatch import Dispatcher, Incoming, Target, parse_body
from bot.demo.github.errors import ApiError
from bot.demo.github.faults import Fault, FaultKind, Faults
from bot.demo.github.graphql.session import Quota
from bot.demo.github.journal import RequestRecord
from bot.demo.github.model import iso
from bot.demo.github.rest.call import Reply
from bot.demo.github.state import State

API_VERSION = "2022-11-28"
SUPPORTED_VERSIONS = frozenset({API_VERSION, "2026-03-10"})
UNIDENTIFIED = Target(name="", operation=None, parameters={}, changes_repository=False)

WriteObserver = Callable[[int, str, str], Awaitable[None] | None]


class DropConnection(Exception):
    """Break the connection without an answer; a write observer may raise it."""


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request on its way through: what is known of it so far."""

    incoming: Incoming
    target: Target = UNIDENTIFIED
    credential: Credential | None = None
    fault: Fault | None = None
    wrote: bool = False

    @property
    def resource(self) -> str:
        """Return which budget it is taken from."""
        return "graphql" if self.incoming.path == "/graphql" else "core"

    @property
    def caller(self) -> str:
        """Return whose budget it is taken from."""
        if isinstance(self.credential, InstallationCredential):
            return f"installation {self.credential.installation.id}"
        return "app"

    @property
    def asked(self) -> fault_answers.Asked:
        """Return what faults have to know."""
        needed = permissions.REST.get(self.target.name, ())
        return fault_answers.Asked(caller=self.caller, graphql=self.incoming.path == "/graphql", needed=needed)


class Protocol:
    """The way of a request through this GitHub."""

    def __init__(self, *, state: State, dispatcher: Dispatcher, faults: Faults, violations: list[str]) -> None:
        self.requests: list[RequestRecord] = []
        self.rate_limits = limits.RateLimits()
        self.secondary_limits: limits.SecondaryLimits | None = None
        self.before_write: WriteObserver | None = None
        self.after_write: WriteObserver | None = None
        self.writes = 0
        self._state = state
        self._dispatcher = dispatcher
        self._faults = faults
        self._violations = violations

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request to the API."""
        try:
            return await self._answer(request)
        except DropConnection:
            if request.transport is not None:  # pragma: no branch - it is None only once the client has gone
                request.transport.close()
            return web.Response(status=500)
        except Exception as error:
            self._violations.append(f"{request.method} {request.path}: this GitHub failed: {error!r}")
            raise

    async def _answer(self, request: web.Request) -> web.Response:
        exchange = Exchange(incoming=_incoming(request, None))
        try:
            self._check_headers(request)
            exchange.incoming = self._dispatcher.resolved(_incoming(request, parse_body(await request.read())))
            reply = await self._perform(exchange, request.headers.get("Authorization", ""))
        except ApiError as error:
            reply = Reply(status=error.status, facts=error.body, headers=error.headers)
        body = self._dispatcher.answer(exchange.incoming, exchange.target.operation, reply)
        self._record(exchange, reply.status)
        await self._observe(exchange)
        response = self._finish(exchange, reply, body, request.headers.get("If-None-Match"))
        if exchange.fault and exchange.fault.kind is FaultKind.HALF_ANSWER:
            await _send_half(request, response, body)
            raise DropConnection
        return response

    def _check_headers(self, request: web.Request) -> None:
        """Refuse what GitHub refuses whatever is asked for.

        https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
        https://docs.github.com/en/rest/about-the-rest-api/api-versions
        """
        if not request.headers.get("User-Agent"):
            raise ApiError(403, "Request forbidden by administrative rules: it has no User-Agent header")
        version = request.headers.get("X-GitHub-Api-Version", API_VERSION)
        if version not in SUPPORTED_VERSIONS:
            raise ApiError(400, f"{version} is not a supported version of the API")

    async def _perform(self, exchange: Exchange, authorization: str) -> Reply:
        exchange.target = self._dispatcher.target(exchange.incoming)
        exchange.fault = self._faults.strike(exchange.target.name, write=exchange.target.changes_repository)
        exchange.credential = authenticate(self._state, authorization)
        if exchange.fault and exchange.fault.kind is FaultKind.RESET_BEFORE:
            raise DropConnection
        if exchange.fault and exchange.fault.kind is FaultKind.HANG:
            await self._faults.hang()
        if exchange.fault and exchange.fault.kind not in fault_answers.DONE:
            return fault_answers.answer(exchange.asked, exchange.fault)
        budget = self.rate_limits.budget(exchange.caller, exchange.resource, self._state.now())
        if self.rate_limits.remaining(budget) == 0:
            return fault_answers.exhausted(exchange.asked)
        if wait := self._secondary_wait(exchange):
            return fault_answers.slow_down(403, wait)
        budget.used += 1
        quota = Quota(
            limit=self.rate_limits.limit,
            remaining=self.rate_limits.remaining(budget),
            reset_at=iso(budget.resets_at),
        )
        if exchange.target.changes_repository:
            await _call(self.before_write, self.writes + 1, exchange.incoming)
        reply = self._dispatcher.perform(exchange.incoming, exchange.target, exchange.credential, quota)
        exchange.wrote = exchange.target.changes_repository
        return reply

    def _secondary_wait(self, exchange: Exchange) -> int:
        if self.secondary_limits is None:
            return 0
        write = exchange.target.changes_repository
        return self.secondary_limits.wait(exchange.caller, self._state.now(), write=write)

    async def _observe(self, exchange: Exchange) -> None:
        if exchange.wrote:
            self.writes += 1
            await _call(self.after_write, self.writes, exchange.incoming)
        if exchange.fault and exchange.fault.kind is FaultKind.RESET_AFTER:
            raise DropConnection

    def _record(self, exchange: Exchange, status: int) -> None:
        credential = exchange.credential
        installation = credential if isinstance(credential, InstallationCredential) else None
        record = RequestRecord(
            method=exchange.incoming.method,
            path=exchange.incoming.path,
            status=status,
            operation=exchange.target.name,
            is_write=exchange.wrote,
            needed=tuple(installation.demanded) if installation else (),
            token=installation.token if installation else None,
        )
        self.requests.append(record)

    def _finish(self, exchange: Exchange, reply: Reply, body: bytes, known_etag: str | None) -> web.Response:
        headers = {**reply.headers, "x-github-api-version-selected": API_VERSION, "x-github-media-type": "github.v3"}
        budget = self.rate_limits.budget(exchange.caller, exchange.resource, self._state.now())
        status = reply.status
        if exchange.incoming.method == "GET" and status == HTTPStatus.OK:
            headers["etag"] = f'W/"{sha256(body).hexdigest()}"'
            if known_etag == headers["etag"]:
                # https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests
                budget.used -= 1
                status, body = 304, b""
        headers = self.rate_limits.headers(budget, exchange.resource) | headers
        if body:
            headers["content-type"] = _content_type(reply)
        return web.Response(status=status, body=body or None, headers=headers)


async def _send_half(request: web.Request, response: web.Response, body: bytes) -> None:
    """Send the headers of an answer and half of its body."""
    half = web.StreamResponse(status=response.status, headers=response.headers)
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])


def _incoming(request: web.Request, body: object) -> Incoming:
    return Incoming(
        method=request.method,
        path=request.rel_url.raw_path,
        query=dict(request.rel_url.query),
        body=body,
        accept=request.headers.get("Accept", ""),
    )


def _content_type(reply: Reply) -> str:
    return "application/json; charset=utf-8" if reply.raw is None else reply.content_type


async def _call(observer: WriteObserver | None, count: int, incoming: Incoming) -> None:
    if observer is None:
        return
    waiting = observer(count, incoming.method, incoming.path)
    if inspect.isawaitable(waiting):
        await waiting
