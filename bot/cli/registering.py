"""The page that registers the App, as a server that is there until that is done: for `condabot setup` and `serve`."""

import asyncio
import logging
import secrets
from functools import partial

import click
import httpx
from aiohttp import web

from bot.cli.options import load_env_file, process_environment
from bot.cli.stopping import when_told
from bot.composition.registering import check_writable, keep
from bot.errors import SettingsError
from bot.github.registration import Wanted, convert, form
from bot.settings import SetupSettings, env_file_from_env, setup_from_env
from bot.web.setup import BACK, PATH, Registrar, SetupPage

TIMEOUT = 30.0
"""Seconds that GitHub has to answer."""

GRACE = 3.0

log = logging.getLogger(__name__)


def registered(wanted: Wanted, setup: SetupSettings, *, page_url: str) -> bool:
    """Serve the page, which people reach at *page_url*, until the App is registered; say whether it is.

    Raises:
        SettingsError: it cannot be registered here.

    """
    if not wanted.url:
        raise SettingsError("is not set: it is the address at which GitHub reaches this service", key="CONDABOT_URL")
    check_writable(setup.env_file)
    return asyncio.run(_registered(wanted, setup, page_url))


def registered_first() -> bool:
    """Register the App where a file for its secrets is named and is not there yet; say whether to go on."""
    environment = process_environment()
    env_file = env_file_from_env(environment)
    if env_file is None or environment.get("CONDABOT_APP_ID") or env_file.exists():
        return True
    setup = setup_from_env(environment, env_file=env_file)
    if not registered(Wanted(url=setup.url), setup, page_url=setup.url):
        return False
    load_env_file(env_file)
    return True


async def _registered(wanted: Wanted, setup: SetupSettings, page_url: str) -> bool:
    token = secrets.token_urlsafe(32)
    asked = form(wanted, github_api=setup.github_api, redirect_url=f"{page_url}{BACK}")
    async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as http:
        registrar = Registrar(
            convert=lambda code: convert(http, github_api=setup.github_api, code=code),
            keep=partial(keep, setup=setup),
        )
        page = SetupPage(asked, registrar, url=page_url, token=token)
        return await _served(page, setup, f"{page_url}{PATH}?token={token}")


async def _served(page: SetupPage, setup: SetupSettings, link: str) -> bool:
    """Serve *page*; where nobody registers, until this process is told to stop."""
    told = asyncio.Event()
    when_told(told.set)
    app = web.Application()
    app.add_routes(page.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        await web.TCPSite(runner, setup.host, setup.port).start()
        click.echo(f"Register the App at {link}")
        waiting = [asyncio.create_task(each.wait()) for each in (told, page.done)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
    finally:
        await runner.cleanup()
    return page.done.is_set()
