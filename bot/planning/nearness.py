"""Minimal change: a package that an update forces to move is kept near where it was.

A solver gives a forced package its highest version. Here the question is asked again with constraints that hold each
forced package in its locked minor, else in its locked major, the most distant first, in at most `SOLVES` solves for
one unit. What was wanted is never lowered for it.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace

from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.solve import Solution, SolveRequest
from bot.model.update import UpdateKind
from bot.planning.baseline import Baseline
from bot.planning.steps import Steps, ask
from bot.versioning.conda import same_version, update_kind, version_line

SOLVES = 8


def keep_near(
    baseline: Baseline, request: SolveRequest, solution: Solution, moving: AbstractSet[PackageName]
) -> Steps[tuple[Record, ...]]:
    """Return the records of *solution*, or of one that moves what is forced less far.

    *request* is the question that *solution* answers, *moving* are the packages that were meant to move.
    """
    best, kept, solves = solution, request, 0
    settled: set[PackageName] = set(moving)
    while solves < SOLVES and (forced := _most_distant(baseline, best, settled)):
        settled.add(forced.name)
        for constraint in _nearer(baseline.records[forced.name], forced)[: SOLVES - solves]:
            solves += 1
            narrower = replace(kept, constraints=(*kept.constraints, constraint))
            result = yield from ask(narrower)
            if isinstance(result, Solution):
                best, kept = result, narrower
                break
    return best.records


def _most_distant(baseline: Baseline, solution: Solution, settled: AbstractSet[PackageName]) -> Record | None:
    """Return the record that left its locked minor and moved farthest, of those not settled yet."""
    if not baseline.locked:
        return None
    forced = [each for each in solution.records if each.name in baseline.records and each.name not in settled]
    far = [
        (distance, each) for each in forced if (distance := _distance(baseline.records[each.name], each)) is not None
    ]
    return min(far, key=lambda pair: (pair[0], pair[1].name))[1] if far else None


def _distance(before: Record, after: Record) -> int | None:
    """0 over a major, 1 over a minor, None for what stays in its minor."""
    if same_version(before.version, after.version):
        return None
    return {UpdateKind.MAJOR: 0, UpdateKind.MINOR: 1}.get(update_kind(before.version, after.version))


def _nearer(before: Record, after: Record) -> tuple[str, ...]:
    """Return the constraints to try for a forced package, the nearest first."""
    minor = f"{before.name} {'.'.join(before.version.split('.')[:2])}.*"
    major = f"{before.name} {version_line(before.version)}.*"
    return (minor, major) if update_kind(before.version, after.version) is UpdateKind.MAJOR else (minor,)
