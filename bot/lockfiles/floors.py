"""What locked packages ask of the machine at least: its C library, its macOS, its CUDA driver, its processor.

Packages say so by what they need of virtual packages (`__glibc >=2.28`), or what they limit these to where there is
one (`__cuda >=12`): https://docs.conda.io/projects/conda/en/stable/dev-guide/deep-dives/virtual-packages.html
Of `__archspec` it is the build that says which processor (`__archspec 1.* x86_64_v3`, CEP 30).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.errors import SpecError
from bot.model.manifest import PlatformName
from bot.model.package import Record
from bot.model.update import FloorChange
from bot.versioning.conda import sort_versions
from bot.versioning.records import name_in

ARCHSPEC: Final = "__archspec"
MACHINE: Final = ("__glibc", "__osx", "__cuda", ARCHSPEC)
"""The virtual packages whose version, or build, decides on which machines an environment runs."""

_AT_LEAST: Final = re.compile(r">=\s*(?P<version>[0-9][\w.]*)")
_BUILD: Final = re.compile(r"__archspec(?:\s+\S+\s+|\s*\[.*\bbuild\s*=\s*['\"]?)(?P<version>[a-z]\w*).*")


def floors(records: Iterable[Record]) -> Mapping[str, str]:
    """Return the lowest version of each virtual package of `MACHINE`, or its build, with which all of *records* run."""
    asked: dict[str, list[str]] = {}
    for record in records:
        for name, version in _asked(record):
            asked.setdefault(name, []).append(version)
    return {name: highest(name, asked[name]) for name in MACHINE if name in asked}


def highest(name: str, versions: Iterable[str]) -> str:
    """Return the highest of *versions*, one at least, of the virtual package *name*; of x86-64 the highest level."""
    found = list(versions)
    if name == ARCHSPEC:
        return max(found)
    try:
        return sort_versions(found)[-1]
    except SpecError:
        return found[-1]


def floor_changes(
    before: Iterable[Record], after: Iterable[Record], *, lock: str, environment: str, platform: PlatformName
) -> Iterator[FloorChange]:
    """Yield what machines must have for *after* that differs from what they must have for *before*."""
    old, new = floors(before), floors(after)
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield FloorChange(
                lock=lock, environment=environment, platform=platform, name=name, old=old.get(name), new=new.get(name)
            )


def floor_of(text: str) -> str | None:
    """Return the lowest version of a virtual package that *text*, an entry of `depends`, admits, or its build."""
    name = name_in(text)
    found = (_BUILD.fullmatch if name == ARCHSPEC else _AT_LEAST.search)(text) if name in MACHINE else None
    return found["version"] if found else None


def _asked(record: Record) -> Iterator[tuple[str, str]]:
    for text in (*record.depends, *record.constrains):
        if floor := floor_of(text):
            yield name_in(text), floor
