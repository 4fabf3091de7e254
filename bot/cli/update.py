"""`condabot update`: edit manifests and locks in place."""

import sys
from pathlib import Path

import click

from bot.cli.local import local_scanner
from bot.cli.options import channel_options, channel_settings, index_option, path_argument, pypi_settings, settings
from bot.cli.output import NOT_DONE, Terminal, print_diffs, print_lines, print_offline, print_upgraded
from bot.cli.running import run
from bot.local.checkout import Checkout
from bot.local.lock_versions import NEWEST
from bot.local.scan import Finish, LocalScan, as_found, in_newest_version, refresh, update
from bot.rendering.update import problem_lines, update_lines
from bot.settings import ChannelSettings, PypiSettings
from bot.versioning.match_spec import normalise_conda_name


@click.command("update")
@path_argument
@channel_options
@index_option
@click.option("--package", "packages", multiple=True, metavar="NAME", help="Move only this package (repeatable).")
@click.option("--refresh-locks", is_flag=True, help="Solve every lock afresh instead; manifests stay as they are.")
@click.option(
    "--lock-version", type=click.Choice([NEWEST]), help="Write every pixi.lock in this version, also an unchanged one."
)
@click.option("--diff", is_flag=True, help="Show the changed lines of every file.")
def command(  # noqa: PLR0913 -- one argument for each option
    path: Path,
    channel_alias: str | None,
    mirrors: tuple[str, ...],
    index_url: str | None,
    packages: tuple[str, ...],
    lock_version: str | None,
    *,
    offline: bool,
    refresh_locks: bool,
    diff: bool,
) -> None:
    """Update the checkout at PATH in place, as far as it solves on every platform."""
    if refresh_locks and packages:
        raise click.UsageError("--refresh-locks is about whole locks, --package about one package: say one of them")
    base = settings()
    channels = channel_settings(base.channels, channel_alias, mirrors, offline=offline)
    indexes = pypi_settings(base.pypi, index_url, mirrors, offline=offline)
    finish = in_newest_version if lock_version else as_found
    scan = run(
        _refresh(path, channels, indexes, finish)
        if refresh_locks
        else _update(path, channels, indexes, packages, finish)
    )
    console = Terminal()
    print_lines(console, update_lines(scan.report, console.columns))
    print_upgraded(console, scan.upgraded)
    if diff:
        print_diffs(console, scan.files, scan.texts)
    print_lines(console, problem_lines(scan.report.problems, console.columns))
    print_offline(console, channels)
    if scan.report.problems:
        sys.exit(NOT_DONE)


async def _update(
    path: Path, channels: ChannelSettings, indexes: PypiSettings, packages: tuple[str, ...], finish: Finish
) -> LocalScan:
    async with local_scanner(channels, indexes) as scanner:
        return await update(Checkout.at(path), scanner, map(normalise_conda_name, packages), finish)


async def _refresh(path: Path, channels: ChannelSettings, indexes: PypiSettings, finish: Finish) -> LocalScan:
    async with local_scanner(channels, indexes) as scanner:
        return await refresh(Checkout.at(path), scanner, finish)
