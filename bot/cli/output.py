"""What commands print for people."""

import difflib
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.local.scan import LocalScan
from bot.model.report import DependencyStatus, Problem, ScanReport, Standing
from bot.model.update import HeldBack, LockDiff, Proposal

QUIET = frozenset({Standing.UP_TO_DATE})
COLOURS = {
    Standing.UP_TO_DATE: "dim",
    Standing.UPDATE: "green",
    Standing.HELD_BACK: "yellow",
    Standing.LEFT_ALONE: "dim",
    Standing.UNKNOWN: "red",
}


def print_statuses(console: Console, report: ScanReport, *, show_all: bool) -> None:
    """Print a row for each dependency that moves or says why it does not."""
    shown = [each for each in report.statuses if show_all or each.standing not in QUIET]
    if shown:
        console.print(_status_table(shown))
    hidden = len(report.statuses) - len(shown)
    if hidden:
        console.print(f"{hidden} of {len(report.statuses)} dependencies are up to date.", style="dim")


def print_proposals(console: Console, report: ScanReport) -> None:
    """Print what was changed: the packages, the lines of manifests, and how much of each lock."""
    if not report.proposals:
        console.print("Nothing to update.")
    for proposal in report.proposals:
        console.print(_update_table(proposal))
        for diff in proposal.diffs:
            console.print(_lock_line(diff), style="dim", highlight=False)
    print_held_back(console, report.held_back)


def print_held_back(console: Console, held_back: Iterable[HeldBack]) -> None:
    """Print why newer releases are not taken."""
    for each in held_back:
        console.print(f"[yellow]held back[/] {escape(each.name)} {escape(each.current)}: {escape(each.sentence)}")


def print_diffs(console: Console, scan: LocalScan) -> None:
    """Print the changed lines of every file, as `diff -u` does."""
    for proposal in scan.report.proposals:
        for path, text in proposal.files.items():
            before = scan.files[path].decode()
            console.print(unified_diff(path, before, text), markup=False, highlight=False, soft_wrap=True)


def print_problems(console: Console, problems: Iterable[Problem]) -> None:
    """Print what was not done, and why."""
    for problem in problems:
        console.print(f"[red]not done[/] {escape(str(problem))}", highlight=False, soft_wrap=True)


def unified_diff(path: str, before: str, after: str) -> str:
    """Return the changed lines between *before* and *after*."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="", n=1)
    return "\n".join(lines)


def _status_table(statuses: Iterable[DependencyStatus]) -> Table:
    table = Table(
        "environment", "package", "spec", "locked", "newest", "solves", "why not newer", box=None, pad_edge=False
    )
    for each in statuses:
        environments = ", ".join(each.environments)
        cells = (environments, each.name, each.spec, each.current, each.newest, each.reachable, each.reason)
        table.add_row(*(escape(cell or "") for cell in cells), style=COLOURS[each.standing])
    return table


def _update_table(proposal: Proposal) -> Table:
    table = Table("package", "from", "to", "kind", "line", "spec", box=None, pad_edge=False)
    for update in proposal.plan.updates:
        moved = (update.name, update.current, update.target.version, update.kind)
        changes = [(f"{each.manifest}:{each.line}", f"{each.old} -> {each.new}") for each in update.changes] or [
            ("", "in range")
        ]
        for index, (place, spec) in enumerate(changes):
            table.add_row(
                *(escape(cell) for cell in (moved if index == 0 else ("",) * len(moved))), escape(place), escape(spec)
            )
    return table


def _lock_line(diff: LockDiff) -> str:
    return escape(f"{diff.environment} on {diff.subdir}: {len(diff.changes)} packages move")
