"""What holds locks against advisories, put together from what the operator or a person names as their source."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.datasources.advisories import AdvisoryFolder, AdvisoryMirror
from bot.datasources.exchange import Exchange
from bot.datasources.page_cache import PageCache
from bot.datasources.pages import Pages
from bot.datasources.purls import PurlDatasource
from bot.egress import EgressPolicy
from bot.networks import is_web_url
from bot.settings import PypiSettings
from bot.updating.advisories import AdvisoryAuditor, AdvisoryIndex


@asynccontextmanager
async def open_advisories(where: str, indexes: PypiSettings, egress: EgressPolicy) -> AsyncIterator[AdvisoryAuditor]:
    """Yield what judges by the advisories at *where*: a folder, or the URL of a copy of OSV's archives."""
    async with httpx.AsyncClient() as http:
        index: AdvisoryIndex = (
            _mirror(where, http, indexes, egress) if is_web_url(where) else AdvisoryFolder(Path(where))
        )
        yield AdvisoryAuditor(index=index, purls=PurlDatasource(http, indexes, check_url=egress.check_index_url))


def _mirror(url: str, http: httpx.AsyncClient, indexes: PypiSettings, egress: EgressPolicy) -> AdvisoryMirror:
    exchange = Exchange(http, check_url=egress.check_index_url, timeout=indexes.timeout, private=indexes.private)
    cache = PageCache(indexes.cache_dir / "advisories", indexes.private)
    pages = Pages(exchange, cache, offline=indexes.offline, accept="application/zip")
    return AdvisoryMirror(url=url.rstrip("/"), pages=pages)
