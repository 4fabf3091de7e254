"""What counts on the branch of a release: the repository's configuration, and that only patches change a manifest."""

from dataclasses import replace
from typing import Final

from bot.config.configuration import Configuration
from bot.config.patterns import parse_pattern
from bot.config.rules import PackageRule, UpdateType
from bot.versioning.ranges import RangeStrategy

ONLY_WITHIN_RANGES: Final = PackageRule(
    match_package_names=(parse_pattern("*"),),
    match_update_types=frozenset({UpdateType.MAJOR, UpdateType.MINOR}),
    range_strategy=RangeStrategy.IN_RANGE_ONLY,
)


def of_release(configuration: Configuration) -> Configuration:
    """Return *configuration* with the last word that a release has."""
    return replace(configuration, package_rules=(*configuration.package_rules, ONLY_WITHIN_RANGES))
