"""The files of a repository at two commits -> what changes in its environments. Nothing is solved, nobody is asked."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from bot import lockfiles
from bot.lockfiles import Pair, or_problem
from bot.lockfiles.diff import diff_locks, pairs_of
from bot.lockfiles.floors import floor_changes
from bot.model.environment import Workspace
from bot.model.manifest import Datasource, Dependency, KeyPath, PackageName, PlatformName
from bot.model.package import Lock, Record
from bot.model.report import Problem
from bot.model.state_diff import LineChange, StateDiff
from bot.model.update import FloorChange
from bot.updating.read import Reader, Reading

Direct: TypeAlias = Mapping[Pair, AbstractSet[PackageName]]
"""The names that manifests ask for in each pair."""

_Place: TypeAlias = tuple[str, KeyPath]
_VERSION: Final = "version"


def diff_states(before: Mapping[str, bytes], after: Mapping[str, bytes], reader: Reader) -> StateDiff:
    """Return what changes from the files *before* to those *after*.

    They are manifests and locks, and what these name. A lock that is not there, before or after, holds nothing.
    """
    old, new = reader.read(before), reader.read(after)
    compared: list[StateDiff] = []
    for path in sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)):
        if any(path in files and lockfiles.is_lock(path, files[path]) for files in (before, after)):
            found = or_problem(path, partial(_of_lock, path, old, new))
            compared.append(StateDiff(problems=(found,)) if isinstance(found, Problem) else found)
    unread = _unread(old, new)
    return StateDiff(
        locks=tuple(diff for each in compared for diff in each.locks),
        lines=tuple(each for each in _lines(old, new) if each.manifest not in unread),
        floors=tuple(floor for each in compared for floor in each.floors),
        problems=(*unread.values(), *(problem for each in compared for problem in each.problems)),
    )


def _unread(old: Reading, new: Reading) -> Mapping[str, Problem]:
    """Return why files that are there in both states are a manifest in one of them alone: their lines are not gone."""
    both = old.files.keys() & new.files.keys()
    found: dict[str, Problem] = {}
    for here, there in ((old, new), (new, old)):
        lost = both & {each.path for each in here.manifests} - {each.path for each in there.manifests}
        said = [*there.problems, *(Problem(path=each.path, sentence=each.sentence) for each in there.recognised)]
        for each in said:
            if each.path in lost:
                found.setdefault(each.path, each)
    return found


def diff_two_locks(before: Lock, after: Lock) -> StateDiff:
    """Return what changes from the lock *before* to that *after*."""
    return _compared(before, after, {})


def _of_lock(path: str, old: Reading, new: Reading) -> StateDiff:
    one, other = _lock(path, old), _lock(path, new)
    before, after = one or _nothing_of(other), other or _nothing_of(one)
    return _compared(before, after, {**_direct(path, old), **_direct(path, new)})


def _compared(before: Lock, after: Lock, direct: Direct) -> StateDiff:
    return StateDiff(locks=diff_locks(before, after, direct=direct), floors=tuple(_floors(before, after)))


def _lock(path: str, reading: Reading) -> Lock | None:
    """Return the lock at *path*, with the names that its manifest gives to platforms; None if there is none."""
    if path not in reading.files:
        return None
    workspaces = (each for each in reading.workspaces if _files_of(each, reading) == {path})
    named = next((each.lock for each in workspaces), None)
    return named or lockfiles.parse(path, reading.files[path])


def _nothing_of(lock: Lock | None) -> Lock:
    """Return a lock like *lock* that holds nothing."""
    if lock is None:
        raise ValueError("there is no lock to compare with")
    return Lock(path=lock.path, format=lock.format, version=lock.version, environments=())


def _direct(path: str, reading: Reading) -> Direct:
    """Return what manifests ask for by name, in each environment and on each platform of the lock at *path*."""
    workspaces = (each for each in reading.workspaces if path in _files_of(each, reading))
    return {
        (environment.name, platform.name): {
            asked.dependency.name
            for datasource in Datasource
            for asked in environment.requires(platform.name, datasource)
        }
        for workspace in workspaces
        for environment in workspace.environments
        for platform in environment.platforms
    }


def _files_of(workspace: Workspace, reading: Reading) -> frozenset[str]:
    """Return the files that are the lock of *workspace*: lists have one for each platform."""
    if workspace.lock is None:
        return frozenset()
    sources = reading.sources.get(workspace.lock.path)
    return frozenset({workspace.lock.path, *(path for path, of in reading.sources.items() if of == sources)})


def _floors(before: Lock, after: Lock) -> Iterator[FloorChange]:
    for name, platform in dict.fromkeys((*pairs_of(after), *pairs_of(before))):
        old, new = (_records(lock, name, platform) for lock in (before, after))
        yield from floor_changes(old, new, lock=after.path, environment=name, platform=platform)


def _records(lock: Lock, name: str, platform: PlatformName) -> tuple[Record, ...]:
    environment = lock.environment(name)
    return environment.conda.get(platform, ()) if environment else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A line, and what it asks for in words."""

    line: int
    name: PackageName
    text: str


def _lines(old: Reading, new: Reading) -> Iterator[LineChange]:
    before, after = _written(old), _written(new)
    standing = {**before, **after}
    for place in sorted(standing, key=lambda place: (place[0], standing[place].line)):
        was, now = before.get(place), after.get(place)
        if was is None or now is None or was.text != now.text:
            yield LineChange(
                manifest=place[0],
                line=standing[place].line,
                name=standing[place].name,
                old=was.text if was else None,
                new=now.text if now else None,
            )


def _written(reading: Reading) -> Mapping[_Place, _Written]:
    lines: Iterable[tuple[str, Dependency]] = (
        (manifest.path, each) for manifest in reading.manifests for each in manifest.dependencies
    )
    return {(path, _item(each)): _Written(line=each.line, name=each.name, text=_asked(each)) for path, each in lines}


def _item(dependency: Dependency) -> KeyPath:
    """Return the place of the whole item, which a plain spec is itself and a table has a key for."""
    at = dependency.at
    return at[:-1] if at[-1:] == (_VERSION,) and dependency.name != _VERSION else at


def _asked(dependency: Dependency) -> str:
    """Return what *dependency* asks for beside its name, in short."""
    spec = dependency.match_spec
    parts = (dependency.file or dependency.version, spec.build if spec else "", spec.channel if spec else "")
    return " ".join(filter(None, (*parts, posixpath.normpath(dependency.folder) if dependency.folder else "")))
