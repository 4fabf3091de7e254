"""Advisories, put together from where the operator, or a person, says that they are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.datasources.advisories import AdvisoryFolder, AdvisoryMirror
from bot.datasources.archives import ArchiveReader
from bot.datasources.exchange import Exchange
from bot.datasources.page_cache import PageCache
from bot.datasources.pages import Pages
from bot.datasources.provenance import ProvenanceDatasource
from bot.datasources.purls import PurlDatasource
from bot.egress import EgressPolicy
from bot.networks import is_web_url
from bot.settings import ChannelSettings, PypiSettings
from bot.updating.advisories import AdvisoryAuditor, AskedOnce


@asynccontextmanager
async def open_advisories(
    channels: ChannelSettings, indexes: PypiSettings, egress: EgressPolicy, of_channels: EgressPolicy
) -> AsyncIterator[AdvisoryAuditor | None]:
    """Yield what holds locks against advisories, None where nobody says where these are.

    *egress* says what may be called for advisories and names, *of_channels* what for archives of packages.
    """
    async with httpx.AsyncClient() as http:
        index = advisory_index(http, indexes, egress)
        purls = PurlDatasource(http, indexes, check_url=egress.check_index_url)
        archives = ArchiveReader(http, channels, check_url=of_channels.check_channel_url)
        provenances = ProvenanceDatasource(archives)
        yield AdvisoryAuditor(index=AskedOnce(index), purls=purls, provenances=provenances) if index else None


def advisory_index(
    http: httpx.AsyncClient, indexes: PypiSettings, egress: EgressPolicy
) -> AdvisoryFolder | AdvisoryMirror | None:
    """Return what knows the advisories that *indexes* say where to find: a folder, or a copy of OSV's; None if none."""
    where = indexes.advisories
    if not is_web_url(where):
        return AdvisoryFolder(Path(where)) if where else None
    exchange = Exchange(http, check_url=egress.check_index_url, timeout=indexes.timeout, private=indexes.private)
    cache = PageCache(indexes.cache_dir / "advisories", indexes.private)
    pages = Pages(exchange, cache, offline=indexes.offline, accept="application/zip")
    return AdvisoryMirror(url=where.rstrip("/"), pages=pages)
