"""Security advisories in the form of OSV (https://ossf.github.io/osv-schema/), and what they come to for a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.model.manifest import PackageName, Subdir


class EventKind(StrEnum):
    """What happens at a version of a range, as OSV calls it."""

    INTRODUCED = "introduced"
    FIXED = "fixed"
    LAST_AFFECTED = "last_affected"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeEvent:
    """An event of a range; `version` is as written, `0` before every version, `*` after every one."""

    kind: EventKind
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What an advisory says of a package of PyPI: the versions in `versions`, and those in any of `ranges`.

    If it `is_repository` it is of one (`bot.versioning.upstream`): then versions are tags, and ranges are of commits.
    """

    name: PackageName
    ranges: tuple[tuple[RangeEvent, ...], ...] = ()
    versions: frozenset[str] = frozenset()
    is_repository: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """A known vulnerability or malicious package. `aliases` are its ids elsewhere (`CVE-2024-…`).

    `summary` and `severity` are whatever the database says, on one line, or empty.
    """

    id: str
    aliases: tuple[str, ...] = ()
    summary: str = ""
    severity: str = ""
    affected: tuple[Affected, ...] = ()


class Exposure(StrEnum):
    """Where a version stands towards advisories, the worst first. `UNKNOWN` is never taken for clean."""

    AFFECTED = "affected"
    UNKNOWN = "unknown"
    FIXED = "fixed"
    NOT_AFFECTED = "not-affected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Where one version stands towards one advisory; `fixed_in` are the versions that end its ranges, ascending."""

    exposure: Exposure
    fixed_in: tuple[str, ...] = ()


class StatementStatus(StrEnum):
    """What is said of a vulnerability. The words are OpenVEX's.

    https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md#status-labels
    """

    NOT_AFFECTED = "not_affected"
    AFFECTED = "affected"
    FIXED = "fixed"
    UNDER_INVESTIGATION = "under_investigation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A package that a statement is about: `ecosystem` is `pypi` or `conda`, or empty where either name is meant.

    A `version` of None stands for every one.
    """

    name: PackageName
    ecosystem: str = ""
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a repository says itself of a vulnerability, which any of `ids` names, in `products` or, if none, anywhere.

    `reason` is why, on one line. It stands in the file `source`, and counts up to the day before `until`.
    """

    ids: frozenset[str]
    status: StatementStatus
    reason: str
    source: str
    line: int | None = None
    products: tuple[Product, ...] = ()
    until: date | None = None
    is_configured: bool = False

    def __str__(self) -> str:
        """For the end of a sentence: `ignored until 2027-01-01 because …`."""
        until = f" until {self.until}" if self.until else ""
        if self.is_configured:
            return f"ignored{until} because {self.reason.rstrip('.')} ({self.source}:{self.line})"
        because = f": {self.reason.rstrip('.')}" if self.reason else ""
        return f"{self.status.replace('_', ' ')} by {self.source}{because}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAdvisories:
    """Advisories by the names of projects; `unreadable` is how many of the source were none.

    It `knows_repositories` if any is about one: else of what is on no index nothing can be known.
    """

    by_name: Mapping[PackageName, tuple[Advisory, ...]]
    unreadable: int = 0
    knows_repositories: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryVerdict:
    """Where a locked package stands towards a vulnerability: `id` is the advisory's, `aliases` its other ids.

    `project` is what the package is called upstream; it comes from a channel if it `is_conda`. `fixed_in` are
    upstream's versions, ascending. `statement` is what the repository says of it itself, which `exposure` takes into
    account; `lapsed` is what it said until a day that is over.
    """

    id: str
    aliases: tuple[str, ...]
    name: PackageName
    project: PackageName
    version: str
    exposure: Exposure
    fixed_in: tuple[str, ...] = ()
    summary: str = ""
    severity: str = ""
    url: str = ""
    environments: tuple[str, ...] = ()
    subdirs: tuple[Subdir, ...] = ()
    is_conda: bool = True
    statement: Statement | None = None
    lapsed: Statement | None = None

    @property
    def is_excused(self) -> bool:
        """Tell whether it would be affected if the repository did not say otherwise."""
        return self.statement is not None and self.exposure in {Exposure.NOT_AFFECTED, Exposure.FIXED}


@dataclass(frozen=True, slots=True, kw_only=True)
class LockAdvisories:
    """What advisories say of a lock, or of all environments: verdicts, the worst first.

    `judged` counts the packages that have an identity.

    `unknown` says why others have none, and how many each: nothing is known of them, which is not to be clean.
    """

    verdicts: tuple[AdvisoryVerdict, ...]
    judged: int
    unknown: Mapping[str, int]

    @property
    def affected(self) -> tuple[AdvisoryVerdict, ...]:
        """The verdicts that something is affected."""
        return tuple(each for each in self.verdicts if each.exposure is Exposure.AFFECTED)
