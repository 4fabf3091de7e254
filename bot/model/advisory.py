"""Security advisories in the form of OSV (https://ossf.github.io/osv-schema/), and what they come to for a version."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    """What an advisory says of a package of PyPI: the versions in `versions`, and those in any of `ranges`."""

    name: PackageName
    ranges: tuple[tuple[RangeEvent, ...], ...] = ()
    versions: frozenset[str] = frozenset()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAdvisories:
    """Advisories by the names of PyPI projects; `unreadable` is how many of the source were none."""

    by_name: Mapping[PackageName, tuple[Advisory, ...]]
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryVerdict:
    """Where a locked package stands towards a vulnerability: `id` is the advisory's, `aliases` its other ids.

    `project` is what the package is called upstream. `fixed_in` are upstream's versions, ascending.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LockAdvisories:
    """What advisories say of a lock: verdicts, the worst first. `judged` counts its packages that have an identity.

    `unknown` says why others have none, and how many each: nothing is known of them, which is not to be clean.
    """

    verdicts: tuple[AdvisoryVerdict, ...]
    judged: int
    unknown: Mapping[str, int]
