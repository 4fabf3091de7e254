"""Environments as they stand, and the questions that are asked of the solver about them."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from bot.model.environment import Requirement, SolveUnit
from bot.model.manifest import KeyPath, MatchSpec, PackageName
from bot.model.package import Channel, Record
from bot.model.solve import SolveRequest
from bot.versioning.match_spec import solver_spec

Place: TypeAlias = tuple[str, KeyPath]
"""Where a spec is written: the manifest's path, and the key path in it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """A solve unit as it stands: the records that fulfil it now.

    `locked` says that they stand in a lockfile: then they are preferred, and what moves is weighed against them.
    Records built after `newest_record` are not let in, nor the `barred` versions of what the manifest names.
    """

    unit: SolveUnit
    records: Mapping[PackageName, Record]
    locked: bool
    newest_record: datetime
    barred: Mapping[PackageName, tuple[str, ...]] = field(default_factory=dict)

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
    """Return the question whether *specs* solve with the channels, platform and options of *unit*."""
    environment = unit.environments[0]
    return SolveRequest(
        channels=tuple(channel.url for channel in environment.channels),
        subdir=unit.subdir,
        specs=specs,
        virtual_packages=environment.virtual_packages[unit.subdir],
        locked=tuple(locked),
        constraints=tuple(constraints),
        channel_priority=environment.channel_priority,
        strategy=environment.solve_strategy,
        exclude_newer=newest_record,
    )


def specs(
    unit: SolveUnit, texts: Mapping[Place, str] | None = None, without: AbstractSet[PackageName] = frozenset()
) -> tuple[str, ...]:
    """Return the match specs of *unit* for the solver.

    *texts* are version specs that replace those written at a place; packages in *without* are left out.
    """
    written = [each for each in unit.requirements if each.dependency.name not in without]
    return tuple(dict.fromkeys(_spec(each, unit, texts or {}) for each in written))


def place(requirement: Requirement) -> Place:
    """Return where *requirement* is written."""
    return (requirement.manifest, requirement.dependency.at)


def _spec(requirement: Requirement, unit: SolveUnit, texts: Mapping[Place, str]) -> str:
    dependency = requirement.dependency
    written = dependency.match_spec or MatchSpec(name=dependency.name)
    spec = replace(written, channel=_channel_url(written.channel, unit.environments[0].channels))
    return solver_spec(spec, texts.get(place(requirement)))


def _channel_url(name: str | None, channels: Iterable[Channel]) -> str | None:
    """A spec names its channel as the list of channels does; the solver wants to hear the URL."""
    return next((channel.url for channel in channels if name == channel.name), name)
