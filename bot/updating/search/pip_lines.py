"""PyPI packages that no lock holds: what pip installs beside conda packages that move, it must still install.

The lines are resolved beside the conda packages as they stand, and then beside those that are wanted. A line that
cannot be had even now is no ground to hold anything: it is left out, and that is said. One that asks for an exact
version of which the index cannot tell anything holds what it might depend on: nobody can say that it goes with it.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from bot.model.environment import Requirement, SolveUnit
from bot.model.manifest import Datasource
from bot.model.package import PypiPackage
from bot.model.report import Problem
from bot.planning.baseline import Baseline, Place, place
from bot.planning.candidates import Candidate
from bot.planning.pypi_search import PypiBase, PypiFound, lowest_first, pypi_search
from bot.updating.drive import drive
from bot.updating.ports import PypiSolver
from bot.versioning.pep440 import exact_version

MOST_ALONE = 12
"""So many lines are resolved each alone, where they do not resolve together."""
MOST_NAMED = 3
_UNKNOWN = "nobody can say whether {line} goes with it: {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What pip installs beside the conda packages of a unit as they stand.

    `left_out` are the lines that cannot be had, and `refused` is why nothing may move beside one, empty if it may.
    """

    packages: tuple[PypiPackage, ...] = ()
    left_out: frozenset[Place] = frozenset()
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipLines:
    """Resolves lines that no lock holds; `unknown` says of which the index cannot tell anything, and why.

    What is installed beside a unit as it stands is found out once.
    """

    resolver: PypiSolver
    unknown: Mapping[Place, str]
    known: dict[SolveUnit, "asyncio.Task[Installed]"] = field(default_factory=dict)

    async def beside(self, bases: Sequence[PypiBase]) -> PypiFound:
        """Return what becomes of the lines beside the conda records of *bases*: refused, or nothing to be done."""
        installed = [(base, await self._installed(base)) for base in bases]
        if stands := next(((base.unit, each.refused) for base, each in installed if each.refused), None):
            return PypiFound(stands=stands[0], refused=stands[1])
        found = await drive(pypi_search((), [_with(base, each) for base, each in installed]), self.resolver.resolve)
        left_out = [(base.unit, each.left_out) for base, each in installed if each.left_out]
        return replace(found, packages={}, remarks=tuple(_left_out(left_out)))

    async def lowest(self, candidate: Candidate, bases: Sequence[PypiBase], most: int) -> PypiFound:
        """Return the lowest of so many as *most* releases of *candidate* with which its line can be had in *bases*.

        Where the line cannot be had even now nothing is known, and the lowest release is for pip to try.
        """
        installed = [(base, await self._found_out(base)) for base in bases if stands_on_pip(base.baseline)]
        if refused := next((each.refused for _, each in installed if each.refused), ""):
            return PypiFound(refused=refused)
        known = [_with(base, each) for base, each in installed if each.left_out.isdisjoint(candidate.places)]
        if not known:
            return PypiFound(updates=(candidate.update_to(candidate.releases[0]),))
        there = replace(candidate, baselines=tuple(each.baseline for each in known))
        found = await drive(lowest_first(there, known, most), self.resolver.resolve)
        updates = tuple(candidate.update_to(each.target) for each in found.updates)
        return replace(found, updates=updates)

    async def _installed(self, base: PypiBase) -> Installed:
        if base.unit not in self.known:
            as_it_stands = replace(base, records=tuple(base.baseline.records.values()), changed={})
            self.known[base.unit] = asyncio.ensure_future(self._found_out(as_it_stands))
        return await self.known[base.unit]

    async def _found_out(self, base: PypiBase) -> Installed:
        lines = base.unit.requires(Datasource.PYPI)
        for each in lines:
            if place(each) in self.unknown and exact_version(each.dependency.version_spec):
                return Installed(refused=_UNKNOWN.format(line=_named(each), why=self.unknown[place(each)]))
        silent = frozenset(place(each) for each in lines if place(each) in self.unknown)
        together = await self._resolved(base, silent)
        if together is not None:
            return Installed(packages=together, left_out=silent)
        return await self._as_far_as_possible(base, lines, silent)

    async def _as_far_as_possible(
        self, base: PypiBase, lines: Sequence[Requirement], silent: AbstractSet[Place]
    ) -> Installed:
        """Return what is installed of the *lines* that can be had each alone, if they can be had together."""
        every = frozenset(map(place, lines))
        tried = [each for each in map(place, lines) if each not in silent][:MOST_ALONE]
        alone = {each for each in tried if await self._resolved(base, every - {each}) is not None}
        packages = await self._resolved(base, every - alone) if alone else ()
        return Installed(left_out=every) if packages is None else Installed(packages=packages, left_out=every - alone)

    async def _resolved(self, base: PypiBase, left_out: frozenset[Place]) -> tuple[PypiPackage, ...] | None:
        """Return what is installed without the lines *left_out*; None if they cannot be had."""
        found = await drive(pypi_search((), [_with(base, Installed(left_out=left_out))]), self.resolver.resolve)
        return None if found.refused else found.packages.get(base.unit, ())


def stands_on_pip(baseline: Baseline) -> bool:
    """Tell whether pip installs something beside the conda packages of *baseline* that no lock holds."""
    return not baseline.locked and bool(baseline.unit.requirements) and bool(baseline.unit.requires(Datasource.PYPI))


def _with(base: PypiBase, installed: Installed) -> PypiBase:
    """Return *base* with what is *installed* in the place of what a lock would hold."""
    lines = base.unit.requires(Datasource.PYPI)
    names = frozenset(each.dependency.name for each in lines if place(each) in installed.left_out)
    baseline = replace(base.baseline, packages=installed.packages)
    return replace(base, baseline=baseline, tolerated=names, left_out=installed.left_out)


def _left_out(units: Iterable[tuple[SolveUnit, AbstractSet[Place]]]) -> Iterable[Problem]:
    """Say once for all platforms of an environment which of its lines are not counted."""
    platforms: dict[tuple[str, str, str], list[str]] = {}
    for unit, places in units:
        lines = [_named(each) for each in unit.requires(Datasource.PYPI) if place(each) in places]
        more = f" and {len(lines) - MOST_NAMED} more" if len(lines) > MOST_NAMED else ""
        named = f"{', '.join(lines[:MOST_NAMED])}{more}"
        platforms.setdefault((unit.workspace, unit.name, named), []).append(unit.platform.name)
    for (workspace, name, lines_named), found in platforms.items():
        where = f"{name} on {', '.join(found)}"
        yield Problem(
            path=workspace, sentence=f"what pip makes of {lines_named} in {where} is not known: it is not counted"
        )


def _named(line: Requirement) -> str:
    spec = f"{line.dependency.name} {line.dependency.version_spec}".rstrip()
    return f"{spec} ({line.manifest}:{line.dependency.line})"
