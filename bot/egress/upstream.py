"""The operator's own proxy, behind ours: what our policy lets pass goes on through it.

It is that of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. A tunnel is asked for by `CONNECT` with the host's *name*,
since such proxies have lists of names, and only they may be able to look them up. What the name resolves to here, if it
does, was checked before. Plain http is asked for by its whole URL (RFC 9112, section 3.2.2). Loopback is never called
through it.
"""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import product
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

from bot.errors import EgressRefused
from bot.networks import Upstream
from bot.urls import DEFAULT_PORTS, plain_host

Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_GOOD: Final = 2
"""The first digit of an answer to CONNECT that opens the tunnel (RFC 9110, section 9.3.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextProxy:
    """A proxy of the operator. `fields` say who we are there."""

    host: str
    port: int
    is_tls: bool
    fields: tuple[str, ...] = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> "NextProxy":
        """Read *url*, which may hold a user name and a password, percent-encoded."""
        parts = urlsplit(url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        basic = b64encode(f"{user}:{password}".encode()).decode()
        return cls(
            host=parts.hostname or "",
            port=parts.port or DEFAULT_PORTS[parts.scheme],
            is_tls=parts.scheme == "https",
            fields=(f"Proxy-Authorization: Basic {basic}",) if "@" in parts.netloc else (),
        )

    async def connect(self) -> Streams:
        """Return a connection to it."""
        context = ssl.create_default_context() if self.is_tls else None
        return await asyncio.open_connection(self.host, self.port, ssl=context)

    async def tunnel(self, host: str, port: int) -> Streams:
        """Return a connection by way of it to *host*.

        Raises:
            EgressRefused: it opens no tunnel; the message has its status.

        """
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        reader, writer = await self.connect()
        try:
            head = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}", *self.fields, "", ""]
            writer.write("\r\n".join(head).encode("latin-1"))
            _require_good(await reader.readuntil(b"\r\n\r\n"), host)
        except BaseException:
            writer.close()
            raise
        return reader, writer


def _require_good(head: bytes, host: str) -> None:
    status = head.decode("latin-1").split(" ", 2)[1:2]
    if not status or not status[0].isdecimal() or int(status[0]) // 100 != _GOOD:
        shown = status[0] if status and status[0].isdecimal() else "nothing that is HTTP"
        raise EgressRefused(f"The operator's proxy (HTTPS_PROXY) does not connect to {host}: it answers {shown}.")


class NextProxies:
    """Which proxy of the operator a call goes through."""

    def __init__(self, upstream: Upstream) -> None:
        self._https = NextProxy.parse(upstream.https) if upstream.https else None
        self._http = NextProxy.parse(upstream.http) if upstream.http else None
        self._direct = tuple(plain_host(each.strip()).removeprefix(".") for each in upstream.no_proxy.split(","))

    def of(self, host: str, port: int, *, is_tunnel: bool) -> NextProxy | None:
        """Return the proxy through which *host* is called, None if it is called at once."""
        chosen = self._https if is_tunnel else self._http
        return None if chosen is None or is_loopback(host) or self._passes_by(host, port) else chosen

    def _passes_by(self, host: str, port: int) -> bool:
        """Tell whether `NO_PROXY` names *host*, a domain that it is in, one of these with *port*, or all with `*`."""
        named = tuple(each for each in self._direct if each)
        pairs = product((host, f"{host}:{port}"), named)
        return "*" in named or any(asked == each or asked.endswith(f".{each}") for asked, each in pairs)


def is_loopback(host: str) -> bool:
    """Tell whether *host* is this machine by its name alone."""
    if plain_host(host) == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def absolute_form(host: str, port: int, path: str) -> str:
    """Return the target of a request for a plain http URL."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}{'' if port == DEFAULT_PORTS['http'] else f':{port}'}{path}"


def request_head(method: str, target: str, fields: Sequence[str]) -> bytes:
    """Return the head of a request, the only one on its connection (RFC 9112, section 9.6)."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", *fields, "Connection: close", "", ""]).encode("latin-1")
