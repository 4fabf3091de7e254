"""Servers on localhost that ask who is there: they answer those who say it rightly, and keep what everybody said."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Self

import httpx
from aiohttp import web

Opens = Callable[[str, Mapping[str, str]], str | None]
"""Path and header fields of a request -> the path without what opens the door; None where it stays shut."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A request: what was asked for, and all that was said."""

    path: str
    fields: Mapping[str, str]
    answer: int


class Door:
    """Stands before the server at `behind`, whose bytes it hands on to those for whom it `opens`."""

    def __init__(self, behind: str, opens: Opens, *, redirects: Mapping[str, str] | None = None) -> None:
        self.heard: list[Heard] = []
        self.redirects = dict(redirects or {})
        self._behind = behind
        self._opens = opens
        self._runner = web.ServerRunner(web.Server(self._serve))
        self._http = httpx.AsyncClient(trust_env=False)

    @property
    def port(self) -> int:
        port: int = self._runner.addresses[0][1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._http.aclose()

    @property
    def strangers(self) -> list[Heard]:
        """Who was not let in."""
        return [each for each in self.heard if each.answer in (401, 403)]

    async def _serve(self, request: web.BaseRequest) -> web.Response:
        answer = await self._answer(request)
        self.heard.append(Heard(request.raw_path, dict(request.headers), answer.status))
        return answer

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        path = self._opens(request.raw_path, request.headers)
        if path is None:
            return web.Response(status=401, headers={"WWW-Authenticate": "Basic realm=door", "Set-Cookie": "a=b"})
        if target := self.redirects.get(path):
            return web.Response(status=302, headers={"Location": target}, text=f"it is at {target}")
        passed = {
            name: request.headers[name] for name in ("Range", "If-None-Match", "Accept") if name in request.headers
        }
        found = await self._http.get(self._behind + path, headers=passed)
        kept = {
            name: found.headers[name] for name in ("Content-Type", "ETag", "Content-Range") if name in found.headers
        }
        return web.Response(status=found.status_code, headers={**kept, "Set-Cookie": "a=b"}, body=found.content)


def secret() -> str:
    """Return a new secret, with what URLs and base64 write in other ways."""
    return f"{token_hex(8)}%+/@:?é~"


def bearer(token: str, scheme: str = "Bearer") -> Opens:
    return lambda path, fields: path if fields.get("Authorization") == f"{scheme} {token}" else None


def basic(user: str, password: str) -> Opens:
    said = b64encode(f"{user}:{password}".encode()).decode()
    return bearer(said, "Basic")


def conda_token(token: str) -> Opens:
    return lambda path, _: path.removeprefix(f"/t/{token}") if path.startswith(f"/t/{token}/") else None


def anybody(path: str, _: Mapping[str, str]) -> str:
    return path
