"""`condabot serve`: the intake of the App. It takes webhooks, and nothing else happens on its loop."""

import asyncio
import logging

import click
from aiohttp import web

from bot.app import Service, build_app
from bot.cli.options import app_settings, settings
from bot.cli.registering import registered_first
from bot.cli.stopping import stoppable, when_told
from bot.composition.way import redactor
from bot.redaction import redact_logs
from bot.settings import AppSettings
from bot.store.database import server

GRACE = 3.0
"""Seconds that requests get to end when the process stops."""


@click.command("serve")
def command() -> None:
    """Take the webhooks of the GitHub App; `condabot worker` works them off, here or on other machines."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with stoppable():
        if not registered_first():
            return
    found = settings()
    redact_logs(redactor(found))
    app = app_settings(found)
    with stoppable(), server(found.database_url, found.data_dir) as conninfo:
        asyncio.run(_serve(app, Service(conninfo=conninfo, webhook_secrets=app.webhook_secrets)))


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
