"""What a repository wants of its updates, with the defaults a careful maintainer would set (docs/policy.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.config import Configuration
from bot.config.tables import ProvenanceOf
from bot.model.manifest import PackageName
from bot.model.schedule import Schedule
from bot.model.update import UpdateKind
from bot.planning.rules import Effect, Rules

SCIENTIFIC_STACK = frozenset(map(PackageName, ("numpy", "scipy", "pandas", "matplotlib-base")))
PYTHON = PackageName("python")

DEFAULTS = Configuration()
NO_RULES = Rules.of(DEFAULTS)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """On which days of `zone` locks are solved afresh: none if it is not `enabled`."""

    enabled: bool = DEFAULTS.lock_file_maintenance.enabled
    schedule: Schedule = Schedule(windows=DEFAULTS.lock_file_maintenance.schedule)
    zone: str = "UTC"

    def is_day(self, now: datetime) -> bool:
        """Tell whether a lock is refreshed on the day of *now*."""
        return self.enabled and self.schedule.admits_day(now.astimezone(ZoneInfo(self.zone)))

    def window(self, now: datetime) -> str:
        """Return what a refresh at the moment *now* is for: a month or a week."""
        local = now.astimezone(ZoneInfo(self.zone))
        return f"{local:%Y-%m}" if self.is_monthly else f"{local:%G-w%V}"

    @property
    def is_monthly(self) -> bool:
        """Whether no window names days of the week alone."""
        return not any(each.is_weekly for each in self.schedule.windows)

    def under(self, effect: Effect) -> "Maintenance":
        """Return it as *effect*, what rules want of a lock that is refreshed, changes it."""
        windows = effect.handling.windows
        return Maintenance(
            enabled=self.enabled and effect.disabled_by is None,
            schedule=self.schedule if windows is None else Schedule(windows=windows),
            zone=self.zone,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How eager condabot is.

    `minimum_release_age` holds for what is named in a manifest, `transitive_release_age` for every other record
    that a lock change brings in. `minor_alone` are packages whose minor releases get a pull request of their own.
    A minor of python is offered once its first release is `python_minor_age` old. A lock is refreshed in the first of
    a month if its newest record is older than `lock_age`, or if something moves that its manifest names; on other days
    if `maintenance` says so. `rules` are about single updates, and go before all of this. Nothing comes in under one of
    `denied_licences`, nor what needs a newer version of a virtual package than `system_floor` has.
    Where packages come from is told of `all_origins`, or of those that manifests name.
    """

    minimum_release_age: timedelta = timedelta(days=7)
    transitive_release_age: timedelta = timedelta(days=3)
    minor_alone: frozenset[PackageName] = SCIENTIFIC_STACK
    python_minor_age: timedelta = timedelta(days=90)
    lock_age: timedelta = timedelta(days=30)
    maintenance: Maintenance = Maintenance()
    rules: Rules = NO_RULES
    denied_licences: frozenset[str] = frozenset()
    system_floor: Mapping[str, str] = field(default_factory=dict)
    all_origins: bool = False

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
            maintenance=Maintenance(
                enabled=configuration.lock_file_maintenance.enabled,
                schedule=Schedule(windows=configuration.lock_file_maintenance.schedule),
                zone=configuration.timezone.key if configuration.timezone else "UTC",
            ),
            rules=Rules.of(configuration),
            denied_licences=frozenset(configuration.licenses.deny),
            system_floor=dict(configuration.system_floor),
            all_origins=configuration.provenance is ProvenanceOf.ALL,
        )

    def newest_transitive(self, now: datetime) -> datetime:
        """Return the moment after which a record is too young that no manifest names."""
        return now - self.transitive_release_age

    def stands_alone(self, name: PackageName, kind: UpdateKind, effect: Effect) -> bool:
        """Tell whether an update gets a pull request of its own, even beside others of the same lock."""
        if kind is UpdateKind.MAJOR:
            return effect.separates_majors
        return kind is UpdateKind.MINOR and name in self.minor_alone

    def age_for(self, effect: Effect) -> timedelta:
        """Return how old a release must be of which rules want *effect*.

        No record comes in before `transitive_release_age`, so a rule does not get beneath that.
        """
        return self.minimum_release_age if effect.age is None else max(effect.age, self.transitive_release_age)


def _first(asked: Value | None, default: Value) -> Value:
    return default if asked is None else asked
