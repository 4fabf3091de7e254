"""What a repository wants of its updates, with the defaults a careful maintainer would set (docs/policy.md)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.config import Configuration
from bot.model.manifest import PackageName
from bot.model.update import UpdateKind

SCIENTIFIC_STACK = frozenset(map(PackageName, ("numpy", "scipy", "pandas", "matplotlib-base")))
PYTHON = PackageName("python")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How eager condabot is.

    `minimum_release_age` holds for what is named in a manifest, `transitive_release_age` for every other record
    that a lock change brings in. `minor_alone` are packages whose minor releases get a pull request of their own.
    A minor of python is offered once its first release is `python_minor_age` old. A lock is refreshed in the first of
    a month if its newest record is older than `lock_age`, or if something moves that its manifest names.
    """

    minimum_release_age: timedelta = timedelta(days=7)
    transitive_release_age: timedelta = timedelta(days=3)
    minor_alone: frozenset[PackageName] = SCIENTIFIC_STACK
    python_minor_age: timedelta = timedelta(days=90)
    lock_age: timedelta = timedelta(days=30)

    def configured(self, configuration: Configuration) -> "Policy":
        """Return this policy with what *configuration* asks for in place of its own.

        Who wants younger releases of what manifests name gets them of everything else too, unless that is said as well.
        """
        minimum = _first(configuration.minimum_release_age, self.minimum_release_age)
        transitive = min(minimum, self.transitive_release_age)
        return Policy(
            minimum_release_age=minimum,
            transitive_release_age=_first(configuration.transitive_release_age, transitive),
            minor_alone=_first(configuration.minor_alone, self.minor_alone),
            python_minor_age=_first(configuration.python_minor_age, self.python_minor_age),
            lock_age=_first(configuration.lock_age, self.lock_age),
        )

    def newest_transitive(self, now: datetime) -> datetime:
        """Return the moment after which a record is too young that no manifest names."""
        return now - self.transitive_release_age

    def stands_alone(self, name: PackageName, kind: UpdateKind) -> bool:
        """Tell whether an update gets a pull request of its own, even beside others of the same lock."""
        return kind is UpdateKind.MAJOR or (kind is UpdateKind.MINOR and name in self.minor_alone)


def _first(asked: Value | None, default: Value) -> Value:
    return default if asked is None else asked
