"""What `condabot update` says that it did: the lines of manifests, and of each lock the packages, by name."""

from collections.abc import Iterable, Iterator

from bot.model.report import Problem, ScanReport
from bot.model.update import HeldBack, Proposal
from bot.rendering.lock_names import lock_names
from bot.rendering.names import title
from bot.rendering.solver_words import shortened
from bot.rendering.terminal_lines import Line, Tone, Width, some, wrapped

ROW = 4


def update_lines(report: ScanReport, width: Width) -> Iterator[Line]:
    """Yield what was changed, and why not more."""
    if not report.proposals:
        yield from wrapped("Nothing to update.", width)
    for proposal in report.proposals:
        yield from _proposal(proposal, width)
    yield from _held_back(report.held_back, width)


def problem_lines(problems: Iterable[Problem], width: Width) -> Iterator[Line]:
    """Yield what was not done, and why."""
    for problem in problems:
        yield from wrapped(f"not done {shortened(str(problem))}", width, Tone.PROBLEM)


def _proposal(proposal: Proposal, width: Width) -> Iterator[Line]:
    if not proposal.plan.updates:
        yield from wrapped(title(proposal), width, Tone.HEADING)
    by_manifest: dict[str, list[tuple[int, str]]] = {}
    for update in proposal.plan.updates:
        for change in update.changes:
            moved = f"{update.name}  {update.current} -> {update.target.version}  {update.kind}"
            row = (change.line, f"{change.line}  {moved}  ({change.old} -> {change.new})")
            by_manifest.setdefault(change.manifest, []).append(row)
    for path, rows in by_manifest.items():
        yield from wrapped(path, width, Tone.HEADING)
        for _, words in sorted(rows):
            yield from wrapped(words, width, Tone.MOVE, indent=ROW)
    for reason in proposal.plan.reasons:
        yield from wrapped(reason, width, Tone.QUIET)
    for path, names in lock_names(proposal.diffs).items():
        yield from wrapped(path, width, Tone.HEADING)
        yield from wrapped(names, width, Tone.MOVE, indent=ROW)


def _held_back(held_back: Iterable[HeldBack], width: Width) -> Iterator[Line]:
    """Say each reason once, with the releases that it keeps out."""
    by_reason: dict[str, list[str]] = {}
    for each in held_back:
        by_reason.setdefault(each.sentence, []).append(f"{each.name} {each.release}")
    for reason, names in by_reason.items():
        yield from wrapped(f"held back {some(names)}: {reason}", width, Tone.HELD)
