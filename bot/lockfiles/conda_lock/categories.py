"""Which packages of an environment are installed for what: conda-lock's categories.

A source file names one for all that it asks for (`category: dev`), `main` if it names none. A package is in the
category of everything that needs it, directly or not; what is in `main` is always installed, and in no other.
Source: `apply_categories` of conda-lock 4.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from bot.lockfiles.conda_lock.entries import MAIN
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.versioning.records import name_in


def categorise(
    records: Iterable[Record], requested: Mapping[PackageName, AbstractSet[str]]
) -> Mapping[PackageName, frozenset[str]]:
    """Return the categories of each of *records* that *requested*, names and their categories, need."""
    by_name = {record.name: record for record in records}
    found: dict[PackageName, set[str]] = {}
    waiting = [(name, category) for name, categories in requested.items() for category in categories]
    while waiting:
        name, category = waiting.pop()
        if name not in by_name or category in found.setdefault(name, set()):
            continue
        found[name].add(category)
        waiting += [(name_in(depend), category) for depend in by_name[name].depends]
    return {name: frozenset({MAIN} if MAIN in each else each) for name, each in found.items() if each}
