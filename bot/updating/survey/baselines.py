"""Every solve unit as it stands, solved before anything is wanted of it."""

import asyncio
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from bot.model.environment import Environment, SolveUnit, Workspace
from bot.model.manifest import PackageName, PlatformName
from bot.model.package import PypiPackage, Record, Relocking
from bot.model.report import Problem
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.model.update import BranchPlan, Purpose
from bot.planning.age import is_kept_out
from bot.planning.baseline import Baseline, files_of, limits, question, specs
from bot.planning.closure import needed
from bot.planning.final_releases import with_final_releases
from bot.planning.in_step import demands_unmet
from bot.planning.machine import floored
from bot.planning.minimal_change import keep_locked
from bot.planning.policy import Policy
from bot.planning.programs import Program
from bot.planning.provided import named_like
from bot.planning.search import Found
from bot.planning.standing import not_known
from bot.updating.agreement import units_of
from bot.updating.drive import drive
from bot.updating.ports import Progress, Solver
from bot.updating.survey.easier import at_less, easier, machine_of
from bot.updating.survey.out_of_step import by_environment, out_of_step, to_solve, told_by_lock
from bot.updating.survey.unit_sentences import about_units
from bot.versioning.conda import is_newer
from bot.versioning.ecosystem import CONDA
from bot.workspaces import solve_units, unmet
from bot.workspaces.frame import asked_on

UNSOLVED = "does not solve as it stands"
NOT_JUDGED = "is not judged"

