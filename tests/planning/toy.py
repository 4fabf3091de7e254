"""A solver small enough to be seen through, over a channel that is a table, and what planning tests build on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.model.environment import Environment, Requirement, SolveUnit
from bot.model.manifest import Datasource, Dependency, PackageName, Platform, Subdir, VirtualPackage
from bot.model.package import Channel, Record
from bot.model.solve import NotSolved, PackageFile, Solution, SolveRequest, SolveResult, Unsolvable
from bot.model.update import Build, Lookup, Release, Releases
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate
from bot.planning.programs import Program
from bot.versioning.conda import sort_versions
from bot.versioning.ecosystem import CONDA
from bot.versioning.match_spec import parse_nameless
from bot.versioning.records import matches, name_in

T = TypeVar("T")

NOW = datetime(2026, 11, 2, tzinfo=UTC)
LINUX = Subdir("linux-64")
MACOS = Subdir("osx-arm64")
MACHINE = Platform(name=LINUX, subdir=LINUX)
FORGE = Channel(name="conda-forge", url="https://conda.anaconda.org/conda-forge")
LONG_AGO = timedelta(days=100)


def record(
    name: str,
    version: str,
    *depends: str,
    build: str = "h0_0",
    constrains: tuple[str, ...] = (),
    subdir: str = "noarch",
    age: timedelta = LONG_AGO,
) -> Record:
    """Return a record of a package that was built *age* before now."""
    return Record(
        name=PackageName(name),
        version=version,
        build=build,
        build_number=0,
        subdir=subdir,
        url=f"{FORGE.url}/{subdir}/{name}-{version}-{build}.conda",
        depends=depends,
        constrains=constrains,
        timestamp=int((NOW - age).timestamp() * 1000),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyChannel:
    """A channel with a solver: exact, complete and slow. Prefers locked records, then the highest versions.

    What is doubtful and has no solution it refuses without words, but with the fewest packages that it is because of.
    """

    records: tuple[Record, ...]
    silent_on: frozenset[Subdir] = frozenset()

    def solve(self, request: SolveRequest) -> SolveResult:
        if request.subdir in self.silent_on:
            return NotSolved(reason="Channel conda-forge answered 500.")
        result = self._solve(request)
        if isinstance(result, Unsolvable) and request.is_doubtful and not request.files:
            return Unsolvable(text="", because=self._because(request))
        return result

    def _because(self, request: SolveRequest) -> tuple[PackageName, ...]:
        names = tuple(dict.fromkeys(map(name_in, (*request.specs, *request.constraints))))
        for name in names:
            less = _without(request, name)
            request = less if isinstance(self._solve(less), Unsolvable) else request
        return tuple(name for name in names if _without(request, name) != request)

    def _solve(self, request: SolveRequest) -> SolveResult:
        files = [self._file(each) for each in request.files]
        names = {each.name for each in files}
        offered = replace(self, records=(*files, *(each for each in self.records if each.name not in names)))
        machine = {PackageName(each.name): _provided(each) for each in request.virtual_packages}
        chosen = offered._complete(machine, [*map(_plain, request.specs), *sorted(names)], request)
        if chosen is None:
            return Unsolvable(text="nothing provides it all")
        return Solution(records=tuple(chosen[name] for name in sorted(chosen) if name not in machine))

    def releases(self, name: PackageName, subdirs: Sequence[Subdir]) -> Lookup:
        mine = [each for each in self.records if each.name == name]
        versions = sort_versions({each.version for each in mine})
        return Releases(channel=FORGE, releases=tuple(_release(version, mine, subdirs) for version in versions))

    def _file(self, file: PackageFile) -> Record:
        return file.record or next(each for each in self.records if each.url == file.location)

    def _complete(
        self, chosen: Mapping[PackageName, Record], pending: Sequence[str], request: SolveRequest
    ) -> Mapping[PackageName, Record] | None:
        open_specs = [spec for spec in pending if not _is_met(spec, chosen)]
        if any(name_in(spec) in chosen for spec in open_specs):
            return None
        if not open_specs:
            return chosen
        name = name_in(open_specs[0])
        for candidate in self._candidates(name, open_specs, chosen, request):
            deeper = {**chosen, name: candidate}
            if found := self._complete(deeper, [*open_specs, *candidate.depends], request):
                return found
        return None

    def _candidates(
        self, name: PackageName, pending: Iterable[str], chosen: Mapping[PackageName, Record], request: SolveRequest
    ) -> Iterable[Record]:
        limits = [*pending, *request.constraints, *(c for each in chosen.values() for c in each.constrains)]
        mine = [spec for spec in limits if name_in(spec) == name]
        fitting = [
            each
            for each in self.records
            if each.name == name and each.subdir in {request.subdir, "noarch"} and all(matches(s, each) for s in mine)
            if _is_old_enough(each, request)
            and all(name_in(c) not in chosen or _is_met(c, chosen) for c in each.constrains)
        ]
        order = {version: index for index, version in enumerate(sort_versions({each.version for each in fitting}))}
        locked = {each.url for each in request.locked}
        return sorted(fitting, key=lambda each: (each.url not in locked, -order[each.version]))


def _without(request: SolveRequest, name: PackageName) -> SolveRequest:
    specs = tuple(each for each in request.specs if name_in(each) != name)
    return replace(request, specs=specs, constraints=tuple(c for c in request.constraints if name_in(c) != name))


def _provided(package: VirtualPackage) -> Record:
    return replace(record(package.name, package.version), build=package.build)


def _plain(spec: str) -> str:
    return spec.rpartition("::")[2]


def _is_met(spec: str, chosen: Mapping[PackageName, Record]) -> bool:
    found = chosen.get(name_in(spec))
    return found is not None and matches(spec, found)


def _is_old_enough(each: Record, request: SolveRequest) -> bool:
    return (
        each in request.locked
        or any(each.url == file.location for file in request.files)
        or request.exclude_newer is None
        or (request.undated if each.built is None else each.built <= _newest(request.exclude_newer, request))
    )


def _newest(newest: datetime, request: SolveRequest) -> datetime:
    every = request.cut_offs.every
    return min(newest, every.moment) if every else newest


def _release(version: str, records: Iterable[Record], subdirs: Sequence[Subdir]) -> Release:
    mine = [each for each in records if each.version == version]
    there = {subdir for subdir in subdirs for each in mine if each.subdir in {subdir, "noarch"}}
    built = [each.built for each in mine if each.built]
    return Release(
        version=version,
        subdirs=frozenset(there),
        built=min(built) if built else None,
        builds={subdir: frozenset(_builds(mine, subdir)) for subdir in there},
    )


def _builds(records: Iterable[Record], subdir: Subdir) -> Iterable[Build]:
    return ((each.build, each.build_number) for each in records if each.subdir in {subdir, "noarch"})


def run(program: Program[T], channel: ToyChannel) -> T:
    """Drive *program* with the toy solver."""
    try:
        requests = next(program)
        while True:
            requests = program.send(tuple(channel.solve(request) for request in requests))
    except StopIteration as stop:
        result: T = stop.value
        return result


def asks_for(name: str, version: str, *, line: int = 1, subdirs: tuple[Subdir, ...] = (LINUX,)) -> Requirement:
    """Return a line of pixi.toml: `name = "version"`."""
    package = PackageName(name)
    dependency = Dependency(
        name=package,
        datasource=Datasource.CONDA,
        version=version,
        at=("dependencies", name),
        line=line,
        match_spec=parse_nameless(package, version).spec,
    )
    return Requirement(manifest="pixi.toml", dependency=dependency, platforms=subdirs)


def unit(*requirements: Requirement, subdir: Subdir = LINUX, name: str = "default") -> SolveUnit:
    """Return what asks for *requirements* on one platform."""
    platform = Platform(name=subdir, subdir=subdir)
    environment = Environment(
        name=name,
        manifests=("pixi.toml",),
        channels=(FORGE,),
        platforms=(platform,),
        requirements=requirements,
    )
    return SolveUnit(workspace="pixi.toml", environments=(environment,), platform=platform)


def baseline(asked: SolveUnit, *records: Record, locked: bool = True) -> Baseline:
    """Return *asked* as it stands with *records*."""
    return Baseline(
        unit=asked,
        records={each.name: each for each in records},
        locked=locked,
        newest_record=NOW - timedelta(days=3),
    )


def lookups(channel: ToyChannel, *baselines: Baseline) -> Mapping[tuple[str, ...], Mapping[PackageName, Lookup]]:
    """Return what the channel offers of everything that *baselines* ask for."""
    subdirs = [each.unit.subdir for each in baselines]
    names = {each.dependency.name for b in baselines for each in b.unit.requirements}
    return {(FORGE.url,): {name: channel.releases(name, subdirs) for name in names}}


def candidate(name: str, current: str, *releases: str, locked: bool = True, manifest: str = "pixi.toml") -> Candidate:
    """Return a conda package of one line that could move to *releases*, none of them with a date."""
    asked = asks_for(name, "*")
    here = replace(unit(asked), workspace=manifest)
    return Candidate(
        name=PackageName(name),
        ecosystem=CONDA,
        workspace=manifest,
        current=current,
        releases=tuple(Release(version=each, subdirs=frozenset({LINUX}), built=None) for each in releases),
        requirements=(asked,),
        baselines=(baseline(here, record(name, current), locked=locked),),
    )
