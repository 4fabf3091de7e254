"""What is offered of packages, as sets of records: which of them a spec asks for is told once, and then is an int.

A set of the records of one package has a bit for each of them, in the order in which they are offered: what a spec, a
limit and a need leave of a package together is a bitwise `and`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

import rattler
from rattler.exceptions import InvalidMatchSpecError

from bot.datasources.repodata import NOARCH
from bot.model.manifest import VirtualPackage

RecordSet: TypeAlias = int
"""Records of one package: bit *i* for the one at *i*."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What `records` of a package ask of another: all of `specs`, and that it is there if they `need` it."""

    records: RecordSet
    specs: tuple[str, ...]
    need: bool


@dataclass(frozen=True, slots=True)
class Demands:
    """What the records of a package ask of one other, and which of them ask anything of it."""

    records: RecordSet
    each: tuple[Demand, ...]


class Offer:
    """The records of one package."""

    def __init__(self, records: Sequence[rattler.PackageRecord]) -> None:
        self.records = records
        self.every: RecordSet = (1 << len(records)) - 1
        self._matching: dict[str, RecordSet] = {}

    @cached_property
    def is_plain(self) -> bool:
        """Whether all is understood that the records ask of others, so that `demands` are complete."""
        texts = (each for record in self.records for each in (*record.depends, *record.constrains))
        return all(name_of(each) is not None for each in texts)

    @cached_property
    def demands(self) -> Mapping[str, Demands]:
        """What the records ask of others, by their names."""
        return _demands(self.records)

    def matching(self, text: str) -> RecordSet:
        """Return the records that the spec *text* asks for; every one where it says what is not understood."""
        if text not in self._matching:
            spec = plain(text)
            self._matching[text] = self.every if spec is None else set_of(map(spec.matches, self.records))
        return self._matching[text]


@dataclass(frozen=True, slots=True)
class Seen:
    """An offer, and those of its records that may be seen."""

    offer: Offer
    records: RecordSet


def provided(package: VirtualPackage) -> rattler.PackageRecord:
    """Return the record of a virtual *package*: specs are about its version and its build."""
    return rattler.PackageRecord(package.name, package.version, rattler.BuildString(package.build), 0, NOARCH)


def set_of(members: Iterable[bool]) -> RecordSet:
    """Return the set of the records of which *members* tells, in order, that they are in it."""
    return sum(1 << place for place, is_in in enumerate(members) if is_in)


def _demands(records: Iterable[rattler.PackageRecord]) -> Mapping[str, Demands]:
    found: dict[str, dict[tuple[tuple[str, ...], bool], RecordSet]] = {}
    for place, record in enumerate(records):
        for name, asked in _asked_by(record).items():
            alike = found.setdefault(name, {})
            alike[asked] = alike.get(asked, 0) | 1 << place
    return {
        name: Demands(sum(alike.values()), tuple(Demand(of, specs, need) for (specs, need), of in alike.items()))
        for name, alike in found.items()
    }


def _asked_by(record: rattler.PackageRecord) -> Mapping[str, tuple[tuple[str, ...], bool]]:
    """Return the specs that *record* asks others by, and whether it needs them; what is not understood is left out."""
    asked: dict[str, tuple[tuple[str, ...], bool]] = {}
    for name, text in _named(record.depends):
        specs, _ = asked.get(name, ((), True))
        asked[name] = ((*specs, text), True)
    for name, text in _named(record.constrains):
        specs, need = asked.get(name, ((), False))
        asked[name] = ((*specs, text), need)
    asked.pop(record.name.normalized, None)
    return asked


def _named(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        if (name := name_of(text)) is not None:
            yield name, text


@lru_cache(maxsize=65_536)
def name_of(text: str) -> str | None:
    """Return the name of the package that *text* asks for; None if it is not `plain`."""
    spec = plain(text)
    return spec.name.normalized if spec is not None and spec.name is not None else None


@lru_cache(maxsize=65_536)
def plain(text: str) -> rattler.MatchSpec | None:
    """Return *text* as a match spec; None if it says more than name, version, build and hashes."""
    try:
        spec = rattler.MatchSpec(text)
    except InvalidMatchSpecError:
        return None
    beyond = (spec.channel, spec.namespace, spec.condition, spec.extras, spec.subdir, spec.file_name)
    return None if any(beyond) else spec
