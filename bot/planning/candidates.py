"""Which newer releases are worth solving for: the candidates, and what is said of those that are not.

A candidate is one package of one workspace and one direction: within its major line, or beyond it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from bot.model.environment import Requirement
from bot.model.manifest import Datasource, PackageName
from bot.model.update import HeldBack, Lookup, Release, Releases, SpecChange, Update, UpdateKind
from bot.planning.age import AgeLimit, conda_age_limit
from bot.planning.baseline import Baseline, Place, place
from bot.planning.holds import Hold, Holds, minimum_of, missing_flavour
from bot.planning.lines import admits, change_for, is_limit, lines_about
from bot.planning.parts import Part, parts_of
from bot.planning.policy import PYTHON, Policy
from bot.versioning.conda import (
    is_newer,
    is_prerelease,
    minor_spec,
    sort_versions,
    update_kind,
    version_line,
)
from bot.versioning.flavour import words

Lookups: TypeAlias = Mapping[tuple[str, ...], Mapping[PackageName, Lookup]]
"""What the channels (by their URLs, in order) answered for each package."""

NOTHING_HELD = Holds()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A package that could move: from `current` to one of `releases` (ascending; the last is what is wanted).

    `requirements` are the lines that ask for it, `baselines` the units that contain it. Lines in `frozen` stay as
    they are.
    """

    name: PackageName
    current: str
    releases: tuple[Release, ...]
    requirements: tuple[Requirement, ...]
    baselines: tuple[Baseline, ...]
    frozen: frozenset[Place] = frozenset()

    @property
    def wanted(self) -> Release:
        """The newest release that is allowed and exists on every platform."""
        return self.releases[-1]

    @property
    def workspace(self) -> str:
        """The path of the workspace that it moves in."""
        return self.baselines[0].unit.workspace

    @property
    def locked(self) -> bool:
        """Whether a lockfile holds it."""
        return any(baseline.locked for baseline in self.baselines)

    def changes_to(self, release: Release) -> tuple[SpecChange, ...]:
        """Return the specs that must be rewritten for *release*, in the order of the manifest."""
        changes = {place(each): change_for(each, release.version, locked=self.locked) for each in self.requirements}
        return tuple(change for at, change in changes.items() if change and at not in self.frozen)

    def update_to(self, release: Release) -> Update:
        """Return the update that moves it to *release*."""
        return Update(
            name=self.name,
            datasource=Datasource.CONDA,
            current=self.current,
            target=release,
            kind=update_kind(self.current, release.version),
            changes=self.changes_to(release),
            environments=tuple(sorted({each.name for b in self.baselines for each in b.unit.environments})),
            workspaces=tuple(sorted({b.unit.workspace for b in self.baselines})),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMinor:
    """A newer minor of python, a migration: see `bot.planning.migration`.

    `candidate` has its releases that are for now, `newest` is its newest of all. `since` is when its first was built.
    """

    candidate: Candidate
    newest: Release
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What planning makes of one package where it moves together.

    Beside candidates: newer minors of python, ascending; newer releases that are not for now; those that a hold keeps
    out.
    """

    candidates: tuple[Candidate, ...] = ()
    minors: tuple[NextMinor, ...] = ()
    not_now: tuple[HeldBack, ...] = ()
    left_alone: tuple[HeldBack, ...] = ()


def outlook(
    baselines: Iterable[Baseline], lookups: Lookups, policy: Policy, now: datetime, holds: Holds = NOTHING_HELD
) -> tuple[Outlook, ...]:
    """Return the outlook of every package that the units of one workspace ask for, by name.

    Holds come first: where everything is held there is no candidate, elsewhere held lines stay as they are.
    """
    every = tuple(baselines)
    asked: dict[PackageName, list[tuple[Requirement, Baseline]]] = {}
    for baseline in every:
        for name, requirement in lines_about(baseline):
            asked.setdefault(name, []).append((requirement, baseline))
    found = tuple(
        _outlook_of(name, part, lookups, policy, now) for name in sorted(asked) for part in parts_of(asked[name], holds)
    )
    unasked = tuple(filter(_locks_python_unasked, every))
    if any(each.minors for each in found) or not unasked:
        return tuple(_with_units(each, unasked) for each in found)
    part = Part(asked=(), hold=None, frozen=frozenset(), unasked=unasked)
    return (*found, Outlook(minors=_outlook_of(PYTHON, part, lookups, policy, now).minors))


def _locks_python_unasked(baseline: Baseline) -> bool:
    """Tell whether python is locked in a unit that may move though no line of it asks for python."""
    is_asked = any(name == PYTHON and not is_limit(line) for name, line in lines_about(baseline))
    return baseline.locked and PYTHON in baseline.records and not is_asked and minimum_of(baseline.unit) is None


def _with_units(outlook: Outlook, units: tuple[Baseline, ...]) -> Outlook:
    """Return *outlook* with *units* taking part in every migration."""
    minors = tuple(replace(each, candidate=_beside(each.candidate, units)) for each in outlook.minors)
    return replace(outlook, minors=minors)


def _beside(candidate: Candidate, units: Iterable[Baseline]) -> Candidate:
    known = candidate.baselines
    return replace(candidate, baselines=(*known, *(each for each in units if each not in known)))


def is_migration(name: PackageName, current: str, version: str) -> bool:
    """Tell whether going from *current* to *version* is a decision of its own, not an update among others."""
    return name == PYTHON and update_kind(current, version) is not UpdateKind.PATCH


def texts(changes: Iterable[SpecChange]) -> Mapping[Place, str]:
    """Return *changes* as the version specs that stand at their places afterwards."""
    return {(change.manifest, change.at): change.new_spec for change in changes}


def _outlook_of(
    name: PackageName,
    part: Part,
    lookups: Lookups,
    policy: Policy,
    now: datetime,
) -> Outlook:
    baselines = part.baselines
    offered = _offered(name, baselines, lookups)
    versions = [version for baseline in baselines if (version := baseline.version(name))]
    if not offered or not versions:
        return Outlook()
    current = sort_versions(versions)[0]
    akin = (each for each in offered if is_newer(each.version, current) and _is_stable_enough(each.version, current))
    newer = [each for each in akin if _concerns(part, each)]
    base = Candidate(
        name=name,
        current=current,
        releases=(),
        requirements=part.requirements,
        baselines=baselines,
        frozen=part.frozen,
    )
    limit = _age_limit(name, baselines, lookups, policy, now)
    free = [each for each in newer if not _is_held(part, base, each)]
    eligible = [each for each in free if _obstacle(base, each, limit, now) is None]
    minors = _next_minors(base, free, eligible)
    return Outlook(
        candidates=_by_line(base, [each for each in eligible if not is_migration(name, current, each.version)]),
        minors=minors,
        not_now=_not_now(base, free, [*eligible, *(each.newest for each in minors)], limit, now),
        left_alone=_left_alone(part, base, newer, free),
    )


def _offered(name: PackageName, baselines: Iterable[Baseline], lookups: Lookups) -> tuple[Release, ...]:
    """Return what every channel list in use offers: with several, only what they all have."""
    channel_lists = {tuple(c.url for c in b.unit.environments[0].channels) for b in baselines}
    found = [lookups.get(channels, {}).get(name) for channels in channel_lists]
    if not all(isinstance(each, Releases) for each in found):
        return ()
    common: dict[str, list[Release]] = {}
    for each in found:
        for release in each.releases if isinstance(each, Releases) else ():
            common.setdefault(release.version, []).append(release)
    shared = {version: releases for version, releases in common.items() if len(releases) == len(found)}
    return tuple(_joined(shared[version]) for version in sort_versions(shared))


def _age_limit(
    name: PackageName, baselines: Iterable[Baseline], lookups: Lookups, policy: Policy, now: datetime
) -> AgeLimit:
    environments = [each.unit.environments[0] for each in baselines]
    found = [(each, lookups.get(tuple(c.url for c in each.channels), {}).get(name)) for each in environments]
    asked = [(each, lookup.channel.url) for each, lookup in found if isinstance(lookup, Releases)]
    return conda_age_limit(name, asked, policy, now)


def _joined(releases: Sequence[Release]) -> Release:
    built = [each.built for each in releases if each.built]
    known = set.intersection(*(set(each.flavours) for each in releases))
    return Release(
        version=releases[0].version,
        subdirs=frozenset.intersection(*(each.subdirs for each in releases)),
        built=max(built) if len(built) == len(releases) else None,
        flavours={subdir: frozenset.intersection(*(each.flavours[subdir] for each in releases)) for subdir in known},
    )


def _concerns(part: Part, release: Release) -> bool:
    """Tell whether *release* is a matter of the lines: what limits of its package let in anyway is no update of it."""
    lines = part.requirements
    limits = bool(lines) and all(is_limit(each) for each in lines)
    return not limits or not all(admits(each, each.dependency.version_spec, release.version) for each in lines)


def _is_stable_enough(version: str, current: str) -> bool:
    return is_prerelease(current) or not is_prerelease(version)


def _is_held(part: Part, base: Candidate, release: Release) -> bool:
    return part.stays or (part.hold is not None and not _can_be_written(base, release))


def _obstacle(candidate: Candidate, release: Release, limit: AgeLimit, now: datetime) -> str | None:
    """Return why *release* is not for now, as a sentence, or None if it is."""
    name, version = candidate.name, release.version
    if missing := sorted({b.unit.subdir for b in candidate.baselines} - release.subdirs):
        return f"{name} {version} is not (yet) built for {', '.join(missing)}"
    if release.built is None:
        return f"{name} {version} has no build date in the channel, so its age cannot be judged"
    if too_young := limit.obstacle(version, release.built, now):
        return too_young
    if is_migration(name, candidate.current, version) and len(in_use := _minors_in_use(candidate)) > 1:
        several = ", ".join(in_use)
        return f"{name} {version} is a new minor, and several ({several}) are in use: a matrix is yours to extend"
    if not _can_be_written(candidate, release):
        why = "without the environments that keep it" if candidate.frozen else "in its own form"
        return f"no line that asks for {name} can be changed to {version} {why}"
    lost = _lost_flavour(candidate, release)
    return str(lost) if lost else None


def _minors_in_use(candidate: Candidate) -> list[str]:
    """Return the minors that its units have side by side: moving them all to one would end a matrix."""
    versions = sort_versions(version for each in candidate.baselines if (version := each.version(candidate.name)))
    return list(dict.fromkeys(minor_spec(version).removesuffix(".*") for version in versions))


def _lost_flavour(candidate: Candidate, release: Release) -> Hold | None:
    """Return the hold on a release that is not built in the flavour in use."""
    found = ((baseline.unit.subdir, baseline.records.get(candidate.name)) for baseline in candidate.baselines)
    in_use = {(subdir, words(record.build, record.depends)) for subdir, record in found if record}
    return missing_flavour(candidate.name, release.version, in_use, release.flavours)


def _can_be_written(candidate: Candidate, release: Release) -> bool:
    """Every line admits the release after the change; without a lock at least one line changes."""
    changes = candidate.changes_to(release)
    after = texts(changes)
    specs = [(each, after.get(place(each), each.dependency.version_spec)) for each in candidate.requirements]
    return all(admits(each, spec, release.version) for each, spec in specs) and bool(changes or candidate.locked)


def _next_minors(base: Candidate, free: Iterable[Release], eligible: Sequence[Release]) -> tuple[NextMinor, ...]:
    """Return the minors, ascending, that are migrations and of which a release is for now."""
    minors: dict[str, list[Release]] = {}
    for each in free:
        if is_migration(base.name, base.current, each.version):
            minors.setdefault(minor_spec(each.version), []).append(each)
    for_now = [(releases, tuple(each for each in releases if each in eligible)) for releases in minors.values()]
    return tuple(
        NextMinor(
            candidate=replace(base, releases=now),
            newest=releases[-1],
            since=min(each.built for each in releases if each.built),
        )
        for releases, now in for_now
        if now
    )


def _by_line(base: Candidate, eligible: Sequence[Release]) -> tuple[Candidate, ...]:
    here = version_line(base.current)
    within = tuple(each for each in eligible if version_line(each.version) == here)
    beyond = tuple(each for each in eligible if version_line(each.version) != here)
    return tuple(replace(base, releases=releases) for releases in (within, beyond) if releases)


def _not_now(
    base: Candidate, newer: Sequence[Release], eligible: Sequence[Release], limit: AgeLimit, now: datetime
) -> tuple[HeldBack, ...]:
    """The newest release of all, if it is not among the eligible ones: one sentence says why."""
    if not newer or newer[-1] in eligible:
        return ()
    return (_held_back(base, newer[-1], _obstacle(base, newer[-1], limit, now) or ""),)


def _left_alone(part: Part, base: Candidate, newer: Sequence[Release], free: Sequence[Release]) -> tuple[HeldBack, ...]:
    """The newest release of all, if a hold keeps it out."""
    is_free = not newer or newer[-1] in free
    return () if is_free else (_held_back(base, newer[-1], str(part.hold)),)


def _held_back(base: Candidate, release: Release, sentence: str) -> HeldBack:
    return HeldBack(
        name=base.name,
        current=base.current,
        release=release.version,
        sentence=sentence,
        workspace=base.workspace,
    )
