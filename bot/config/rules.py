"""A rule of `packageRules`: what it is about, and what it wants of that.

Every name and its meaning is Renovate's (https://docs.renovatebot.com/configuration-options/#packagerules), but for
`matchEnvironments`, `matchChannels` and `matchPlatforms`, which only conda has.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.config.choices import GROUP, LABEL, LOGIN, Flag, OneOf
from bot.config.document import NOWHERE, Node, NodePlace, ScalarNode, TableNode, written
from bot.config.kinds import SPAN, WINDOW, ListOf, Schema, SetOf
from bot.config.patterns import NAME_PATTERN, VERSIONS, Pattern, Versions
from bot.config.rows import Table, key, rows_of
from bot.model.manifest import Datasource
from bot.model.schedule import Window
from bot.versioning.ranges import RangeStrategy


class UpdateType(StrEnum):
    """What a rule may tell apart by `matchUpdateTypes`."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    LOCK_FILE_MAINTENANCE = "lockFileMaintenance"


class Manager(StrEnum):
    """What a rule may tell apart by `matchManagers`; of which formats each is says `bot.planning.rules.MANAGERS`."""

    PIXI = "pixi"
    CONDA_ENVIRONMENT = "conda-environment"
    CONDA_LOCK = "conda-lock"
    ANACONDA_PROJECT = "anaconda-project"
    EXPLICIT = "explicit"
    ANNOTATED = "annotated"


