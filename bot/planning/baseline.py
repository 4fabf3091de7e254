"""Environments as they stand, and the questions that are asked of the solver about them."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from bot.model.environment import Requirement, SolveUnit
from bot.model.manifest import KeyPath, MatchSpec, PackageName
from bot.model.package import Channel, PypiPackage, Record
from bot.model.solve import SolveRequest
from bot.versioning.match_spec import solver_spec

Place: TypeAlias = tuple[str, KeyPath]
"""Where a spec is written: the manifest's path, and the key path in it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """A solve unit as it stands: the records that fulfil it now.

    `locked` says that they stand in a lockfile: then they are preferred, and what moves is weighed against them.
    Records built after `newest_record` are not let in, nor what the manifest's `exclude-newer` keeps out, nor the
    `barred` versions of what the manifest names.
    `packages` are the PyPI packages that the lock holds beside the records. `reached` are the versions of what a plain
    solve would lower, because channels changed what they say of it: no update is asked to keep more.
    """

    unit: SolveUnit
    records: Mapping[PackageName, Record]
    locked: bool
    newest_record: datetime
    barred: Mapping[PackageName, tuple[str, ...]] = field(default_factory=dict)
    packages: tuple[PypiPackage, ...] = ()
    reached: Mapping[PackageName, str] = field(default_factory=dict)

    @property
    def young_records(self) -> tuple[Record, ...]:
        """The records in use that could not be let in again, for they are too young or of no known age."""
        return tuple(each for each in self.records.values() if each.built is None or each.built > self._newest(each))

    def _newest(self, record: Record) -> datetime:
        """Return the strictest moment after which *record* might be too young; what is exempt is not asked for."""
        environment = self.unit.environments[0]
        channel = next((each.url for each in environment.channels if record.url.startswith(f"{each.url}/")), "")
        cut_off = environment.exclude_newer.of(record.name, channel)
        return min(self.newest_record, cut_off.moment) if cut_off else self.newest_record

    def floor(self, name: PackageName) -> str | None:
        """Return the version below which *name* may not go, None if the unit does not contain it."""
        return self.reached.get(name) or self.version(name)

    def version(self, name: PackageName) -> str | None:
        """Return the version of *name* in use, or None if the unit does not contain it."""
        record = self.records.get(name)
        return record.version if record else None


def question(
    unit: SolveUnit,
    *,
    specs: tuple[str, ...],
    newest_record: datetime,
    locked: Iterable[Record] = (),
    constraints: Iterable[str] = (),
) -> SolveRequest:
    """Return the question whether *specs* solve with the channels, platform and options of *unit*.

    What the manifest asks for and limits is not added: see `specs` and `limits`.
    """
    environment = unit.environments[0]
    return SolveRequest(
        channels=tuple(channel.url for channel in environment.channels_on(unit.subdir)),
        subdir=unit.subdir,
        specs=specs,
        virtual_packages=environment.virtual_packages[unit.subdir],
        locked=tuple(locked),
        constraints=tuple(constraints),
        channel_priority=environment.channel_priority,
        strategy=environment.solve_strategy,
        exclude_newer=newest_record,
        cut_offs=environment.exclude_newer,
    )


def specs(
    unit: SolveUnit, texts: Mapping[Place, str] | None = None, without: AbstractSet[PackageName] = frozenset()
) -> tuple[str, ...]:
    """Return the match specs of *unit* for the solver, those that pixi adds by itself at the end.

    *texts* are version specs that replace those written at a place; packages in *without* are left out.
    """
    written = [each for each in unit.requirements if each.dependency.name not in without]
    implied = [solver_spec(each) for each in unit.implied if each.name not in without]
    return tuple(dict.fromkeys([*(_spec(each, unit, texts or {}) for each in written), *implied]))


def limits(
    unit: SolveUnit,
    texts: Mapping[Place, str] = MappingProxyType({}),
    without: AbstractSet[PackageName] = frozenset(),
) -> tuple[str, ...]:
    """Return the constraints of *unit* for the solver; *texts* and *without* as for `specs`."""
    written = [each for each in unit.constraints if each.dependency.name not in without]
    return tuple(dict.fromkeys(_spec(each, unit, texts) for each in written))


def place(requirement: Requirement) -> Place:
    """Return where *requirement* is written."""
    return (requirement.manifest, requirement.dependency.at)


def _spec(requirement: Requirement, unit: SolveUnit, texts: Mapping[Place, str]) -> str:
    dependency = requirement.dependency
    written = dependency.match_spec or MatchSpec(name=dependency.name)
    spec = replace(written, channel=_channel_url(written.channel, unit.environments[0].channels))
    return solver_spec(spec, texts.get(place(requirement)))


def _channel_url(name: str | None, channels: Iterable[Channel]) -> str | None:
    """A spec names its channel as the list of channels does; the solver wants to hear the URL.

    Of a list of channels it is the first, for a spec has one channel only.
    """
    return next((channel.url for channel in channels if name in (channel.name, channel.listed_as)), name)
