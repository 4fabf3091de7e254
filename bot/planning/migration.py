"""A newer minor of python: how many of the packages beside it are ready, which line keeps it out, when it is offered.

A package is ready if its lines, as written, solve with `python X.Y.*` and nothing else, on every unit that asks for
both. Whole units are asked first, up to one that fails: what solves together solves alone as well. Then single lines
are looked into, unit after unit, by halves: a line that is not ready in one is not asked about in another, and a unit
without a line that another has not is not asked about at all.

The newest minor is reported, and below it those that are ready, down to the first that is offered. That is one for
which everything is ready, also together and on every platform, and whose first release is as old as the policy says.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from bot.model.environment import Requirement
from bot.model.manifest import PackageName
from bot.model.report import Migration
from bot.model.solve import NotSolved, Solution, SolveRequest, Unsolvable
from bot.model.update import Blocker, HeldBack
from bot.planning.baseline import Baseline, Place, files_of, limits, place, question_about, specs
from bot.planning.blockers import why_not
from bot.planning.candidates import Candidate, NextMinor
from bot.planning.policy import Policy
from bot.planning.programs import Program, ask, together
from bot.planning.trials import Trial, probed, widest
from bot.versioning.conda import minor_spec

MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A migration as it was found, and what makes it if it is offered; `not_judged` says what nobody knows.

    What is due, and kept out by lines of the manifest alone, is `waiting` for them.
    """

    migration: Migration
    candidate: Candidate | None = None
    waiting: Candidate | None = None
    not_judged: tuple[str, ...] = ()

    @property
    def held_back(self) -> HeldBack | None:
        """Why it is not offered; None if it is, or made with what it waits for."""
        found = self.migration
        if found.offered or self.candidate:
            return None
        return HeldBack(
            name=found.name,
            current=found.current,
            release=found.release,
            sentence=found.sentence,
            workspace=found.workspace,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """What solving came to: lines that are not ready, or why all of them are not together, or why nobody knows."""

    not_ready: tuple[Requirement, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    not_together: str = ""
    not_judged: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        return not (self.not_ready or self.not_together or self.not_judged)


def with_what_moves(migrations: Iterable[Judged], moving: Iterable[Candidate]) -> tuple[Judged, ...]:
    """Return *migrations*, those made that wait for nothing but lines which all of *moving*, at once, change."""
    lines = {(change.manifest, change.line, each.name) for each in moving for change in each.changes_to(each.wanted)}
    return tuple(
        replace(each, candidate=each.waiting)
        if each.waiting and all((by.manifest, by.line, by.name) in lines for by in each.migration.blocked_by)
        else each
        for each in migrations
    )


def migrate(minors: Sequence[NextMinor], policy: Policy, now: datetime) -> Program[tuple[Judged, ...]]:
    """Judge *minors*, ascending, of one package where it moves together; return what is reported, the newest first."""
    told: list[Judged] = []
    for minor in reversed(minors):
        trial = yield from probed({minor.candidate: minor.candidate.wanted})
        if told and not trial.solved:
            continue
        judged = _judged(minor, (yield from _findings(minor.candidate, trial)), policy, now)
        told.append(judged)
        if judged.migration.offered:
            break
    return tuple(told)


def _findings(candidate: Candidate, trial: Trial) -> Program[_Findings]:
    """Return what *trial* of *candidate* alone comes to, and what stands against it if it failed."""
    if trial.not_judged:
        return _Findings(not_judged=trial.not_judged)
    if trial.failure is None:
        return _Findings()
    where, _ = trial.failure
    found = yield from _lines_not_ready(candidate, where)
    if found.not_ready or found.not_judged:
        return found
    sentence, blockers = yield from why_not(candidate, where)
    return _Findings(not_together=sentence, blockers=blockers)


def _lines_not_ready(candidate: Candidate, first: Baseline) -> Program[_Findings]:
    """Look into the unit *first*, then into those others that do not solve without what was found in it."""
    found = yield from _failing(first, candidate, _untold(first, candidate, {}))
    lines = {place(each): each for each in found.not_ready}
    asked = [(each, _alone(each, candidate, _untold(each, candidate, lines))) for each in candidate.baselines]
    others = widest([each for each in asked if each[0] is not first], (candidate,))
    results = yield tuple(request for _, request in others)
    not_judged = [*found.not_judged, *(each.reason for each in results if isinstance(each, NotSolved))]
    for (baseline, _), result in zip(others, results, strict=True):
        if isinstance(result, Unsolvable):
            found = yield from _failing(baseline, candidate, _untold(baseline, candidate, lines))
            lines |= {place(each): each for each in found.not_ready}
            not_judged += found.not_judged
    return _Findings(not_ready=tuple(lines.values()), not_judged=tuple(dict.fromkeys(not_judged)))


def _untold(baseline: Baseline, candidate: Candidate, told: Container[Place]) -> tuple[PackageName, ...]:
    """Return the names in *baseline* of which no line is *told* to be not ready: many units ask by the same lines."""
    lines = (each for each in baseline.unit.asked if place(each) not in told)
    return tuple(sorted({each.dependency.name for each in lines} - {candidate.name}))


def _failing(baseline: Baseline, candidate: Candidate, names: Sequence[PackageName]) -> Program[_Findings]:
    """Return the lines of *names* that do not solve alone: all at once, and where that fails in parts."""
    if not names:
        return _Findings()
    result = yield from ask(replace(_alone(baseline, candidate, names), is_doubtful=True))
    if isinstance(result, NotSolved):
        return _Findings(not_judged=(result.reason,))
    if isinstance(result, Solution):
        return _Findings()
    if len(names) == 1:
        return _Findings(not_ready=tuple(each for each in baseline.unit.asked if each.dependency.name in names))
    found = yield from together([_failing(baseline, candidate, part) for part in _parts(names, result.because)])
    lines = chain.from_iterable(each.not_ready for each in found)
    return _Findings(
        not_ready=tuple(sorted(lines, key=lambda line: names.index(line.dependency.name))),
        not_judged=tuple(chain.from_iterable(each.not_judged for each in found)),
    )


def _parts(names: Sequence[PackageName], because: Container[PackageName]) -> Sequence[Sequence[PackageName]]:
    """Return *names* in parts to be asked about: where *because* of a single one nothing solves, that one apart."""
    suspects = [each for each in names if each in because]
    if len(suspects) == 1:
        return (suspects, [each for each in names if each not in because])
    half = len(names) // 2
    return (names[:half], names[half:])


def _alone(baseline: Baseline, candidate: Candidate, names: Iterable[PackageName]) -> SolveRequest:
    """Ask whether the lines of *names*, and nothing else of the unit, solve with the minor."""
    unit, wanted = baseline.unit, frozenset(names)
    others = {each.dependency.name for each in unit.asked} - wanted
    return question_about(
        baseline,
        specs=(*specs(unit, without=others), f"{candidate.name} {minor_spec(candidate.wanted.version)}"),
        files=files_of(unit, baseline.records.values(), others),
        locked=[each for each in baseline.young_records if each.name in wanted],
        constraints=limits(unit),
    )


def _asked_beside(candidate: Candidate, baselines: Iterable[Baseline]) -> tuple[PackageName, ...]:
    names = {each.dependency.name for baseline in baselines for each in baseline.unit.asked}
    return tuple(sorted(names - {candidate.name}))


def _judged(minor: NextMinor, findings: _Findings, policy: Policy, now: datetime) -> Judged:
    candidate, due = minor.candidate, minor.since + policy.python_minor_age
    offered = findings.is_ready and now >= due
    blockers = tuple(_blocker(each) for each in findings.not_ready) or findings.blockers
    asked = len(_asked_beside(candidate, candidate.baselines))
    migration = Migration(
        workspace=candidate.workspace,
        name=candidate.name,
        current=candidate.current,
        release=minor.newest.version,
        minor=minor_spec(minor.newest.version).removesuffix(".*"),
        ready=0 if findings.not_judged else asked - len({each.dependency.name for each in findings.not_ready}),
        total=asked,
        blocked_by=blockers,
        due=due.date(),
        offered=offered,
        sentence="",
    )
    return Judged(
        migration=replace(migration, sentence=_sentence(migration, findings)),
        candidate=candidate if offered else None,
        waiting=candidate if findings.not_ready and now >= due else None,
        not_judged=findings.not_judged,
    )


def _blocker(requirement: Requirement) -> Blocker:
    dependency = requirement.dependency
    return Blocker(name=dependency.name, spec=dependency.version, manifest=requirement.manifest, line=dependency.line)


def _sentence(migration: Migration, findings: _Findings) -> str:
    minor = f"{migration.name} {migration.minor}"
    if findings.not_judged:
        return f"{minor} was not judged: {' '.join(findings.not_judged).rstrip('.')}"
    counted = f"{minor}: {migration.ready} of {migration.total} ready" if migration.total else f"{minor}: ready"
    if findings.not_ready:
        return f"{counted}, blocked by {_named(migration.blocked_by)}"
    if findings.not_together:
        return f"{counted}, but not together: {findings.not_together}"
    return counted if migration.offered else f"{counted}, due {migration.due.isoformat()}"


def _named(blockers: Sequence[Blocker]) -> str:
    named = [f"{' '.join(filter(None, (each.name, each.spec)))} ({each.manifest}:{each.line})" for each in blockers]
    further = len(named) - MOST_NAMED
    return ", ".join(named[:MOST_NAMED]) + (f" and {further} more" if further > 0 else "")