STRATEGIES: Final = (
    RangeStrategy.AUTO,
    RangeStrategy.REPLACE,
    RangeStrategy.BUMP,
    RangeStrategy.WIDEN,
    RangeStrategy.PIN,
    RangeStrategy.IN_RANGE_ONLY,
    RangeStrategy.UPDATE_LOCKFILE,
)
STRATEGY: Final = OneOf(STRATEGIES, "range strategy")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRule:
    """One rule: its `match…` must all fit, and then what else it says counts, unless a later rule says otherwise.

    None is what it does not say. `place` is where it stands.
    """

    match_package_names: tuple[Pattern, ...] = key(
        "matchPackageNames",
        ListOf(NAME_PATTERN),
        otherwise=(),
        example='["cuda-*", "!cuda-version"]',
        meaning="Names of packages.",
    )
    match_file_names: tuple[Pattern, ...] = key(
        "matchFileNames",
        ListOf(NAME_PATTERN),
        otherwise=(),
        example='["docs/**"]',
        meaning="Paths of manifests; of locks where a lock is refreshed.",
    )
    match_update_types: frozenset[UpdateType] = key(
        "matchUpdateTypes",
        SetOf(OneOf(tuple(UpdateType), "update type")),
        otherwise=frozenset(),
        example="[minor, patch]",
        meaning="How far an update goes, or that a lock is refreshed.",
    )
    match_managers: frozenset[Manager] = key(
        "matchManagers",
        SetOf(OneOf(tuple(Manager), "manager")),
        otherwise=frozenset(),
        example="[pixi]",
        meaning="Formats of manifests; of locks where a lock is refreshed. `pixi` is also `pyproject.toml` and scripts "
        "of pixi, `annotated` a comment for Renovate.",
    )
    match_datasources: frozenset[Datasource] = key(
        "matchDatasources",
        SetOf(OneOf(tuple(Datasource), "datasource")),
        otherwise=frozenset(),
        example="[pypi]",
        meaning="Where releases are looked up.",
    )
    match_current_version: Versions | None = key(
        "matchCurrentVersion",
        VERSIONS,
        otherwise=None,
        example='">=1,<2"',
        meaning="The version in use: a range, or an expression.",
    )
    match_environments: tuple[Pattern, ...] = key(
        "matchEnvironments",
        ListOf(NAME_PATTERN),
        otherwise=(),
        example='["test", "docs"]',
        meaning="Names of environments.",
    )
    match_channels: tuple[Pattern, ...] = key(
        "matchChannels",
        ListOf(NAME_PATTERN),
        otherwise=(),
        example='["bioconda"]',
        meaning="Names or URLs of the channels, or indexes, that offer the package.",
    )
    match_platforms: tuple[Pattern, ...] = key(
        "matchPlatforms",
        ListOf(NAME_PATTERN),
        otherwise=(),
        example='["win-*"]',
        meaning="Platforms.",
    )
    enabled: bool | None = key(
        "enabled", Flag(), otherwise=None, example="false", meaning="Whether it is updated at all."
    )
    group_name: str | None = key(
        "groupName",
        GROUP,
        otherwise=None,
        example="test tools",
        meaning="The pull request that all of it goes into; majors into another one, unless `separateMajorMinor` is "
        "false.",
    )
    separate_major_minor: bool | None = key(
        "separateMajorMinor", Flag(), otherwise=None, example="false", meaning="Whether a major goes apart."
    )
    allowed_versions: Versions | None = key(
        "allowedVersions",
        VERSIONS,
        otherwise=None,
        example='"<2"',
        meaning="The versions that it may be moved to: a range, or an expression.",
    )
    minimum_release_age: timedelta | None = key(
        "minimumReleaseAge", SPAN, otherwise=None, example="0 days", meaning="As above, for this."
    )
    range_strategy: RangeStrategy | None = key(
        "rangeStrategy", STRATEGY, otherwise=None, example="in-range-only", meaning="As above, for this."
    )
    labels: tuple[str, ...] | None = key(
        "labels", ListOf(LABEL), otherwise=None, example="[python]", meaning="As above, for this."
    )
    assignees: tuple[str, ...] | None = key(
        "assignees", ListOf(LOGIN), otherwise=None, example="[octocat]", meaning="As above, for this."
    )
    reviewers: tuple[str, ...] | None = key(
        "reviewers", ListOf(LOGIN), otherwise=None, example='["team:science"]', meaning="As above, for this."
    )
    automerge: bool | None = key("automerge", Flag(), otherwise=None, example="true", meaning="As above, for this.")
    schedule: tuple[Window, ...] | None = key(
        "schedule", ListOf(WINDOW), otherwise=None, example='["every weekend"]', meaning="As above, for this."
    )
    dependency_dashboard_approval: bool | None = key(
        "dependencyDashboardApproval",
        Flag(),
        otherwise=None,
        example="true",
        meaning="As above, for this.",
    )
    place: NodePlace = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        return f"`{written(self.place.at)}` in {self.place.path}:{self.place.line}"


_EMPTY: Final = PackageRule()
_MATCHERS: Final = frozenset(row.key for row in rows_of(PackageRule).values() if row.key.startswith("match"))


class RuleTable(Table[PackageRule]):
    """Reads a rule, which knows where it stands; one that is about nothing, or wants nothing, is a mistake."""

    def read(self, node: Node) -> PackageRule:
        """Return what *node* says."""
        rule = super().read(node)
        entries = node.entries if isinstance(node, TableNode) else ()
        said = frozenset(name.value for name, _ in entries if isinstance(name, ScalarNode))
        if said.isdisjoint(_MATCHERS):
            raise node.place.wrong('says not what it is about; for everything, say `matchPackageNames: ["*"]`')
        if said <= _MATCHERS:
            raise node.place.wrong("says nothing that is wanted, such as `enabled: false`")
        return replace(rule, place=node.place)

    @property
    def schema(self) -> Schema:
        """An object with a key of both kinds."""
        wanted = [row.key for row in rows_of(self.empty).values() if row.key not in _MATCHERS]
        both = [[{"required": [each]} for each in keys] for keys in (sorted(_MATCHERS), wanted)]
        return {**super().schema, "allOf": [{"anyOf": each} for each in both]}


RULE: Final = RuleTable(_EMPTY)
