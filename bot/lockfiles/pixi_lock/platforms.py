"""What a lock calls the platforms of its manifest, and the lock as if it called them as the manifest does.

pixi writes platforms that are no plain subdirs as `p1`, `p2`, … and finds them again by what they are: the subdir, and
the virtual packages in which they differ from pixi's defaults. Locks of pixi 0.71 have the manifest's own names.

A platform that goes by its subdir may have another machine by now, from `[system-requirements]`: then its row is
`moved`, and what it holds goes to a row of another name. A row that does not tell of a machine is trusted.

Source: `align_platform_names` and `shorten_platform_names` in `pixi_core/src/lock_file/platform_rename.rs`, and
`resolve_lock_platform_for` beside it, which trusts a row that is called by its subdir.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Final, TypeAlias, TypeVar

from bot.errors import LockError
from bot.lockfiles.base import Pair
from bot.manifests.pixi_platforms import beyond_defaults
from bot.model.environment import Environment, Workspace
from bot.model.manifest import Platform, PlatformName, Subdir, VirtualPackage
from bot.model.package import Lock, LockedEnvironment
from bot.workspaces.frame import Frame

WrittenNames: TypeAlias = Mapping[Pair, PlatformName]
"""What the lock calls a platform of an environment, where that is not what the manifest calls it."""

NAMED_SINCE: Final = 7
"""The version of a lock in which platforms may have names of their own."""

_Value = TypeVar("_Value")
_Names: TypeAlias = Mapping[PlatformName, PlatformName]
_Rule: TypeAlias = Callable[[Platform, PlatformName, Lock], bool]


def written_names(workspace: Workspace) -> WrittenNames:
    """Return what the lock of *workspace* calls the platforms of its environments, if not by their names."""
    lock = workspace.lock
    if lock is None:
        return {}
    known = {each.name: each for each in workspace.environments}
    return {
        (locked.name, ours): written
        for locked in lock.environments
        if locked.name in known
        for ours, written in _written_names(known[locked.name], locked, lock).items()
        if ours != written
    }


def with_names_of_manifest(lock: Lock, names: WrittenNames) -> Lock:
    """Return *lock*, which calls platforms by *names*, as if it called them as its manifest does."""
    if not names:
        return lock
    ours = {(environment, written): name for (environment, name), written in names.items()}
    by_name = {name: written for (_, name), written in names.items()}
    return replace(
        lock,
        environments=tuple(_renamed(each, ours) for each in lock.environments),
        subdirs={**lock.subdirs, **{name: lock.subdir(written) for name, written in by_name.items()}},
        virtual_packages={
            **lock.virtual_packages,
            **{
                name: lock.virtual_packages[written]
                for name, written in by_name.items()
                if written in lock.virtual_packages
            },
        },
    )


def moved_rows(workspace: Workspace, lock: Lock, names: WrittenNames) -> Mapping[Pair, PlatformName]:
    """Return the rows of *lock* that tell of another machine than the platforms of *workspace* for which they stand.

    Rows go by their names in *lock*, which *names* tells, platforms by those in the manifest.
    """
    return {
        (environment, platform.name): name
        for environment, platform, name in _locked_platforms(workspace, lock, names)
        if name in lock.virtual_packages and not _is_same(platform, name, lock)
    }


def with_moved(lock: Lock, moved: Iterable[Pair]) -> Lock:
    """Return *lock*, which calls platforms as its manifest does, with what is *moved* said in its environments."""
    platforms: dict[str, frozenset[PlatformName]] = {}
    for environment, name in moved:
        platforms[environment] = platforms.get(environment, frozenset()) | {name}
    environments = (replace(each, moved=platforms.get(each.name, frozenset())) for each in lock.environments)
    return replace(lock, environments=tuple(environments)) if platforms else lock


def as_written(pairs: Mapping[Pair, _Value], names: WrittenNames) -> Mapping[Pair, _Value]:
    """Return *pairs*, named as the manifest does, by what the lock calls them."""
    return {(pair[0], names.get(pair, pair[1])): value for pair, value in pairs.items()}


def names_with_new(workspace: Workspace, lock: Lock, names: WrittenNames, moved: Container[Pair]) -> WrittenNames:
    """Return *names*, by which *lock* calls platforms of *workspace*, with names for those that it does not have yet.

    Those that are *moved* get other names than they have.

    Raises:
        LockError: *lock* is of version 6, and an environment is for several platforms of one subdir; or it calls
            another machine by the name that a platform must have.

    """
    locked = [each for each in _locked_platforms(workspace, lock, names) if (each[0], each[1].name) not in moved]
    known = {platform: name for _, platform, name in locked}
    found = {(environment, platform.name): name for environment, platform, name in locked}
    for environment in workspace.environments:
        for platform in environment.platforms:
            known.setdefault(platform, _new_name(platform, lock, {*lock.subdirs, *known.values()}))
            found.setdefault((environment.name, platform.name), known[platform])
        _require_one_each(environment, lock, found)
    return found


def new_rows(workspace: Workspace, lock: Lock, names: WrittenNames) -> Mapping[PlatformName, Platform]:
    """Return the platforms of *workspace* that *lock* does not have under their *names*."""
    listed = {name for each in lock.environments for name in each.platforms} | lock.virtual_packages.keys()
    return {
        name: platform
        for environment in workspace.environments
        for platform in environment.platforms
        if (name := names.get((environment.name, platform.name), platform.name)) not in listed
    }


def frame_as_written(frame: Frame, names: WrittenNames) -> Frame:
    """Return *frame* with platforms called by *names*."""

    def called(environment: str, platforms: frozenset[PlatformName]) -> frozenset[PlatformName]:
        return frozenset(names.get((environment, name), name) for name in platforms)

    return {
        name: replace(each, platforms=called(name, each.platforms), empty=called(name, each.empty))
        for name, each in frame.items()
    }


def _locked_platforms(
    workspace: Workspace, lock: Lock, names: WrittenNames
) -> Iterable[tuple[str, Platform, PlatformName]]:
    for environment in workspace.environments:
        locked = lock.environment(environment.name)
        for platform in environment.platforms:
            name = names.get((environment.name, platform.name), platform.name)
            if locked and name in locked.platforms:
                yield environment.name, platform, name


def _new_name(platform: Platform, lock: Lock, taken: Container[PlatformName]) -> PlatformName:
    """Return the subdir of a platform that is plain, and for any other the first of pixi's short names that is free."""
    if lock.version < NAMED_SINCE or not beyond_defaults(platform.subdir, platform.virtual_packages):
        if platform.subdir in lock.virtual_packages and not _is_same(platform, platform.subdir, lock):
            raise LockError(f"it has another machine by the name {platform.subdir}: run `pixi lock`", path=lock.path)
        return platform.subdir
    return next(name for number in count(1) if (name := f"p{number}") not in taken)


