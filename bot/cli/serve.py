"""`condabot serve`: the web side of the App, with a worker beside it unless others do the work."""

import asyncio
import logging
import signal

import click
from aiohttp import web

from bot.cli.options import app_settings, process_environment, settings
from bot.clock import SystemClock
from bot.composition.service import open_scan, web_application
from bot.composition.way import guarded, redactor
from bot.redaction import redact_logs
from bot.settings import AppSettings, Settings
from bot.store.database import server


@click.command("serve")
@click.option("--no-worker", is_flag=True, help="Only take webhooks; `condabot worker` elsewhere does the work.")
def command(*, no_worker: bool) -> None:
    """Run the GitHub App: take webhooks and, unless told otherwise, work them off."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    found = settings()
    redact_logs(redactor(found))
    app = app_settings(found)
    with server(found.database_url, found.data_dir) as conninfo:
        asyncio.run(_serve(app, conninfo) if no_worker else _serve_and_work(found, app, conninfo))


async def _serve(app: AppSettings, conninfo: str) -> None:
    await _run(app, web_application(app, conninfo, None, SystemClock()))


async def _serve_and_work(found: Settings, app: AppSettings, conninfo: str) -> None:
    async with guarded(found, app, process_environment()) as way, open_scan(found, app, way) as scan:
        await _run(app, web_application(app, conninfo, scan, SystemClock()))


async def _run(app: AppSettings, application: web.Application) -> None:
    """Serve until the process is told to stop."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, app.host, app.port).start()
        click.echo(f"condabot listens on http://{app.host}:{app.port}/webhook")
        await told.wait()
        click.echo("condabot stops")
    finally:
        await runner.cleanup()
