"""HTTP GET from servers that nobody here keeps: bounded, and never to a host that the egress policy refuses.

Rules:
1. Whatever goes wrong is a `ChannelError`, a sentence that names the source.
2. Redirects are followed by hand, each checked. Compression is not asked for: a small answer is a small page.
3. A source that cannot be reached is not asked again by the same exchange.
4. The bytes may come from a mirror; it is the canonical URL that is asked for and judged.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import NoReturn, TypeAlias
from urllib.parse import urljoin

import httpx

from bot import __version__
from bot.datasources.mirrors import canonical_url, mirrored_url, open_url
from bot.datasources.refusals import NEEDS_CREDENTIALS, credentials_advice
from bot.errors import ChannelError, EgressRefused
from bot.settings import Mirror, Private

MOST_REDIRECTS = 5
_ADVICE = {HTTPStatus.TOO_MANY_REQUESTS: "it asks us to come less often"}

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII)

CheckUrl: TypeAlias = Callable[[str], None]
"""Passes if a URL may be called; raises EgressRefused if not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Whom a URL belongs to: in words that begin a sentence, and the URL by which it is told from others."""

    words: str
    url: str

    def problem(self, reason: str) -> ChannelError:
        """Return the error whose sentence says *reason* of this source."""
        return ChannelError(f"{self.words} {reason.removesuffix('.')}.", channel=self.url)

    def fail(self, reason: str) -> NoReturn:
        """Raise what `problem` returns."""
        raise self.problem(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """Some bytes of a file: where they start, and how long the whole file is."""

    content: bytes
    start: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Whether this is all of the file."""
        return len(self.content) == self.size


class Exchange:
    """Asks sources. Safe for concurrent use. *timeout* is in seconds, for an answer with all of its content."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        check_url: CheckUrl,
        timeout: int,
        mirrors: Iterable[Mirror] = (),
        private: Private | None = None,
    ) -> None:
        self._http = http
        self._check_url = check_url
        self._timeout = timeout
        self._mirrors = tuple(mirrors)
        self._private = private or Private()
        self._unreachable: dict[str, ChannelError] = {}

    def open_url(self, url: str) -> str:
        """Return *url*, which answered, by the name that its own pages know."""
        return open_url(url, self._mirrors)

    @asynccontextmanager
    async def get(self, source: Source, url: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        """Yield the answer to a request; what breaks while it is read is mapped here as well.

        Raises:
            ChannelError: there is none, or it is not to be had.

        """
        if known := self._unreachable.get(source.url):
            raise known
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._send(source, url, headers)
                try:
                    yield response
                finally:
                    await response.aclose()
        except EgressRefused as error:
            raise source.problem(f"leads where condabot must not go: {error}") from error
        except (httpx.TimeoutException, httpx.NetworkError, httpx.ProxyError, TimeoutError) as error:
            self._unreachable[source.url] = source.problem(_unreachable(error))
            raise self._unreachable[source.url] from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise source.problem("answered with something that is not HTTP as it should be") from error

    async def _send(self, source: Source, url: str, headers: Mapping[str, str]) -> httpx.Response:
        for _ in range(MOST_REDIRECTS + 1):
            self._check_url(url)
            asked = mirrored_url(url, self._mirrors)
            response = await self._http.send(self._request(asked, headers), stream=True, follow_redirects=False)
            if response.status_code in NEEDS_CREDENTIALS:
                await response.aclose()
                advice = credentials_advice(response.status_code, source.url, self._mirrors, self._private)
                source.fail(f"answered {response.status_code}: {advice}")
            if not response.has_redirect_location:
                return response
            await response.aclose()
            url = canonical_url(urljoin(asked, response.headers["location"]), self._mirrors)
        return source.fail(f"redirects more than {MOST_REDIRECTS} times")

    def _request(self, url: str, headers: Mapping[str, str]) -> httpx.Request:
        own = {"Accept-Encoding": "identity", "User-Agent": f"condabot/{__version__}"}
        return self._http.build_request("GET", url, headers=own | dict(headers), timeout=httpx.Timeout(self._timeout))


async def bounded(source: Source, response: httpx.Response, largest: int) -> bytes:
    """Return the content of *response*, which must be 200, read no further than *largest* bytes.

    Raises:
        ChannelError: it is another answer, larger, or compressed unasked.

    """
    if response.status_code != HTTPStatus.OK:
        source.fail(f"answered {_status(response.status_code)}")
    return await _content(source, response, largest)


async def bounded_part(source: Source, response: httpx.Response, largest: int) -> FilePart:
    """Return the part of a file that *response* holds (RFC 9110, section 14.4), or all: at most *largest* bytes.

    Raises:
        ChannelError: it is another answer, larger, compressed unasked, or another part than it says.

    """
    if response.status_code != HTTPStatus.PARTIAL_CONTENT:
        content = await bounded(source, response, largest)
        return FilePart(content=content, start=0, size=len(content))
    content = await _content(source, response, largest)
    named = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if named is None or int(named[2]) - int(named[1]) + 1 != len(content) or int(named[2]) >= int(named[3]):
        source.fail("answered with another part of a file than it says")
    return FilePart(content=content, start=int(named[1]), size=int(named[3]))


async def _content(source: Source, response: httpx.Response, largest: int) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        source.fail("answered in an encoding that it was not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > largest:
            source.fail(f"answered with more than {largest // 1_000_000} MB")
    return bytes(body)


def _status(status: int) -> str:
    advice = "that is its own trouble; it is asked again next time"
    return f"{status}: {next((text for known, text in _ADVICE.items() if known == status), advice)}"


def _unreachable(error: Exception) -> str:
    late = isinstance(error, httpx.TimeoutException | TimeoutError)
    return "did not answer in time" if late else "cannot be reached"
