"""The tables that a configuration has beside its rules, and the words that some of its keys choose from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.config.choices import TEXT, Flag, OneOf
from bot.config.document import NOWHERE, Node, NodePlace
from bot.config.kinds import (
    ADVISORY_ID,
    DAY,
    LICENSE,
    PACKAGE,
    PATTERN,
    REPOSITORY_PATH,
    WINDOW,
    ListOf,
    MapOf,
    Schema,
    SetOf,
)
from bot.config.rows import Table, key
from bot.model.manifest import PackageName
from bot.model.schedule import Window, parse_window

FIRST_OF_MONTH: Final = "on the first day of the month"


class AutomergeType(StrEnum):
    """How a pull request merges by itself; Renovate knows more."""

    PR = "pr"


class AutomergeStrategy(StrEnum):
    """What a merge looks like. `AUTO` is what the repository allows first."""

    AUTO = "auto"
    MERGE_COMMIT = "merge-commit"
    REBASE = "rebase"
    SQUASH = "squash"


class ExportFormat(StrEnum):
    """What a lock is exported as."""

    EXPLICIT = "explicit"
    CONDA_LOCK = "conda-lock"


def _lock() -> str:
    """Return the field for the path of a lock."""
    return key(
        "lock",
        REPOSITORY_PATH,
        otherwise="pixi.lock",
        default="pixi.lock",
        example="tools/pixi.lock",
        meaning="The lock.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Files that say again what a lock holds, for programs that do not read it."""

    environments: tuple[str, ...] = key(
        "environments",
        ListOf(TEXT),
        otherwise=(),
        example="[default]",
        meaning="Of these environments of the lock; of all if none are named.",
    )
    format: ExportFormat = key(
        "format",
        OneOf(tuple(ExportFormat), "format"),
        otherwise=ExportFormat.EXPLICIT,
        default="explicit",
        example="conda-lock",
        meaning="`explicit`: a list for each environment and platform, as pixi exports it. `conda-lock`: a "
        "`conda-lock.yml` for each environment, as conda exports it, with PyPI packages too.",
    )
    lock: str = _lock()
    to: str = key(
        "to",
        REPOSITORY_PATH,
        otherwise="",
        example="locks",
        meaning="The folder that the files are in; that of the lock if none is named.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverSettings:
    """A lock whose environments are handed over to a target of the operator."""

    environments: tuple[str, ...] = key(
        "environments",
        ListOf(TEXT),
        otherwise=(),
        example="[default]",
        meaning="These environments of the lock; all if none are named.",
    )
    lock: str = _lock()
    target: str = key(
        "target",
        TEXT,
        otherwise="",
        example="team",
        meaning="What the operator of this condabot calls the place that they go to.",
    )


class ProvenanceOf(StrEnum):
    """Of which packages that move it is told where they come from."""

    DIRECT = "direct"
    ALL = "all"


class RebaseWhen(StrEnum):
    """When a pull request is made afresh on the branch that it goes to."""

    AUTO = "auto"
    BEHIND = "behind-base-branch"
    CONFLICTED = "conflicted"
    NEVER = "never"


class SemanticCommits(StrEnum):
    """Whether titles begin with `chore(deps):`."""

    AUTO = "auto"
    ENABLED = "enabled"
    DISABLED = "disabled"


class SwitchedOff(StrEnum):
    """The rules of docs/holds.md that a repository can switch off: those that guess what people meant."""

    ALREADY_PROPOSED = "already-proposed"
    EXPORT = "export"
    GENERATED = "generated"
    MATRIX_AXIS = "matrix-axis"
    MINIMUM = "minimum"
    PIN_COMMENT = "pin-comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFileMaintenance:
    """Whether and when locks are solved afresh."""

    enabled: bool = key(
        "enabled",
        Flag(),
        otherwise=True,
        default="true",
        example="false",
        meaning="Whether locks are refreshed by the calendar. What is gone from its channel is replaced all the same.",
    )
    schedule: tuple[Window, ...] = key(
        "schedule",
        ListOf(WINDOW),
        otherwise=(parse_window(FIRST_OF_MONTH),),
        default=f'["{FIRST_OF_MONTH}"]',
        example='["on monday"]',
        meaning="On which days; hours do not count here. Once a month, or once a week where it names days of the week.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Licenses:
    """What must not come in, by its licence."""

    deny: tuple[str, ...] = key(
        "deny",
        ListOf(LICENSE),
        otherwise=(),
        example="[AGPL-3.0-only]",
        meaning="Licences, by their names in [SPDX](https://spdx.org/licenses/). What would bring one in is not "
        "proposed, unless it can be chosen not to be (`MIT OR AGPL-3.0-only`). What has it already stays.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSettings:
    """What of docs/holds.md does not count here, and what is held beside."""

    without: frozenset[SwitchedOff] = key(
        "without",
        SetOf(OneOf(tuple(SwitchedOff), "hold rule")),
        otherwise=frozenset(),
        example="[matrix-axis]",
        meaning="[Rules](holds.md) that do not count here.",
    )
    packages: Mapping[PackageName, str] = key(
        "packages",
        MapOf(PACKAGE, TEXT),
        otherwise=MappingProxyType({}),
        example="{openssl: waits for the audit}",
        meaning="Packages that are left alone, each with the reason that is told.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredAdvisory:
    """A vulnerability that does not count here, and why. `place` is where that is said."""

    id: str = key(
        "id",
        ADVISORY_ID,
        otherwise="",
        example="CVE-2026-1234",
        meaning="The id of an advisory, or another id of the same vulnerability. It has to be there.",
    )
    package: PackageName | None = key(
        "package",
        PACKAGE,
        otherwise=None,
        example="jinja2",
        meaning="The package in which it does not count, by its name in the channel or on PyPI; else in every one.",
    )
    reason: str = key(
        "reason",
        TEXT,
        otherwise="",
        example="we render no templates of strangers",
        meaning="Why. It has to be there, and is told wherever the advisory would have been.",
    )
    until: date | None = key(
        "until",
        DAY,
        otherwise=None,
        example='"2027-01-01"',
        meaning="The day from which on it counts again, in UTC.",
    )
    place: NodePlace = field(default=NOWHERE, compare=False)


class IgnoredAdvisoryTable(Table[IgnoredAdvisory]):
    """Reads an ignored advisory, which knows where it stands; one without an id or without a reason is a mistake."""

    def read(self, node: Node) -> IgnoredAdvisory:
        """Return what *node* says."""
        found = super().read(node)
        if not found.id or not found.reason:
            lacks = "`id`: which advisory" if not found.id else "`reason`: why it does not count here"
            raise node.place.wrong(f"has no {lacks}")
        return replace(found, place=node.place)

    @property
    def schema(self) -> Schema:
        """An object that has both."""
        return {**super().schema, "required": ["id", "reason"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisorySettings:
    """What the repository knows better than advisories."""

    ignore: tuple[IgnoredAdvisory, ...] = key(
        "ignore",
        ListOf(IgnoredAdvisoryTable(IgnoredAdvisory())),
        otherwise=(),
        example="[{id: CVE-2026-1234, reason: we render no templates of strangers}]",
        meaning="[Vulnerabilities that do not count here](policy.md#what-does-not-count).",
        adds=True,
    )
    vex: tuple[str, ...] = key(
        "vex",
        ListOf(PATTERN),
        otherwise=(),
        example='["security/*.vex.json"]',
        meaning="Files that are read as [OpenVEX](policy.md#what-does-not-count), beside `.openvex/*.json`.",
        adds=True,
    )
