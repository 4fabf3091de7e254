"""What commands print for people. Nothing that stands in a file is markup or acts on the terminal."""

import difflib
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.local.lock_versions import NEWEST
from bot.local.scan import LocalScan
from bot.manifests import FORMATS
from bot.model.report import DependencyStatus, Problem, Recognised, ScanReport, Standing
from bot.model.update import HeldBack, LockDiff, Proposal
from bot.rendering.names import title
from bot.rendering.printable import printable
from bot.rendering.sizes import counted
from bot.settings import ChannelSettings

NOT_DONE = 3
"""The exit code that says that something was not judged or not done."""

QUIET = frozenset({Standing.UP_TO_DATE})
IN_RANGE = ("", "in range")
NOTHING = ("", "", "", "")
MOST_NAMED = 5
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
        console.print(_update_table(proposal) if proposal.plan.updates else Text(printable(title(proposal))))
        for diff in proposal.diffs:
            console.print(Text(printable(_lock_line(diff)), style="dim"))
    print_held_back(console, report.held_back)


def print_held_back(console: Console, held_back: Iterable[HeldBack]) -> None:
    """Print why newer releases are not taken."""
    for each in held_back:
        _print_line(console, "held back", "yellow", f"{each.name} {each.current}: {each.sentence}")


def print_upgraded(console: Console, scan: LocalScan) -> None:
    """Print which locks got a newer version of their format."""
    for path in scan.upgraded:
        _print_line(console, "upgraded", "green", f"{path}: version {NEWEST} of the format")


def print_diffs(console: Console, scan: LocalScan) -> None:
    """Print the changed lines of every file, as `diff -u` does."""
    for path, text in scan.texts.items():
        for line in unified_diff(path, scan.files[path].decode(), text).splitlines():
            console.print(Text(printable(line)), soft_wrap=True)


def print_problems(console: Console, problems: Iterable[Problem]) -> None:
    """Print what was not done, and why."""
    for problem in problems:
        _print_line(console, "not done", "red", str(problem))


def print_offline(console: Console, channels: ChannelSettings) -> None:
    """Print that nobody was asked, if so."""
    if channels.offline:
        console.print(Text("offline: from cache", style="dim"))


def print_recognised(console: Console, recognised: Iterable[Recognised]) -> None:
    """Print which files are seen and not managed, a line for each reason."""
    by_reason: dict[str, list[str]] = {}
    for each in recognised:
        by_reason.setdefault(each.sentence, []).append(each.path)
    for reason, paths in by_reason.items():
        further = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
        line = f"Seen, not managed: {', '.join(paths[:MOST_NAMED])}{further}: {reason}."
        console.print(printable(line), style="dim", markup=False, highlight=False, soft_wrap=True)


def print_nothing(console: Console, report: ScanReport) -> None:
    """Print what was looked for, if nothing of it is there."""
    if not report.statuses and not report.problems:
        kinds = ", ".join(form.described for form in FORMATS)
        line = f"No dependency found. Looked for {kinds}; see docs/manifests.md."
        console.print(line, markup=False, highlight=False, soft_wrap=True)


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
        table.add_row(*_cells(cell or "" for cell in cells), style=COLOURS[each.standing])
    return table


def _update_table(proposal: Proposal) -> Table:
    table = Table("package", "from", "to", "kind", "line", "spec", box=None, pad_edge=False)
    for update in proposal.plan.updates:
        moved = (update.name, update.current, update.target.version, update.kind)
        changes = [(f"{each.manifest}:{each.line}", f"{each.old} -> {each.new}") for each in update.changes]
        first, *others = changes or [IN_RANGE]
        table.add_row(*_cells((*moved, *first)))
        for change in others:
            table.add_row(*_cells((*NOTHING, *change)))
    return table


def _cells(texts: Iterable[str]) -> Iterator[Text]:
    return (Text(printable(text)) for text in texts)


def _print_line(console: Console, label: str, style: str, words: str) -> None:
    console.print(Text.assemble((label, style), " ", printable(words)), soft_wrap=True)


def _lock_line(diff: LockDiff) -> str:
    return f"{diff.environment} on {diff.subdir}: {counted(len(diff.changes), 'change')}"
