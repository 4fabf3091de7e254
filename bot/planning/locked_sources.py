"""What a lock tells of packages that are built from source, so that environments with them can be judged.

`work = { path = "." }` or `{ git = "…" }` asks for a package that nobody has built. What it needs stands in the lock,
and is so as long as its source and its line stay as they are: nothing here changes either. So such a package stands in
every solve as it is locked.

`[dev]` installs what building and running a package takes, without the package. Lines of its own manifest say some of
that; what its build backend adds (compilers, say) nobody does, and a lock does not name it. So whatever is locked and
nothing known asks for stays exactly as it is: the backend may have asked for it. pixi asks the backend again, and
judges a lock by the answer (`resolve_dev_dependencies` in `pixi_core/src/lock_file/satisfiability/platform.rs`).
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from bot.errors import SpecError
from bot.model.environment import Environment, Requirement, Workspace
from bot.model.manifest import Dependency, Manifest, MatchSpec, PlatformName, Role
from bot.model.package import Lock, LockedEnvironment, Record
from bot.planning.closure import needed
from bot.versioning.records import matches, name_in

_Sources: TypeAlias = Mapping[PlatformName, tuple[Record, ...]]

_MANIFESTS: Final = ("pixi.toml", "pyproject.toml", "mojoproject.toml")
_RUN: Final = "run-dependencies"
_NEEDS: Final = ("build-dependencies", "host-dependencies", _RUN)
_ANY: Final = "0"
_NO_DIGEST_SINCE: Final = 7
_VERSION: Final = re.compile(r"[0-9][\w.!+]*")


def with_locked_sources(workspace: Workspace, manifests: Iterable[Manifest]) -> Workspace:
    """Return *workspace* with what its lock tells of packages from source; *manifests* are all of the repository.

    Lines that it tells nothing of stay as they are: they are not known. In version 6 it tells nothing of folders, for
    it holds a digest of their files, manifests among them, which only pixi can make.
    """
    lock = workspace.lock
    if lock is None or not any(map(_has_unknown, workspace.environments)):
        return workspace
    told = _Told(lock=lock, manifests={each.path: each for each in manifests})
    alone = tuple(map(told.environment, workspace.environments))
    return replace(workspace, environments=tuple(told.in_company(each, alone) for each in alone))


def _has_unknown(environment: Environment) -> bool:
    lines = (*environment.standing, *environment.company.standing)
    return not all(each.dependency.is_known for each in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A lock, and the manifests of its repository by their paths."""

    lock: Lock
    manifests: Mapping[str, Manifest]

    def environment(self, environment: Environment) -> Environment:
        """Return *environment* with what is locked for it, whatever it is solved together with."""
        locked = self.lock.environment(environment.name)
        if locked is None:
            return environment
        sources = _told_sources(locked, folders=self.lock.version >= _NO_DIGEST_SINCE)
        lines = self._lines(environment.standing, sources, locked.platforms)
        found = replace(environment, standing=lines.standing, developed=lines.developed)
        return replace(found, fixed=dict(_fixed(found, locked, sources)))

    def in_company(self, environment: Environment, others: Iterable[Environment]) -> Environment:
        """Return *environment* with what is locked for those of *others* that it is solved together with."""
        group = environment.solve_group
        mates = [each for each in others if group and each.solve_group == group and each.name != environment.name]
        company, fixed = environment.company, _joined(each.fixed for each in mates)
        sources = {name: tuple(each for each in of if each.is_source) for name, of in fixed.items()}
        lines = self._lines(company.standing, sources, _locked_platforms(self.lock, mates))
        told = replace(company, standing=lines.standing, developed=lines.developed, fixed=fixed)
        return replace(environment, company=told)

    def _lines(self, standing: Iterable[Requirement], sources: _Sources, platforms: Iterable[PlatformName]) -> "_Lines":
        """Return *standing*, the lines of packages from source as far as they are told, and what `[dev]` asks for."""
        written, there = tuple(standing), frozenset(platforms)
        developed = tuple(each for line in written if line.dependency.role is Role.DEV for each in _on(line, there))
        left = (each for line in written for each in _as_told(line, sources, there))
        return _Lines(standing=(*left, *self._needs(developed)), developed=developed)

    def _needs(self, developed: Iterable[Requirement]) -> Iterator[Requirement]:
        """Yield what the manifests of the packages that are *developed* say that these need.

        What counts under a condition only, or is from source itself, is not among it, nor what is developed beside.
        """
        lines = tuple(developed)
        names = {each.dependency.name for each in lines}
        for line in lines:
            manifest = next((self.manifests[path] for path in _manifests_of(line) if path in self.manifests), None)
            for need in filter(_is_need, manifest.dependencies if manifest else ()):
                if need.name not in names and manifest:
                    alone = replace(need, skip=need.skip or line.dependency.skip)
                    yield Requirement(manifest=manifest.path, dependency=alone, platforms=line.platforms)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """The lines that stand, and those of `[dev]` that a lock tells."""

    standing: tuple[Requirement, ...]
    developed: tuple[Requirement, ...]


