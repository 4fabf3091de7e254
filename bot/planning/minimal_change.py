"""Minimal change: a package that an update forces to move is kept near where it was.

A solver gives a forced package its highest version. Here the question is asked again with constraints that hold the
forced packages in their locked minor: all of them at once; if that does not solve, what went down gets a floor, and
then each alone is held, the most distant first, in its minor, else in its major. At most `SOLVES` solves for one unit,
and `FLOORS` for floors. What was wanted is never lowered for it.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.solve import Solution, SolveRequest
from bot.model.update import UpdateKind
from bot.planning.baseline import Baseline
from bot.planning.programs import Program, ask
from bot.versioning.conda import is_newer, major_spec, minor_spec, same_version, update_kind
from bot.versioning.records import admits, is_match_spec, matches, name_in

SOLVES = 8
FLOORS = 3
"""So often what goes down is given a floor."""
FAR_ABOVE = 999_999


def keep_near(
    baseline: Baseline, request: SolveRequest, solution: Solution, moving: AbstractSet[PackageName]
) -> Program[tuple[Record, ...]]:
    """Return the records of *solution*, or of one that moves what is forced less far.

    *request* is the question that *solution* answers, *moving* are the packages that were meant to move.
    """
    forced = _forced(baseline, solution, moving)
    if not forced:
        return solution.records
    all_near = _held(request, *(_minor(baseline.records[each.name]) for each in forced))
    result = yield from ask(all_near)
    if isinstance(result, Solution) and not _lowers(baseline, solution, result):
        return result.records
    request, solution = yield from _nothing_lowered(baseline, request, solution, moving)
    return (yield from _one_at_a_time(baseline, request, solution, moving))


def keep_locked(baseline: Baseline, request: SolveRequest, solution: Solution) -> Program[tuple[Record, ...]]:
    """Return the records of *solution*, or of one that leaves more of a lock as it is: all, but for what must move.

    *request* is the question that *solution* answers. What it asks for itself, and is not locked so, is meant to move.
    Nothing moves in place of something else: what channels by now say of the locked records together counts.
    """
    moving = {name_in(each) for each in request.specs if _is_unmet(each, baseline)}
    moved = _moved(baseline, solution.records)
    if not moved - moving:
        return solution.records
    held = sorted(moved - moving)
    result = yield from ask(_held(request, *(_exactly(baseline.records[each]) for each in held)))
    if isinstance(result, Solution) and _moved(baseline, result.records) <= moved:
        return result.records
    near = yield from keep_near(baseline, request, solution, moving)
    return near if _moved(baseline, near) <= moved else solution.records


def _moved(baseline: Baseline, records: Iterable[Record]) -> frozenset[PackageName]:
    """Return the names of what is locked otherwise than it is among *records*."""
    known = ((each, baseline.records.get(each.name)) for each in records)
    return frozenset(each.name for each, before in known if before and before.url != each.url)


def _is_unmet(spec: str, baseline: Baseline) -> bool:
    locked = baseline.records.get(name_in(spec))
    return locked is not None and is_match_spec(spec) and not matches(spec, locked)


def _exactly(before: Record) -> str:
    return f"{before.name} =={before.version} {before.build}"


def _nothing_lowered(
    baseline: Baseline, request: SolveRequest, solution: Solution, moving: AbstractSet[PackageName]
) -> Program[tuple[SolveRequest, Solution]]:
    """Return the question, and its answer, with floors for what goes down: nobody expects an update to do so.

    Where nothing solves with them they are left out again. A floor may push another package down, which then gets one.
    """
    for _ in range(FLOORS):
        forced = _forced(baseline, solution, moving)
        lowered = [each for each in forced if is_newer(baseline.records[each.name].version, each.version)]
        if not lowered:
            break
        raised = _held(request, *(f"{each.name} >={baseline.records[each.name].version}" for each in lowered))
        result = yield from ask(raised)
        if not isinstance(result, Solution):
            break
        request, solution = raised, result
    return request, solution


def _one_at_a_time(
    baseline: Baseline, request: SolveRequest, solution: Solution, moving: AbstractSet[PackageName]
) -> Program[tuple[Record, ...]]:
    best, kept, solves = solution, request, 1
    settled = set(moving)
    while solves < SOLVES and (forced := _forced(baseline, best, settled)):
        settled.add(forced[0].name)
        for constraint in _nearer(baseline.records[forced[0].name], forced[0])[: SOLVES - solves]:
            solves += 1
            result = yield from ask(narrower := _held(kept, constraint))
            if isinstance(result, Solution) and not _lowers(baseline, best, result):
                best, kept = result, narrower
                break
    return best.records


def _lowers(baseline: Baseline, before: Solution, after: Solution) -> bool:
    """Tell whether *after* has a package lower than the baseline that *before* does not: nearness is not worth that."""
    known = {each.name: each.version for each in before.records}
    return any(
        is_newer(baseline.records[each.name].version, each.version) and known.get(each.name) != each.version
        for each in after.records
        if each.name in baseline.records
    )


def _held(request: SolveRequest, *constraints: str) -> SolveRequest:
    return replace(request, constraints=(*request.constraints, *constraints), is_doubtful=True)


def _forced(baseline: Baseline, solution: Solution, settled: AbstractSet[PackageName]) -> list[Record]:
    """Return the records that left their locked minor though they need not have, the most distant first.

    What a package that was meant to move asks for itself is not up for discussion.
    """
    if not baseline.locked:
        return []
    demands = [depend for each in solution.records if each.name in settled for depend in each.depends]
    moved = [each for each in solution.records if each.name in baseline.records and each.name not in settled]
    far = [(distance, each) for each in moved if (distance := _distance(baseline.records[each.name], each)) is not None]
    avoidable = [(distance, each) for distance, each in far if _may_stay(baseline.records[each.name], demands)]
    return [each for _, each in sorted(avoidable, key=lambda pair: (pair[0], pair[1].name))]


def _may_stay(before: Record, demands: Iterable[str]) -> bool:
    """Tell whether *demands* leave room in the locked minor of a package: at its version, or far above in the minor."""
    mine = [depend for depend in demands if name_in(depend) == before.name and is_match_spec(depend)]
    above = f"{minor_spec(before.version).removesuffix('*')}{FAR_ABOVE}"
    return all(admits(depend, before.version) or admits(depend, above) for depend in mine)


def _distance(before: Record, after: Record) -> int | None:
    """0 over a major, 1 over a minor, None for what stays in its minor."""
    if same_version(before.version, after.version):
        return None
    return {UpdateKind.MAJOR: 0, UpdateKind.MINOR: 1}.get(update_kind(before.version, after.version))


def _nearer(before: Record, after: Record) -> tuple[str, ...]:
    """Return the constraints to try for a forced package, the nearest first."""
    if update_kind(before.version, after.version) is not UpdateKind.MAJOR:
        return (_minor(before),)
    return (_minor(before), f"{before.name} {major_spec(before.version)}")


def _minor(before: Record) -> str:
    return f"{before.name} {minor_spec(before.version)}"
