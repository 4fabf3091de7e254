"""What changes in the environments of a proposal: one row for each change, and where it happens in a few words."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from bot.model.manifest import Datasource, PlatformName
from bot.model.update import ChangeKind, LockDiff, PackageChange
from bot.rendering.markdown import code, details, plain, table
from bot.rendering.sizes import megabytes

Pair: TypeAlias = tuple[str, PlatformName]
"""An environment on a platform."""

ORDER = tuple(ChangeKind)
HEADER = ("package", "change", "where", "size")
EVERYWHERE = "all"


def lock_changes(diffs: Sequence[LockDiff]) -> str:
    """Return the folded table of all changes in *diffs*, in their order, each change once; empty without any."""
    rows = change_rows(diffs)
    return details(f"All changes ({len(rows)})", table(HEADER, rows)) if rows else ""


def change_rows(diffs: Sequence[LockDiff]) -> list[tuple[str, ...]]:
    """Return a row for each change in *diffs*, below `HEADER`."""
    every = {(diff.environment, diff.platform) for diff in diffs}
    return [_row(changes, every) for changes in grouped(diffs)]


def grouped(diffs: Iterable[LockDiff]) -> list[dict[Pair, PackageChange]]:
    """Return each change in *diffs* once with the places where it happens: by kind, direct ones first, by name."""
    found: dict[tuple[int, str, str, str], dict[Pair, PackageChange]] = {}
    for diff in diffs:
        for change in diff.changes:
            key = (ORDER.index(change.kind), change.name, change.datasource, _versions(change))
            found.setdefault(key, {})[diff.environment, diff.platform] = change
    ordered = sorted(found.items(), key=lambda item: (item[0][0], not _is_direct(item[1].values()), item[0]))
    return [changes for _, changes in ordered]


def package(change: PackageChange) -> str:
    """Return the name of the package that changes; one of PyPI says so."""
    return f"{code(change.name)} (PyPI)" if change.datasource is Datasource.PYPI else code(change.name)


def moved(changes: Mapping[Pair, PackageChange], every: AbstractSet[Pair]) -> str:
    """Return what becomes of a package, in few words; what comes or goes not in *every* place says in which."""
    change = next(iter(changes.values()))
    some = "" if changes.keys() == every else f": {where(changes.keys(), every)}"
    match change.kind:
        case ChangeKind.ADDED:
            return f"{code(change.new_version or '')} (new{some})"
        case ChangeKind.REMOVED:
            return f"(gone{some})"
        case ChangeKind.REBUILT:
            return f"{code(change.new_version or '')} (another build)"
        case _:
            return _from_to(change)


def where(pairs: AbstractSet[Pair], every: AbstractSet[Pair]) -> str:
    """Return `places` for Markdown."""
    return plain(places(pairs, every))


def places(pairs: AbstractSet[Pair], every: AbstractSet[Pair]) -> str:
    """Return which of *every* environment and platform *pairs* are: `all`, `win-64`, `docs, test on win-64`."""
    if pairs == every:
        return EVERYWHERE
    platforms = {environment: _platforms(environment, pairs) for environment, _ in sorted(pairs)}
    if len(set(platforms.values())) == 1 and platforms.keys() == {environment for environment, _ in every}:
        return ", ".join(next(iter(platforms.values())))
    by_platforms: dict[tuple[PlatformName, ...], list[str]] = {}
    for environment, mine in platforms.items():
        named = () if mine == _platforms(environment, every) else mine
        by_platforms.setdefault(named, []).append(environment)
    return "; ".join(_place(names, named) for named, names in by_platforms.items())


def _place(environments: Iterable[str], platforms: Iterable[PlatformName]) -> str:
    return " on ".join(filter(None, (", ".join(environments), ", ".join(platforms))))


def _platforms(environment: str, pairs: Iterable[Pair]) -> tuple[PlatformName, ...]:
    return tuple(sorted(platform for name, platform in pairs if name == environment))


def _is_direct(changes: Iterable[PackageChange]) -> bool:
    return any(change.direct for change in changes)


def _row(changes: dict[Pair, PackageChange], every: AbstractSet[Pair]) -> tuple[str, ...]:
    change = next(iter(changes.values()))
    name = package(change)
    shown = f"**{name}**" if _is_direct(changes.values()) else name
    return (shown, _versions(change), where(changes.keys(), every), download_size(changes.values()))


def _versions(change: PackageChange) -> str:
    match change.kind:
        case ChangeKind.ADDED | ChangeKind.REMOVED:
            return f"{change.kind} {code(change.new_version or change.old_version or '')}"
        case ChangeKind.REBUILT:
            return f"{code(change.new_version or '')} rebuilt{_builds(change)}"
        case ChangeKind.FLAVOUR:
            return f"{_from_to(change)}{_builds(change)}"
        case _:
            return _from_to(change)


def _from_to(change: PackageChange) -> str:
    return f"{code(change.old_version or '')} -> {code(change.new_version or '')}"


def _builds(change: PackageChange) -> str:
    """Both builds; a PyPI package has none."""
    known = change.old_build and change.new_build
    return f", build {code(change.old_build or '')} -> {code(change.new_build or '')}" if known else ""


def download_size(changes: Iterable[PackageChange]) -> str:
    """Return the size of what is downloaded, from the smallest to the largest; empty where one is not known."""
    sizes = [change.new_size for change in changes]
    known = sorted(size for size in sizes if size is not None)
    if not known or len(known) < len(sizes):
        return ""
    smallest, largest = (megabytes(size).removeprefix("+") for size in (known[0], known[-1]))
    return smallest if smallest == largest else f"{smallest} to {largest}"
