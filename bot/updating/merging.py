"""Three states of one lock -> one that keeps what both sides moved (pure).

Rule 1: what one side alone changed is that side's choice, also that it went. Where both did, the newer one counts, and
what one side moved stays although the other took it out: if nothing needs it, the solver sees.
Rule 2: environments of one solve group hold the same record of a package, so they are merged together.
Rule 3: the result is written into the text of one side, the carrier: that which changed what is built from source, as
only a build could tell what two such changes come to; else that which has all environments and platforms of the other.
Which of them there shall be the merged manifest says.

Whether that fits together, and with the merged manifest, is for `bot.updating.lock_merge` to see.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from bot.errors import LockError
from bot.lockfiles import Packages, Pair, Solutions
from bot.lockfiles.diff import pairs_of
from bot.model.manifest import PackageName
from bot.model.package import Lock, PypiPackage, Record
from bot.planning.provided import named_like
from bot.versioning import conda, pep440

_Locked = TypeVar("_Locked", Record, PypiPackage)
_ByName: TypeAlias = Mapping[PackageName, _Locked]
_Newer: TypeAlias = Callable[[_Locked, _Locked], _Locked]

BOTH_BUILD: Final = "both sides changed packages that are built from source, and condabot builds nothing: lock it again"

Groups: TypeAlias = Mapping[str, str]
"""Environments to their solve groups; one that is in none is alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """A lock where both sides began, None if it was not there, and as each has it now."""

    base: Lock | None
    ours: Lock
    theirs: Lock

    @property
    def carrier(self) -> Lock:
        """The side in whose text the merged lock is written.

        Raises:
            LockError: both sides changed what is built from source.

        """
        base, ours, theirs = map(_all_sources, (self.base, self.ours, self.theirs))
        if theirs not in (ours, base):
            if base != ours:
                raise LockError(BOTH_BUILD, path=self.ours.path)
            return self.theirs
        if ours != theirs:
            return self.ours
        return self.theirs if set(pairs_of(self.ours)) < set(pairs_of(self.theirs)) else self.ours


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedLock:
    """What a merged lock holds, where that is not what its carrier does."""

    carrier: Lock
    solutions: Solutions
    packages: Packages


def merge_locks(sides: Sides, groups: Groups) -> MergedLock:
    """Return what keeps the moves of both *sides*.

    Raises:
        LockError: both sides changed what is built from source.
        SpecError: a version is not one.

    """
    carrier = sides.carrier
    pairs = pairs_of(carrier)
    conda_merged = {pair: _merged(sides, pair, groups, _records, _newer_record) for pair in pairs}
    pypi_merged = {pair: _merged(sides, pair, groups, _packages, _newer_package) for pair in pairs}
    return MergedLock(
        carrier=carrier,
        solutions={
            pair: (*named_like(merged, _records(carrier, pair)), *_sources(carrier, pair))
            for pair, merged in conda_merged.items()
            if _urls(merged) != _urls(_records(carrier, pair))
        },
        packages={
            pair: merged for pair, merged in pypi_merged.items() if _urls(merged) != _urls(_packages(carrier, pair))
        },
    )


def _merged(
    sides: Sides,
    pair: Pair,
    groups: Groups,
    locked: Callable[[Lock | None, Pair], Sequence[_Locked]],
    newer: _Newer[_Locked],
) -> tuple[_Locked, ...]:
    """Return what *pair* holds, by name."""
    together = _together(sides, pair, groups)
    base, ours, theirs = (
        {each.name: each for mate in together for each in locked(lock, mate)}
        for lock in (sides.base, sides.ours, sides.theirs)
    )
    chosen = _three_way(base, ours, theirs, newer)
    here = [{each.name for each in locked(lock, pair)} for lock in (sides.base, sides.ours, sides.theirs)]
    names = _present(*here, moved={name for name in chosen if _is_moved(base, ours, theirs, name)})
    found = {name: chosen.get(name) or ours.get(name) or theirs.get(name) for name in sorted(names)}
    return tuple(each for each in found.values() if each is not None)


def _together(sides: Sides, pair: Pair, groups: Groups) -> tuple[Pair, ...]:
    """Return the pairs that hold the same records as *pair*, that itself last: what it holds counts for it."""
    name, platform = pair
    names = {each.name for lock in (sides.ours, sides.theirs) for each in lock.environments}
    mates = sorted(each for each in names if each != name and groups.get(each) and groups[each] == groups.get(name))
    return (*((mate, platform) for mate in mates), pair)


def _three_way(
    base: _ByName[_Locked], ours: _ByName[_Locked], theirs: _ByName[_Locked], newer: _Newer[_Locked]
) -> dict[PackageName, _Locked]:
    """Return one record for each package that is to stay: that of the side which changed it, or the newer one."""
    found: dict[PackageName, _Locked] = {}
    for name in ours.keys() | theirs.keys():
        was, one, other = base.get(name), ours.get(name), theirs.get(name)
        if one is None or other is None:
            there = one or other
            if there is not None and (was is None or there.url != was.url):
                found[name] = there
        elif one.url == other.url or (was is not None and other.url == was.url):
            found[name] = one
        else:
            found[name] = other if was is not None and one.url == was.url else newer(one, other)
    return found


def _is_moved(base: _ByName[_Locked], ours: _ByName[_Locked], theirs: _ByName[_Locked], name: PackageName) -> bool:
    was = base[name].url if name in base else None
    return any(side[name].url != was for side in (ours, theirs) if name in side)


def _present(
    base: AbstractSet[PackageName],
    ours: AbstractSet[PackageName],
    theirs: AbstractSet[PackageName],
    *,
    moved: AbstractSet[PackageName],
) -> AbstractSet[PackageName]:
    """Return the names that stay: what both have, what one added, and what one took out while the other *moved* it."""
    return (ours & theirs) | ((ours ^ theirs) - base) | ((ours ^ theirs) & base & moved)


def _records(lock: Lock | None, pair: Pair) -> tuple[Record, ...]:
    environment = lock.environment(pair[0]) if lock else None
    return environment.conda.get(pair[1], ()) if environment else ()


def _all_sources(lock: Lock | None) -> frozenset[tuple[Pair, str]]:
    return frozenset((pair, each.url) for pair in (pairs_of(lock) if lock else ()) for each in _sources(lock, pair))


def _sources(lock: Lock | None, pair: Pair) -> tuple[Record, ...]:
    """Return what is built from source: that nobody merges, as nobody can tell what it would become."""
    environment = lock.environment(pair[0]) if lock else None
    return environment.sources.get(pair[1], ()) if environment else ()


def _packages(lock: Lock | None, pair: Pair) -> tuple[PypiPackage, ...]:
    environment = lock.environment(pair[0]) if lock else None
    return environment.pypi.get(pair[1], ()) if environment else ()


def _newer_record(ours: Record, theirs: Record) -> Record:
    if conda.is_newer(theirs.version, ours.version):
        return theirs
    if conda.is_newer(ours.version, theirs.version):
        return ours
    return theirs if _age(theirs) > _age(ours) else ours


def _age(record: Record) -> tuple[int, int]:
    return record.build_number, record.timestamp or 0


def _newer_package(ours: PypiPackage, theirs: PypiPackage) -> PypiPackage:
    if not ours.version or not theirs.version:
        return ours
    return theirs if pep440.is_newer(theirs.version, ours.version) else ours


def _urls(locked: Iterable[Record | PypiPackage]) -> frozenset[str]:
    return frozenset(each.url for each in locked)