def _told_sources(locked: LockedEnvironment, *, folders: bool) -> _Sources:
    """Return the sources of *locked* with a version each; none on a platform where one of them cannot be told.

    Those that lie in *folders* are told if it says so, and none whose extras would have to be followed.
    """
    found: dict[PlatformName, tuple[Record, ...]] = {}
    for platform, sources in locked.sources.items():
        beside = (*locked.conda.get(platform, ()), *sources)
        known = (each for each in sources if not each.extra_depends and (folders or "://" in each.location))
        told = [_versioned(each, beside) for each in known]
        if len(told) == len(sources) and all(each.version for each in told):
            found[platform] = tuple(told)
    return found


def _versioned(source: Record, beside: Iterable[Record]) -> Record:
    """Return *source* with a version: one that goes with the records *beside* it, where the lock does not state it."""
    if source.version:
        return replace(source, build=source.build or _ANY)
    texts = [text for each in beside for text in (*each.depends, *each.constrains) if name_in(text) == source.name]
    named = (version for text in texts for version in _VERSION.findall(text.removeprefix(source.name)))
    possible = (replace(source, version=each, build=_ANY) for each in (_ANY, *named))
    return next((each for each in possible if _is_what(texts, each)), source)


def _is_what(texts: Iterable[str], source: Record) -> bool:
    try:
        return all(matches(text, source) for text in texts)
    except SpecError:
        return False


def _as_told(line: Requirement, sources: _Sources, platforms: frozenset[PlatformName]) -> Iterator[Requirement]:
    """Yield *line* where it is not told, and as one that asks for its package alone where it is."""
    dependency = line.dependency
    if dependency.is_known:
        yield line
        return
    told = platforms
    if dependency.role is not Role.DEV:
        told &= {name for name, of in sources.items() if any(_is_of(line, each) for each in of)}
        asked = replace(dependency, match_spec=MatchSpec(name=dependency.name))
        yield from (replace(each, dependency=asked) for each in _on(line, told))
    yield from _on(line, {*line.platforms} - told)


def _on(line: Requirement, platforms: Collection[PlatformName]) -> Iterator[Requirement]:
    """Yield *line* for those of its platforms that are among *platforms*, if any is."""
    if found := tuple(name for name in line.platforms if name in platforms):
        yield replace(line, platforms=found)


def _is_of(line: Requirement, source: Record) -> bool:
    """Tell whether *source* is what *line* asks for: the package, from the same place."""
    dependency, location = line.dependency, source.location
    if dependency.name != source.name:
        return False
    if dependency.folder:
        return "://" not in location and posixpath.normpath(location) == dependency.folder
    return bool(dependency.repository) and _repository(dependency.repository) == _repository(location)


def _repository(location: str) -> tuple[str, str, frozenset[tuple[str, str]]]:
    """Return what two ways to write the URL of a repository have in common; its commit is what a lock adds."""
    url = urlsplit(location.removeprefix("git+"))
    return url.netloc.lower(), url.path.rstrip("/").removesuffix(".git"), frozenset(parse_qsl(url.query))


def _fixed(
    environment: Environment, locked: LockedEnvironment, sources: _Sources
) -> Iterator[tuple[PlatformName, tuple[Record, ...]]]:
    """Yield what stands as it is locked: sources that are needed and, under `[dev]`, what nothing known asks for."""
    for platform in environment.platforms:
        records = (*locked.conda.get(platform.name, ()), *sources.get(platform.name, ()))
        known = {each.name for each in needed(environment, platform, records, locked.pypi.get(platform.name, ()))}
        is_developed = any(platform.name in each.platforms for each in environment.developed)
        fixed = tuple(each for each in records if (each.is_source if each.name in known else is_developed))
        if fixed:
            yield platform.name, fixed


def _joined(every: Iterable[_Sources]) -> _Sources:
    found: dict[PlatformName, tuple[Record, ...]] = {}
    for fixed in every:
        for platform, records in fixed.items():
            found[platform] = (*found.get(platform, ()), *records)
    return found


def _locked_platforms(lock: Lock, environments: Iterable[Environment]) -> frozenset[PlatformName]:
    locked = (lock.environment(each.name) for each in environments)
    return frozenset(name for each in locked if each for name in each.platforms)


def _manifests_of(line: Requirement) -> tuple[str, ...]:
    """Return where the manifest of the package of *line* may be."""
    if not line.dependency.folder:
        return ()
    folder = posixpath.normpath(posixpath.join(posixpath.dirname(line.manifest), line.dependency.folder))
    return (folder, *(posixpath.normpath(posixpath.join(folder, name)) for name in _MANIFESTS))


def _is_need(dependency: Dependency) -> bool:
    """Tell whether it is a line of `[package]` that counts as written wherever the package is built or installed.

    Of what is built with, in any version, a build variant may pin one.
    """
    at = dependency.at
    table = next((index for index, key in enumerate(at) if key == "package"), len(at)) + 1
    is_plain = len(at) > table + 1 and at[table] in _NEEDS and not str(at[table + 1]).startswith("if(")
    is_pinned = is_plain and at[table] != _RUN and dependency.version in ("", "*")
    return dependency.role is Role.PACKAGE and dependency.is_known and is_plain and not is_pinned
