"""Pages of the web that are kept on disk, and asked for again by their ETag (RFC 9110, section 8.8.3).

Only 404 means that there is no such page. Offline, what is on disk is the answer.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeAlias

import httpx

from bot.datasources.exchange import Exchange, Source, bounded
from bot.datasources.page_cache import CachedPage, PageCache

OFFLINE = "is not asked, as condabot is offline"

Refuse: TypeAlias = Callable[[str], str | None]
"""A media type -> what is wrong with it, in words that a sentence about the source ends with; None if nothing is."""


class Pages:
    """Asks for pages of one form: *accept* is the media type wanted, *refuse* judges the one that comes.

    Safe for concurrent use.
    """

    def __init__(
        self, exchange: Exchange, cache: PageCache, *, offline: bool, accept: str, refuse: Refuse = lambda _: None
    ) -> None:
        self._exchange = exchange
        self._cache = cache
        self._offline = offline
        self._accept = accept
        self._refuse = refuse

    async def kept(self, url: str) -> CachedPage | None:
        """Return what was last answered at *url*, without asking; None if that is not known."""
        return await asyncio.to_thread(self._cache.load, url)

    async def get(self, source: Source, url: str, *, what: str, largest: int) -> CachedPage:
        """Return the page at *url*, of at most *largest* bytes, without a body if there is none. *what* it is about.

        Raises:
            ChannelError: *source* did not answer, or in another form; offline, its answer is not on disk.

        """
        kept = await self.kept(url)
        if self._offline:
            return kept or source.fail(f"{OFFLINE}, and the cache has no answer for {what}")
        async with self._exchange.get(source, url, self._headers(kept)) as response:
            if response.status_code == HTTPStatus.NOT_MODIFIED and kept:
                return kept
            page = await self._read(source, response, largest)
        await asyncio.to_thread(self._cache.store, url, page)
        return page

    def _headers(self, kept: CachedPage | None) -> dict[str, str]:
        etag = {"If-None-Match": kept.etag} if kept and kept.etag else {}
        return {"Accept": self._accept} | etag

    async def _read(self, source: Source, response: httpx.Response, largest: int) -> CachedPage:
        base_url = self._exchange.open_url(str(response.url))
        if response.status_code == HTTPStatus.NOT_FOUND:
            return CachedPage(base_url=base_url, etag="", body=None)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        wrong = self._refuse(media_type) if response.status_code == HTTPStatus.OK else None
        if wrong:
            source.fail(wrong)
        body = await bounded(source, response, largest)
        etag = response.headers.get("etag", "")
        return CachedPage(base_url=base_url, etag=etag if etag.isascii() else "", body=body)
