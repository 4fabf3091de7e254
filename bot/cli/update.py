"""`condabot update`: edit manifests and locks in place, or say as a pull request what that would be."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from bot.cli.local import local_scanner
from bot.cli.options import channel_options, channel_settings, index_option, path_argument, pypi_settings, settings
from bot.cli.output import NOT_DONE, Terminal, print_diffs, print_lines, print_offline, print_upgraded, print_words
from bot.cli.results import require_fresh, told_of, write_patches, write_words
from bot.cli.running import run
from bot.local.checkout import Checkout
from bot.local.lock_versions import NEWEST
from bot.local.scan import (
    Finish,
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
from bot.rendering.update import problem_lines, update_lines
from bot.settings import ChannelSettings, PypiSettings
from bot.versioning.match_spec import normalise_conda_name

CHANGES = 1
"""The exit code that says, if asked for, that something changed, or would."""

UNWRITTEN = "Nothing is written: this is what would be."

_file = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """How an update is told, beside its exit code."""

    as_json: bool
    dry_run: bool
    diff: bool


@click.command("update")
@path_argument
@channel_options
@index_option
@click.option("--package", "packages", multiple=True, metavar="NAME", help="Move only this package (repeatable).")
@click.option("--refresh-locks", is_flag=True, help="Solve every lock afresh instead; manifests stay as they are.")
@click.option(
    "--lock-version", type=click.Choice([NEWEST]), help="Write every pixi.lock in this version, also an unchanged one."
)
@click.option("--dry-run", is_flag=True, help="Write nothing to the checkout, and say what would be.")
@click.option("--diff", is_flag=True, help="Show the changed lines of every file.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead (docs/commands.md).")
@click.option("--title", type=_file, metavar="FILE", help="Write the title of a pull request to FILE.")
@click.option("--body", type=_file, metavar="FILE", help="Write the body of a pull request, in Markdown, to FILE.")
@click.option(
    "--one-per-plan",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a patch, title and body for each pull request of the App to DIR instead.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if something changed.")
def command(  # noqa: PLR0913 -- one argument for each option
    *,
    path: Path,
    channel_alias: str | None,
    mirrors: tuple[str, ...],
    index_url: str | None,
    packages: tuple[str, ...],
    lock_version: str | None,
    title: Path | None,
    body: Path | None,
    one_per_plan: Path | None,
    offline: bool,
    refresh_locks: bool,
    dry_run: bool,
    diff: bool,
    as_json: bool,
    exit_code: bool,
) -> None:
    """Update the checkout at PATH in place, as far as it solves on every platform."""
    if refresh_locks and packages:
        raise click.UsageError("--refresh-locks is about whole locks, --package about one package: say one of them")
    if one_per_plan and (refresh_locks or packages or lock_version or title or body or diff):
        raise click.UsageError("--one-per-plan makes what the App would, with titles and bodies: leave the others away")
    base = settings()
    channels = channel_settings(base.channels, channel_alias, mirrors, offline=offline)
    indexes = pypi_settings(base.pypi, index_url, mirrors, offline=offline)
    finish = in_newest_version if lock_version else as_found
    if one_per_plan:
        require_fresh(one_per_plan)
        scan = run(_pull_requests(path, channels, indexes))
    elif refresh_locks:
        scan = run(_refresh(path, channels, indexes, finish))
    else:
        scan = run(_update(path, channels, indexes, packages, finish))
    shown = _Shown(as_json=as_json, dry_run=dry_run or one_per_plan is not None, diff=diff)
    if not shown.dry_run:
        write(Checkout.at(path), scan)
    told = told_of(path)
    write_words(title, body, scan.report.proposals, told)
    if one_per_plan and not dry_run:
        write_patches(one_per_plan, scan, told)
    _print(scan, shown, told, channels)
    sys.exit(_exit_code(scan, of_changes=exit_code))


def _exit_code(scan: LocalScan, *, of_changes: bool) -> int:
    if of_changes and _changed(scan):
        return CHANGES
    return NOT_DONE if scan.report.problems else 0


def _changed(scan: LocalScan) -> frozenset[str]:
    """Return the files that are, or would be, different."""
    return frozenset({*scan.texts, *(path for each in scan.report.proposals for path in each.files)})


def _print(scan: LocalScan, shown: _Shown, told: Told, channels: ChannelSettings) -> None:
    if shown.as_json:
        click.echo(json.dumps(update_document(scan.report, told, _changed(scan), written=not shown.dry_run), indent=2))
        return
    console = Terminal()
    if shown.dry_run:
        print_words(console, UNWRITTEN)
    print_lines(console, update_lines(scan.report, console.columns))
    print_upgraded(console, scan.upgraded)
    if shown.diff:
        print_diffs(console, scan.files, scan.texts)
    print_lines(console, problem_lines(scan.report.problems, console.columns))
    print_offline(console, channels)


async def _update(
    path: Path, channels: ChannelSettings, indexes: PypiSettings, packages: tuple[str, ...], finish: Finish
) -> LocalScan:
    async with local_scanner(channels, indexes) as scanner:
        return await planned_update(Checkout.at(path), scanner, map(normalise_conda_name, packages), finish)


async def _refresh(path: Path, channels: ChannelSettings, indexes: PypiSettings, finish: Finish) -> LocalScan:
    async with local_scanner(channels, indexes) as scanner:
        return await planned_refresh(Checkout.at(path), scanner, finish)


async def _pull_requests(path: Path, channels: ChannelSettings, indexes: PypiSettings) -> LocalScan:
    async with local_scanner(channels, indexes) as scanner:
        return await pull_requests(Checkout.at(path), scanner)
