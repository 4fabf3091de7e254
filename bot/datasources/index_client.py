"""What package indexes answer: pages of projects in JSON (PEP 691), and metadata of files.

What cannot be had is a `ChannelError` and never "no such project": only 404 means that.
"""

import httpx

from bot.datasources.exchange import CheckUrl, Exchange, FilePart, Source, bounded, bounded_part
from bot.datasources.page_cache import CachedPage, PageCache
from bot.datasources.pages import OFFLINE, Pages
from bot.model.manifest import PackageName
from bot.model.package import Channel
from bot.settings import PypiSettings

JSON = "application/vnd.pypi.simple.v1+json"
LARGEST_PAGE = 64_000_000
LARGEST_METADATA = 2_000_000


class IndexClient:
    """Asks package indexes. Safe for concurrent use."""

    def __init__(self, http: httpx.AsyncClient, settings: PypiSettings, *, check_url: CheckUrl) -> None:
        self._offline = settings.offline
        self._exchange = Exchange(
            http,
            check_url=check_url,
            timeout=settings.timeout,
            mirrors=settings.mirrors,
            private=settings.private,
        )
        cache = PageCache(settings.cache_dir / "simple", settings.private)
        self._pages = Pages(self._exchange, cache, offline=settings.offline, accept=JSON, refuse=_no_json)

    async def project(self, index: Channel, name: PackageName) -> CachedPage:
        """Return the page of the project *name*, without a body if *index* does not have that project.

        Raises:
            ChannelError: *index* did not answer, or not in JSON; offline, its answer is not in the cache.

        """
        return await self._pages.get(_source(index), f"{index.url}/{name}/", what=name, largest=LARGEST_PAGE)

    async def metadata(self, index: Channel, url: str) -> bytes:
        """Return the file at *url*, which *index* names; at most `LARGEST_METADATA` bytes.

        Raises:
            ChannelError: it cannot be had.

        """
        source = _source(index)
        if self._offline:
            source.fail(OFFLINE)
        async with self._exchange.get(source, url, {}) as response:
            return await bounded(source, response, LARGEST_METADATA)

    async def part(self, index: Channel, url: str, bounds: str, largest: int) -> FilePart:
        """Return the part of the file at *url* that *bounds* names (RFC 9110, section 14.1), or all of it.

        A server may send the whole file instead, which is read if it has no more than *largest* bytes.

        Raises:
            ChannelError: it cannot be had.

        """
        source = _source(index)
        if self._offline:
            source.fail(OFFLINE)
        async with self._exchange.get(source, url, {"Range": bounds}) as response:
            return await bounded_part(source, response, largest)


def _source(index: Channel) -> Source:
    return Source(words=f"Index {index.name}", url=index.url)


def _no_json(media_type: str) -> str | None:
    if media_type == JSON:
        return None
    form = "in HTML" if media_type.endswith("html") else "in another form"
    return f"answered {form}; condabot reads indexes that answer in JSON (PEP 691)"
