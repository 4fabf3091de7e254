"""PyPI packages in locks: they follow the conda packages beside them, and they move themselves.

Where conda packages move, the locked PyPI packages stay if they still fit, and are resolved again if they do not. What
cannot be resolved keeps the conda packages back that are in the way: nothing is proposed that `pixi install --locked`
would not take.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from bot.errors import EgressRefused
from bot.model.environment import Environment, SolveUnit, Workspace
from bot.model.manifest import Datasource, PackageName
from bot.model.package import Lock, LockedPypi, PypiPackage, Record
from bot.model.pypi_solve import PypiRequest, PypiResult
from bot.model.solve import NotSolved
from bot.model.update import HeldBack, Purpose
from bot.planning.baseline import Baseline, Place
from bot.planning.candidates import Candidate, texts
from bot.planning.policy import PYTHON
from bot.planning.provided import named_like
from bot.planning.pypi_needs import pypi_needs
from bot.planning.pypi_search import PypiBase, PypiFound, lowest_first, pypi_search
from bot.planning.search import Found
from bot.planning.security import found_nothing
from bot.updating.drive import drive
from bot.updating.ports import PypiSolver
from bot.updating.search.pip_lines import PipLines, stands_on_pip
from bot.updating.survey.indexes import PypiSource
from bot.workspaces.lock_indexes import index_differences, says_indexes

_Place: TypeAlias = tuple[str, str]
"""The path of a workspace, and the name of an environment in it."""


class NoResolver:
    """Stands in for a resolver where there is none."""

    async def resolve(self, request: PypiRequest) -> PypiResult:
        """Say so."""
        del request
        return NotSolved(reason="there is nothing here that resolves PyPI packages")


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiLocks:
    """Where the PyPI packages of locked workspaces come from; `indexes` are URLs by workspace and environment.

    An environment without indexes has some that may not be asked: `refusals` says why.
    """

    resolver: PypiSolver
    workspaces: Mapping[str, Workspace]
    indexes: Mapping[_Place, tuple[str, ...]]
    refusals: Mapping[_Place, str]
    lines: PipLines

    async def settle(
        self, found: Found, candidates: Sequence[Candidate], baselines: Iterable[Baseline]
    ) -> tuple[Found, PypiFound]:
        """Return *found* with the PyPI packages that go with it, *candidates* moved as far as they resolve.

        What could not be had of *found* itself is told by the second value; then the first is *found* as it was. Where
        a lock is refreshed they are resolved afresh, or stay if that cannot be had.
        """
        known = tuple(baselines)
        beside = await self._beside_pip(found, known)
        if beside.refused:
            return found, beside
        found = replace(
            found,
            not_judged=(*found.not_judged, *beside.not_judged),
            remarks=(*found.remarks, *beside.remarks),
        )
        bases = [self._base(each, found) for each in known if _is_concerned(each, found, candidates)]
        if found.plan.purpose is Purpose.MAINTENANCE:
            fresh, result = await self._settle(found, candidates, [replace(each, afresh=True) for each in bases])
            if not result.refused:
                return fresh, result
        return await self._settle(found, candidates, bases)

    async def lowest(self, candidate: Candidate, most: int) -> tuple[Found, PypiFound]:
        """Return what moves *candidate* alone, to the lowest of its releases that goes with everything in its units.

        So many of them as *most* are tried. What cannot be had is told by the second value.
        """
        bases = [self._base(each, found_nothing()) for each in candidate.baselines]
        if not candidate.locked:
            result = await self.lines.lowest(candidate, bases, most)
            return replace(_joined(found_nothing(), result, bases), packages={}), result
        if why := next(filter(None, map(self._obstacle, bases)), ""):
            return found_nothing(), PypiFound(refused=why)
        result = await drive(lowest_first(candidate, bases, most), self.resolver.resolve)
        return _joined(found_nothing(), result, bases), result

    async def _beside_pip(self, found: Found, baselines: Iterable[Baseline]) -> PypiFound:
        """Return whether what pip installs goes with *found*, where no lock holds it."""
        touched = (each for each in baselines if each.unit in found.solutions and stands_on_pip(each))
        return await self.lines.beside([self._base(each, found) for each in touched])

    async def _settle(
        self, found: Found, candidates: Sequence[Candidate], bases: Sequence[PypiBase]
    ) -> tuple[Found, PypiFound]:
        obstacles = {base.baseline: reason for base in bases if (reason := self._obstacle(base))}
        if stuck := next((base for base in bases if base.baseline in obstacles and not base.fits), None):
            return found, PypiFound(refused=obstacles[stuck.baseline])
        free = [each for each in candidates if obstacles.keys().isdisjoint(each.baselines)]
        stay = [_held_back(each, obstacles) for each in candidates if each not in free]
        resolvable = [base for base in bases if base.baseline not in obstacles]
        result = await drive(pypi_search(free, resolvable), self.resolver.resolve)
        if not result.refused:
            fewer = dict(_fewer(base for base in bases if base.baseline in obstacles))
            result = replace(result, packages={**fewer, **result.packages})
            found = _joined(found, result, bases)
        return found, replace(result, held_back=(*result.held_back, *stay))

    def _obstacle(self, base: PypiBase) -> str:
        """Return why the packages of *base* cannot be resolved, empty if they can."""
        unknown = sorted({each.name for each in base.staying} - base.needs.names)
        if unknown:
            return f"nothing that condabot reads asks for the locked PyPI packages {', '.join(unknown)}: they stay"
        if any(each.pypi_options and each.pypi_options.overrides for each in base.unit.environments):
            return "condabot resolves nothing under `dependency-overrides`: its locked PyPI packages stay"
        return self.refusals.get(_place(base.unit), "")

    def _base(self, baseline: Baseline, found: Found) -> PypiBase:
        locked = tuple(baseline.records.values())
        path = baseline.unit.workspace
        lock = self.workspaces[path].lock
        is_vague = lock is not None and lock.format.pypi is LockedPypi.FILES
        records = named_like(found.solutions.get(baseline.unit, locked), locked)
        return PypiBase(
            baseline=baseline,
            records=records,
            indexes=self.indexes.get(_place(baseline.unit), ()),
            prereleases=_prereleases(lock, baseline),
            changed=texts(change for update in found.plan.updates for change in update.changes),
            tolerated=_unmet(baseline) if is_vague else frozenset(),
            is_vague=is_vague,
            says_indexes=says_indexes(lock),
            doubtful=_other_indexes(self.workspaces[path], baseline.unit)
            or (is_vague and _python_minor(records) != _python_minor(locked)),
        )


def pypi_locks(
    workspaces: Iterable[Workspace], source: PypiSource, resolver: PypiSolver, unknown: Mapping[Place, str]
) -> PypiLocks:
    """Return what is needed to resolve the PyPI packages of *workspaces*; *unknown* is as `PipLines` has it."""
    by_path = {each.path: each for each in workspaces}
    indexes: dict[_Place, tuple[str, ...]] = {}
    refusals: dict[_Place, str] = {}
    for path, workspace in by_path.items():
        for environment in (each for each in workspace.environments if _is_of_pypi(workspace, each)):
            try:
                indexes[path, environment.name] = tuple(each.url for each in source.indexes(workspace, environment))
            except EgressRefused as error:
                refusals[path, environment.name] = str(error)
    lines = PipLines(resolver=resolver, unknown=unknown)
    return PypiLocks(resolver=resolver, workspaces=by_path, indexes=indexes, refusals=refusals, lines=lines)


def _is_of_pypi(workspace: Workspace, environment: Environment) -> bool:
    """Tell whether anything of *environment* may come from an index."""
    locked = workspace.lock.environment(environment.name) if workspace.lock else None
    lines = (each.dependency.datasource is Datasource.PYPI for each in environment.requirements)
    return any(lines) or bool(locked and any(locked.pypi.values()))


def held_back_by(found: Found, result: PypiFound, names: Iterable[PackageName]) -> tuple[HeldBack, ...]:
    """Return what *result* says of those updates of *found* that are among *names*."""
    wanted = frozenset(names)
    return tuple(
        HeldBack(
            name=update.name,
            current=update.current,
            release=update.target.version,
            sentence=result.refused,
            workspace=update.workspaces[0],
        )
        for update in found.plan.updates
        if update.name in wanted
    )


def _is_concerned(baseline: Baseline, found: Found, candidates: Iterable[Candidate]) -> bool:
    has_packages = bool(baseline.packages) or any(
        environment.requires(baseline.unit.platform.name, Datasource.PYPI) for environment in baseline.unit.environments
    )
    is_touched = baseline.unit in found.solutions or any(baseline in each.baselines for each in candidates)
    return baseline.locked and has_packages and is_touched


def _fewer(bases: Iterable[PypiBase]) -> Iterator[tuple[SolveUnit, tuple[PypiPackage, ...]]]:
    """Yield what stays of the packages of *bases* from which some go: for that nobody has to be asked."""
    for base in bases:
        if (staying := base.staying) != base.baseline.packages:
            yield base.unit, staying


def _held_back(candidate: Candidate, obstacles: Mapping[Baseline, str]) -> HeldBack:
    return candidate.held_back(next(obstacles[each] for each in candidate.baselines if each in obstacles))


def _joined(found: Found, result: PypiFound, bases: Iterable[PypiBase]) -> Found:
    stay = {base.unit: base.records for base in bases if base.unit in result.packages}
    return replace(
        found,
        plan=replace(found.plan, updates=(*found.plan.updates, *result.updates)),
        solutions={**stay, **found.solutions},
        packages=result.packages,
        not_judged=(*found.not_judged, *result.not_judged),
    )


def _place(unit: SolveUnit) -> _Place:
    """Return by what its indexes are known: environments that are solved together have the same."""
    return unit.workspace, unit.environments[0].name


def _other_indexes(workspace: Workspace, unit: SolveUnit) -> bool:
    """Tell whether what is locked for *unit* was solved with other indexes than its manifest names."""
    return not index_differences(workspace).keys().isdisjoint(each.name for each in unit.environments)


def _python_minor(records: Iterable[Record]) -> list[str]:
    return next((each.version.split(".")[:2] for each in records if each.name == PYTHON), [])


def _unmet(baseline: Baseline) -> frozenset[PackageName]:
    """Return what a lock does not have by the names of PyPI: conda-lock knows conda packages under other names."""
    unit = baseline.unit
    needs = pypi_needs(unit.environments, unit.platform, baseline.records.values(), baseline.packages)
    return frozenset(each.name for each in needs.unmet)


def _prereleases(lock: Lock | None, baseline: Baseline) -> str | None:
    locked = lock.environment(baseline.unit.environments[0].name) if lock else None
    return locked.options.pypi_prerelease_mode if locked else None
