"""No release of a direct dependency that is too young gets in by the back door.

Of what a manifest names only releases of a certain age are candidates, while everything else may be younger. So a
dependency that an update of another one drags along must not land on a release that it could not move to itself.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.model.manifest import PackageName
from bot.model.update import Releases
from bot.planning.baseline import Baseline
from bot.planning.candidates import Lookups
from bot.planning.policy import Policy
from bot.versioning.conda import is_newer


def with_cooldown(baseline: Baseline, lookups: Lookups, policy: Policy, now: datetime) -> Baseline:
    """Return *baseline* with the versions barred that are newer than the one in use and too young to be moved to."""
    environment = baseline.unit.environments[0]
    found = lookups.get(tuple(channel.url for channel in environment.channels), {})
    limit = policy.newest_allowed(now, environment.exclude_newer)
    names = {each.dependency.name for each in baseline.unit.requirements}
    offers = {name: lookup for name in sorted(names) if isinstance(lookup := found.get(name), Releases)}
    barred = {name: tuple(_too_young(baseline, name, offer, limit)) for name, offer in offers.items()}
    return replace(baseline, barred={name: versions for name, versions in barred.items() if versions})


def _too_young(baseline: Baseline, name: PackageName, offer: Releases, limit: datetime) -> Iterable[str]:
    """Yield the versions of *offer* that are too young; without a date nobody can say that one is old enough."""
    current = baseline.version(name)
    if current is None:
        return
    for release in offer.releases:
        is_young = release.built is None or release.built > limit
        if is_young and is_newer(release.version, current):
            yield release.version
