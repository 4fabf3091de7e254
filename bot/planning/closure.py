"""What of a solve group's common solution one of its environments needs."""

from collections.abc import Iterable

from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.versioning.records import name_in


def closure(records: Iterable[Record], roots: Iterable[PackageName]) -> tuple[Record, ...]:
    """Return those of *records* that *roots* need, directly or not, sorted by name."""
    by_name = {record.name: record for record in records}
    needed: set[PackageName] = set()
    waiting = [name for name in roots if name in by_name]
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        waiting += [depend for text in by_name[name].depends if (depend := name_in(text)) in by_name]
    return tuple(by_name[name] for name in sorted(needed))
