"""No release of a direct dependency that is too young gets in by the back door.

Of what a manifest names only releases of a certain age are candidates, while everything else may be younger. So a
dependency that an update of another one drags along must not land on a release that it could not move to itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model.environment import Requirement
from bot.model.manifest import Datasource, PackageName
from bot.model.package import Channel
from bot.model.update import Releases
from bot.planning.age import AgeLimit, conda_age_limit
from bot.planning.baseline import Baseline
from bot.planning.offers import Lookups, lookup_for
from bot.planning.policy import Policy
from bot.planning.rules import Effect, is_ruled_out
from bot.planning.subjects import subject_of_update
from bot.versioning.conda import is_newer
from bot.versioning.ecosystem import CONDA


def with_cooldown(
    baseline: Baseline, lookups: Lookups, policy: Policy, now: datetime, beside: Iterable[Baseline] = ()
) -> Baseline:
    """Return *baseline* with the versions barred that are newer than the one in use and that it may not be moved to.

    They are too young, or rules of the configuration keep them out. *beside* are all units of the workspace: a rule is
    about a package wherever it is asked for.
    """
    environment = baseline.unit.environments[0]
    names = {each.dependency.name for each in baseline.unit.requirements}
    found = {name: lookup_for(lookups, baseline.unit, name) for name in sorted(names)}
    offers = {name: lookup for name, lookup in found.items() if isinstance(lookup, Releases)}
    limits = {
        name: conda_age_limit(name, [(environment, offer.channel.url)], policy, now) for name, offer in offers.items()
    }
    every = tuple(beside) or (baseline,)
    rules = {name: _RulesFor.of(name, offer.channel, every, policy) for name, offer in offers.items()}
    barred = {name: tuple(_barred(baseline, offer, limits[name], rules[name], now)) for name, offer in offers.items()}
    return replace(baseline, barred={name: versions for name, versions in barred.items() if versions})


@dataclass(frozen=True, slots=True, kw_only=True)
class _RulesFor:
    """What rules want of a package, wherever `lines` ask for it."""

    name: PackageName
    channel: Channel
    lines: tuple[Requirement, ...]
    baselines: tuple[Baseline, ...]
    policy: Policy

    @classmethod
    def of(cls, name: PackageName, channel: Channel, every: Iterable[Baseline], policy: Policy) -> "_RulesFor":
        """Return them for *name*, which *channel* offers, in *every* unit of a workspace."""
        asked = [
            (each, tuple(line for line in each.unit.requirements if line.dependency.name == name)) for each in every
        ]
        return cls(
            name=name,
            channel=channel,
            lines=tuple(line for _, lines in asked for line in lines),
            baselines=tuple(each for each, lines in asked if lines),
            policy=policy,
        )

    def effect(self, current: str, version: str) -> Effect:
        """Return what they want of its going from *current* to *version*."""
        if self.policy.rules.are_plain:
            return Effect(self.policy.rules.every)
        moves = (current, version)
        subject = subject_of_update(self.name, CONDA, moves, self.lines, self.baselines, (self.channel,))
        return self.policy.rules.effect(subject)


def _barred(baseline: Baseline, offer: Releases, limit: AgeLimit, rules: _RulesFor, now: datetime) -> Iterable[str]:
    """Yield the newer versions of *offer* that are too young, or kept out; without a date none is old enough."""
    current = baseline.version(limit.name)
    if current is None:
        return
    for release in offer.releases:
        if not is_newer(release.version, current):
            continue
        effect = rules.effect(current, release.version)
        aged = limit.for_rules(effect, rules.policy, now)
        is_young = release.built is None or aged.obstacle(release.version, release.built, now) != ""
        if is_young or is_ruled_out(effect, release.version, Datasource.CONDA):
            yield release.version
