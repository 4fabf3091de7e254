"""What changes in a lock, by the names of the packages: for a line of text."""

from collections.abc import Iterable, Mapping
from typing import Final

from bot.model.manifest import Datasource
from bot.model.update import ChangeKind, LockDiff, PackageChange
from bot.rendering.sizes import counted
from bot.rendering.terminal_lines import some

MOST_CHANGES: Final = 8
NO_PACKAGE: Final = "no package changes"
_ORDER: Final = (
    ChangeKind.DOWNGRADED,
    ChangeKind.FLAVOUR,
    ChangeKind.REMOVED,
    ChangeKind.UPGRADED,
    ChangeKind.ADDED,
    ChangeKind.REBUILT,
)
"""What a person would object to comes first."""


def lock_names(diffs: Iterable[LockDiff], most: int | None = MOST_CHANGES) -> Mapping[str, str]:
    """Return for each lock of *diffs*, by its path, which packages change, *most* by name, and in how many places.

    What goes down is named first, then what a manifest asks for. What has no lock is not among it: nothing is
    written for it but the lines of manifests.
    """
    by_lock: dict[str, list[LockDiff]] = {}
    for diff in diffs:
        if diff.lock:
            by_lock.setdefault(diff.lock, []).append(diff)
    return {lock: _words(found, most) for lock, found in by_lock.items()}


def _words(diffs: Iterable[LockDiff], most: int | None) -> str:
    changed = [diff for diff in diffs if diff.changes]
    changes = sorted((change for diff in changed for change in diff.changes), key=_place)
    if not changes:
        return NO_PACKAGE
    environments = counted(len({diff.environment for diff in changed}), "environment")
    platforms = counted(len({diff.platform for diff in changed}), "platform")
    return f"{some(map(change_words, changes), most)} ({environments}, {platforms})"


def _place(change: PackageChange) -> tuple[bool, bool, int, str]:
    goes_down = change.kind is ChangeKind.DOWNGRADED
    return not goes_down, not change.direct, _ORDER.index(change.kind), change.name


def change_words(change: PackageChange) -> str:
    """Return what happens to a package: `numpy 2.3.5 -> 2.4.6`, `tk 8.6 removed`."""
    name = f"{change.name} (PyPI)" if change.datasource is Datasource.PYPI else change.name
    match change.kind:
        case ChangeKind.ADDED | ChangeKind.REMOVED | ChangeKind.REBUILT:
            return f"{name} {change.new_version or change.old_version or ''} {change.kind}"
        case ChangeKind.FLAVOUR:
            builds = f"{change.old_build or change.old_version} -> {change.new_build or change.new_version}"
            return f"{name} {builds}"
        case _:
            return f"{name} {change.old_version} -> {change.new_version}"
