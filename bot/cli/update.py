"""`condabot update`: edit manifests and locks in place."""

import asyncio
import sys
from pathlib import Path

import click
from rich.console import Console

from bot.cli.local import local_scanner
from bot.cli.options import channel_options, channel_settings, index_option, path_argument, pypi_settings, settings
from bot.cli.output import NOT_DONE, print_diffs, print_offline, print_problems, print_proposals
from bot.local.checkout import Checkout
from bot.local.scan import LocalScan, update
from bot.settings import ChannelSettings, PypiSettings
from bot.versioning.match_spec import normalise_conda_name


@click.command("update")
@path_argument
@channel_options
@index_option
@click.option("--package", "packages", multiple=True, metavar="NAME", help="Move only this package (repeatable).")
@click.option("--diff", is_flag=True, help="Show the changed lines of every file.")
def command(  # noqa: PLR0913 -- one argument for each option
    path: Path,
    channel_alias: str | None,
    mirrors: tuple[str, ...],
    index_url: str | None,
    packages: tuple[str, ...],
    *,
    offline: bool,
    diff: bool,
) -> None:
    """Update the checkout at PATH in place, as far as it solves on every platform."""
    base = settings()
    channels = channel_settings(base.channels, channel_alias, mirrors, offline=offline)
    indexes = pypi_settings(base.pypi, index_url, offline=offline)
    scan = asyncio.run(_update(path, channels, indexes, packages))
    console = Console()
    print_proposals(console, scan.report)
    if diff:
        print_diffs(console, scan)
    print_problems(console, scan.report.problems)
    print_offline(console, channels)
    if scan.report.problems:
        sys.exit(NOT_DONE)


async def _update(path: Path, channels: ChannelSettings, indexes: PypiSettings, packages: tuple[str, ...]) -> LocalScan:
    async with local_scanner(channels, indexes, Console(stderr=True)) as scanner:
        return await update(Checkout.at(path), scanner, map(normalise_conda_name, packages))
