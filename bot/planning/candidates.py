"""Which newer releases are worth solving for: the candidates, and what is said of those that are not.

A candidate is one package of one workspace and one direction: within its major line, or beyond it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.lockfiles.flavour import flavour
from bot.model.environment import Requirement
from bot.model.manifest import Datasource, PackageName
from bot.model.update import HeldBack, Lookup, Release, Releases, SpecChange, Update
from bot.planning.baseline import Baseline, Place, place
from bot.planning.holds import Hold, Holds, missing_flavour
from bot.planning.parts import Part, parts_of
from bot.planning.policy import PYTHON, Policy
from bot.versioning.conda import is_newer, is_prerelease, satisfies, sort_versions, update_kind, version_line
from bot.versioning.ranges import auto_strategy, new_conda_range

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
    def locked(self) -> bool:
        """Whether a lockfile holds it."""
        return any(baseline.locked for baseline in self.baselines)

    def changes_to(self, release: Release) -> tuple[SpecChange, ...]:
        """Return the specs that must be rewritten for *release*, in the order of the manifest."""
        changes = {place(each): _change(each, release, locked=self.locked) for each in self.requirements}
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
class Outlook:
    """What planning makes of one package where it moves together.

    Beside candidates: newer releases that are not for now, and those that a hold keeps out.
    """

    candidates: tuple[Candidate, ...] = ()
    not_now: tuple[HeldBack, ...] = ()
    left_alone: tuple[HeldBack, ...] = ()


def outlook(
    baselines: Iterable[Baseline], lookups: Lookups, policy: Policy, now: datetime, holds: Holds = NOTHING_HELD
) -> tuple[Outlook, ...]:
    """Return the outlook of every package that the units of one workspace ask for, by name.

    Holds come first: where everything is held there is no candidate, elsewhere held lines stay as they are.
    """
    asked: dict[PackageName, list[tuple[Requirement, Baseline]]] = {}
    for baseline in baselines:
        for requirement in baseline.unit.requirements:
            asked.setdefault(requirement.dependency.name, []).append((requirement, baseline))
    return tuple(
        _outlook_of(name, part, lookups, policy, now) for name in sorted(asked) for part in parts_of(asked[name], holds)
    )


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
    newer = [each for each in offered if is_newer(each.version, current) and _is_stable_enough(each.version, current)]
    base = Candidate(
        name=name,
        current=current,
        releases=(),
        requirements=part.requirements,
        baselines=baselines,
        frozen=part.frozen,
    )
    limit = _youngest_allowed(baselines, policy, now)
    free = [each for each in newer if not _is_held(part, base, each)]
    eligible = [each for each in free if _obstacle(base, each, limit, now) is None]
    return Outlook(
        candidates=_by_line(base, eligible),
        not_now=_not_now(base, free, eligible, limit, now),
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


def _joined(releases: Sequence[Release]) -> Release:
    built = [each.built for each in releases if each.built]
    known = set.intersection(*(set(each.flavours) for each in releases))
    return Release(
        version=releases[0].version,
        subdirs=frozenset.intersection(*(each.subdirs for each in releases)),
        built=max(built) if len(built) == len(releases) else None,
        flavours={subdir: frozenset.intersection(*(each.flavours[subdir] for each in releases)) for subdir in known},
    )


def _is_stable_enough(version: str, current: str) -> bool:
    return is_prerelease(current) or not is_prerelease(version)


def _youngest_allowed(baselines: Iterable[Baseline], policy: Policy, now: datetime) -> datetime:
    limits = (b.unit.environments[0].exclude_newer for b in baselines)
    return min(policy.newest_allowed(now, limit) for limit in limits)


def _is_held(part: Part, base: Candidate, release: Release) -> bool:
    return part.stays or (part.hold is not None and not _can_be_written(base, release))


def _obstacle(candidate: Candidate, release: Release, limit: datetime, now: datetime) -> str | None:
    """Return why *release* is not for now, as a sentence, or None if it is."""
    name, version = candidate.name, release.version
    if missing := sorted({b.unit.subdir for b in candidate.baselines} - release.subdirs):
        return f"{name} {version} is not (yet) built for {', '.join(missing)}"
    if release.built is None:
        return f"{name} {version} has no build date in the channel, so its age cannot be judged"
    if release.built > limit:
        wait = release.built - limit
        return f"{name} {version} is {_days(now - release.built)} old: due {(now + wait).date().isoformat()}"
    if name == PYTHON and update_kind(candidate.current, version) != "patch":
        return f"python {version} is a new minor: a decision of its own, not an update among others"
    if not _can_be_written(candidate, release):
        why = "without the environments that keep it" if candidate.frozen else "in its own form"
        return f"no line that asks for {name} can be changed to {version} {why}"
    lost = _lost_flavour(candidate, release)
    return str(lost) if lost else None


def _lost_flavour(candidate: Candidate, release: Release) -> Hold | None:
    """Return the hold on a release that is not built in the flavour in use."""
    found = ((baseline.unit.subdir, baseline.records.get(candidate.name)) for baseline in candidate.baselines)
    in_use = {(subdir, flavour(record)) for subdir, record in found if record}
    return missing_flavour(candidate.name, release.version, in_use, release.flavours)


def _days(age: timedelta) -> str:
    return "1 day" if age.days == 1 else f"{age.days} days"


def _can_be_written(candidate: Candidate, release: Release) -> bool:
    """Every line admits the release after the change; without a lock at least one line changes."""
    changes = candidate.changes_to(release)
    after = texts(changes)
    specs = [after.get(place(each), each.dependency.version_spec) for each in candidate.requirements]
    return all(not spec or satisfies(spec, release.version) for spec in specs) and bool(changes or candidate.locked)


def _by_line(base: Candidate, eligible: Sequence[Release]) -> tuple[Candidate, ...]:
    here = version_line(base.current)
    within = tuple(each for each in eligible if version_line(each.version) == here)
    beyond = tuple(each for each in eligible if version_line(each.version) != here)
    return tuple(replace(base, releases=releases) for releases in (within, beyond) if releases)


def _not_now(
    base: Candidate, newer: Sequence[Release], eligible: Sequence[Release], limit: datetime, now: datetime
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
    return HeldBack(name=base.name, current=base.current, release=release.version, sentence=sentence)


def _change(requirement: Requirement, release: Release, *, locked: bool) -> SpecChange | None:
    dependency = requirement.dependency
    spec = dependency.version_spec
    in_range = not spec or satisfies(spec, release.version)
    strategy = auto_strategy(library=False, locked=locked, in_range=in_range, version_spec=spec)
    new = new_conda_range(spec, release.version, strategy) if strategy else None
    return None if new is None or new == spec else rewritten(requirement, new)


def rewritten(requirement: Requirement, spec: str) -> SpecChange:
    """Return the change that makes the line of *requirement* mean *spec*."""
    dependency = requirement.dependency
    return SpecChange(
        manifest=requirement.manifest,
        at=dependency.at,
        line=dependency.line,
        old=dependency.version,
        new=spec.removeprefix(dependency.implied),
        implied=dependency.implied,
    )
