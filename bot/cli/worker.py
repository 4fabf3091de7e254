"""`condabot worker`: work off what `condabot serve` took in, on this machine or another one."""

import asyncio
import contextlib
import logging

import click

from bot.cli.options import app_settings, process_environment, settings
from bot.cli.stopping import stoppable, when_told
from bot.clock import SystemClock
from bot.composition.service import build_work, open_channels, open_scan
from bot.composition.way import guarded, redactor
from bot.jobs.worker import keep_working
from bot.redaction import redact_logs
from bot.settings import AppSettings, Settings
from bot.store.database import make_pool, server
from bot.store.migrate import migrate


@click.command("worker")
def command() -> None:
    """Run a worker of the GitHub App until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    found = settings()
    redact_logs(redactor(found))
    with stoppable(), server(found.database_url, found.data_dir) as conninfo:
        migrate(conninfo)
        asyncio.run(_until_stopped(found, app_settings(found), conninfo))


async def _until_stopped(found: Settings, app: AppSettings, conninfo: str) -> None:
    work = asyncio.create_task(_work(found, app, conninfo))
    when_told(work.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def _work(found: Settings, app: AppSettings, conninfo: str) -> None:
    async with (
        guarded(found, app, process_environment()) as way,
        make_pool(conninfo) as pool,
        open_scan(found, app, way, pool=pool) as scan,
        open_channels(found, way) as channels,
    ):
        click.echo("condabot works")
        await keep_working(conninfo, pool, build_work(app, scan, channels), SystemClock())
