"""What a reviewer of a lock looks at first, in Markdown: downloads, flavours, licences."""

from collections.abc import Iterable

from bot.model.update import ChangeKind, LockDiff, PackageChange
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
