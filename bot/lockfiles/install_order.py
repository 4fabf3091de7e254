"""An order in which packages can be installed: each after what it depends on, otherwise in the order given.

CEP 23 asks for it in `@EXPLICIT` files. The circle of python and pip is cut where conda cuts it: python comes first.
Dependencies that run in another circle, or on packages that are not given, do not count.
"""

from collections.abc import Iterable, Mapping

from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.versioning.records import name_in

_PYTHON = PackageName("python")
_PIP = PackageName("pip")


def in_install_order(records: Iterable[Record]) -> tuple[Record, ...]:
    """Return *records*, no two of one name, in an order in which they can be installed."""
    by_name = {record.name: record for record in records}
    waiting = {name: _needs(record, by_name) for name, record in by_name.items()}
    ordered: dict[PackageName, Record] = {}
    for name in by_name:
        _place(name, by_name, waiting, ordered)
    return tuple(ordered.values())


def _place(
    name: PackageName,
    records: Mapping[PackageName, Record],
    waiting: dict[PackageName, list[PackageName]],
    ordered: dict[PackageName, Record],
) -> None:
    """Put *name* behind what it needs, without recursion: a chain of dependencies may be long."""
    path = [name]
    while path:
        needs = waiting.get(path[-1])
        if needs:
            path.append(needs.pop(0))
            continue
        done = path.pop()
        if done not in path:
            ordered.setdefault(done, records[done])
            waiting.pop(done, None)


def _needs(record: Record, records: Mapping[PackageName, Record]) -> list[PackageName]:
    names = [name_in(depend) for depend in record.depends]
    return [name for name in names if name in records and (record.name, name) != (_PYTHON, _PIP)]
