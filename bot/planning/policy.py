"""What a repository wants of its updates, with the defaults a careful maintainer would set (docs/policy.md)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.manifest import PackageName
from bot.model.update import UpdateKind

SCIENTIFIC_STACK = frozenset(map(PackageName, ("numpy", "scipy", "pandas", "matplotlib-base")))
PYTHON = PackageName("python")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How eager condabot is.

    `minimum_release_age` holds for what is named in a manifest, `transitive_release_age` for every other record
    that a lock change brings in. `minor_alone` are packages whose minor releases get a pull request of their own.
    """

    minimum_release_age: timedelta = timedelta(days=7)
    transitive_release_age: timedelta = timedelta(days=3)
    minor_alone: frozenset[PackageName] = SCIENTIFIC_STACK

    def newest_allowed(self, now: datetime, exclude_newer: datetime | None) -> datetime:
        """Return the moment after which a record named in a manifest is too young; the stricter limit counts."""
        return min(now - self.minimum_release_age, exclude_newer or now)

    def newest_transitive(self, now: datetime, exclude_newer: datetime | None) -> datetime:
        """Return the moment after which any other record is too young."""
        return min(now - self.transitive_release_age, exclude_newer or now)

    def stands_alone(self, name: PackageName, kind: UpdateKind) -> bool:
        """Tell whether an update gets a pull request of its own, even beside others of the same lock."""
        return kind is UpdateKind.MAJOR or (kind is UpdateKind.MINOR and name in self.minor_alone)
