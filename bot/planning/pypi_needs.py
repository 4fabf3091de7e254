"""What the PyPI packages of an environment need, of each other and of the conda packages beside them.

Roots are the requirements of the manifest and the packages it asks for by path, repository or URL. From there every
`requires_dist` counts whose marker holds (PEP 508), for the extras that are asked for. This is what pixi looks at when
it decides whether a lock is up to date; nothing is resolved here. A package of the repository itself needs what the
lines of its `[project]` say: those are roots, and what the lock says of them again moves with them.
"""

import posixpath
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from packaging.requirements import InvalidRequirement, Requirement

from bot.errors import SpecError
from bot.model.environment import Environment
from bot.model.environment import Requirement as Asking
from bot.model.manifest import (
    EVERY_PACKAGE,
    Datasource,
    Dependency,
    PackageName,
    Platform,
    PypiOverride,
    Role,
    SkipReason,
    Subdir,
)
from bot.model.package import PypiPackage, Record
from bot.planning.baseline import Place, place
from bot.planning.policy import PYTHON
from bot.planning.provided import provided
from bot.versioning.markers import applies
from bot.versioning.match_spec import normalise_pypi_name
from bot.versioning.pep440 import admits
from bot.versioning.wheels import is_for_machine, is_for_python, is_wheel, source_folder
from bot.workspaces.lock_indexes import as_locked, default_index, indexes_allowed, is_among

Asked: TypeAlias = tuple[PackageName, frozenset[str]]
"""A package and the extras of it."""

