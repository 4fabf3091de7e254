"""`condabot check` as it scans: what could be updated, what is held back and why."""

import json
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import click

from bot.cli.local import local_scanner
from bot.cli.output import NOT_DONE, Terminal, print_lines, print_offline, print_words
from bot.cli.progress import ShownProgress
from bot.cli.running import run
from bot.local.checkout import Checkout
from bot.local.scan import LocalScan, caps, check, minimums
from bot.model.manifest import Subdir
from bot.model.report import Standing
from bot.rendering.caps import caps_lines
from bot.rendering.check import Shown, check_lines, next_step, summary
from bot.rendering.minimums import minimums_lines
from bot.rendering.report import report_document
from bot.rendering.terminal_lines import Line, Tone, Width
from bot.rendering.update import problem_lines
from bot.settings import ChannelSettings, PypiSettings
from bot.updating.scan import Scanner

UPDATES = 1
"""The exit code that says, if asked for, that there is something to update."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a check: its options."""

    path: Path
    channels: ChannelSettings
    indexes: PypiSettings
    platforms: tuple[str, ...]
    as_json: bool
    exit_code: bool
    only_caps: bool
    only_minimums: bool
    show_all: bool


def looked(asked: Asked, progress: ShownProgress) -> LocalScan:
    """Return what is found in the checkout; what is being done is told to *progress*."""
    look = caps if asked.only_caps else minimums if asked.only_minimums else check
    return run(_looked(asked, look, progress))


def show(scan: LocalScan, asked: Asked, seconds: float) -> None:
    """Print what *scan* found, which took *seconds*, and exit with what that means."""
    if asked.as_json:
        click.echo(json.dumps(report_document(scan.report), indent=2))
    elif asked.only_caps:
        _print(scan, partial(caps_lines, scan.report.caps))
    elif asked.only_minimums:
        _print(scan, partial(minimums_lines, scan.report.minimums))
    else:
        terminal = Terminal()
        shown = Shown(width=terminal.columns, everything=asked.show_all)
        print_lines(terminal, check_lines(scan.report, shown))
        print_words(terminal, summary(scan.report, seconds))
        print_words(terminal, next_step(scan.report, shown, str(asked.path), asked.platforms), Tone.QUIET)
        print_offline(terminal, asked.channels)
    if asked.exit_code and any(status.standing is Standing.UPDATE for status in scan.report.statuses):
        sys.exit(UPDATES)
    if scan.report.problems:
        sys.exit(NOT_DONE)


def _print(scan: LocalScan, lines: Callable[[Width], Iterable[Line]]) -> None:
    terminal = Terminal()
    print_lines(terminal, lines(terminal.columns))
    print_lines(terminal, problem_lines(scan.report.problems, terminal.columns))


_Look: TypeAlias = Callable[[Checkout, Scanner], Awaitable[LocalScan]]


async def _looked(asked: Asked, look: _Look, progress: ShownProgress) -> LocalScan:
    async with local_scanner(asked.channels, asked.indexes, progress) as scanner:
        return await look(Checkout.at(asked.path), replace(scanner, platforms=tuple(map(Subdir, asked.platforms))))
