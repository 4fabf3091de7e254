"""The tables that a configuration has beside its rules, and the words that some of its keys choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.config.choices import TEXT, Flag, OneOf
from bot.config.kinds import LICENSE, PACKAGE, WINDOW, ListOf, MapOf, SetOf
from bot.config.rows import key
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
