"""What a hold is, and what a rule may look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.manifest import PackageName
from bot.model.pull_request import OpenPullRequest
from bot.planning.rules import Rules


class HoldRule(StrEnum):
    """Why something is left as it is. The names are shown to people, and never change."""

    GENERATED = "generated"
    MATRIX_AXIS = "matrix-axis"
    MINIMUM = "minimum"
    PIN_COMMENT = "pin-comment"
    IGNORE = "ignore"
    FOREIGN_LOCK = "foreign-lock"
    EXPORT = "export"
    UNCONSTRAINED = "unconstrained"
    UNJUDGED = "unjudged"
    CHANNEL_UNKNOWN = "channel-unknown"
    ALREADY_PROPOSED = "already-proposed"
    FLAVOUR = "flavour"
    DISABLED = "disabled"


class HoldScope(StrEnum):
    """How much a hold covers.

    `ALL`: nothing of this line moves. `RANGE`: the line is not rewritten; updates of a lock within it go on.
    """

    ALL = "all"
    RANGE = "range"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A rule that applies, and why, in words that are one line of plain text (no full stop, nothing rendered)."""

    rule: HoldRule
    sentence: str
    scope: HoldScope

    def __str__(self) -> str:
        return f"{self.rule}: {self.sentence}"


def strictest(holds: Iterable[Hold]) -> Hold | None:
    """Return the strictest of *holds*, of several the first; None if there are none."""
    found = tuple(holds)
    return next((each for each in found if each.scope is HoldScope.ALL), found[0] if found else None)


def rule_in(reason: str) -> HoldRule | None:
    """Return the rule that *reason* names, if it is a `Hold` as text; None for a reason of another kind."""
    return next((each for each in HoldRule if reason.startswith(f"{each}: ")), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFacts:
    """What a repository says beside its manifests: the text of `.pre-commit-config.yaml`, and what is open.

    Of its configuration: `ignored` are the packages that it leaves alone, `reasons` those that it says why of, `off`
    the rules that do not count, `rules` those about single updates.
    """

    pre_commit_config: str = ""
    open_pull_requests: tuple[OpenPullRequest, ...] = ()
    ignored: frozenset[PackageName] = frozenset()
    reasons: Mapping[PackageName, str] = field(default_factory=dict)
    off: frozenset[HoldRule] = frozenset()
    rules: Rules = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecCounts:
    """How many dependencies a manifest has, and how many of them no version; of conda's, how many an exact build."""

    total: int
    unversioned: int
    conda: int
    exact_builds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureNames:
    """The names that a line goes by: that of its file or feature, and those of the environments that have it."""

    own: tuple[str, ...]
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The manifest around a line, looked at once for all its lines, so that each rule takes constant time.

    `generated` says what makes the file, empty if nothing does. `locked_by` is a lockfile that condabot does not write,
    `locked_in` the environments that it locks, by the features that they have; `unjudged_in` those that cannot be made,
    though they are locked. `proposed` are the packages that
    open pull requests of other bots move in this file, `ignored` those that the configuration leaves alone, `reasons`
    those that it says why of; `off` are rules that do not count, `rules` those about single updates. `format` is what
    the manifest's is called, `environments` are those that have each feature, where that is known.
    """

    path: str
    locked: bool
    now: datetime
    counts: SpecCounts
    generated: str = ""
    locked_by: str = ""
    locked_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unjudged_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, FeatureNames] = field(default_factory=dict)
    proposed: Mapping[PackageName, OpenPullRequest] = field(default_factory=dict)
    ignored: frozenset[PackageName] = frozenset()
    reasons: Mapping[PackageName, str] = field(default_factory=dict)
    off: frozenset[HoldRule] = frozenset()
    rules: Rules = Rules()
    format: str = ""
    environments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
