"""Keys that are read and not acted on yet: whoever sets one is told, so that nobody relies on it."""

from collections.abc import Iterable
from typing import Final

from bot.config.configuration import Configuration
from bot.config.rules import PackageRule

PENDING: Final = {
    "dependency_dashboard": "dependencyDashboard",
    "dependency_dashboard_approval": "dependencyDashboardApproval",
}


def pending(configuration: Configuration) -> tuple[str, ...]:
    """Return the keys that *configuration* sets, itself or in a rule, and that nothing is done about yet."""
    return tuple(sorted({*_set(configuration), *(key for rule in configuration.package_rules for key in _set(rule))}))


def _set(table: Configuration | PackageRule) -> Iterable[str]:
    return (key for name, key in PENDING.items() if getattr(table, name, None))
