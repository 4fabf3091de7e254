"""Keeps the operator's credentials: a server on loopback that reads for others what is only read with them.

`http://127.0.0.1:PORT/KEY/NUMBER/PATH` stands for a path at the origin of that number, where KEY is of what one
installation was granted (`bot.egress.grants`). Rules:
1. Credentials are added here, below their prefix, and nowhere else. A redirect that leaves the prefix is followed here,
   checked by the policy, without them; one that stays is handed on, as a URL of this server.
2. Nothing that a client sends goes further but a few fields; nothing that a server answers comes back but a few.
3. A path is taken as it is or not at all: one that a server might read as another (dot segments, encoded slashes,
   a query) is refused.
4. What goes wrong is said in a sentence with the prefix, and without anything that was sent.
"""

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Final, Self, TypeAlias
from urllib.parse import urljoin, urlsplit

import httpx
from aiohttp import web

from bot.credentials import Credential, of_prefix
from bot.egress.grants import Grant
from bot.egress.proofs import Proven, prove, without_token
from bot.errors import EgressRefused
from bot.urls import is_below

MOST_REDIRECTS: Final = 5
_ASKED: Final = ("Accept", "Accept-Encoding", "If-Modified-Since", "If-None-Match", "If-Range", "Range", "User-Agent")
_ANSWERED: Final = (
    "Accept-Ranges",
    "Cache-Control",
    "Content-Encoding",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Last-Modified",
    "Retry-After",
)
_PATH: Final = re.compile(r"/([A-Za-z0-9_-]+)/(\d{1,4})((?:/[\w.~!$&'()*+,;=:@%-]*)*)", re.ASCII)
_AMBIGUOUS: Final = re.compile(r"/\.{1,2}(?:/|$)|//|%2e|%2f|%5c|%00", re.IGNORECASE)

CheckUrl: TypeAlias = Callable[[str], None]
"""Passes if a URL may be called; raises EgressRefused if not."""

Now: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """What a client wants: *url*, below the prefix of *credential*."""

    grant: Grant
    credential: Credential
    method: str
    url: str


class _Refusal(Exception):
    """What a client hears instead of an answer."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class CredentialKeeper:
    """The server: `async with CredentialKeeper(...) as keeper`. *check_url* judges where redirects lead.

    *http* is how it reaches the world, and should be for it alone.
    """

    def __init__(
        self, credentials: Iterable[Credential], http: httpx.AsyncClient, *, check_url: CheckUrl, now: Now
    ) -> None:
        self._credentials = tuple(credentials)
        self._http = http
        self._http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._check_url = check_url
        self._now = now
        self._grants: dict[str, Grant] = {}
        self._keys: dict[tuple[int | None, tuple[Credential, ...]], str] = {}
        self._runner = web.ServerRunner(web.Server(self._serve))
        self._url = ""

    @property
    def url(self) -> str:
        """The origin of all URLs that it gives."""
        return self._url

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def grant(self, installation: int | None) -> Grant:
        """Return what *installation* may read; None is a person's own checkout, which may read all.

        Nobody is granted what another one is: each has a key. Those that have no credentials of their own are one.
        """
        mine = tuple(each for each in self._credentials if each.is_for(installation))
        is_alone = any(each.setting != "CONDABOT_MIRRORS" for each in mine)
        who = (installation if is_alone else None, mine)
        key = self._keys.setdefault(who, secrets.token_urlsafe(24))
        return self._grants.setdefault(key, Grant(base=f"{self._url}/{key}", credentials=mine))

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            errand = self._errand(request)
            answer = await self._ask(errand, request)
        except _Refusal as refusal:
            return web.Response(status=refusal.status, text=str(refusal))
        try:
            return await self._hand_on(errand, answer, request)
        finally:
            await answer.aclose()

    def _errand(self, request: web.BaseRequest) -> _Errand:
        match = _PATH.fullmatch(request.raw_path)
        if match is None or request.method not in {"GET", "HEAD"} or _AMBIGUOUS.search(match[3]):
            raise _Refusal(HTTPStatus.BAD_REQUEST, "Files are read here, by a plain path.")
        grant = self._grants.get(match[1])
        meant = grant.meant(int(match[2]), match[3]) if grant else None
        if grant is None or meant is None:
            raise _Refusal(HTTPStatus.NOT_FOUND, "There is nothing here.")
        url, credential = meant
        return _Errand(grant=grant, credential=credential, method=request.method, url=url)

    async def _ask(self, errand: _Errand, request: web.BaseRequest) -> httpx.Response:
        """Return the answer of whoever has what is wanted; its body is still to be read."""
        fields = {name: request.headers[name] for name in _ASKED if name in request.headers}
        fields.setdefault("Accept-Encoding", "identity")
        url = errand.url
        credential: Credential | None = errand.credential
        try:
            for _ in range(MOST_REDIRECTS + 1):
                proven = self._proven(errand, credential, url)
                sent = self._http.build_request(errand.method, proven.url, headers={**fields, **proven.fields})
                answer = await self._http.send(sent, stream=True, follow_redirects=False)
                if not answer.has_redirect_location:
                    return answer
                url = _target(answer, proven, credential)
                if credential is errand.credential and is_below(url, credential.prefix):
                    return answer
                await answer.aclose()
                self._check_url(url.partition("?")[0])
                credential = of_prefix(url, errand.grant.credentials)
        except EgressRefused as error:
            raise _Refusal(HTTPStatus.FORBIDDEN, f"{errand.credential.prefix} leads elsewhere: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise _unreachable(errand, error) from error
        raise _Refusal(
            HTTPStatus.BAD_GATEWAY, f"{errand.credential.prefix} redirects more than {MOST_REDIRECTS} times."
        )

    def _proven(self, errand: _Errand, credential: Credential | None, url: str) -> Proven:
        return prove(credential, errand.method, url, self._now()) if credential else Proven(url=url)

    async def _hand_on(self, errand: _Errand, answer: httpx.Response, request: web.BaseRequest) -> web.StreamResponse:
        fields = {name: answer.headers[name] for name in _ANSWERED if name in answer.headers}
        if answer.has_redirect_location:
            target = _target(answer, Proven(url=str(answer.url)), errand.credential)
            fields = {"Location": errand.grant.stand_in(target) or ""}
        response = web.StreamResponse(status=answer.status_code, headers=fields)
        await response.prepare(request)
        try:
            if errand.method == "GET" and not answer.has_redirect_location:
                async for chunk in answer.aiter_raw():
                    await response.write(chunk)
        except (httpx.HTTPError, ConnectionError):
            if request.transport:  # what is cut must not look whole
                request.transport.abort()
            return response
        await response.write_eof()
        return response


def _target(answer: httpx.Response, proven: Proven, credential: Credential | None) -> str:
    """Return where a redirect leads, as the client would call that place.

    Raises:
        EgressRefused: what we said of ourselves is in it, so that a place further on would hear it.

    """
    target = urljoin(proven.url, answer.headers["location"]).partition("#")[0]
    target = without_token(target, credential) if credential else target
    if credential and any(secret and secret in target for secret in credential.secrets):
        raise EgressRefused("a redirect repeats what we said of ourselves")
    if "@" in urlsplit(target).netloc:
        raise EgressRefused("a redirect holds a user name or password")
    return target


def _unreachable(errand: _Errand, error: Exception) -> _Refusal:
    late = isinstance(error, httpx.TimeoutException)
    status = HTTPStatus.GATEWAY_TIMEOUT if late else HTTPStatus.BAD_GATEWAY
    return _Refusal(status, f"{errand.credential.prefix} {'did not answer in time' if late else 'cannot be reached'}.")
