"""`condabot check`: what could be updated, what is held back and why."""

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import click

from bot.cli.local import local_scanner
from bot.cli.options import channel_options, channel_settings, index_option, path_argument, pypi_settings, settings
from bot.cli.output import NOT_DONE, Terminal, print_lines, print_offline, print_words
from bot.cli.running import run
from bot.clock import SystemClock
from bot.local.checkout import Checkout
from bot.local.scan import LocalScan, caps, check
from bot.manifests.platforms import SUBDIRS
from bot.model.manifest import Subdir
from bot.model.report import Standing
from bot.rendering.caps import caps_lines
from bot.rendering.check import Shown, check_lines, next_step, summary
from bot.rendering.report import report_document
from bot.rendering.terminal_lines import Tone
from bot.rendering.update import problem_lines
from bot.settings import ChannelSettings, PypiSettings
from bot.updating.scan import Scanner

UPDATES = 1
"""The exit code that says, if asked for, that there is something to update."""


@click.command("check")
@path_argument
@channel_options
@index_option
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    metavar="SUBDIR",
    type=click.Choice(SUBDIRS),
    help="Judge only this platform (repeatable).",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead (docs/commands.md).")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there is something to update.")
@click.option("--caps", "only_caps", is_flag=True, help="List every cap and what it costs instead.")
@click.option("--all", "show_all", is_flag=True, help="Show what is up to date as well.")
def command(  # noqa: PLR0913 -- one argument for each option
    path: Path,
    channel_alias: str | None,
    mirrors: tuple[str, ...],
    index_url: str | None,
    platforms: tuple[str, ...],
    *,
    offline: bool,
    as_json: bool,
    exit_code: bool,
    only_caps: bool,
    show_all: bool,
) -> None:
    """Show what could be updated in the checkout at PATH, solved on every platform, and why not more."""
    base = settings()
    channels = channel_settings(base.channels, channel_alias, mirrors, offline=offline)
    indexes = pypi_settings(base.pypi, index_url, mirrors, offline=offline)
    clock = SystemClock()
    begun = clock.now()
    look = caps if only_caps else check
    scan = run(_check(path, channels, indexes, tuple(map(Subdir, platforms)), look))
    if as_json:
        click.echo(json.dumps(report_document(scan.report), indent=2))
    elif only_caps:
        _print_caps(Terminal(), scan)
    else:
        terminal = Terminal()
        shown = Shown(width=terminal.columns, everything=show_all)
        print_lines(terminal, check_lines(scan.report, shown))
        print_words(terminal, summary(scan.report, tuple(scan.files), (clock.now() - begun).total_seconds()))
        print_words(terminal, next_step(scan.report, shown, str(path), platforms), Tone.QUIET)
        print_offline(terminal, channels)
    if exit_code and any(status.standing is Standing.UPDATE for status in scan.report.statuses):
        sys.exit(UPDATES)
    if scan.report.problems:
        sys.exit(NOT_DONE)


def _print_caps(terminal: Terminal, scan: LocalScan) -> None:
    print_lines(terminal, caps_lines(scan.report.caps, terminal.columns))
    print_lines(terminal, problem_lines(scan.report.problems, terminal.columns))


_Look: TypeAlias = Callable[[Checkout, Scanner], Awaitable[LocalScan]]


async def _check(
    path: Path, channels: ChannelSettings, indexes: PypiSettings, platforms: tuple[Subdir, ...], look: _Look
) -> LocalScan:
    async with local_scanner(channels, indexes) as scanner:
        return await look(Checkout.at(path), replace(scanner, platforms=platforms))
