"""Which rules of the configuration are about an update, and what they want of it together.

1. A rule is about an update if everything fits that it says of it. Of several patterns for the same thing one must fit,
   and none with `!`; if all have `!`, it is enough that none of those fits.
2. An update may be of several files, environments, channels or platforms at once: then each of them must fit, so that a
   rule about tests says nothing of what is used elsewhere as well.
3. Rules count in their order, for each setting by itself: the last that says something of it.
4. What is not known of a line, as the release that it may get, fits no rule for sure: such a rule can only give a line
   back to whoever knows more, not take it away (`Rules.disabling`).

The meaning is Renovate's: https://docs.renovatebot.com/configuration-options/#packagerules,
https://docs.renovatebot.com/string-pattern-matching/
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from bot.config import Configuration
from bot.config.patterns import Pattern, Versions, parse_pattern
from bot.config.rules import Manager, PackageRule, UpdateType
from bot.manifests.paths import matches_pattern
from bot.model.handling import Handling
from bot.model.manifest import Datasource, PackageName
from bot.model.package import Channel
from bot.versioning.ecosystem import ECOSYSTEMS
from bot.versioning.ranges import RangeStrategy

MANAGERS: Final[Mapping[str, Manager]] = {
    "pixi.toml": Manager.PIXI,
    "pyproject.toml": Manager.PIXI,
    "mojoproject.toml": Manager.PIXI,
    "pixi-script": Manager.PIXI,
    "environment.yml": Manager.CONDA_ENVIRONMENT,
    "anaconda-project.yml": Manager.ANACONDA_PROJECT,
    "annotated": Manager.ANNOTATED,
}
"""The managers of the formats of manifests, by their names."""

Values: TypeAlias = frozenset[str] | None
"""What is known of an update, every value of it; None where nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What rules are asked about: an update, a line of a manifest, or a lock that is refreshed.

    A channel is among `channels` by its name and its URL: one of the two must fit.
    """

    name: PackageName | None = None
    kind: UpdateType | None = None
    current: str | None = None
    datasource: Datasource | None = None
    files: Values = None
    managers: Values = None
    environments: Values = None
    channels: tuple[Channel, ...] | None = None
    platforms: Values = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What the rules want that are about something: `rules` are those, in their order."""

    rules: tuple[PackageRule, ...] = ()

    @property
    def disabled_by(self) -> PackageRule | None:
        """The rule that switches updates off, if the last word is that."""
        rule = self._last(lambda each: each.enabled)
        return rule if rule and not rule.enabled else None

    @property
    def allowing(self) -> PackageRule | None:
        """The rule that says which versions are allowed."""
        return self._last(lambda each: each.allowed_versions)

    @property
    def group_name(self) -> str:
        """The name of the pull request that it goes into; empty if nobody gave one."""
        rule = self._last(lambda each: each.group_name)
        return (rule and rule.group_name) or ""

    @property
    def separates_majors(self) -> bool:
        """Whether a major goes apart."""
        rule = self._last(lambda each: each.separate_major_minor)
        return rule is None or rule.separate_major_minor is not False

    @property
    def age(self) -> timedelta | None:
        """How old a release must be; None for what the policy says."""
        rule = self._last(lambda each: each.minimum_release_age)
        return rule.minimum_release_age if rule else None

    @property
    def strategy(self) -> RangeStrategy:
        """How version specs are rewritten."""
        rule = self._last(lambda each: each.range_strategy)
        return (rule and rule.range_strategy) or RangeStrategy.AUTO

    @property
    def handling(self) -> Handling:
        """How people want to be asked about it."""
        labels, assignees = self._last(lambda each: each.labels), self._last(lambda each: each.assignees)
        reviewers, schedule = self._last(lambda each: each.reviewers), self._last(lambda each: each.schedule)
        automerge = self._last(lambda each: each.automerge)
        approval = self._last(lambda each: each.dependency_dashboard_approval)
        return Handling(
            labels=(labels and labels.labels) or (),
            assignees=(assignees and assignees.assignees) or (),
            reviewers=(reviewers and reviewers.reviewers) or (),
            windows=schedule.schedule if schedule else None,
            automerge=bool(automerge and automerge.automerge),
            needs_approval=bool(approval and approval.dependency_dashboard_approval),
        )

    def _last(self, says: Callable[[PackageRule], object | None]) -> PackageRule | None:
        return next((each for each in reversed(self.rules) if says(each) is not None), None)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a repository, in order; what it says of everything is the first of them."""

    every: tuple[PackageRule, ...] = ()

    @classmethod
    def of(cls, configuration: Configuration) -> "Rules":
        """Return the rules that *configuration* has."""
        return cls((_of_everything(configuration), *configuration.package_rules))

    @property
    def are_plain(self) -> bool:
        """Whether they say the same of everything."""
        return len(self.every) <= 1

    def effect(self, subject: Subject) -> Effect:
        """Return what the rules want that are about *subject* for sure."""
        return Effect(tuple(each for each in self.every if _fits(each, subject) is True))

    def disabling(self, subject: Subject) -> PackageRule | None:
        """Return the rule that switches *subject* off, whatever else there is to know of it."""
        found: PackageRule | None = None
        for each in self.every:
            fits = _fits(each, subject) if each.enabled is not None else False
            if fits is True:
                found = None if each.enabled else each
            elif fits is None and each.enabled:
                found = None
        return found


def allows(versions: Versions, version: str, datasource: Datasource) -> bool:
    """Tell whether *version* is one of *versions*.

    Raises:
        SpecError: *version* is none.

    """
    if versions.pattern is None:
        return ECOSYSTEMS[datasource].admits(versions.range, version)
    return versions.pattern.found_in(version) is not versions.pattern.negated


def names_match(patterns: Iterable[str], name: str) -> bool:
    """Tell whether *name* is what *patterns* are about, as those of rules are; of no patterns it is not."""
    found = tuple(map(parse_pattern, patterns))
    return bool(found) and _fit(found, (name,))


def is_ruled_out(effect: Effect, version: str, datasource: Datasource) -> bool:
    """Tell whether *effect* keeps *version* out, whatever its age.

    Raises:
        SpecError: *version* is none.

    """
    rule = effect.allowing
    is_allowed = rule is None or rule.allowed_versions is None or allows(rule.allowed_versions, version, datasource)
    return effect.disabled_by is not None or not is_allowed


def not_allowed(effect: Effect, name: PackageName, version: str, datasource: Datasource) -> str:
    """Return why *version* of *name* is not allowed, as a sentence; empty if it is.

    Raises:
        SpecError: *version* is none.

    """
    rule = effect.allowing
    if rule is None or rule.allowed_versions is None or allows(rule.allowed_versions, version, datasource):
        return ""
    return f"{rule} allows {name} `{rule.allowed_versions.text}`, which {version} is not"


def _of_everything(configuration: Configuration) -> PackageRule:
    return PackageRule(
        separate_major_minor=configuration.separate_major_minor,
        range_strategy=configuration.range_strategy,
        labels=configuration.labels,
        assignees=configuration.assignees,
        reviewers=configuration.reviewers,
        automerge=configuration.automerge,
        dependency_dashboard_approval=configuration.dependency_dashboard_approval,
    )


def _fits(rule: PackageRule, subject: Subject) -> bool | None:
    """Tell whether *rule* is about *subject*; None if it depends on what is not known."""
    found = tuple(_each_that_is_said(rule, subject))
    return False if False in found else None if None in found else True


def _each_that_is_said(rule: PackageRule, subject: Subject) -> Iterable[bool | None]:
    yield _all_fit(rule.match_package_names, _one(subject.name))
    yield _all_fit(rule.match_file_names, subject.files)
    yield _is_among(rule.match_update_types, _one(subject.kind))
    yield _is_among(rule.match_managers, subject.managers)
    yield _is_among(rule.match_datasources, _one(subject.datasource))
    yield _is_current(rule.match_current_version, subject)
    yield _all_fit(rule.match_environments, subject.environments)
    yield _are_channels(rule.match_channels, subject.channels)
    yield _all_fit(rule.match_platforms, subject.platforms)


def _one(value: str | None) -> Values:
    return None if value is None else frozenset({value})


def _all_fit(patterns: tuple[Pattern, ...], values: Values) -> bool | None:
    if not patterns or values is None:
        return None if patterns else True
    return bool(values) and all(_fit(patterns, (each,)) for each in values)


def _are_channels(patterns: tuple[Pattern, ...], channels: tuple[Channel, ...] | None) -> bool | None:
    if not patterns or channels is None:
        return None if patterns else True
    return bool(channels) and all(_fit(patterns, (each.name, each.url)) for each in channels)


def _is_among(wanted: frozenset[str], values: Values) -> bool | None:
    if not wanted or values is None:
        return None if wanted else True
    return bool(values) and values <= wanted


def _is_current(wanted: Versions | None, subject: Subject) -> bool | None:
    if wanted is None:
        return True
    if subject.current is None or subject.datasource is None:
        return None
    return allows(wanted, subject.current, subject.datasource)


def _fit(patterns: tuple[Pattern, ...], names: tuple[str, ...]) -> bool:
    """Tell whether *patterns* are about what goes by *names*."""
    meant = [each for each in patterns if not each.negated]
    excepted = any(_is_found(each, name) for each in patterns if each.negated for name in names)
    return not excepted and (not meant or any(_is_found(each, name) for each in meant for name in names))


def _is_found(pattern: Pattern, name: str) -> bool:
    if pattern.expression:
        return pattern.found_in(name)
    return pattern.text == "*" or matches_pattern(name.lower(), pattern.text.lower())