_OF_INDEXES = ("https://", "http://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One requirement that counts: who states it, a line of a manifest or a `package`, and what is asked for."""

    by: str
    name: PackageName
    extras: frozenset[str]
    specifier: str
    package: PackageName | None = None

    @property
    def requirement(self) -> str:
        """The requirement, without a marker (PEP 508)."""
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        return f"{self.name}{extras}{self.specifier}"

    def admits(self, version: str) -> bool:
        """Tell whether *version* will do."""
        return admits(self.specifier, version)

    def __str__(self) -> str:
        return f"{self.by} needs {self.name} {self.specifier}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A demand on `name` (of PyPI, or `python`) that is not met, as a sentence.

    `specifier` is what would do, empty where that is no range of versions.
    """

    name: PackageName
    sentence: str
    specifier: str = ""

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What of the packages is needed, every demand on any package, and those that are not met.

    If there is something `unread`, a requirement that is none or that cannot be judged, more may be needed.
    """

    names: frozenset[PackageName]
    demands: tuple[Demand, ...]
    unmet: tuple[Unmet, ...]
    unread: bool = False

    def spare(self, packages: Iterable[PypiPackage]) -> tuple[PypiPackage, ...]:
        """Return those of *packages* that certainly nothing needs: pixi takes no lock that holds any."""
        return () if self.unread else tuple(each for each in packages if each.name not in self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    """A requirement in its parts."""

    name: PackageName
    extras: frozenset[str]
    specifier: str
    marker: str


@lru_cache(maxsize=16_384)
def _parsed(text: str) -> _Parsed | None:
    """Return the requirement *text*, None if it is none. Locks say the same thousands of times, once for each unit."""
    try:
        requirement = Requirement(text)
        name = normalise_pypi_name(requirement.name)
    except (InvalidRequirement, SpecError, RecursionError):
        return None
    return _Parsed(
        name=name,
        extras=frozenset(requirement.extras),
        specifier=str(requirement.specifier),
        marker=str(requirement.marker or ""),
    )


@lru_cache(maxsize=65_536)
def _counts(marker: str, subdir: Subdir, python: str, extras: tuple[str, ...]) -> bool | None:
    """Tell whether *marker* holds; None for one that cannot be judged."""
    try:
        return applies(marker, subdir, python, extras)
    except SpecError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Installed:
    """Where requirements are judged: a platform with a python, and what is there."""

    platform: Platform
    python: str
    packages: Mapping[PackageName, PypiPackage]
    provided: Mapping[PackageName, str]
    overrides: Mapping[PackageName, PypiOverride]
    unbuilt: AbstractSet[str]
    editable: AbstractSet[PackageName]
    lines: Mapping[PackageName, AbstractSet[PackageName]]

    def demand(
        self, by: str, text: str, package: PackageName | None = None, extras: Iterable[str] = ()
    ) -> Demand | None:
        """Return the requirement *text* if it counts here, as the manifest overrides it if it does.

        What is none, or cannot be judged, does not count.
        """
        found = _parsed(text)
        if found is None or not _counts(found.marker, self.platform.subdir, self.python, tuple(extras)):
            return None
        override = self.overrides.get(found.name)
        return Demand(
            by=f"{by}, by dependency-overrides," if override else by,
            name=found.name,
            extras=frozenset(override.extras) if override else found.extras,
            specifier=override.specifier or "" if override else found.specifier,
            package=package,
        )

    def reads(self, text: str) -> bool:
        """Tell whether *text* is a requirement of which it is known whether it counts here."""
        found = _parsed(text)
        return found is not None and _counts(found.marker, self.platform.subdir, self.python, ()) is not None

    def demands_of(self, package: PypiPackage, extras: Iterable[str]) -> Iterable[Demand]:
        """Return what *package* needs here when *extras* are asked of it."""
        by = f"{package.name} {package.version}".rstrip()
        lines = self.lines.get(package.name, frozenset())
        texts = (each for each in package.requires_dist if not _is_restated(each, lines))
        found = (self.demand(by, text, package.name, extras) for text in texts)
        return (each for each in found if each)

    def unmet(self, demand: Demand) -> Iterable[Unmet]:
        """Say so if *demand* is not met."""
        package = self.packages.get(demand.name)
        version = self.provided.get(demand.name, package.version if package else None)
        if version is None:
            yield Unmet(name=demand.name, sentence=f"{demand}, which is not there")
        elif version and not demand.admits(version):
            sentence = f"{demand}, and {version} is there"
            yield Unmet(name=demand.name, sentence=sentence, specifier=demand.specifier)
        elif package and not version and demand.specifier and package.url.startswith(_OF_INDEXES):
            yield Unmet(name=demand.name, sentence=f"{demand}, and nobody says which version is there")

    def unbuildable(self, package: PypiPackage) -> Iterable[Unmet]:
        """Say so if *package* would have to be built where that must not be."""
        is_bound = EVERY_PACKAGE in self.unbuilt or package.name in self.unbuilt
        if is_bound and not is_wheel(package.url) and package.name not in self.editable:
            yield Unmet(name=package.name, sentence=f"{package.name} would have to be built, and `no-build` forbids it")

    def misfits(self, package: PypiPackage) -> Iterable[Unmet]:
        """Say so if *package* does not go with the python that is there, or the machine."""
        named = f"{package.name} {package.version}"
        if package.requires_python and not admits(package.requires_python, self.python):
            sentence = f"{named} needs python {package.requires_python}, and {self.python} is there"
            yield Unmet(name=PYTHON, sentence=sentence, specifier=package.requires_python)
        elif not is_for_python(package.url, self.python):
            yield Unmet(name=PYTHON, sentence=f"the wheel of {named} is not for python {self.python}")
        elif not is_for_machine(package.url, self.platform.subdir, self.platform.virtual_packages):
            yield Unmet(name=package.name, sentence=f"the wheel of {named} is not for {self.platform.name}")


def with_indexes(
    needs: Needs, environments: Iterable[Environment], platform: Platform, packages: Iterable[PypiPackage]
) -> Needs:
    """Return *needs* with those that are not met because one of *packages* is of another index than its line says.

    *packages* are what *environments* have on *platform*, by a lock that says which index each is of. What other
    packages ask for may be of any index, and so may what is asked for beside find-links.
    """
    by_name = {each.name: each for each in packages if each.name in needs.names}
    found = (_of_another_index(each, platform, by_name) for each in environments)
    return replace(needs, unmet=(*needs.unmet, *(unmet for several in found for unmet in several)))


def _of_another_index(
    environment: Environment, platform: Platform, packages: Mapping[PackageName, PypiPackage]
) -> Iterable[Unmet]:
    if not packages:
        return
    options, general = environment.pypi_options, indexes_allowed(environment)
    for each in environment.requires(platform.name, Datasource.PYPI):
        package, own = packages.get(each.dependency.name), each.dependency.index
        if package is None or not is_wheel(package.url) or (own is None and options and options.has_find_links):
            continue
        locked = as_locked(package.index or default_index())
        if locked != as_locked(own) if own else not is_among(locked, general):
            sentence = (
                f"{_line(each)} asks for {package.name} of {own or ', '.join(sorted(general))}, and it is of {locked}"
            )
            yield Unmet(name=package.name, sentence=sentence)


def pypi_needs(
    environments: Iterable[Environment],
    platform: Platform,
    records: Iterable[Record],
    packages: Iterable[PypiPackage],
    changed: Mapping[Place, str] = MappingProxyType({}),
) -> Needs:
    """Return what *environments*, solved together to *records*, need of *packages* on *platform*.

    *changed* are version specs in place of those that are written.
    """
    asking = tuple(environments)
    here = _installed(asking, platform, tuple(records), tuple(packages))
    lines = [line for each in asking for line in _lines(each, here, changed)]
    needs = _followed(here, [demand for by, text in lines if (demand := here.demand(by, text))])
    texts = (
        *(text for _, text in lines),
        *(text for name in needs.names for text in here.packages[name].requires_dist),
    )
    doubled = [unmet for each in asking for unmet in _in_two_places(each, here)]
    return replace(
        needs,
        names=needs.names.union(each.name for each in doubled),
        unmet=(*needs.unmet, *doubled),
        unread=not all(map(here.reads, texts)),
    )


def _installed(
    environments: Sequence[Environment], platform: Platform, records: Sequence[Record], packages: Sequence[PypiPackage]
) -> _Installed:
    options = [each.pypi_options for each in environments if each.pypi_options]
    return _Installed(
        platform=platform,
        python=next((record.version for record in records if record.name == PYTHON), ""),
        packages={package.name: package for package in packages},
        provided={each.name: each.version for each in provided(records)},
        unbuilt={name for each in options for name in each.unbuilt},
        editable={line.dependency.name for each in environments for line in each.references if _is_editable(line)},
        overrides={one.name: one for each in options for one in each.overrides},
        lines=_lines_of(packages, environments, platform),
    )


def _lines_of(
    packages: Iterable[PypiPackage], environments: Iterable[Environment], platform: Platform
) -> Mapping[PackageName, AbstractSet[PackageName]]:
    """Return, of each package that is a folder of the repository, what the lines of `[project]` there ask for."""
    folders: dict[str, set[PackageName]] = defaultdict(set)
    bases = set[str]()
    for environment in environments:
        bases.add(posixpath.dirname(environment.manifests[0]))
        for each in environment.requires(platform.name, Datasource.PYPI):
            if each.dependency.role is Role.LIBRARY:
                folders[posixpath.normpath(posixpath.dirname(each.manifest))].add(each.dependency.name)
    if not folders:
        return {}
    return {
        each.name: folders[folder]
        for each in packages
        for base in bases
        if (folder := source_folder(each.url, base)) in folders
    }


def _is_restated(text: str, lines: AbstractSet[PackageName]) -> bool:
    """Tell whether one of *lines* asks for what the requirement *text* does; what an extra needs is no such line."""
    found = _parsed(text) if lines else None
    return found is not None and found.name in lines and "extra" not in found.marker


def _lines(environment: Environment, here: _Installed, changed: Mapping[Place, str]) -> Iterable[tuple[str, str]]:
    """Return what the manifest asks for, and where; of what is not read from an index only that it is there."""
    asked = [(each, changed.get(place(each))) for each in environment.requires(here.platform.name, Datasource.PYPI)]
    asked += [(each, "") for each in _present(environment, here)]
    return ((_line(each), requirement_text(each.dependency, spec)) for each, spec in asked)


def _in_two_places(environment: Environment, here: _Installed) -> Iterable[Unmet]:
    """Say what conda brings of that which *environment* asks for by path, repository or URL: pixi refuses to choose."""
    for each in _present(environment, here):
        if (name := each.dependency.name) in here.provided:
            yield Unmet(name=name, sentence=f"{_line(each)} says where {name} comes from, and conda brings it")


def _present(environment: Environment, here: _Installed) -> Iterable[Asking]:
    """Return the lines that ask by path, repository or URL for what is there."""
    lines = (each for each in environment.references if each.dependency.name in here.packages)
    return (each for each in lines if here.platform.name in each.platforms)


def _line(asking: Asking) -> str:
    return f"{asking.manifest}:{asking.dependency.line}"


def requirement_text(dependency: Dependency, version_spec: str | None = None) -> str:
    """Return *dependency* as a requirement (PEP 508), with *version_spec* in place of its own."""
    spec = dependency.version_spec if version_spec is None else version_spec
    extras = f"[{','.join(dependency.extras)}]" if dependency.extras else ""
    marker = f" ; {dependency.marker}" if dependency.marker else ""
    return f"{dependency.name}{extras}{'' if spec == '*' else spec}{marker}"


def _followed(here: _Installed, asked: Iterable[Demand]) -> Needs:
    waiting = deque(asked)
    seen: dict[Asked, None] = {}
    demands: dict[Demand, None] = {}
    while waiting:
        demand = waiting.popleft()
        demands.setdefault(demand)
        package = here.packages.get(demand.name)
        if demand.name in here.provided or package is None or (demand.name, demand.extras) in seen:
            continue
        seen.setdefault((demand.name, demand.extras))
        waiting.extend(here.demands_of(package, demand.extras))
    names = frozenset(name for name, _ in seen)
    unmet = [each for demand in demands for each in here.unmet(demand)]
    misfits = [each for name in sorted(names) for each in here.misfits(here.packages[name])] if here.python else []
    unbuildable = [each for name in sorted(names) for each in here.unbuildable(here.packages[name])]
    return Needs(names=names, demands=tuple(demands), unmet=(*unmet, *misfits, *unbuildable))


def _is_editable(line: Asking) -> bool:
    return line.dependency.skip is not None and line.dependency.skip.reason is SkipReason.EDITABLE
