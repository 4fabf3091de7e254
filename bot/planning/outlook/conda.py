"""The outlook of conda packages: what the units of one workspace ask for, judged by what all their channels offer.

A lock may hold python though no line asks for it: its minors are a matter of every unit all the same.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model.environment import Requirement
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel
from bot.model.update import Lookup, Release, Releases
from bot.planning.age import AgeLimit, conda_age_limit
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate
from bot.planning.holds import Holds, minimum_of
from bot.planning.manifest_lines import admits, has_own_build, is_limit, lines_about
from bot.planning.moves_together import MovesTogether, moving_together
from bot.planning.offers import Lookups, lookup_for, urls_for
from bot.planning.outlook.judge import Case, OwnBuild
from bot.planning.outlook.outlook import Outlook, outlook_of
from bot.planning.policy import PYTHON, Policy
from bot.versioning.conda import sort_versions
from bot.versioning.ecosystem import CONDA
from bot.versioning.flavour import words

NOTHING_HELD = Holds()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Market:
    """What releases are judged by that is the same for all packages."""

    lookups: Lookups
    policy: Policy
    now: datetime

    def lookup(self, name: PackageName, baseline: Baseline) -> Lookup | None:
        return lookup_for(self.lookups, baseline.unit, name)

    def offered(self, name: PackageName, baselines: Iterable[Baseline]) -> tuple[Release, ...]:
        """Return what every channel list in use offers: with several, only what they all have."""
        by_channels = {urls_for(each.unit, name): self.lookup(name, each) for each in baselines}
        found = [each for each in by_channels.values() if isinstance(each, Releases)]
        if len(found) < len(by_channels):
            return ()
        common: dict[str, list[Release]] = {}
        for release in (release for each in found for release in each.releases):
            common.setdefault(release.version, []).append(release)
        shared = {version: releases for version, releases in common.items() if len(releases) == len(found)}
        return tuple(_in_all(shared[version]) for version in sort_versions(shared))

    def channels(self, name: PackageName, baselines: Iterable[Baseline]) -> tuple[Channel, ...]:
        """Return the channels that offer *name*, each once."""
        found = [self.lookup(name, each) for each in baselines]
        return tuple(dict.fromkeys(each.channel for each in found if isinstance(each, Releases)))

    def age_limit(self, name: PackageName, baselines: Iterable[Baseline]) -> AgeLimit:
        found = [(each.unit.environments[0], self.lookup(name, each)) for each in baselines]
        asked = [(environment, lookup.channel.url) for environment, lookup in found if isinstance(lookup, Releases)]
        return conda_age_limit(name, asked, self.policy, self.now)


def conda_outlooks(
    baselines: Iterable[Baseline], lookups: Lookups, policy: Policy, now: datetime, holds: Holds = NOTHING_HELD
) -> tuple[Outlook, ...]:
    """Return the outlook of every conda package that the units of one workspace ask for, by name.

    Holds come first: where everything is held there is no candidate, elsewhere held lines stay as they are.
    """
    every, market = tuple(baselines), _Market(lookups=lookups, policy=policy, now=now)
    asked: dict[PackageName, list[tuple[Requirement, Baseline]]] = {}
    for baseline in every:
        for name, requirement in lines_about(baseline):
            asked.setdefault(name, []).append((requirement, baseline))
    found = tuple(
        _outlook(name, group, market) for name in sorted(asked) for group in moving_together(asked[name], holds)
    )
    unasked = tuple(filter(_locks_python_unasked, every))
    if any(each.minors for each in found) or not unasked:
        return tuple(_with_units(each, unasked) for each in found)
    group = MovesTogether(asked=(), hold=None, frozen=frozenset(), unasked=unasked)
    return (*found, Outlook(minors=_outlook(PYTHON, group, market).minors))


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


def _outlook(name: PackageName, group: MovesTogether, market: _Market) -> Outlook:
    offered = market.offered(name, group.baselines)
    versions = [version for baseline in group.baselines if (version := baseline.version(name))]
    if not offered or not versions:
        return Outlook()
    candidate = Candidate(
        name=name,
        ecosystem=CONDA,
        workspace=group.baselines[0].unit.workspace,
        current=sort_versions(versions)[0],
        releases=(),
        requirements=group.requirements,
        baselines=group.baselines,
        frozen=group.frozen,
        rules=market.policy.rules,
        channels=market.channels(name, group.baselines),
    )
    case = Case(
        candidate=candidate,
        limit=market.age_limit(name, group.baselines),
        now=market.now,
        needed=frozenset(each.unit.subdir for each in group.baselines),
        flavours=_flavours_in_use(name, group.baselines),
        own_builds=tuple(_own_builds(group.requirements, offered)),
        hold=group.hold,
        shared=group.kept,
        policy=market.policy,
    )
    return outlook_of(case, _newer(candidate, offered))


def _own_builds(lines: Iterable[Requirement], offered: Sequence[Release]) -> Iterable[OwnBuild]:
    for line in lines:
        spec = line.dependency.match_spec
        if spec is not None and (spec.build or spec.build_number):
            versions = tuple(each.version for each in offered if has_own_build(each, line, line.platforms))
            yield OwnBuild(text=spec.build or spec.build_number or "", versions=versions)


def _newer(candidate: Candidate, offered: Sequence[Release]) -> Sequence[Release]:
    """Return what of *offered* is an update: what mere limits of a package let in anyway is none."""
    lines = candidate.requirements
    specs = [(each, each.dependency.version_spec) for each in lines]
    newer = CONDA.following(offered, candidate.current, [spec for _, spec in specs])
    if not lines or not all(is_limit(each) for each in lines):
        return newer
    return [each for each in newer if not all(admits(line, spec, each.version) for line, spec in specs)]


def _in_all(releases: Sequence[Release]) -> Release:
    """Return a version as all channel lists have it, each with its release: what one lacks, it lacks."""
    built = [each.built for each in releases if each.built]
    known = set.intersection(*(set(each.flavours) for each in releases))
    there = set.intersection(*(set(each.builds) for each in releases))
    return Release(
        version=releases[0].version,
        subdirs=frozenset.intersection(*(each.subdirs for each in releases)),
        built=max(built) if len(built) == len(releases) else None,
        flavours={subdir: frozenset.intersection(*(each.flavours[subdir] for each in releases)) for subdir in known},
        builds={subdir: frozenset.intersection(*(each.builds[subdir] for each in releases)) for subdir in there},
    )


def _flavours_in_use(name: PackageName, baselines: Iterable[Baseline]) -> AbstractSet[tuple[Subdir, tuple[str, ...]]]:
    found = ((baseline.unit.subdir, baseline.records.get(name)) for baseline in baselines)
    return {(subdir, words(record.build, record.depends)) for subdir, record in found if record}
