"""Environments as they stand, and the questions that are asked of the solver about them."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from bot.model.environment import Requirement, SolveUnit
from bot.model.manifest import KeyPath, MatchSpec, PackageName, VirtualPackage
from bot.model.package import Channel, PypiPackage, Record
from bot.model.solve import PackageFile, SolveRequest
from bot.versioning.match_spec import solver_spec
from bot.versioning.records import file_name

Place: TypeAlias = tuple[str, KeyPath]
"""Where a spec is written: the manifest's path, and the key path in it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """A solve unit as it stands: the records that fulfil it now.

    `locked` says that they stand in a lockfile: then they are preferred, and what moves is weighed against them.
    Records built after `newest_record` are not let in, nor what the manifest's `exclude-newer` keeps out, nor the
    `barred` versions of what the manifest names. `undated` records are: nobody knows their age, and they are there.
    `packages` are the PyPI packages that the lock holds beside the records. `reached` are the versions of what a plain
    solve would lower, because channels changed what they say of it: no update is asked to keep more. `machine` are the
    virtual packages, where they are others than the unit's own. `held` are the records that it holds where they are not
    those that fulfil the unit, because a pin is gone (`bot.planning.gone`).
    """

    unit: SolveUnit
    records: Mapping[PackageName, Record]
    locked: bool
    newest_record: datetime
    undated: bool = False
    barred: Mapping[PackageName, tuple[str, ...]] = field(default_factory=dict)
    packages: tuple[PypiPackage, ...] = ()
    reached: Mapping[PackageName, str] = field(default_factory=dict)
    machine: tuple[VirtualPackage, ...] = ()
    held: Mapping[PackageName, Record] | None = None

    @property
    def before(self) -> tuple[Record, ...]:
        """The records that a change is compared with: those in use, or what the lock holds instead of them."""
        return tuple((self.records if self.held is None else self.held).values())

    @property
    def young_records(self) -> tuple[Record, ...]:
        """The records in use that could not be let in again, for they are too young or of no known age."""
        return tuple(each for each in self.records.values() if each.built is None or each.built > self._newest(each))

    def _newest(self, record: Record) -> datetime:
        """Return the strictest moment after which *record* might be too young; what is exempt is not asked for."""
        environment = self.unit.environments[0]
        cut_off = environment.exclude_newer.of(record.name, environment.channel_of(record))
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
    files: tuple[PackageFile, ...] = (),
) -> SolveRequest:
    """Return the question whether *specs* and *files* solve with the channels, platform and options of *unit*.

    What the manifest asks for and limits is not added: see `specs`, `files_of` and `limits`.
    """
    environment = unit.environments[0]
    return SolveRequest(
        channels=tuple(channel.url for channel in environment.channels_on(unit.subdir)),
        subdir=unit.subdir,
        specs=specs,
        files=files,
        virtual_packages=unit.platform.virtual_packages,
        locked=tuple(each for each in locked if not each.is_source),
        constraints=tuple(constraints),
        channel_priority=environment.channel_priority,
        strategy=environment.solve_strategy,
        exclude_newer=newest_record,
        cut_offs=environment.exclude_newer,
    )


def question_about(
    baseline: Baseline,
    *,
    specs: tuple[str, ...],
    files: tuple[PackageFile, ...],
    locked: Iterable[Record],
    constraints: Iterable[str],
) -> SolveRequest:
    """Return the `question` whether *specs* and *files* solve in *baseline*, which says what ages are let in."""
    unit, newest = baseline.unit, baseline.newest_record
    asked = question(unit, specs=specs, files=files, locked=locked, constraints=constraints, newest_record=newest)
    return replace(asked, undated=baseline.undated, virtual_packages=baseline.machine or asked.virtual_packages)


def specs(
    unit: SolveUnit, texts: Mapping[Place, str] | None = None, without: AbstractSet[PackageName] = frozenset()
) -> tuple[str, ...]:
    """Return the match specs of *unit* for the solver, those that pixi adds by itself at the end.

    *texts* are version specs that replace those written at a place; packages in *without* are left out. What is asked
    for by its file is not among them (see `files_of`), nor what cannot be told.
    """
    lines = (each for each in unit.asked if each.dependency.is_known and not each.dependency.file)
    written = [each for each in lines if each.dependency.name not in without]
    implied = [solver_spec(each) for each in unit.implied if each.name not in without]
    return tuple(dict.fromkeys([*(_spec(each, unit, texts or {}) for each in written), *implied]))


def limits(
    unit: SolveUnit,
    texts: Mapping[Place, str] = MappingProxyType({}),
    without: AbstractSet[PackageName] = frozenset(),
) -> tuple[str, ...]:
    """Return the constraints of *unit* for the solver; *texts* and *without* as for `specs`."""
    written = [each for each in unit.limited if each.dependency.is_known and each.dependency.name not in without]
    return tuple(dict.fromkeys(_spec(each, unit, texts) for each in written))


def files_of(
    unit: SolveUnit, known: Iterable[Record], without: AbstractSet[PackageName] = frozenset()
) -> tuple[PackageFile, ...]:
    """Return the package files that *unit* asks for by URL or path, with those of the *known* records that they are.

    What stands as it is locked is among them, but for what the lines of the packages in *without* ask for.
    """
    lines = [each.dependency for each in unit.asked if each.dependency.file and each.dependency.name not in without]
    by_file = {(record.name, file_name(record.url)): record for record in known} if lines else {}
    asked = (PackageFile(location=each.file, record=by_file.get((each.name, file_name(each.file)))) for each in lines)
    return (*asked, *_fixed(unit, without))


def _fixed(unit: SolveUnit, without: AbstractSet[PackageName]) -> Iterable[PackageFile]:
    """Yield what stands in *unit* as it is locked; without a line of `[dev]` nothing is kept for its build backend."""
    is_free = any(each.dependency.name in without for each in unit.developed)
    for each in unit.fixed:
        if each.name not in without and (each.is_source or not is_free):
            yield PackageFile(location=each.url, record=each)


def place(requirement: Requirement) -> Place:
    """Return where *requirement* is written."""
    return (requirement.manifest, requirement.dependency.at)


def _spec(requirement: Requirement, unit: SolveUnit, texts: Mapping[Place, str]) -> str:
    dependency = requirement.dependency
    written = dependency.match_spec or MatchSpec(name=dependency.name)
    channel = written.channel and _channel_url(written.channel, unit.environments[0].channels)
    spec = replace(written, channel=channel) if channel else written
    return solver_spec(spec, texts.get(place(requirement)))


def _channel_url(name: str, channels: Iterable[Channel]) -> str:
    """A spec names its channel as the list of channels does; the solver wants to hear the URL.

    Of a list of channels it is the first, for a spec has one channel only.
    """
    return next((channel.url for channel in channels if name in (channel.name, channel.listed_as)), name)
