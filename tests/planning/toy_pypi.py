"""A resolver of PyPI packages small enough to be seen through, over an index that is a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from packaging.requirements import Requirement as PypiRequirement

from bot.model.environment import Requirement, SolveUnit
from bot.model.manifest import Datasource, Dependency, PackageName, Subdir
from bot.model.package import PypiPackage, Record
from bot.model.pypi_solve import PypiRequest, PypiResult, PypiSolution
from bot.model.solve import NotSolved, Unsolvable
from bot.model.update import Release
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate
from bot.planning.outlook import uses
from bot.planning.programs import PypiProgram
from bot.versioning.ecosystem import PYPI
from bot.versioning.markers import applies
from bot.versioning.pep440 import satisfies, sort_versions
from tests.planning.toy import LINUX, NOW, baseline

T = TypeVar("T")


def wheel(name: str, version: str, *requires: str, python: str | None = None, tag: str = "py3-none-any") -> PypiPackage:
    """Return a package as a lock keeps it."""
    return PypiPackage(
        name=PackageName(name),
        version=version,
        url=f"https://files.example/{name.replace('-', '_')}-{version}-{tag}.whl",
        requires_dist=requires,
        requires_python=python,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyIndex:
    """An index with a resolver: exact, complete and slow. Prefers locked packages, then the highest versions."""

    packages: tuple[PypiPackage, ...]
    silent_on: frozenset[Subdir] = frozenset()

    def resolve(self, request: PypiRequest) -> PypiResult:
        if request.subdir in self.silent_on:
            return NotSolved(reason="The index answered 500.")
        chosen = self._complete({}, list(request.requirements), request)
        if chosen is None:
            return Unsolvable(text="nothing provides it all")
        return PypiSolution(packages=tuple(chosen[name] for name in sorted(chosen)))

    def _complete(
        self, chosen: Mapping[str, PypiPackage], pending: Sequence[str], request: PypiRequest
    ) -> Mapping[str, PypiPackage] | None:
        there: dict[str, str] = {each.name: each.version for each in request.provided}
        there |= {name: each.version for name, each in chosen.items()}
        asked = [each for text in pending if _counts(each := PypiRequirement(text), request)]
        open_ones = [each for each in asked if each.name not in there]
        if any(not satisfies(str(each.specifier), there[each.name]) for each in asked if each.name in there):
            return None
        if not open_ones:
            return chosen
        name = open_ones[0].name
        for candidate in self._candidates(name, asked, request):
            deeper = {**chosen, name: candidate}
            if (found := self._complete(deeper, [*pending, *candidate.requires_dist], request)) is not None:
                return found
        return None

    def _candidates(self, name: str, asked: Iterable[PypiRequirement], request: PypiRequest) -> Iterable[PypiPackage]:
        limits = [*asked, *map(PypiRequirement, request.constraints)]
        specifiers = [str(each.specifier) for each in limits if each.name == name]
        fitting = [
            each
            for each in self.packages
            if each.name == name and all(satisfies(one, each.version) for one in specifiers)
            if satisfies(each.requires_python or "", request.python)
        ]
        order = {version: index for index, version in enumerate(sort_versions({each.version for each in fitting}))}
        return sorted(fitting, key=lambda each: (each not in request.locked, -order[each.version]))


def _counts(requirement: PypiRequirement, request: PypiRequest) -> bool:
    return applies(str(requirement.marker or ""), request.subdir, request.python)


def run_pypi(program: PypiProgram[T], index: ToyIndex) -> T:
    """Drive *program* with the toy resolver."""
    try:
        requests = next(program)
        while True:
            requests = program.send(tuple(index.resolve(request) for request in requests))
    except StopIteration as stop:
        result: T = stop.value
        return result


def asks_pypi_for(
    name: str, version: str, *, line: int = 20, subdirs: tuple[Subdir, ...] = (LINUX,), extras: tuple[str, ...] = ()
) -> Requirement:
    """Return a line of `[pypi-dependencies]`: `name = "version"`."""
    dependency = Dependency(
        name=PackageName(name),
        datasource=Datasource.PYPI,
        version=version,
        at=("pypi-dependencies", name),
        line=line,
        extras=extras,
    )
    return Requirement(manifest="pixi.toml", dependency=dependency, platforms=subdirs)


def stands(asked: SolveUnit, records: Iterable[Record], *packages: PypiPackage) -> Baseline:
    """Return *asked* as a lock has it."""
    plain = baseline(asked, *records)
    return Baseline(
        unit=plain.unit, records=plain.records, locked=True, newest_record=plain.newest_record, packages=packages
    )


def candidate(name: str, *versions: str, of: Sequence[Baseline]) -> Candidate:
    """Return the wish to move the locked package *name* to one of *versions*, ascending."""
    [use] = [each for each in uses(of) if each.name == name]
    releases = tuple(Release(version=each, subdirs=frozenset({LINUX}), built=NOW) for each in versions)
    return Candidate(
        name=use.name,
        ecosystem=PYPI,
        workspace=use.baselines[0].unit.workspace,
        current=use.locked_versions[0],
        releases=releases,
        requirements=use.requirements,
        baselines=use.baselines,
    )
