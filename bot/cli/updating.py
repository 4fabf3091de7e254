"""`condabot update` as it scans and writes: what is done, and how it is told."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from bot.cli.local import local_scanner
from bot.cli.output import NOT_DONE, Terminal, print_diffs, print_lines, print_offline, print_upgraded, print_words
from bot.cli.progress import ShownProgress
from bot.cli.results import require_fresh, told_of, write_patches, write_words
from bot.cli.running import run
from bot.local.checkout import Checkout
from bot.local.scan import (
    LocalScan,
    as_found,
    in_newest_version,
    planned_refresh,
    planned_update,
    pull_requests,
    write,
)
from bot.rendering.proposals import update_document
from bot.rendering.pull_request import Told
from bot.rendering.sizes import counted
from bot.rendering.update import problem_lines, update_lines
from bot.settings import ChannelSettings, PypiSettings
from bot.versioning.match_spec import normalise_conda_name

CHANGES = 1
"""The exit code that says, if asked for, that something changed, or would."""

UNWRITTEN = "Nothing is written: this is what would be."
PATCHED = "The checkout stays as it is: {pulls} in {folder}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of an update: its options."""

    path: Path
    channels: ChannelSettings
    indexes: PypiSettings
    packages: tuple[str, ...]
    refresh_locks: bool
    newest_locks: bool
    title: Path | None
    body: Path | None
    one_per_plan: Path | None
    dry_run: bool
    diff: bool
    as_json: bool
    exit_code: bool

    @property
    def writes_checkout(self) -> bool:
        """Whether files of the checkout are changed."""
        return not (self.dry_run or self.one_per_plan)


def looked(asked: Asked, progress: ShownProgress) -> LocalScan:
    """Return what would move in the checkout; what is being done is told to *progress*. Nothing is written.

    Raises:
        BadInput: patches are wanted in a folder that has some.

    """
    if asked.one_per_plan:
        require_fresh(asked.one_per_plan)
    return run(_looked(asked, progress))


def finish(scan: LocalScan, asked: Asked) -> None:
    """Write what *scan* came to where it is wanted, print it, and exit with what that means.

    Raises:
        BadInput: a file cannot be written, or was changed meanwhile.

    """
    if asked.writes_checkout:
        write(Checkout.at(asked.path), scan)
    told = told_of(asked.path)
    write_words(asked.title, asked.body, scan.report.proposals, told)
    if asked.one_per_plan and not asked.dry_run:
        write_patches(asked.one_per_plan, scan, told)
    _print(scan, asked, told)
    sys.exit(_exit_code(scan, of_changes=asked.exit_code))


async def _looked(asked: Asked, progress: ShownProgress) -> LocalScan:
    checkout = Checkout.at(asked.path)
    upgrade = in_newest_version if asked.newest_locks else as_found
    async with local_scanner(asked.channels, asked.indexes, progress) as scanner:
        if asked.one_per_plan:
            return await pull_requests(checkout, scanner)
        if asked.refresh_locks:
            return await planned_refresh(checkout, scanner, upgrade)
        return await planned_update(checkout, scanner, map(normalise_conda_name, asked.packages), upgrade)


def _exit_code(scan: LocalScan, *, of_changes: bool) -> int:
    if of_changes and _changed(scan):
        return CHANGES
    return NOT_DONE if scan.report.problems else 0


def _changed(scan: LocalScan) -> frozenset[str]:
    """Return the files that are, or would be, different."""
    return frozenset({*scan.texts, *(path for each in scan.report.proposals for path in each.files)})


def _print(scan: LocalScan, asked: Asked, told: Told) -> None:
    if asked.as_json:
        document = update_document(scan.report, told, _changed(scan), written=asked.writes_checkout)
        click.echo(json.dumps(document, indent=2))
        return
    console = Terminal()
    if asked.one_per_plan and not asked.dry_run:
        pulls = counted(len(scan.report.proposals), "pull request")
        print_words(console, PATCHED.format(pulls=pulls, folder=asked.one_per_plan))
    elif not asked.writes_checkout:
        print_words(console, UNWRITTEN)
    print_lines(console, update_lines(scan.report, console.columns))
    print_upgraded(console, scan.upgraded)
    if asked.diff:
        print_diffs(console, scan.files, scan.texts)
    print_lines(console, problem_lines(scan.report.problems, console.columns))
    print_offline(console, asked.channels)
