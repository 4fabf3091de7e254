"""The settings of one repository: each field is a row, see `bot.config.rows`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.config.choices import LABEL, LOGIN, TEXT, Flag, OneOf
from bot.config.kinds import (
    BRANCH_PREFIX,
    PACKAGE,
    PATTERN,
    PLATFORM,
    REPOSITORY_PATH,
    SPAN,
    SYSTEM,
    TIMEZONE,
    VERSION,
    VIRTUAL_PACKAGE,
    WINDOW,
    ListOf,
    MapOf,
    SetOf,
    WholeNumber,
)
from bot.config.patterns import NAME_PATTERN, Pattern
from bot.config.presets import PRESET
from bot.config.rows import Table, key
from bot.config.rules import RULE, STRATEGY, PackageRule
from bot.config.tables import (
    AdvisorySettings,
    AutomergeStrategy,
    AutomergeType,
    Export,
    HandOverSettings,
    HoldSettings,
    Licenses,
    LockFileMaintenance,
    ProvenanceOf,
    RebaseWhen,
    SemanticCommits,
)
from bot.model.manifest import PackageName, Subdir
from bot.model.schedule import Window
from bot.versioning.ranges import RangeStrategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What stands in `.github/condabot.yml`. None stands for the default of whoever asks.

    After a change `make docs` writes the table in docs/configuration.md and the JSON Schema anew, in this order.
    """

    advisories: AdvisorySettings = key(
        "advisories",
        Table(AdvisorySettings()),
        otherwise=AdvisorySettings(),
        example="{ignore: [{id: CVE-2026-1234, reason: we render no templates of strangers}]}",
        meaning="What the repository knows better than [advisories](policy.md#security).",
    )
    annotation_paths: tuple[str, ...] = key(
        "annotationPaths",
        ListOf(PATTERN),
        otherwise=(),
        example='["tools/*.ps1"]',
        meaning="Further files in which [comments for Renovate](manifests.md#comments-for-renovate) are looked for, "
        "in addition to the usual ones.",
    )
    assignees: tuple[str, ...] = key(
        "assignees",
        ListOf(LOGIN),
        otherwise=(),
        example="[octocat]",
        meaning="Who is assigned to pull requests: logins.",
    )
    automerge: bool = key(
        "automerge",
        Flag(),
        otherwise=False,
        default="false",
        example="true",
        meaning="Whether pull requests [merge by themselves](policy.md#what-merges-by-itself) once all required checks "
        "are green: small moves within what is written, no others. Usually asked for by the preset `:automergeLock`.",
    )
    automerge_strategy: AutomergeStrategy = key(
        "automergeStrategy",
        OneOf(tuple(AutomergeStrategy), "merge strategy"),
        otherwise=AutomergeStrategy.AUTO,
        default="auto",
        example="squash",
        meaning="How such a merge is made. `auto` is what the repository allows: squash, else a merge commit, else a "
        "rebase. A merge queue has a method of its own.",
    )
    automerge_type: AutomergeType = key(
        "automergeType",
        OneOf(tuple(AutomergeType), "merge type"),
        otherwise=AutomergeType.PR,
        default="pr",
        example="pr",
        meaning="Such a merge is that of a pull request; nothing is pushed without one.",
    )
    base_branch_patterns: tuple[Pattern, ...] = key(
        "baseBranchPatterns",
        ListOf(NAME_PATTERN),
        otherwise=(),
        example='["release/*"]',
        meaning="Further branches that are [kept up](policy.md#branches-of-releases) beside the default one, at most "
        "five: only patches there, and locks within the written ranges.",
    )
    branch_prefix: str | None = key(
        "branchPrefix",
        BRANCH_PREFIX,
        otherwise=None,
        example="deps/",
        meaning="What the names of branches begin with, in place of the App's own. A pull request that is open keeps "
        "its branch.",
    )
    code_scanning: bool = key(
        "codeScanning",
        Flag(),
        otherwise=False,
        default="false",
        example="true",
        meaning="Whether GitHub's code scanning shows [what is wrong with locks](policy.md#code-scanning). The App "
        "needs a permission for that.",
    )
    commit_message_prefix: str = key(
        "commitMessagePrefix",
        TEXT,
        otherwise="",
        example='"deps:"',
        meaning="What titles and commit messages begin with; a colon is added if it has none. It wins over "
        "`semanticCommits`.",
    )
    dependency_dashboard: bool = key(
        "dependencyDashboard",
        Flag(),
        otherwise=False,
        default="false",
        example="true",
        meaning="Whether [one issue](for-maintainers.md#dashboard) lists what is open, what waits and what is held.",
    )
    dependency_dashboard_approval: bool = key(
        "dependencyDashboardApproval",
        Flag(),
        otherwise=False,
        default="false",
        example="true",
        meaning="Whether a pull request is opened only once it is ticked in that issue, which is there then.",
    )
    dependency_snapshots: bool = key(
        "dependencySnapshots",
        Flag(),
        otherwise=False,
        default="false",
        example="true",
        meaning="Whether GitHub's dependency graph is told [what locks hold](policy.md#the-dependency-graph), so that "
        "it alerts of what it knows.",
    )
    enabled: bool = key(
        "enabled",
        Flag(),
        otherwise=True,
        default="true",
        example="false",
        meaning="Whether condabot looks after the repository at all.",
    )
    exports: tuple[Export, ...] = key(
        "exports",
        ListOf(Table(Export())),
        otherwise=(),
        example="[{format: explicit, to: locks}]",
        meaning="Files that are [kept in step](policy.md#exports) with a lock, in the same commit.",
        adds=True,
    )
    extends: tuple[str, ...] = key(
        "extends",
        ListOf(PRESET),
        otherwise=(),
        example='[":automergeLock"]',
        meaning="[Presets](#presets), whose keys count where this file says nothing; of several the last counts.",
    )
    git_ignored_authors: tuple[str, ...] = key(
        "gitIgnoredAuthors",
        ListOf(TEXT),
        otherwise=(),
        example='["ci@example.org"]',
        meaning="E-mail addresses whose commits on a branch of condabot do not stop it. One commit of another bot on "
        "top of its own never does.",
    )
    hand_over: tuple[HandOverSettings, ...] = key(
        "handOver",
        ListOf(Table(HandOverSettings())),
        otherwise=(),
        example="[{target: team, lock: pixi.lock}]",
        meaning="Targets of the operator that environments are [handed over](handing-over.md) to after a merge.",
        adds=True,
    )
    holds: HoldSettings = key(
        "holds",
        Table(HoldSettings()),
        otherwise=HoldSettings(),
        example="{without: [matrix-axis]}",
        meaning="What is [left alone](holds.md).",
    )
    ignore_deps: frozenset[PackageName] = key(
        "ignoreDeps",
        SetOf(PACKAGE),
        otherwise=frozenset(),
        example="[openssl]",
        meaning="Packages that are left alone in every file (the hold [`ignore`](holds.md#ignore)). Names, not "
        "patterns.",
        adds=True,
    )
    ignore_paths: tuple[str, ...] = key(
        "ignorePaths",
        ListOf(PATTERN),
        otherwise=(),
        example='["old/**", "!**/examples/**"]',
        meaning="Files that are seen and not managed, in addition to the default ones; what `!` stands before is "
        "managed all the same.",
        adds=True,
    )
    include_paths: tuple[str, ...] = key(
        "includePaths",
        ListOf(PATTERN),
        otherwise=(),
        example='["apps/**"]',
        meaning="If it is there, only manifests that it names are managed.",
    )
    labels: tuple[str, ...] = key(
        "labels",
        ListOf(LABEL),
        otherwise=(),
        example="[dependencies]",
        meaning="What pull requests are labelled with.",
    )
    licenses: Licenses = key(
        "licenses",
        Table(Licenses()),
        otherwise=Licenses(),
        example="{deny: [AGPL-3.0-only]}",
        meaning="What must not come in, by its licence.",
    )
    lock_age: timedelta | None = key(
        "lockAge",
        SPAN,
        otherwise=None,
        default="30 days",
        example="2 weeks",
        meaning="A lock is refreshed in the first of a month if its newest record is older.",
    )
    lock_file_maintenance: LockFileMaintenance = key(
        "lockFileMaintenance",
        Table(LockFileMaintenance()),
        otherwise=LockFileMaintenance(),
        example="{enabled: false}",
        meaning="How locks are [refreshed](policy.md#lock-maintenance).",
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
    onboarding: bool = key(
        "onboarding",
        Flag(),
        otherwise=True,
        default="true",
        example="false",
        meaning="Whether people are asked first, by a pull request, in a repository that has no configuration of its "
        "own. It says something only in what [an organisation](#an-organisation) says; where it is `false`, condabot "
        "begins at once in every repository of it.",
    )
    package_rules: tuple[PackageRule, ...] = key(
        "packageRules",
        ListOf(RULE),
        otherwise=(),
        example='[{matchPackageNames: [numpy], allowedVersions: "<2"}]',
        meaning="[Rules](#rules), in order: what some packages, files or kinds of updates want otherwise.",
        adds=True,
    )
    platforms: tuple[Subdir, ...] = key(
        "platforms",
        ListOf(PLATFORM),
        otherwise=(),
        example="[linux-64, osx-arm64]",
        meaning="What environments are solved for where neither a lock nor the manifest says it.",
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
    provenance: ProvenanceOf = key(
        "provenance",
        OneOf(tuple(ProvenanceOf), "choice"),
        otherwise=ProvenanceOf.DIRECT,
        default="direct",
        example="all",
        meaning="Of which packages that move a pull request says [where they come "
        "from](policy.md#where-packages-come-from): those that a manifest names, or `all`. Of at most 20 the "
        "archives are read, those that it is about first; the others are named.",
    )
    python_minor_age: timedelta | None = key(
        "pythonMinorAge",
        SPAN,
        otherwise=None,
        default="90 days",
        example="8 weeks",
        meaning="How old the first release of a python minor must be before it is offered.",
    )
    range_strategy: RangeStrategy = key(
        "rangeStrategy",
        STRATEGY,
        otherwise=RangeStrategy.AUTO,
        default="auto",
        example="in-range-only",
        meaning="How version specs are [rewritten](range-strategies.md). `update-lockfile` and `in-range-only` touch "
        "no manifest; what a library asks of its users is otherwise only ever widened.",
    )
    rebase_when: RebaseWhen = key(
        "rebaseWhen",
        OneOf(tuple(RebaseWhen), "moment"),
        otherwise=RebaseWhen.AUTO,
        default="auto",
        example="never",
        meaning="When a pull request is made afresh. `auto` is `behind-base-branch` where the branch requires that, "
        "else `conflicted`.",
    )
    reviewers: tuple[str, ...] = key(
        "reviewers",
        ListOf(LOGIN),
        otherwise=(),
        example='["team:science"]',
        meaning="Who is asked for a review: logins, and teams as `team:NAME`.",
    )
    reviewers_from_code_owners: bool = key(
        "reviewersFromCodeOwners",
        Flag(),
        otherwise=False,
        default="false",
        example="true",
        meaning="Whether the code owners of the files are asked as well; those named by an e-mail address cannot be.",
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
    semantic_commits: SemanticCommits = key(
        "semanticCommits",
        OneOf(tuple(SemanticCommits), "style"),
        otherwise=SemanticCommits.AUTO,
        default="auto",
        example="enabled",
        meaning="Whether titles begin with `chore(deps):`. `auto` does what most of the latest 20 commits of the "
        "default branch do.",
    )
    separate_major_minor: bool = key(
        "separateMajorMinor",
        Flag(),
        otherwise=True,
        default="true",
        example="false",
        meaning="Whether a major gets a pull request of its own.",
    )
    system_floor: Mapping[str, str] = key(
        "systemFloor",
        MapOf(SYSTEM, VERSION),
        otherwise=MappingProxyType({}),
        example='{glibc: "2.28"}',
        meaning="The oldest system that everything has to run on: no update is made that needs a newer one. What is "
        "there already is not lowered for it. `archspec` is a level of x86-64, such as `x86_64_v2`.",
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
