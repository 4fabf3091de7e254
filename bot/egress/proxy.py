"""A forward proxy on loopback that holds every client behind it to the egress policy.

The policy for names is not enough: a public name may resolve to a private address, may resolve to another one the
second time (DNS rebinding), and a public server may redirect anywhere. So clients are pointed here by their proxy
settings (httpx, py-rattler and uv honour them), and per connection, redirects included: the name is checked, resolved
once, EVERY address is checked, and the connection goes to a checked address. https passes as an opaque tunnel
(`CONNECT`, RFC 9110 section 9.3.6); plain http only to origins that the operator trusts, one request per connection.

Where the operator has a proxy (`bot.egress.upstream`), what passes here goes on through that one: the names are ours to
judge, and so are the addresses as far as names are known here.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self, TypeAlias

from bot.egress.policy import EgressPolicy, origin
from bot.egress.upstream import NextProxies, NextProxy, Streams, absolute_form, request_head
from bot.errors import EgressRefused
from bot.networks import Upstream
from bot.urls import plain_host

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port -> the addresses of the host, at least one; raises OSError if there is none."""

LONGEST_HEAD = 16 * 1024
HEAD_SECONDS = 30
CONNECT_SECONDS = 15
MOST_CONNECTIONS = 200
_CHUNK = 64 * 1024
_AUTHORITY = re.compile(r"\[?([^\[\]@/]+?)\]?:(\d{1,5})")
_HOP_BY_HOP = re.compile(r"(?:proxy-[\w-]+|connection|keep-alive)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """Where a client wants to go: by a tunnel if there is no `method`, else with the head of one request."""

    host: str
    port: int
    method: str = ""
    path: str = ""
    fields: tuple[str, ...] = ()

    @property
    def is_tunnel(self) -> bool:
        """Whether bytes pass as they are."""
        return not self.method

    def head(self, by: NextProxy | None) -> bytes:
        """Return what is sent there first, *by* another proxy or not; nothing for a tunnel."""
        if self.is_tunnel:
            return b""
        if by is None:
            return request_head(self.method, self.path, self.fields)
        return request_head(self.method, absolute_form(self.host, self.port, self.path), (*self.fields, *by.fields))


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses that the system's resolver names for *host*."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


class EgressProxy:
    """The proxy: `async with EgressProxy(policy) as proxy` listens on a free port, `proxy.url` is its address."""

    def __init__(self, policy: EgressPolicy, *, upstream: Upstream | None = None, resolver: Resolver = resolve) -> None:
        self._policy = policy
        self._next = NextProxies(upstream or Upstream())
        self._resolve = resolver
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """What `HTTPS_PROXY` and `HTTP_PROXY` of clients must say; empty while it does not listen."""
        if self._server is None:
            return ""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=LONGEST_HEAD)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= MOST_CONNECTIONS:
            writer.close()
            return
        self._connections.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the proxy is closing: the end of this task is what was asked for
        finally:
            self._connections.discard(task)
            await _close(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                ask = _parse(await reader.readuntil(b"\r\n\r\n"))
            by = self._next.of(ask.host, ask.port, is_tunnel=ask.is_tunnel)
            async with asyncio.timeout(CONNECT_SECONDS):
                server = await (self._connect_by(by, ask) if by else self._connect(ask))
        except EgressRefused as refusal:
            return await _answer(writer, "403 Forbidden", str(refusal))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError) as error:
            return await _answer(writer, "502 Bad Gateway", f"Not connected: {type(error).__name__}.")
        if ask.is_tunnel:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        server[1].write(ask.head(by))
        return await _splice((reader, writer), server)

    async def _connect(self, ask: _Ask) -> Streams:
        return await _connect_to_first(await self._checked(ask), ask.port)

    async def _connect_by(self, proxy: NextProxy, ask: _Ask) -> Streams:
        with suppress(OSError):  # not known here, so it is for the operator's proxy to look it up
            await self._checked(ask)
        return await (proxy.tunnel(ask.host, ask.port) if ask.is_tunnel else proxy.connect())

    async def _checked(self, ask: _Ask) -> Sequence[str]:
        """Return the addresses of the host, each of which may be called."""
        self._policy.check_destination(ask.host, ask.port)
        addresses = await self._resolve(ask.host, ask.port)
        for address in addresses:
            self._policy.check_address(address, host=ask.host, port=ask.port)
        return addresses


async def _connect_to_first(addresses: Sequence[str], port: int) -> Streams:
    for address in addresses[:-1]:
        with suppress(OSError):
            return await asyncio.open_connection(address, port)
    return await asyncio.open_connection(addresses[-1], port)


def _parse(head: bytes) -> _Ask:
    """Read a request's head (RFC 9112): `CONNECT host:port`, or a method with an absolute http URL.

    Raises:
        EgressRefused: it is neither.

    """
    request, *fields = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, _, rest = request.partition(" ")
    target = rest.removesuffix(" HTTP/1.1").removesuffix(" HTTP/1.0")
    if method == "CONNECT":
        return _tunnel(target)
    return _forward(method, target, fields)


def _tunnel(authority: str) -> _Ask:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise EgressRefused("CONNECT must name a host and a port.")
    return _Ask(host=plain_host(match[1]), port=int(match[2]))


def _forward(method: str, target: str, fields: Sequence[str]) -> _Ask:
    url, mark, query = target.partition("?")
    scheme, host, port = origin(url)
    if scheme != "http":
        raise EgressRefused("An https URL is reached by CONNECT.")
    path = f"/{url.split('/', 3)[3]}" if url.count("/") > 2 else "/"  # noqa: PLR2004 -- scheme://host/path
    kept = tuple(field for field in fields if not _HOP_BY_HOP.match(field))
    return _Ask(host=host, port=port, method=method, path=f"{path}{mark}{query}", fields=kept)


async def _splice(client: Streams, server: Streams) -> None:
    """Carry bytes both ways until the server has nothing more to say, or either side is gone."""
    to_server = asyncio.create_task(_pump(client[0], server[1]))
    try:
        await _pump(server[0], client[1])
    finally:
        server[1].close()  # first: what follows may be cancelled
        to_server.cancel()
        await asyncio.gather(to_server, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():  # TLS to an operator's proxy has no half that could end
            writer.write_eof()


async def _answer(writer: asyncio.StreamWriter, status: str, sentence: str) -> None:
    body = sentence.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    with suppress(OSError):
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
        await writer.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
