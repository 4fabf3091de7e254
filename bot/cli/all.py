"""`condabot all`: the whole App on one small machine, as the processes that it is made of anywhere else."""

import asyncio
import logging
import sys

import click

from bot.cli.options import process_environment
from bot.cli.presence import PARTS, Presence
from bot.cli.registering import registered_first
from bot.cli.starting import started
from bot.cli.stopping import LAST, stoppable, when_told

log = logging.getLogger(__name__)

AGAIN_AFTER = 5.0
"""Seconds before a part that ended is started again."""

GRACE = 8.0
"""Seconds that a part gets to end when it is told to; each needs less unless it hangs."""


@click.command("all")
def command() -> None:
    """Run the whole GitHub App on this machine: `condabot serve` and `condabot worker`, each a process of its own."""
    with stoppable():
        if not registered_first():
            return
    with started(lambda *_: Presence(kind="all"), within=LAST) as process:
        asyncio.run(_run_all({**process_environment(), "DATABASE_URL": process.conninfo}))


async def _run_all(environment: dict[str, str]) -> None:
    """Run all parts until the process is told to stop, and return when all of them have ended: not before."""
    told = asyncio.Event()
    when_told(told.set, within=LAST)
    parts = [asyncio.create_task(_keep_running(part, environment)) for part in PARTS["all"]]
    stopping = asyncio.create_task(told.wait())
    done, _ = await asyncio.wait([*parts, stopping], return_when=asyncio.FIRST_COMPLETED)
    click.echo("condabot stops")
    for each in (*parts, stopping):
        each.cancel()
    await asyncio.gather(*parts, stopping, return_exceptions=True)
    for each in done:
        each.result()  # a defect of ours, if it is one of the parts


async def _keep_running(part: str, environment: dict[str, str]) -> None:
    """Run one part until cancelled; start it again whenever it ends."""
    while True:
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", part, env=environment)
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                await _end(process)
        log.error("`condabot %s` ended with %s and is started again", part, code)
        await asyncio.sleep(AGAIN_AFTER)


async def _end(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    try:
        async with asyncio.timeout(GRACE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
