"""The settings of one repository: each field is a row, see `bot.config.rows`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.config.kinds import (
    PACKAGE,
    PATTERN,
    REPOSITORY_PATH,
    SPAN,
    TIMEZONE,
    VERSION,
    VIRTUAL_PACKAGE,
    WINDOW,
    ListOf,
    MapOf,
    SetOf,
    WholeNumber,
)
from bot.config.rows import key
from bot.model.manifest import PackageName
from bot.model.schedule import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What stands in `.github/condabot.yml`. None stands for the default of whoever asks.

    After a change `make docs` writes the table in docs/configuration.md and the JSON Schema anew, in this order.
    """

    annotation_paths: tuple[str, ...] = key(
        "annotationPaths",
        ListOf(PATTERN),
        otherwise=(),
        example='["tools/*.ps1"]',
        meaning="Further files in which [comments for Renovate](manifests.md#comments-for-renovate) are looked for, "
        "in addition to the usual ones.",
    )
    ignore_deps: frozenset[PackageName] = key(
        "ignoreDeps",
        SetOf(PACKAGE),
        otherwise=frozenset(),
        example="[openssl]",
        meaning="Packages that are left alone in every file (the hold [`ignore`](holds.md#ignore)). Names, not "
        "patterns.",
    )
    ignore_paths: tuple[str, ...] | None = key(
        "ignorePaths",
        ListOf(PATTERN),
        otherwise=None,
        default='["**/{test,tests,testing,testdata,test-data,test_data,__tests__,fixtures,__fixtures__}/**", '
        '"**/{example,examples,demo,demos,tutorial,tutorials,benchmarks,template,templates}/**", '
        '"**/{vendor,third_party,node_modules,.pixi}/**"]',
        example='["**/vendor/**", "old/**"]',
        meaning="Files that are seen and not managed. These **replace** the default ones.",
    )
    lock_age: timedelta | None = key(
        "lockAge",
        SPAN,
        otherwise=None,
        default="30 days",
        example="2 weeks",
        meaning="A lock is refreshed in the first of a month if its newest record is older.",
    )
    lock_sources: Mapping[str, str] = key(
        "lockSources",
        MapOf(REPOSITORY_PATH, REPOSITORY_PATH),
        otherwise=MappingProxyType({}),
        example="{locks/py312-linux-64.lock: requirements/py312.yml}",
        meaning="The manifest that an `@EXPLICIT` list is made from, where the list does not say.",
    )
    minimum_release_age: timedelta | None = key(
        "minimumReleaseAge",
        SPAN,
        otherwise=None,
        default="7 days",
        example="14 days",
        meaning="How old a release must be that a manifest names.",
    )
    minor_alone: frozenset[PackageName] | None = key(
        "minorAlone",
        SetOf(PACKAGE),
        otherwise=None,
        default="[matplotlib-base, numpy, pandas, scipy]",
        example="[dask]",
        meaning="Packages whose minor releases get a pull request of their own. These replace the default ones.",
    )
    pr_concurrent_limit: int | None = key(
        "prConcurrentLimit",
        WholeNumber(most=100),
        otherwise=None,
        default="2",
        example="5",
        meaning="How many pull requests of condabot are open at once; in its first week in a repository one. 0 is no "
        "limit. What is wrong today (a lock out of step, a record that is gone) does not count and does not wait.",
    )
    python_minor_age: timedelta | None = key(
        "pythonMinorAge",
        SPAN,
        otherwise=None,
        default="90 days",
        example="8 weeks",
        meaning="How old the first release of a python minor must be before it is offered.",
    )
    schedule: tuple[Window, ...] | None = key(
        "schedule",
        ListOf(WINDOW),
        otherwise=None,
        default='["before 6am on monday"]',
        example='["after 10pm and before 5am every weekday", "every weekend"]',
        meaning="When new pull requests may be opened; those that are open are kept up at any time. The first one of a "
        "repository does not wait.",
    )
    timezone: ZoneInfo | None = key(
        "timezone",
        TIMEZONE,
        otherwise=None,
        default="UTC",
        example="Europe/Berlin",
        meaning="Where the hours of `schedule` are counted.",
    )
    transitive_release_age: timedelta | None = key(
        "transitiveReleaseAge",
        SPAN,
        otherwise=None,
        default="3 days",
        example="12 hours",
        meaning="How old every other record must be that a lock change brings in. It is `minimumReleaseAge` if that "
        "is shorter than the default. If it is longer than `minimumReleaseAge`, it counts for everything.",
    )
    virtual_packages: Mapping[PackageName, str] = key(
        "virtualPackages",
        MapOf(VIRTUAL_PACKAGE, VERSION),
        otherwise=MappingProxyType({}),
        example='{__cuda: "12.6", __glibc: "2.34"}',
        meaning="What the machines have that environments are for, on all platforms that can have it. It wins over a "
        "`virtual-packages.yml`, and counts for all manifests but those of pixi, which "
        "[say it themselves](manifests.md#what-machines-have).",
    )
