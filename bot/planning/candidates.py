"""A candidate: one package of one workspace that could move, in one direction.

The directions are within its version line, beyond it, and beyond a cap that is a decision of its own.
Conda packages, PyPI packages and what a library asks of its users are candidates alike; they differ by their
ecosystem, and by the units that contain them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from bot.model.environment import Requirement
from bot.model.manifest import PackageName
from bot.model.package import Channel
from bot.model.update import HeldBack, Release, SpecChange, Update, UpdateKind
from bot.planning.baseline import Baseline, Place, place
from bot.planning.manifest_lines import admits, change_for
from bot.planning.policy import PYTHON
from bot.planning.rules import Effect, Rules
from bot.planning.subjects import subject_of_update
from bot.versioning import conda
from bot.versioning.ecosystem import CONDA, Ecosystem


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A package that could move: from `current` to one of `releases` (ascending; the last is what is wanted).

    `requirements` are the lines that ask for it, `baselines` the units of `workspace` that contain it; none for what a
    library asks of its users. Lines in `frozen` stay as they are. `channels` offer it, `rules` may be about it.
    """

    name: PackageName
    ecosystem: Ecosystem
    workspace: str
    current: str
    releases: tuple[Release, ...]
    requirements: tuple[Requirement, ...]
    baselines: tuple[Baseline, ...] = ()
    frozen: frozenset[Place] = frozenset()
    rules: Rules = Rules()
    channels: tuple[Channel, ...] = ()

    @property
    def wanted(self) -> Release:
        """The newest release that is allowed and exists on every platform."""
        return self.releases[-1]

    @property
    def locked(self) -> bool:
        """Whether a lockfile holds it."""
        return any(baseline.locked for baseline in self.baselines)

    @property
    def is_solved(self) -> bool:
        """Whether it moves by a solution. What no lock holds of PyPI, and what a library asks for, moves without."""
        return any(baseline.locked or self.ecosystem.solves_without_lock for baseline in self.baselines)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the lines stand."""
        return tuple(map(place, self.requirements))

    @property
    def is_migration(self) -> bool:
        """Whether going to the wanted release is a decision of its own."""
        return is_migration(self, self.wanted.version)

    @property
    def lifts_cap(self) -> bool:
        """Whether a cap that is a decision of its own keeps the wanted release out."""
        return self.lifts_cap_for(self.wanted)

    def lifts_cap_for(self, release: Release) -> bool:
        """Tell whether a cap that is a decision of its own keeps *release* out."""
        return any(change.lifts_cap for change in self.changes_to(release))

    def changes_to(self, release: Release) -> tuple[SpecChange, ...]:
        """Return the specs that must be rewritten for *release*, in the order of the manifest."""
        known = self._changes.get(release.version)
        if known is None:
            known = self._changes[release.version] = tuple(self._changes_to(release.version))
        return known

    def _changes_to(self, version: str) -> Iterable[SpecChange]:
        asked = self.effect_of(version).strategy
        lines = self.requirements
        changes = {place(each): change_for(each, version, locked=self.locked, asked=asked) for each in lines}
        return (change for at, change in changes.items() if change and at not in self.frozen)

    @cached_property
    def _changes(self) -> dict[str, tuple[SpecChange, ...]]:
        """What was rewritten already, by the version: every question about it needs that."""
        return {}

    def effect_of(self, version: str) -> Effect:
        """Return what rules want of its going to *version*."""
        if self.rules.are_plain:
            return Effect(self.rules.every)
        known = self._effects.get(version)
        if known is None:
            moves = (self.current, version)
            subject = subject_of_update(
                self.name, self.ecosystem, moves, self.requirements, self.baselines, self.channels
            )
            known = self._effects[version] = self.rules.effect(subject)
        return known

    @cached_property
    def _effects(self) -> dict[str, Effect]:
        return {}

    def can_be_written(self, release: Release) -> bool:
        """Tell whether every line admits *release* after its change; without a lock at least one line changes."""
        changes = self.changes_to(release)
        after = texts(changes)
        specs = [(each, after.get(place(each), each.dependency.version_spec)) for each in self.requirements]
        return all(admits(each, spec, release.version) for each, spec in specs) and bool(changes or self.locked)

    def update_to(self, release: Release) -> Update:
        """Return the update that moves it to *release*."""
        return Update(
            name=self.name,
            datasource=self.ecosystem.datasource,
            current=self.current,
            target=release,
            kind=self.kind_of(release),
            changes=self.changes_to(release),
            environments=tuple(sorted({each.name for b in self.baselines for each in b.unit.environments})),
            workspaces=(self.workspace,),
            handling=self.effect_of(release.version).handling if self.rules.every else None,
        )

    def kind_of(self, release: Release) -> UpdateKind:
        """Return how far *release* is from the version in use."""
        return self.ecosystem.update_kind(self.current, release.version)

    def up_to(self, version: str) -> Release | None:
        """Return its newest release that is not newer than *version*."""
        is_newer = self.ecosystem.is_newer
        return next((each for each in reversed(self.releases) if not is_newer(each.version, version)), None)

    def beyond(self, version: str | None) -> "Candidate | None":
        """Return it with its releases newer than *version*, all of them for None; None if there are none."""
        if version is None:
            return self
        newer = tuple(each for each in self.releases if self.ecosystem.is_newer(each.version, version))
        return replace(self, releases=newer) if newer else None

    def held_back(self, sentence: str, *, release: Release | None = None, stays: Release | None = None) -> HeldBack:
        """Return that *release* (what is wanted, if not told) is not proposed; *stays* is where it gets to instead."""
        return HeldBack(
            name=self.name,
            current=stays.version if stays else self.current,
            release=(release or self.wanted).version,
            sentence=sentence,
            workspace=self.workspace,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMinor:
    """A newer minor of python, a migration: see `bot.planning.migration`.

    `candidate` has its releases that are for now, `newest` is its newest of all. `since` is when its first was built.
    """

    candidate: Candidate
    newest: Release
    since: datetime


def joined(one: Candidate, other: Candidate) -> Candidate:
    """Return both directions of one package as one candidate; the releases stay ascending."""
    is_newer = one.ecosystem.is_newer
    ascending = (other, one) if is_newer(one.wanted.version, other.wanted.version) else (one, other)
    return replace(one, releases=tuple(release for each in ascending for release in each.releases))


def is_migration(candidate: Candidate, version: str) -> bool:
    """Tell whether going to *version* is a decision of its own, not an update among others: a minor of python is."""
    return candidate.ecosystem is CONDA and leaves_minor(candidate.name, candidate.current, version)


def leaves_minor(name: PackageName, current: str, version: str) -> bool:
    """Tell whether a conda package is python, and *version* of another minor than *current*."""
    return name == PYTHON and conda.update_kind(current, version) is not UpdateKind.PATCH


def texts(changes: Iterable[SpecChange]) -> Mapping[Place, str]:
    """Return *changes* as the version specs that stand at their places afterwards."""
    return {(change.manifest, change.at): change.new_spec for change in changes}
