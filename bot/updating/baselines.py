"""Every solve unit as it stands, solved before anything is wanted of it."""

import asyncio
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.model.environment import Environment, SolveUnit, Workspace
from bot.model.package import LockFormat, Record
from bot.model.report import Problem
from bot.model.solve import NotSolved, Solution, SolveResult
from bot.model.update import BranchPlan, Purpose
from bot.planning.baseline import Baseline, question, specs
from bot.planning.closure import closure
from bot.planning.policy import Policy
from bot.planning.search import Found
from bot.updating.ports import Progress, Solver
from bot.workspaces import solve_units

Solved: TypeAlias = tuple[SolveUnit, SolveResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """How the units of one workspace stand: those that can be judged, and what is said of the others.

    Of a lock that disagrees with its manifest `stale` is what it holds, and `relock` brings it in step.
    """

    baselines: tuple[Baseline, ...]
    problems: tuple[Problem, ...]
    stale: tuple[Baseline, ...] = ()
    relock: Found | None = None


async def stand(workspace: Workspace, solver: Solver, policy: Policy, now: datetime, progress: Progress) -> Standings:
    """Solve every unit of *workspace* as it stands, locked records preferred.

    A lock that disagrees with its manifest is first to be brought in step: until then no unit can be judged.
    """
    units = [unit for unit in solve_units(workspace) if unit.requirements]
    solves = (_solve(workspace, unit, solver, policy, now, progress) for unit in units)
    results = list(zip(units, await asyncio.gather(*solves), strict=True))
    if stale := _out_of_step(workspace, results):
        return _stale(workspace, results, stale, policy, now)
    judged = tuple(
        _baseline(workspace, unit, result, policy, now) for unit, result in results if isinstance(result, Solution)
    )
    return Standings(baselines=judged, problems=tuple(_unsolved(workspace, results)))


def _stale(
    workspace: Workspace, results: Sequence[Solved], problem: Problem, policy: Policy, now: datetime
) -> Standings:
    """Return how the lock can be brought in step, if it can: everything solves, and it holds no PyPI package.

    A `conda-lock.yml` is made by another solver, and conda-lock has said that it is up to date: it is left to it.
    """
    solved = [(unit, result) for unit, result in results if isinstance(result, Solution)]
    if len(solved) < len(results) or _holds_pypi_packages(workspace) or not _is_pixi_lock(workspace):
        return Standings(baselines=(), problems=(problem,))
    before = tuple(
        _baseline(workspace, unit, Solution(records=_locked(workspace, unit)), policy, now) for unit, _ in solved
    )
    plan = BranchPlan(key=_relock_key(workspace), updates=(), purpose=Purpose.RELOCK)
    relock = Found(plan=plan, solutions={unit: result.records for unit, result in solved}, held_back=())
    return Standings(baselines=(), problems=(problem,), stale=before, relock=relock)


def _relock_key(workspace: Workspace) -> str:
    return posixpath.join(posixpath.dirname(workspace.path), Purpose.RELOCK)


def _is_pixi_lock(workspace: Workspace) -> bool:
    return workspace.lock is not None and workspace.lock.format is LockFormat.PIXI_LOCK


def _holds_pypi_packages(workspace: Workspace) -> bool:
    environments = workspace.lock.environments if workspace.lock else ()
    return any(packages for each in environments for packages in each.pypi.values())


def records_of(environment: Environment, unit: SolveUnit, records: Sequence[Record]) -> tuple[Record, ...]:
    """Return what of the solution *records* of *unit* belongs to *environment*, sorted by name."""
    if len(unit.environments) == 1:
        return tuple(sorted(records, key=lambda record: record.name))
    return closure(records, [each.dependency.name for each in environment.requires(unit.subdir)])


async def _solve(
    workspace: Workspace, unit: SolveUnit, solver: Solver, policy: Policy, now: datetime, progress: Progress
) -> SolveResult:
    result = await solver.solve(
        question(
            unit,
            specs=specs(unit),
            locked=_locked(workspace, unit),
            newest_record=_newest_record(unit, policy, now),
        )
    )
    progress(f"{workspace.path}: {unit.name} on {unit.subdir} as it stands")
    return result


def _locked(workspace: Workspace, unit: SolveUnit) -> tuple[Record, ...]:
    """What the lock holds for *unit*; the environments of a group share their records."""
    lock = workspace.lock
    locked = [lock.environment(each.name) for each in unit.environments] if lock else []
    records = (record for each in locked if each for record in each.conda.get(unit.subdir, ()))
    return tuple({record.url: record for record in records}.values())


def _newest_record(unit: SolveUnit, policy: Policy, now: datetime) -> datetime:
    return policy.newest_transitive(now, unit.environments[0].exclude_newer)


def _baseline(workspace: Workspace, unit: SolveUnit, solution: Solution, policy: Policy, now: datetime) -> Baseline:
    return Baseline(
        unit=unit,
        records={record.name: record for record in solution.records},
        locked=workspace.lock is not None,
        newest_record=_newest_record(unit, policy, now),
    )


def _out_of_step(workspace: Workspace, results: Iterable[Solved]) -> Problem | None:
    lock = workspace.lock
    if lock is None:
        return None
    names = {
        environment.name
        for unit, result in results
        if isinstance(result, Solution)
        for environment in unit.environments
        if _urls(
            _locked(workspace, SolveUnit(workspace=workspace.path, environments=(environment,), subdir=unit.subdir))
        )
        != _urls(records_of(environment, unit, result.records))
    }
    if not names:
        return None
    sentence = f"does not agree with {workspace.path} in {', '.join(sorted(names))}; updates go on once it does"
    return Problem(path=lock.path, sentence=sentence)


def _urls(records: Iterable[Record]) -> frozenset[str]:
    return frozenset(record.url for record in records)


def _unsolved(workspace: Workspace, results: Sequence[Solved]) -> Iterable[Problem]:
    """One problem for each unit that does not solve; assumed platforms count only if none of them solves."""
    solving = {unit.name for unit, result in results if isinstance(result, Solution)}
    for unit, result in results:
        if isinstance(result, Solution) or (unit.environments[0].platforms_assumed and unit.name in solving):
            continue
        why = result.reason if isinstance(result, NotSolved) else f"does not solve as it stands: {result.text}"
        yield Problem(path=workspace.path, sentence=f"{unit.name} on {unit.subdir} {why}")
