"""The pages, put together from settings: what people sign in by is the only thing that the intake ever calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from bot.egress import EgressPolicy, EgressProxy
from bot.github.people import People, web_address
from bot.settings import AppSettings, Settings

SIGN_IN_TIMEOUT = 10.0
"""Seconds for each answer of GitHub that a page waits for."""


@asynccontextmanager
async def open_people(settings: Settings, app: AppSettings) -> AsyncIterator[People | None]:
    """Yield GitHub as people sign in there, None if they do not; nothing but that GitHub can be called."""
    pages = settings.pages
    if not pages.client_id:
        yield None
        return
    trusted = frozenset({app.github_api, web_address(app.github_api)})
    async with (
        EgressProxy(EgressPolicy(hosts=frozenset(), trusted=trusted), upstream=settings.upstream) as proxy,
        httpx.AsyncClient(timeout=SIGN_IN_TIMEOUT, follow_redirects=False, proxy=proxy.url) as http,
    ):
        yield People(http=http, api=app.github_api, client_id=pages.client_id, client_secret=pages.client_secret)
