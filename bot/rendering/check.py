"""What `condabot check` says: by file what would move, what is held, what is not judged; the rest as counts.

Nothing here prints. A report becomes lines of a given width, or unbroken ones for a pipe.
"""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from bot.manifests import FORMATS
from bot.model.manifest import PackageName
from bot.model.report import UNJUDGED, DependencyStatus, Problem, Recognised, ScanReport, Standing
from bot.model.update import SpecChange
from bot.rendering.check_files import FileReport, file_reports
from bot.rendering.lock_names import MOST_CHANGES
from bot.rendering.reasons import Clause, Reasons
from bot.rendering.sizes import counted
from bot.rendering.solver_words import shortened
from bot.rendering.terminal_lines import Line, Tone, Width, some, wrapped
from bot.versioning.conda import is_newer

UNTIL: Final = "; until then "
"""What follows tells which files wait, and they differ by the lock that is in the way."""
UNCONSTRAINED: Final = "unconstrained: "
IN_RANGE: Final = "in range"
WOULD_CHANGE: Final = "would change"
SECTION: Final = 2
ROW: Final = 4
MOST_LINES: Final = 4
WIDE: Final = 60
"""From so many columns on names stand in a column of their own."""

WORDS: Final = {
    Standing.UPDATE: "would move",
    Standing.HELD_BACK: "held",
    Standing.UNKNOWN: "not judged",
    Standing.LEFT_ALONE: "left alone",
    Standing.UP_TO_DATE: "up to date",
}
TONES: Final = {
    Standing.UPDATE: Tone.MOVE,
    Standing.HELD_BACK: Tone.HELD,
    Standing.UNKNOWN: Tone.PROBLEM,
    Standing.LEFT_ALONE: Tone.QUIET,
    Standing.UP_TO_DATE: Tone.QUIET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How it is shown: at which *width*, and whether *everything* is, line by line and with whole reasons."""

    width: Width = None
    everything: bool = False

    def line(self, text: str, tone: Tone = Tone.PLAIN, *, indent: int = 0) -> Iterator[Line]:
        """Yield *text*, broken where it must be."""
        return wrapped(text, self.width, tone, indent=indent)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Lines of one file that say and mean the same: where they stand, the package, and what is said of it.

    `cause` is what rows of several packages may have in common, `newest` what they then differ in.
    """

    name: str
    words: str
    lines: tuple[int, ...]
    cause: str = ""
    newest: str = ""


def check_lines(report: ScanReport, shown: Shown) -> Iterator[Line]:
    """Yield what is said of each file of *report*: first those in which something would move."""
    changes = {
        (change.manifest, change.line, update.name): change
        for proposal in report.proposals
        for update in proposal.plan.updates
        for change in update.changes
    }
    reasons = Reasons.of((*report.held_back, *(held for each in report.proposals for held in each.held_back)))
    for found in file_reports(report, None if shown.everything else MOST_CHANGES):
        yield from shown.line(found.path, Tone.HEADING)
        yield from _moves(found, changes, reasons, shown)
        yield from _held(found, reasons, shown)
        yield from _not_judged(found, shown)
        yield from _rest(found, shown)
        yield Line(text="")
    yield from _recognised(report.recognised, shown)


def is_held(status: DependencyStatus) -> bool:
    """Tell whether *status* stays though there is something newer that is known; without a version it holds nothing."""
    if status.standing is Standing.LEFT_ALONE and not status.reason.startswith(UNCONSTRAINED):
        return bool(status.current and status.newest and is_newer(status.newest, status.current))
    return status.standing is Standing.HELD_BACK


def summary(report: ScanReport, seconds: float) -> str:
    """Return the last line: how many lines stand how in how many files, and how long that took."""
    took = f"{seconds:.0f} s"
    if not report.statuses:
        return f"{nothing(report)} {took}."
    held = Counter(Standing.HELD_BACK if is_held(each) else each.standing for each in report.statuses)
    counts = [f"{held[standing]} {words}" for standing, words in WORDS.items() if held[standing]]
    locks = len({diff.lock for proposal in report.proposals for diff in proposal.diffs} - {""})
    counts += [f"{counted(locks, 'lock')} {WOULD_CHANGE}"] if locks else []
    manifests = counted(len({each.manifest for each in report.statuses}), "file")
    lines = len(report.statuses)
    return f"{lines} {'dependency' if lines == 1 else 'dependencies'} in {manifests}: {', '.join(counts)}. {took}."


def next_step(report: ScanReport, shown: Shown, path: str, platforms: Sequence[str] = ()) -> str:
    """Return what can be done next about the checkout at *path*: what is true of *report*, or nothing.

    Where only some *platforms* were looked at, more may be in the way of an update.
    """
    steps = []
    if report.proposals:
        where = "" if path == "." else f" {shlex.quote(path)}"
        what = "what of this solves on every platform" if platforms else "these changes"
        steps.append(f"`condabot update{where}`, with the same channels, makes {what}.")
    if not shown.everything and report.statuses:
        steps.append("`--all` shows every line with its whole reason.")
    return " ".join(steps)


def nothing(report: ScanReport) -> str:
    """Return what is said where no line of a manifest was found: why there is none, and what was looked for."""
    if report.problems:
        return "Nothing was judged."
    if report.manifests:
        return f"No dependency found: no line of {some(report.manifests)} asks for a package."
    return f"No dependency found. Looked for {', '.join(form.described for form in FORMATS)}; see docs/manifests.md."


def _moves(
    found: FileReport, changes: Mapping[tuple[str, int, PackageName], SpecChange], reasons: Reasons, shown: Shown
) -> Iterator[Line]:
    if not found.moves:
        return
    moving = [each for each in found.statuses if each.standing is Standing.UPDATE]
    yield from shown.line(WORDS[Standing.UPDATE] if moving else WOULD_CHANGE, Tone.MOVE, indent=SECTION)
    yield from _row_lines(_rows(_moving(each, changes, reasons, shown) for each in moving), shown)
    for names in found.lock_changes:
        yield from shown.line(names, indent=ROW)


def _moving(
    status: DependencyStatus, changes: Mapping[tuple[str, int, PackageName], SpecChange], reasons: Reasons, shown: Shown
) -> _Row:
    change = changes.get((status.manifest, status.line, status.name))
    words = f"{status.current} -> {status.reachable}  ({f'{change.old} -> {change.new}' if change else IN_RANGE})"
    if status.forced:
        words += f"; {_forced(status, shown)}"
    if status.reason and status.newest != status.reachable:
        words += f"; {_clause(status, reasons, shown).about(status.newest)}"
    return _Row(name=status.name, words=words, lines=(status.line,))


def _forced(status: DependencyStatus, shown: Shown) -> str:
    """Return why *status* had to move; which release is the nearest, only where it moves no further."""
    why, _, nearest = status.forced.rpartition(": ")
    is_further = bool(why) and (status.reachable or "") not in nearest.split()
    return why if is_further and not shown.everything else status.forced


def _clause(status: DependencyStatus, reasons: Reasons, shown: Shown) -> Clause:
    return Clause(words=status.reason) if shown.everything else reasons.clause(status)


def _held(found: FileReport, reasons: Reasons, shown: Shown) -> Iterator[Line]:
    """Each line with its reason; lines of several packages with the same reason are one."""
    held = [each for each in found.statuses if is_held(each)]
    if not held:
        return
    yield from shown.line(WORDS[Standing.HELD_BACK], Tone.HELD, indent=SECTION)
    rows = _rows(_staying(each, reasons, shown) for each in held)
    packages: dict[str, set[str]] = {}
    for row in rows:
        packages.setdefault(row.cause, set()).add(row.name)
    shared = [cause for cause, names in packages.items() if len(names) > 1 and cause and not shown.everything]
    yield from _row_lines([row for row in rows if row.cause not in shared], shown)
    for cause in shared:
        together = [row for row in rows if row.cause == cause]
        lines = counted(sum(len(row.lines) for row in together), "line")
        yield from shown.line(
            f"{lines}: {cause.rstrip('.')}: {some(f'{row.name} {row.newest}' for row in together)}", indent=ROW
        )


def _staying(status: DependencyStatus, reasons: Reasons, shown: Shown) -> _Row:
    clause = _clause(status, reasons, shown)
    words = f"{status.current}; {clause.about(status.newest)}"
    return _Row(name=status.name, words=words, cause=clause.words, newest=status.newest or "", lines=(status.line,))


def _not_judged(found: FileReport, shown: Shown) -> Iterator[Line]:
    """A line for each cause: what is said of the file, then what is said of its lines."""
    unknown = [each for each in found.statuses if each.standing is Standing.UNKNOWN]
    if not unknown and not found.problems:
        return
    heading = WORDS[Standing.UNKNOWN]
    if unknown:
        heading += f": {len(unknown)} of {counted(len(found.statuses), 'line')}"
    yield from shown.line(heading, Tone.PROBLEM, indent=SECTION)
    for problem in found.problems:
        words = _problem(problem, found.path)
        for line in words.split("\n") if shown.everything else (shortened(words),):
            yield from shown.line(line, indent=ROW)
    if shown.everything:
        yield from _row_lines(_rows(map(_said, unknown)), shown)
        return
    by_reason: dict[str, list[DependencyStatus]] = {}
    for each in unknown:
        if not _is_told(each.reason, found.problems):
            by_reason.setdefault(_without_name(each), []).append(each)
    for reason, lines in by_reason.items():
        said = (reason if len({each.name for each in lines}) > 1 else lines[0].reason).rstrip(".")
        names = "" if f" {lines[0].name} " in said else f": {some(each.name for each in lines)}"
        yield from shown.line(f"{counted(len(lines), 'line')}: {said}{names}", indent=ROW)


def _without_name(status: DependencyStatus) -> str:
    """Return the reason of *status* in words that are the same for every package; the names stand beside them."""
    return status.reason.replace(f" is called {status.name} ", " is called so ")


def _is_told(reason: str, problems: Sequence[Problem]) -> bool:
    """Tell whether what is said of the file says *reason* of a line already."""
    first = reason.partition(UNTIL)[0].rstrip(".")
    return any(reason == UNJUDGED or _says(each.sentence, first) for each in problems)


def _says(sentence: str, reason: str) -> bool:
    """Tell whether *sentence*, of a whole file, says *reason*: behind its rule, a silent channel counts its lines."""
    silent = f"{reason.partition(': ')[0]}: "
    return sentence.startswith(reason) or sentence.partition(": ")[2].startswith(silent)


def _problem(problem: Problem, path: str) -> str:
    if problem.path != path:
        return str(problem)
    return f"line {problem.line}: {problem.sentence}" if problem.line else problem.sentence


def _rest(found: FileReport, shown: Shown) -> Iterator[Line]:
    left = [each for each in found.statuses if each.standing is Standing.LEFT_ALONE and not is_held(each)]
    current = [each for each in found.statuses if each.standing is Standing.UP_TO_DATE]
    if shown.everything:
        for standing, rest in ((Standing.LEFT_ALONE, left), (Standing.UP_TO_DATE, current)):
            if rest:
                yield from shown.line(WORDS[standing], Tone.QUIET, indent=SECTION)
                yield from _row_lines(_rows(map(_said, rest)), shown)
        return
    parts = [f"{len(current)} {WORDS[Standing.UP_TO_DATE]}"] if current else []
    if left and left == list(found.statuses) and len({each.reason for each in left}) == 1:
        parts = [f"{len(left)} {WORDS[Standing.LEFT_ALONE]}: {left[0].reason}"]
    elif left:
        parts.append(f"{len(left)} {WORDS[Standing.LEFT_ALONE]} ({_kinds(left)})")
    if parts:
        yield from shown.line("; ".join(parts), Tone.QUIET, indent=SECTION)


def _kinds(left: Iterable[DependencyStatus]) -> str:
    """Return how many of *left* have each reason, by its first words."""
    kinds = Counter(each.reason.partition(": ")[0] for each in left)
    return "; ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def _said(status: DependencyStatus) -> _Row:
    """Return a row with the whole reason: for what neither moves nor is held."""
    words = ": ".join(filter(None, (status.current or status.spec, status.reason)))
    return _Row(name=status.name, words=words, lines=(status.line,))


def _rows(said: Iterable[_Row]) -> Sequence[_Row]:
    """Return the rows of *said*; lines of which the same is said are one row."""
    same: dict[tuple[str, str], list[_Row]] = {}
    for row in said:
        same.setdefault((row.name, row.words), []).append(row)
    return tuple(
        replace(rows[0], lines=tuple(chain.from_iterable(row.lines for row in rows))) for rows in same.values()
    )


def _row_lines(rows: Sequence[_Row], shown: Shown) -> Iterator[Line]:
    is_wide = shown.width is None or shown.width >= WIDE
    longest_name = max((len(row.name) for row in rows), default=0) if is_wide else 0
    longest_place = max((len(_place(row)) for row in rows), default=0) if is_wide else 0
    for row in rows:
        start = f"{_place(row):>{longest_place}}  {row.name:<{longest_name}}"
        yield from shown.line(f"{start}  {row.words}".rstrip(), indent=ROW)


def _place(row: _Row) -> str:
    return some((str(line) for line in row.lines), MOST_LINES)


def _recognised(recognised: Iterable[Recognised], shown: Shown) -> Iterator[Line]:
    by_reason: dict[str, list[str]] = {}
    for each in recognised:
        by_reason.setdefault(each.sentence, []).append(each.path)
    for reason, paths in by_reason.items():
        yield from shown.line(f"Seen, not managed: {some(paths)}: {reason}.", Tone.QUIET)
