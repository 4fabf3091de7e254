"""What of a solve group's common solution one of its environments needs."""

from collections.abc import Iterable, Sequence

from bot.model.environment import Environment
from bot.model.manifest import PackageName, Platform
from bot.model.package import PypiPackage, Record
from bot.planning.provided import brings
from bot.planning.pypi_needs import pypi_needs
from bot.versioning.records import name_in


def needed(
    environment: Environment, platform: Platform, records: Sequence[Record], packages: Iterable[PypiPackage] = ()
) -> tuple[Record, ...]:
    """Return those of *records* that *environment* needs on *platform* beside its PyPI *packages*, sorted by name.

    As pixi sees it: what a PyPI package requires and a conda package brings is needed as well.
    """
    demands = pypi_needs((environment,), platform, records, packages).demands
    asked = {each.name for each in demands}
    brought = [record.name for record in records if asked and brings(record, asked)]
    return closure(records, [*environment.roots(platform.name), *brought])


def closure(records: Iterable[Record], roots: Iterable[PackageName]) -> tuple[Record, ...]:
    """Return those of *records* that *roots* need, directly or not, sorted by name."""
    by_name = {record.name: record for record in records}
    found: set[PackageName] = set()
    waiting = [name for name in roots if name in by_name]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [depend for text in by_name[name].depends if (depend := name_in(text)) in by_name]
    return tuple(by_name[name] for name in sorted(found))
