"""No release of a direct dependency that is too young gets in by the back door.

Of what a manifest names only releases of a certain age are candidates, while everything else may be younger. So a
dependency that an update of another one drags along must not land on a release that it could not move to itself.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.model.update import Releases
from bot.planning.age import AgeLimit, conda_age_limit
from bot.planning.baseline import Baseline
from bot.planning.offers import Lookups, lookup_for
from bot.planning.policy import Policy
from bot.versioning.conda import is_newer


def with_cooldown(baseline: Baseline, lookups: Lookups, policy: Policy, now: datetime) -> Baseline:
    """Return *baseline* with the versions barred that are newer than the one in use and too young to be moved to."""
    environment = baseline.unit.environments[0]
    names = {each.dependency.name for each in baseline.unit.requirements}
    found = {name: lookup_for(lookups, baseline.unit, name) for name in sorted(names)}
    offers = {name: lookup for name, lookup in found.items() if isinstance(lookup, Releases)}
    limits = {
        name: conda_age_limit(name, [(environment, offer.channel.url)], policy, now) for name, offer in offers.items()
    }
    barred = {name: tuple(_too_young(baseline, offer, limits[name], now)) for name, offer in offers.items()}
    return replace(baseline, barred={name: versions for name, versions in barred.items() if versions})


def _too_young(baseline: Baseline, offer: Releases, limit: AgeLimit, now: datetime) -> Iterable[str]:
    """Yield the versions of *offer* that are too young; without a date nobody can say that one is old enough."""
    current = baseline.version(limit.name)
    if current is None:
        return
    for release in offer.releases:
        is_young = release.built is None or limit.obstacle(release.version, release.built, now) != ""
        if is_young and is_newer(release.version, current):
            yield release.version
