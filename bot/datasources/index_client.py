"""HTTP with package indexes: bounded, conditional, and never to a host that the egress policy refuses.

Rules:
1. Whatever goes wrong is a `ChannelError`, a sentence that names the index. It is never "no such project".
2. Only 404 means that an index does not have a project. Only JSON is read (PEP 691).
3. Redirects are followed by hand, each checked. Compression is not asked for: a small answer is a small page.
4. An index that cannot be reached is not asked again by the same client.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import NoReturn, TypeAlias
from urllib.parse import urljoin

import httpx

from bot import __version__
from bot.datasources.page_cache import CachedPage, PageCache
from bot.errors import ChannelError, EgressRefused
from bot.model.manifest import PackageName
from bot.model.package import Channel
from bot.settings import PypiSettings

JSON = "application/vnd.pypi.simple.v1+json"
LARGEST_PAGE = 64_000_000
LARGEST_METADATA = 2_000_000
MOST_REDIRECTS = 5
OFFLINE = "is not asked, as condabot is offline"
_ADVICE = {
    HTTPStatus.UNAUTHORIZED: "it needs credentials",
    HTTPStatus.FORBIDDEN: "it needs credentials, or refuses us",
    HTTPStatus.TOO_MANY_REQUESTS: "it asks us to come less often",
}

CheckUrl: TypeAlias = Callable[[str], None]
"""Passes if a URL may be called; raises EgressRefused if not."""


class IndexClient:
    """Asks package indexes. Safe for concurrent use."""

    def __init__(self, http: httpx.AsyncClient, settings: PypiSettings, *, check_url: CheckUrl) -> None:
        self._http = http
        self._settings = settings
        self._check_url = check_url
        self._cache = PageCache(settings.cache_dir / "simple")
        self._unreachable: dict[str, ChannelError] = {}

    async def project(self, index: Channel, name: PackageName) -> CachedPage:
        """Return the page of the project *name*, without a body if *index* does not have that project.

        Raises:
            ChannelError: *index* did not answer, or not in JSON; offline, its answer is not in the cache.

        """
        url = f"{index.url}/{name}/"
        cached = await asyncio.to_thread(self._cache.load, url)
        if self._settings.offline:
            return cached or _fail(index, f"{OFFLINE}, and the cache has no answer for {name}")
        async with self._exchange(index, url, _conditional(cached)) as response:
            if response.status_code == HTTPStatus.NOT_MODIFIED and cached:
                return cached
            page = await _page(index, response)
        await asyncio.to_thread(self._cache.store, url, page)
        return page

    async def metadata(self, index: Channel, url: str) -> bytes:
        """Return the file at *url*, which *index* names; at most `LARGEST_METADATA` bytes.

        Raises:
            ChannelError: it cannot be had.

        """
        if self._settings.offline:
            _fail(index, OFFLINE)
        async with self._exchange(index, url, {}) as response:
            if response.status_code != HTTPStatus.OK:
                _fail(index, f"answered {_status(response.status_code)}")
            return await _bounded(index, response, LARGEST_METADATA)

    @asynccontextmanager
    async def _exchange(self, index: Channel, url: str, headers: dict[str, str]) -> AsyncIterator[httpx.Response]:
        """Yield the answer to a request; what breaks while it is read is mapped here as well."""
        if known := self._unreachable.get(index.url):
            raise known
        try:
            async with asyncio.timeout(self._settings.timeout):
                response = await self._get(index, url, headers)
                try:
                    yield response
                finally:
                    await response.aclose()
        except EgressRefused as error:
            raise _problem(index, f"leads where condabot must not go: {error}") from error
        except (httpx.TimeoutException, httpx.NetworkError, httpx.ProxyError, TimeoutError) as error:
            self._unreachable[index.url] = _problem(index, _unreachable(error))
            raise self._unreachable[index.url] from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise _problem(index, "answered with something that is not HTTP as it should be") from error

    async def _get(self, index: Channel, url: str, headers: dict[str, str]) -> httpx.Response:
        for _ in range(MOST_REDIRECTS + 1):
            self._check_url(url)
            response = await self._http.send(self._request(url, headers), stream=True, follow_redirects=False)
            if not response.has_redirect_location:
                return response
            await response.aclose()
            url = urljoin(url, response.headers["location"])
        return _fail(index, f"redirects more than {MOST_REDIRECTS} times")

    def _request(self, url: str, headers: dict[str, str]) -> httpx.Request:
        own = {"Accept-Encoding": "identity", "User-Agent": f"condabot/{__version__}"}
        timeout = httpx.Timeout(self._settings.timeout)
        return self._http.build_request("GET", url, headers=own | headers, timeout=timeout)


def _conditional(cached: CachedPage | None) -> dict[str, str]:
    etag = {"If-None-Match": cached.etag} if cached and cached.etag else {}
    return {"Accept": JSON} | etag


async def _page(index: Channel, response: httpx.Response) -> CachedPage:
    base_url = str(response.url)
    if response.status_code == HTTPStatus.NOT_FOUND:
        return CachedPage(base_url=base_url, etag="", body=None)
    if response.status_code != HTTPStatus.OK:
        _fail(index, f"answered {_status(response.status_code)}")
    _require_json(index, response.headers.get("content-type", ""))
    body = await _bounded(index, response, LARGEST_PAGE)
    etag = response.headers.get("etag", "")
    return CachedPage(base_url=base_url, etag=etag if etag.isascii() else "", body=body)


def _require_json(index: Channel, content_type: str) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == JSON:
        return
    form = "in HTML" if media_type.endswith("html") else "in another form"
    _fail(index, f"answered {form}; condabot reads indexes that answer in JSON (PEP 691)")


async def _bounded(index: Channel, response: httpx.Response, largest: int) -> bytes:
    """Return the body of *response*, read no further than *largest* bytes."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        _fail(index, "answered in an encoding that it was not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > largest:
            _fail(index, f"answered with more than {largest // 1_000_000} MB")
    return bytes(body)


def _status(status: int) -> str:
    advice = "that is its own trouble; it is asked again next time"
    return f"{status}: {next((text for known, text in _ADVICE.items() if known == status), advice)}"


def _unreachable(error: Exception) -> str:
    late = isinstance(error, httpx.TimeoutException | TimeoutError)
    return "did not answer in time" if late else "cannot be reached"


def _problem(index: Channel, reason: str) -> ChannelError:
    return ChannelError(f"Index {index.name} {reason.removesuffix('.')}.", channel=index.url)


def _fail(index: Channel, reason: str) -> NoReturn:
    raise _problem(index, reason)
