"""A report by file: what is said of a lock stands with the manifest whose lines it keeps from being judged."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.model.report import DependencyStatus, Problem, ScanReport, Standing
from bot.rendering.lock_names import lock_names


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What is said of one file: its lines in order, what was not done, and which packages of a lock would change."""

    path: str
    statuses: tuple[DependencyStatus, ...]
    problems: tuple[Problem, ...]
    lock_changes: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether something in it would change."""
        return bool(self.lock_changes) or any(each.standing is Standing.UPDATE for each in self.statuses)


def file_reports(report: ScanReport, most: int | None) -> Sequence[FileReport]:
    """Return *report* by file: first what would move, then in its own order, a lock beside its manifest.

    *most* is how many packages of a lock are named; None: all.
    """
    statuses: dict[str, list[DependencyStatus]] = {}
    for status in report.statuses:
        statuses.setdefault(status.manifest, []).append(status)
    problems: dict[str, list[Problem]] = {}
    for problem in dict.fromkeys(report.problems):
        problems.setdefault(_told_at(problem, statuses), []).append(problem)
    changes: dict[str, list[str]] = {}
    for lock, words in _lock_changes(report, most):
        changes.setdefault(lock, []).append(words)
    found = [
        FileReport(
            path=path,
            statuses=tuple(sorted(statuses.get(path, ()), key=lambda status: status.line)),
            problems=tuple(problems.get(path, ())),
            lock_changes=tuple(changes.get(path, ())),
        )
        for path in dict.fromkeys((*statuses, *changes, *problems))
    ]
    folders = list(dict.fromkeys(posixpath.dirname(each.path) for each in found))
    return sorted(found, key=lambda each: (not each.moves, folders.index(posixpath.dirname(each.path))))


def _lock_changes(report: ScanReport, most: int | None) -> Iterator[tuple[str, str]]:
    for proposal in report.proposals:
        yield from lock_names(proposal.diffs, most).items()


def _is_for(status: DependencyStatus, problem: Problem) -> bool:
    return status.standing is Standing.UNKNOWN and status.reason == problem.sentence.partition("\n")[0]


def _told_at(problem: Problem, statuses: Mapping[str, Sequence[DependencyStatus]]) -> str:
    """Return the one manifest with lines that wait for *problem*, or that lies beside its file, or that file itself."""
    if problem.path in statuses:
        return problem.path
    said = [path for path, found in statuses.items() if any(_is_for(each, problem) for each in found)]
    if len(said) == 1:
        return said[0]
    folder = posixpath.dirname(problem.path)
    beside = [
        path
        for path, found in statuses.items()
        if posixpath.dirname(path) == folder and any(each.standing is Standing.UNKNOWN for each in found)
    ]
    return beside[0] if len(beside) == 1 else problem.path
