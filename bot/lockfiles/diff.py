"""What changes between two sets of locked records: the one place from which all who show it take theirs."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final, TypeVar

from bot.lockfiles.base import Pair
from bot.model.manifest import Datasource, PackageName, PlatformName
from bot.model.package import Lock, PypiPackage, Record
from bot.model.update import ChangeKind, LockDiff, PackageChange
from bot.versioning import conda, pep440
from bot.versioning.flavour import flavour

_ORDER: Final = tuple(ChangeKind)
_NONE: Final[AbstractSet[PackageName]] = frozenset()
_Locked = TypeVar("_Locked", Record, PypiPackage)


def diff_environment(
    before: tuple[Record, ...],
    after: tuple[Record, ...],
    *,
    environment: str,
    platform: PlatformName,
    direct: AbstractSet[PackageName],
    packages: tuple[tuple[PypiPackage, ...], tuple[PypiPackage, ...]] = ((), ()),
) -> LockDiff:
    """Return what changes from *before* to *after* in one environment on one platform.

    *packages* are the PyPI packages before and after. *direct* are the names that the manifest asks for; the others are
    there because something depends on them. Changes come in the order of `ChangeKind`, direct ones first, then by name.
    What has the same URL is the same.

    Raises:
        SpecError: a version is not one.

    """
    changes = [
        *(_change(old, new, direct) for old, new in _paired(before, after)),
        *(_package_change(old, new, direct) for old, new in _paired(*packages)),
    ]
    return LockDiff(environment=environment, platform=platform, changes=tuple(sorted(changes, key=_place)))


def diff_locks(before: Lock, after: Lock, *, direct: Mapping[Pair, AbstractSet[PackageName]]) -> tuple[LockDiff, ...]:
    """Return the diffs of all environments and platforms where something changes: in the order of *after*, then others.

    *direct* are the names that the manifest asks for in each pair. What one of the locks does not have is empty there.

    Raises:
        SpecError: a record's version is not one.

    """
    diffs = (
        diff_environment(
            _records(before, name, platform),
            _records(after, name, platform),
            environment=name,
            platform=platform,
            direct=direct.get((name, platform), _NONE),
            packages=(_packages(before, name, platform), _packages(after, name, platform)),
        )
        for name, platform in dict.fromkeys((*pairs_of(after), *pairs_of(before)))
    )
    return tuple(replace(diff, lock=after.path) for diff in diffs if diff.changes)


def pairs_of(lock: Lock) -> tuple[Pair, ...]:
    """Return the environments of *lock* with each of their platforms, in its order."""
    return tuple((each.name, platform) for each in lock.environments for platform in each.conda)


def license_changes(diff: LockDiff) -> tuple[PackageChange, ...]:
    """Return the changes of packages that stay and state another licence than before."""
    return tuple(
        change
        for change in diff.changes
        if change.kind not in (ChangeKind.ADDED, ChangeKind.REMOVED) and change.old_license != change.new_license
    )


def _paired(before: Iterable[_Locked], after: Iterable[_Locked]) -> Iterable[tuple[_Locked | None, _Locked | None]]:
    """Return what differs, by name."""
    old, new = {each.name: each for each in before}, {each.name: each for each in after}
    pairs = ((old.get(name), new.get(name)) for name in sorted(old.keys() | new.keys()))
    return (pair for pair in pairs if _url(pair[0]) != _url(pair[1]))


def _change(old: Record | None, new: Record | None, direct: AbstractSet[PackageName]) -> PackageChange:
    name = _name(old, new)
    return PackageChange(
        name=name,
        kind=_kind(old, new),
        direct=name in direct,
        old_version=old.version if old else None,
        new_version=new.version if new else None,
        old_build=old.build if old else None,
        new_build=new.build if new else None,
        old_channel=_channel(old),
        new_channel=_channel(new),
        old_license=old.license if old else None,
        new_license=new.license if new else None,
        old_size=old.size if old else None,
        new_size=new.size if new else None,
    )


def _package_change(
    old: PypiPackage | None, new: PypiPackage | None, direct: AbstractSet[PackageName]
) -> PackageChange:
    name = _name(old, new)
    return PackageChange(
        name=name,
        kind=_package_kind(old, new),
        direct=name in direct,
        datasource=Datasource.PYPI,
        old_version=old.version if old else None,
        new_version=new.version if new else None,
    )


def _name(old: Record | PypiPackage | None, new: Record | PypiPackage | None) -> PackageName:
    return next(each.name for each in (old, new) if each)


def _kind(old: Record | None, new: Record | None) -> ChangeKind:
    if old is None:
        return ChangeKind.ADDED
    if new is None:
        return ChangeKind.REMOVED
    if flavour(old) != flavour(new):
        return ChangeKind.FLAVOUR
    return _direction(conda.is_newer, old.version, new.version)


def _package_kind(old: PypiPackage | None, new: PypiPackage | None) -> ChangeKind:
    if old is None:
        return ChangeKind.ADDED
    if new is None:
        return ChangeKind.REMOVED
    known = old.version and new.version
    return _direction(pep440.is_newer, old.version, new.version) if known else ChangeKind.REBUILT


def _direction(is_newer: Callable[[str, str], bool], old: str, new: str) -> ChangeKind:
    if is_newer(new, old):
        return ChangeKind.UPGRADED
    if is_newer(old, new):
        return ChangeKind.DOWNGRADED
    return ChangeKind.REBUILT


def _url(locked: Record | PypiPackage | None) -> str | None:
    return locked.url if locked else None


def _channel(record: Record | None) -> str | None:
    """Return what stands before subdir and file name in the URL of *record*; None for what no channel has."""
    return None if record is None or record.is_source else record.url.rsplit("/", 2)[0]


def _records(lock: Lock, name: str, platform: PlatformName) -> tuple[Record, ...]:
    environment = lock.environment(name)
    return () if environment is None else environment.conda.get(platform, ())


def _packages(lock: Lock, name: str, platform: PlatformName) -> tuple[PypiPackage, ...]:
    environment = lock.environment(name)
    return () if environment is None else environment.pypi.get(platform, ())


def _place(change: PackageChange) -> tuple[int, bool, PackageName, Datasource]:
    return _ORDER.index(change.kind), not change.direct, change.name, change.datasource
