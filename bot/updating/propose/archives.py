"""Which packages become another archive in a proposal, for whoever looks into archives."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.provenance import MovedArchive
from bot.versioning.records import name_in

NOARCH: Final = "noarch"


def moved_archives(
    planned: Sequence[PackageName],
    states: Iterable[tuple[Iterable[Record], Iterable[Record], Iterable[PackageName] | None]],
) -> tuple[MovedArchive, ...]:
    """Return which packages become another archive, those that are *planned* first; of several platforms the first.

    *states* are the records of an environment before and after, and the names that its manifests ask for: of others
    nothing is told. Where there are None instead of names, all are told of.
    """
    moved: dict[PackageName, MovedArchive] = {}
    for before, after, asked in states:
        old = {each.name: each for each in before if not each.is_source}
        names = None if asked is None else {*planned, *asked}
        for new in after:
            was = old.get(new.name)
            if was and (names is None or new.name in names) and not new.is_source and was.url != new.url:
                moved.setdefault(new.name, _moved(was, new))
    return tuple(sorted(moved.values(), key=lambda each: (each.name not in planned, each.name)))


def _moved(old: Record, new: Record) -> MovedArchive:
    needed = set(map(name_in, old.depends))
    added = dict.fromkeys(name for each in new.depends if (name := name_in(each)) not in needed)
    return MovedArchive(
        name=new.name,
        old_version=old.version,
        new_version=new.version,
        old_url=old.url,
        new_url=new.url,
        new_needs=tuple(name for name in added if not name.startswith("__")),
        becomes_binary=old.subdir == NOARCH != new.subdir,
    )
