"""The outlook of conda packages: what the units of one workspace ask for, judged by what all their channels offer.

A lock may hold python though no line asks for it: its minors are a matter of every unit all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from bot.model.environment import Requirement
from bot.model.manifest import PackageName, Subdir
from bot.model.update import Lookup, Release, Releases
from bot.planning.age import AgeLimit, conda_age_limit
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate
from bot.planning.holds import Holds, minimum_of
from bot.planning.manifest_lines import admits, is_limit, lines_about
from bot.planning.moves_together import MovesTogether, moving_together
from bot.planning.outlook.judge import Case
from bot.planning.outlook.outlook import Outlook, outlook_of
from bot.planning.policy import PYTHON, Policy
from bot.versioning.conda import is_newer, sort_versions
from bot.versioning.ecosystem import CONDA
from bot.versioning.flavour import words

Lookups: TypeAlias = Mapping[tuple[str, ...], Mapping[PackageName, Lookup]]
"""What the channels (by their URLs, in order) answered for each package."""

NOTHING_HELD = Holds()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Market:
    """What releases are judged by that is the same for all packages."""

    lookups: Lookups
    policy: Policy
    now: datetime

    def lookup(self, name: PackageName, baseline: Baseline) -> Lookup | None:
        channels = tuple(channel.url for channel in baseline.unit.environments[0].channels)
        return self.lookups.get(channels, {}).get(name)

    def offered(self, name: PackageName, baselines: Iterable[Baseline]) -> tuple[Release, ...]:
        """Return what every channel list in use offers: with several, only what they all have."""
        by_channels = {tuple(c.url for c in b.unit.environments[0].channels): self.lookup(name, b) for b in baselines}
        found = [each for each in by_channels.values() if isinstance(each, Releases)]
        if len(found) < len(by_channels):
            return ()
        common: dict[str, list[Release]] = {}
        for release in (release for each in found for release in each.releases):
            common.setdefault(release.version, []).append(release)
        shared = {version: releases for version, releases in common.items() if len(releases) == len(found)}
        return tuple(_in_all(shared[version]) for version in sort_versions(shared))

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
    )
    case = Case(
        candidate=candidate,
        limit=market.age_limit(name, group.baselines),
        now=market.now,
        needed=frozenset(each.unit.subdir for each in group.baselines),
        flavours=_flavours_in_use(name, group.baselines),
        hold=group.hold,
    )
    return outlook_of(case, _newer(candidate, offered))


def _newer(candidate: Candidate, offered: Iterable[Release]) -> Sequence[Release]:
    """Return what of *offered* is an update: what mere limits of a package let in anyway is none."""
    lines, current = candidate.requirements, candidate.current
    akin = [each for each in offered if is_newer(each.version, current) and CONDA.is_akin(each.version, current)]
    if not lines or not all(is_limit(each) for each in lines):
        return akin
    specs = [(each, each.dependency.version_spec) for each in lines]
    return [each for each in akin if not all(admits(line, spec, each.version) for line, spec in specs)]


def _in_all(releases: Sequence[Release]) -> Release:
    """Return a version as all channel lists have it, each with its release: what one lacks, it lacks."""
    built = [each.built for each in releases if each.built]
    known = set.intersection(*(set(each.flavours) for each in releases))
    return Release(
        version=releases[0].version,
        subdirs=frozenset.intersection(*(each.subdirs for each in releases)),
        built=max(built) if len(built) == len(releases) else None,
        flavours={subdir: frozenset.intersection(*(each.flavours[subdir] for each in releases)) for subdir in known},
    )


def _flavours_in_use(name: PackageName, baselines: Iterable[Baseline]) -> AbstractSet[tuple[Subdir, tuple[str, ...]]]:
    found = ((baseline.unit.subdir, baseline.records.get(name)) for baseline in baselines)
    return {(subdir, words(record.build, record.depends)) for subdir, record in found if record}
