"""`condabot serve`: the intake of the App. It takes webhooks, and nothing else happens on its loop."""

import asyncio

import click
from aiohttp import web

from bot.app import Service, build_app
from bot.cli.presence import Presence
from bot.cli.registering import registered_first
from bot.cli.starting import started
from bot.cli.stopping import stoppable, when_told
from bot.composition.pages import open_people
from bot.settings import AppSettings, Settings

GRACE = 3.0
"""Seconds that requests get to end when the process stops."""


@click.command("serve")
def command() -> None:
    """Take the webhooks of the GitHub App; `condabot worker` works them off, here or on other machines."""
    with stoppable():
        if not registered_first():
            return
    with started(_presence) as process:
        asyncio.run(_serve_people(process.settings, process.app, process.conninfo))


def _presence(_: Settings, app: AppSettings) -> Presence:
    return Presence(kind="serve", host=app.host, port=app.port)


async def _serve_people(found: Settings, app: AppSettings, conninfo: str) -> None:
    async with open_people(found, app) as people:
        service = Service(
            conninfo=conninfo,
            webhook_secrets=app.webhook_secrets,
            pages=found.pages,
            people=people,
            github_api=app.github_api,
        )
        await _serve(app, service)


async def _serve(app: AppSettings, service: Service) -> None:
    """Serve until the process is told to stop."""
    told = asyncio.Event()
    when_told(told.set)
    runner = web.AppRunner(build_app(service), access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        await web.TCPSite(runner, app.host, app.port).start()
        click.echo(f"condabot listens on http://{app.host}:{app.port}/webhook")
        await told.wait()
        click.echo("condabot stops")
    finally:
        await runner.cleanup()