Solved: TypeAlias = tuple[SolveUnit, SolveResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineStanding:
    """How the units of one workspace stand: those that can be judged, and what is said of the others.

    Of a lock that disagrees with its manifest `stale` is what it holds, and `relock` brings it in step; without that
    `obstacles` say of each environment why nothing does. A lock that is in step is not `is_confirmed` if a plain solve
    comes to something else: its channels changed since, and `correction` follows them.
    """

    baselines: tuple[Baseline, ...]
    problems: tuple[Problem, ...] = ()
    stale: tuple[Baseline, ...] = ()
    relock: Found | None = None
    obstacles: tuple[Problem, ...] = ()
    correction: Found | None = None
    is_confirmed: bool = True


async def stand(
    workspace: Workspace, solver: Solver, policy: Policy, now: datetime, progress: Progress
) -> BaselineStanding:
    """Solve every unit of *workspace* as it stands, locked records preferred.

    A lock that disagrees with its manifest is first to be brought in step: until then no unit can be judged, and only
    those that disagree are solved. One that holds what its manifest asks for stands as it is, whatever its channels say
    of its records by now.
    """
    told = await asyncio.to_thread(told_by_lock, workspace)
    units = to_solve(workspace, told)
    solved = await asyncio.gather(*(_solve(workspace, unit, solver, policy, now, progress) for unit in units))
    results = list(zip(units, solved, strict=True))
    if stale := out_of_step(workspace, _differences(workspace, results) if told is None else by_environment(told)):
        near = await asyncio.gather(*(_near(workspace, unit, result, solver, policy, now) for unit, result in results))
        return _stale(workspace, list(zip(units, near, strict=True)), stale, policy, now)
    if workspace.lock:
        return _as_it_is_locked(workspace, results, policy, now)
    judged = tuple(
        _baseline(workspace, unit, result, policy, now) for unit, result in results if isinstance(result, Solution)
    )
    return BaselineStanding(baselines=judged, problems=tuple(_unsolved(workspace, results)))


def _as_it_is_locked(
    workspace: Workspace, results: Sequence[Solved], policy: Policy, now: datetime
) -> BaselineStanding:
    """Return how a lock that is in step stands: by its own records, with what channels say of them."""
    silent = [(unit, result) for unit, result in results if isinstance(result, NotSolved)]
    judged = tuple(
        replace(
            _baseline(workspace, unit, _as_locked(workspace, unit, result), policy, now),
            reached=_lowered(_locked(workspace, unit), result),
        )
        for unit, result in results
        if not isinstance(result, NotSolved)
    )
    confirmed = all(
        isinstance(result, Solution) and _urls(result.records) == _urls(_locked(workspace, unit))
        for unit, result in results
    )
    return BaselineStanding(
        baselines=judged,
        problems=tuple(_unsolved(workspace, silent)),
        correction=None if confirmed else _correction(workspace, results),
        is_confirmed=confirmed,
    )


def _lowered(locked: Iterable[Record], result: SolveResult) -> Mapping[PackageName, str]:
    """Return the versions of what *result* has lower than it is locked."""
    versions = {each.name: each.version for each in locked}
    records = result.records if isinstance(result, Solution) else ()
    return {
        each.name: each.version for each in records if is_newer(versions.get(each.name, each.version), each.version)
    }


def _correction(workspace: Workspace, results: Sequence[Solved]) -> Found | None:
    """Return how the lock follows its channels, if they say otherwise of what it holds and everything solves."""
    solved = [(unit, result) for unit, result in results if isinstance(result, Solution)]
    reasons = [
        f"{sentence}, say its channels now."
        for unit, result in solved
        for sentence in demands_unmet(_locked(workspace, unit), _as_locked(workspace, unit, result).records)
    ]
    if len(solved) < len(results) or not reasons:
        return None
    plan = BranchPlan(
        key=_relock_key(workspace, Purpose.CORRECTION),
        updates=(),
        purpose=Purpose.CORRECTION,
        reasons=tuple(dict.fromkeys(reasons)),
    )
    return Found(plan=plan, solutions={unit: result.records for unit, result in solved}, held_back=())


def _stale(
    workspace: Workspace, results: Sequence[Solved], problem: Problem, policy: Policy, now: datetime
) -> BaselineStanding:
    """Return how the lock can be brought in step, if it can: what disagrees solves, or stays as nobody can tell it.

    *results* are those of the units that disagree. Where none does, the lock has more than is asked for.
    """
    kept, silent = _rest(workspace, {unit for unit, _ in results})
    solved = [(unit, result) for unit, result in results if isinstance(result, Solution)]
    solved += [(unit, Solution(records=())) for unit in _emptied(workspace)]
    unsolved = [(unit, result) for unit, result in results if not isinstance(result, Solution)]
    problems = (problem, *_unsolved(workspace, [*unsolved, *silent]))
    if stuck := [each for each in unsolved if not not_known(each[0]) or _is_new(workspace, each[0])]:
        return BaselineStanding(baselines=(), problems=problems, obstacles=tuple(_unsolved(workspace, stuck)))
    before = tuple(
        _baseline(workspace, unit, _as_locked(workspace, unit, result), policy, now)
        for unit, result in (*solved, *kept)
    )
    if not _may_be_relocked(workspace):
        return BaselineStanding(baselines=(), problems=problems, stale=before)
    plan = BranchPlan(key=_relock_key(workspace, Purpose.RELOCK), updates=(), purpose=Purpose.RELOCK)
    relock = Found(plan=plan, solutions={unit: result.records for unit, result in solved or kept}, held_back=())
    return BaselineStanding(baselines=(), problems=problems, stale=before, relock=relock)


def _rest(
    workspace: Workspace, odd: AbstractSet[SolveUnit]
) -> tuple[Sequence[tuple[SolveUnit, Solution]], Sequence[Solved]]:
    """Return what is locked for the units of *workspace* that are not *odd*, and those of which nobody can tell."""
    rest = [unit for unit in units_of(workspace) if unit not in odd]
    kept = [(unit, _as_locked(workspace, unit)) for unit in rest if not not_known(unit)]
    return kept, [(unit, NotSolved(reason=reason)) for unit in rest if (reason := not_known(unit))]


def _emptied(workspace: Workspace) -> tuple[SolveUnit, ...]:
    """Return the units of *workspace* that ask for nothing any more, and for which packages are locked."""
    return tuple(
        unit
        for unit in solve_units(workspace)
        if not any(unit.platform.name in asked_on(each) for each in unit.environments)
        and (_locked(workspace, unit) or _packages(workspace, unit))
    )


def _is_new(workspace: Workspace, unit: SolveUnit) -> bool:
    """Tell whether an environment of *unit* is not locked for its platform: only what is can be left as it is."""
    locked = [workspace.lock.environment(each.name) for each in unit.environments] if workspace.lock else []
    name = unit.platform.name
    return any(each is None or name not in each.platforms or name in each.moved for each in locked)


def _as_locked(workspace: Workspace, unit: SolveUnit, result: SolveResult | None = None) -> Solution:
    """Return what the lock holds, with what the channel says of records that *result* has too: locks keep less."""
    known = {record.url: record for record in result.records} if isinstance(result, Solution) else {}
    return Solution(records=tuple(known.get(record.url, record) for record in _locked(workspace, unit)))


def _relock_key(workspace: Workspace, purpose: Purpose) -> str:
    """Name the pull request by its folder, and by the lock where the workspace is named by it: there may be several."""
    folder, name = posixpath.split(workspace.path)
    is_of_lock = workspace.lock is not None and workspace.path == workspace.lock.path
    return posixpath.join(folder, f"{purpose}-{name}" if is_of_lock else purpose)


def _may_be_relocked(workspace: Workspace) -> bool:
    match workspace.lock and workspace.lock.format.relocking:
        case Relocking.ALWAYS:
            return True
        case Relocking.IF_UNMET:
            return workspace.is_stale or bool(unmet(workspace))
        case _:
            return False


def locked_packages(workspace: Workspace, environment: Environment, platform: PlatformName) -> tuple[PypiPackage, ...]:
    """Return the PyPI packages that the lock of *workspace* holds for *environment* on *platform*; none without one."""
    locked = workspace.lock.environment(environment.name) if workspace.lock else None
    return locked.pypi.get(platform, ()) if locked else ()


def records_of(
    environment: Environment, unit: SolveUnit, records: Sequence[Record], packages: Iterable[PypiPackage] = ()
) -> tuple[Record, ...]:
    """Return what of the solution *records* of *unit* belongs to *environment* beside its PyPI *packages*, by name."""
    if not unit.is_shared:
        return tuple(sorted(records, key=lambda record: record.name))
    return needed(environment, unit.platform, records, packages)


async def _solve(
    workspace: Workspace, unit: SolveUnit, solver: Solver, policy: Policy, now: datetime, progress: Progress
) -> SolveResult:
    if reason := not_known(unit):
        return NotSolved(reason=reason)
    asked = _question(workspace, unit, policy, now)
    request = replace(asked, undated=workspace.lock is None)
    result = await (solver.solve(request) if workspace.lock else drive(_final(unit, request), solver.solve))
    if isinstance(result, Unsolvable):
        result = await at_less(result, unit, solver, easier(asked, workspace, unit, now))
    progress(f"{workspace.path}: {unit.name} on {unit.platform.name} as it stands")
    return result


async def _near(
    workspace: Workspace, unit: SolveUnit, result: SolveResult, solver: Solver, policy: Policy, now: datetime
) -> SolveResult:
    """Return *result*, which brings a lock in step, or a solution that leaves more of the lock as it is."""
    if not isinstance(result, Solution):
        return result
    baseline = _baseline(workspace, unit, _as_locked(workspace, unit, result), policy, now)
    asked = _question(workspace, unit, policy, now)
    return Solution(records=await drive(keep_locked(baseline, asked, result), solver.solve))


def _question(workspace: Workspace, unit: SolveUnit, policy: Policy, now: datetime) -> SolveRequest:
    locked = tuple(each for each in _preferred(workspace, unit) if not is_kept_out(each, unit.environments[0]))
    return question(
        unit,
        specs=specs(unit),
        files=files_of(unit, locked),
        locked=locked,
        constraints=limits(unit),
        newest_record=policy.newest_transitive(now),
    )


def _final(unit: SolveUnit, request: SolveRequest) -> Program[SolveResult]:
    """Answer *request*, in which nothing is locked, without pre-releases of what is asked for and names none."""
    asked: dict[PackageName, list[str]] = {}
    for each in unit.requirements:
        asked.setdefault(each.dependency.name, []).append(each.dependency.version_spec)
    free = {name for name, written in asked.items() if not any(map(CONDA.names_prerelease, written))}
    return (yield from with_final_releases(request, lambda record: record.name not in free))


def _locked(workspace: Workspace, unit: SolveUnit) -> tuple[Record, ...]:
    """What the lock holds for *unit*, also from source; the environments of a group share their records."""
    lock, platform = workspace.lock, unit.platform.name
    locked = [lock.environment(each.name) for each in unit.environments] if lock else []
    records = (record for each in locked if each for record in each.conda.get(platform, ()))
    sources = (record for each in unit.environments for record in each.fixed.get(platform, ()) if record.is_source)
    return tuple({(record.name, record.url): record for record in (*records, *sources)}.values())


def _preferred(workspace: Workspace, unit: SolveUnit) -> tuple[Record, ...]:
    """What the lock holds for *unit*, and of other packages what it holds for the others of the solve group."""
    group = unit.environments[0].solve_group
    members = tuple(each for each in workspace.environments if group and each.solve_group == group)
    mine = _locked(workspace, unit)
    names = {record.name for record in mine}
    others = _locked(workspace, replace(unit, environments=members))
    return (*mine, *(record for record in others if record.name not in names))


def _packages(workspace: Workspace, unit: SolveUnit) -> tuple[PypiPackage, ...]:
    packages = (each for env in unit.environments for each in locked_packages(workspace, env, unit.platform.name))
    return tuple({package.name: package for package in packages}.values())


def _baseline(workspace: Workspace, unit: SolveUnit, solution: Solution, policy: Policy, now: datetime) -> Baseline:
    locked, has_lock = _locked(workspace, unit), workspace.lock is not None
    new = [record for record in solution.records if record.url not in _urls(locked)]
    built = [record.built for record in new if record.built and not has_lock]
    return Baseline(
        unit=unit,
        records={record.name: record for record in named_like(solution.records, locked)},
        locked=has_lock,
        newest_record=max([policy.newest_transitive(now), *built]),
        undated=not has_lock or any(record.built is None for record in new),
        machine=floored(machine_of(workspace, unit, solution.records), policy.system_floor, solution.records),
        packages=_packages(workspace, unit),
    )


def _differences(workspace: Workspace, results: Iterable[Solved]) -> Mapping[str, tuple[str, ...]]:
    """Return the environments of which a plain solve comes to other records than are locked, with the first of them."""
    found: dict[str, tuple[str, ...]] = {}
    solved = [(unit, result.records) for unit, result in results if isinstance(result, Solution)]
    for unit, records in solved:
        for environment in unit.environments:
            if told := tuple(_different(workspace, environment, unit, records)):
                found.setdefault(environment.name, told)
    return found


def _different(
    workspace: Workspace, environment: Environment, unit: SolveUnit, records: Sequence[Record]
) -> Iterator[str]:
    """Yield in what the *records* of a solve differ from what is locked: what people ask for comes first."""
    alone = SolveUnit(workspace=workspace.path, environments=(environment,), platform=unit.platform)
    locked, packages = _locked(workspace, alone), _packages(workspace, alone)
    solved, where = records_of(environment, unit, records, packages), f"on {unit.platform.name}"
    before, after = ({each.name: each for each in every} for every in (locked, solved))
    direct = {each.dependency.name for each in unit.requirements}
    for name in sorted(after.keys() - before.keys(), key=lambda name: (name not in direct, name)):
        yield f"{name} is not locked {where}"
    for name in sorted(after.keys() & before.keys()):
        if after[name].url != before[name].url:
            yield f"{before[name].title} is locked {where}, and {after[name].title} ({after[name].build}) solves"
    for name in sorted(before.keys() - after.keys()):
        yield f"nothing needs {name} {where}"


def _urls(records: Iterable[Record]) -> frozenset[str]:
    return frozenset(record.url for record in records)


def _not_judged(reason: str) -> str:
    """Return *reason*, a sentence of its own or one without a subject, as what is said of a unit."""
    return reason if reason.startswith(NOT_JUDGED) else f"{NOT_JUDGED}: {reason}"


def _unsolved(workspace: Workspace, results: Sequence[Solved]) -> Iterable[Problem]:
    """One problem for each cause why units do not solve; assumed platforms count only if none of them solves.

    Then the cause on the first of them is told: nobody asked for the others.
    """
    solving = {unit.name for unit, result in results if isinstance(result, Solution)}
    assumed: dict[str, str] = {}
    platforms: dict[tuple[str, str], list[PlatformName]] = {}
    for unit, result in results:
        if isinstance(result, Solution) or (unit.environments[0].platforms_assumed and unit.name in solving):
            continue
        why = _not_judged(result.reason) if isinstance(result, NotSolved) else f"{UNSOLVED}: {result.text}"
        if unit.environments[0].platforms_assumed and assumed.setdefault(unit.name, why) != why:
            continue
        platforms.setdefault((unit.name, why), []).append(unit.platform.name)
    names: dict[tuple[str, tuple[PlatformName, ...]], list[str]] = {}
    for (name, why), found in platforms.items():
        names.setdefault((why, tuple(dict.fromkeys(found))), []).append(name)
    for (why, found_on), alike in names.items():
        yield Problem(path=workspace.path, sentence=about_units(alike, found_on, why))
