"""The pages, put together from settings: what people sign in by is the only thing that the intake ever calls."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from bot.composition.service import PROXY_VARIABLES
from bot.egress import EgressPolicy, EgressProxy
from bot.github.people import People, web_address
from bot.settings import AppSettings, PagesSettings

SIGN_IN_TIMEOUT = 10.0
"""Seconds for each answer of GitHub that a page waits for."""


@asynccontextmanager
async def open_people(
    pages: PagesSettings, app: AppSettings, environment: Mapping[str, str]
) -> AsyncIterator[People | None]:
    """Yield GitHub as people sign in there, None if they do not; nothing but that GitHub can be called.

    An operator who named a proxy of their own has their own policy there, and it stays.
    """
    if not pages.client_id:
        yield None
        return
    trusted = frozenset({app.github_api, web_address(app.github_api)})
    has_own = any(environment.get(name) for name in PROXY_VARIABLES)
    async with (
        EgressProxy(EgressPolicy(hosts=frozenset(), trusted=trusted)) as proxy,
        httpx.AsyncClient(
            timeout=SIGN_IN_TIMEOUT,
            follow_redirects=False,
            trust_env=has_own,
            proxy=None if has_own else proxy.url,
        ) as http,
    ):
        yield People(http=http, api=app.github_api, client_id=pages.client_id, client_secret=pages.client_secret)