def _require_one_each(environment: Environment, lock: Lock, names: WrittenNames) -> None:
    written = [names[environment.name, each.name] for each in environment.platforms]
    if len(set(written)) < len(written):
        raise LockError(
            f"{environment.name} is for several platforms of one subdir, which version {lock.version} cannot hold: "
            "run `pixi lock` with a current pixi",
            path=lock.path,
        )


def _written_names(environment: Environment, locked: LockedEnvironment, lock: Lock) -> _Names:
    """Return what is locked for each platform of *environment*: each rule takes what the ones before it left."""
    found: dict[PlatformName, PlatformName] = {}
    for rule in (_by_name, _by_identity, _by_subdir, _of_subdir):
        platforms = [each for each in environment.platforms if each.name not in found]
        rows = [each for each in locked.platforms if each not in found.values()]
        found |= _paired(platforms, rows, lock, rule)
    return found


def _paired(platforms: Sequence[Platform], rows: Sequence[PlatformName], lock: Lock, rule: _Rule) -> _Names:
    """Return the pairs of *platforms* and *rows* for which *rule* holds, and for no other with either of them."""
    fitting = [(each.name, row) for each in platforms for row in rows if rule(each, row, lock)]
    return {name: row for name, row in fitting if _is_sole(name, row, fitting)}


def _is_sole(name: PlatformName, row: PlatformName, fitting: Sequence[tuple[PlatformName, PlatformName]]) -> bool:
    return sum(each == name or other == row for each, other in fitting) == 1


def _by_name(platform: Platform, row: PlatformName, lock: Lock) -> bool:
    return platform.name == row and _may_be(platform, row, lock)


def _by_identity(platform: Platform, row: PlatformName, lock: Lock) -> bool:
    return platform.subdir == lock.subdir(row) and _is_same(platform, row, lock)


def _by_subdir(platform: Platform, row: PlatformName, lock: Lock) -> bool:
    return platform.subdir == row and _may_be(platform, row, lock)


def _of_subdir(platform: Platform, row: PlatformName, lock: Lock) -> bool:
    return _may_be(platform, row, lock)


def _may_be(platform: Platform, row: PlatformName, lock: Lock) -> bool:
    """Tell whether *row* may stand for *platform*: one that was locked for another machine is another one.

    A platform that goes by its subdir may have moved.
    """
    is_plain = platform.name == platform.subdir
    trusted = is_plain or row not in lock.virtual_packages or _is_same(platform, row, lock)
    return platform.subdir == lock.subdir(row) and trusted


def _is_same(platform: Platform, row: PlatformName, lock: Lock) -> bool:
    written = map(_virtual_package, lock.virtual_packages.get(row, ()))
    return _beyond_defaults(platform.subdir, platform.virtual_packages) == _beyond_defaults(platform.subdir, written)


def _beyond_defaults(subdir: Subdir, packages: Iterable[VirtualPackage]) -> frozenset[tuple[str, str]]:
    """Return what tells a platform of *subdir* from a plain one: of `__archspec` its build, else the version."""
    return frozenset(
        (each.name, each.build if each.name == "__archspec" else each.version)
        for each in beyond_defaults(subdir, packages)
    )


def _virtual_package(written: str) -> VirtualPackage:
    name, _, rest = written.partition("=")
    version, _, build = rest.partition("=")
    return VirtualPackage(name=name, version=version, build=build or "0")


def _renamed(environment: LockedEnvironment, ours: WrittenNames) -> LockedEnvironment:
    def called(mapping: Mapping[PlatformName, _Value]) -> Mapping[PlatformName, _Value]:
        return {ours.get((environment.name, name), name): value for name, value in mapping.items()}

    return replace(
        environment,
        conda=called(environment.conda),
        pypi=called(environment.pypi),
        sources=called(environment.sources),
    )
