"""`condabot worker`: work off what `condabot serve` took in, on this machine or another one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import click

from bot.children.bounds import stand_back
from bot.cli.options import process_environment
from bot.cli.presence import Presence
from bot.cli.starting import started
from bot.cli.stopping import when_told
from bot.clock import SystemClock
from bot.composition.service import build_work, open_advisory_source, open_channels, open_scan
from bot.composition.way import guarded, redactor
from bot.jobs.worker import Work, keep_working
from bot.settings import AppSettings, Settings
from bot.store.database import Pool, make_pool
from bot.store.migrate import migrate
from bot.web.health import listening, worker_app
from bot.web.metrics import MetricsPage


@click.command("worker")
def command() -> None:
    """Run a worker of the GitHub App until it is told to stop."""
    with started(_presence) as process:
        stand_back()
        migrate(process.conninfo)
        asyncio.run(_until_stopped(process.settings, process.app, process.conninfo))


def _presence(found: Settings, app: AppSettings) -> Presence:
    return Presence(kind="worker", host=app.host, port=found.operating.health_port or 0)


async def _until_stopped(found: Settings, app: AppSettings, conninfo: str) -> None:
    work = asyncio.create_task(_work(found, app, conninfo))
    when_told(work.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def _work(found: Settings, app: AppSettings, conninfo: str) -> None:
    async with (
        guarded(found, app.github_api, process_environment()) as way,
        make_pool(conninfo) as pool,
        open_scan(found, app, way, pool=pool) as scan,
        open_channels(found, way) as channels,
        open_advisory_source(way) as advisories,
    ):
        work = replace(build_work(app, scan, channels, advisories), redact=redactor(found))
        async with _listening(found, app, pool, work):
            click.echo("condabot works")
            await keep_working(conninfo, pool, work, SystemClock())


@contextlib.asynccontextmanager
async def _listening(found: Settings, app: AppSettings, pool: Pool, work: Work) -> AsyncIterator[None]:
    """Answer to whoever watches this worker, if that is wanted."""
    if found.operating.health_port is None:
        yield
        return
    metrics = MetricsPage(pool=pool, operator_token=found.pages.operator_token)
    async with listening(worker_app(pool, work.pulse, metrics), app.host, found.operating.health_port):
        yield
