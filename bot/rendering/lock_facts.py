"""What a reviewer of a lock looks at first, in Markdown: downloads, flavours, licences, what machines must have."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from bot.model.update import ChangeKind, FloorChange, LockDiff, PackageChange
from bot.rendering.lock_changes import Pair, where
from bot.rendering.markdown import code
from bot.rendering.sizes import megabytes


def download(diffs: Iterable[LockDiff]) -> str:
    """Return how much more is downloaded, from the smallest to the largest; empty where a size is not known."""
    totals = [_growth(diff.changes) for diff in diffs if diff.changes]
    known = [total for total in totals if total is not None]
    if not known or len(known) < len(totals):
        return ""
    low, high = megabytes(min(known)), megabytes(max(known))
    return f"Download {low} per environment." if low == high else f"Download {low} to {high} per environment."


def _growth(changes: Iterable[PackageChange]) -> int | None:
    """The bytes that are downloaded more than before, None where a size is not known."""
    total = 0
    for change in changes:
        if (change.new_version and change.new_size is None) or (change.old_version and change.old_size is None):
            return None
        total += (change.new_size or 0) - (change.old_size or 0)
    return total


def flavours(diffs: Iterable[LockDiff]) -> str:
    """Return which packages become what is made for something else; empty without any."""
    names = {change.name for diff in diffs for change in diff.changes if change.kind is ChangeKind.FLAVOUR}
    return f"**Flavour changes:** {', '.join(map(code, sorted(names)))}, see the builds below." if names else ""


def machines(floors: Iterable[FloorChange], every: AbstractSet[Pair]) -> str:
    """Return a line for each thing that machines must have now, and where among *every*; empty without any."""
    lines: list[str] = []
    for (name, old, new), places in by_floor(floors).items():
        pairs = {(each.environment, each.platform) for each in places}
        change = f"{code(old) if old else 'any'} -> {code(new) if new else 'any'}"
        lines.append(f"**Machines need another {code(name)}:** {change} ({where(pairs, every)})")
    return "\n".join(lines)


def by_floor(
    floors: Iterable[FloorChange],
) -> Mapping[tuple[str, str | None, str | None], Sequence[FloorChange]]:
    """Return *floors* by what they say: the name, and the version before and after."""
    found: dict[tuple[str, str | None, str | None], list[FloorChange]] = {}
    for each in floors:
        found.setdefault((each.name, each.old, each.new), []).append(each)
    return found


def licences(diffs: Iterable[LockDiff]) -> str:
    """Return a line for each package that stays and has another licence than before."""
    changed = sorted(
        {
            (change.name, change.old_license or "none", change.new_license or "none")
            for diff in diffs
            for change in diff.changes
            if change.old_version and change.new_version and change.old_license != change.new_license
        }
    )
    return "\n".join(f"**Licence of {code(name)} changes:** {code(old)} -> {code(new)}" for name, old, new in changed)
