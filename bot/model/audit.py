"""What an audit of a lock asks of channels, hears from them, and finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.model.advisory import LockAdvisories, Statement
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel, Record
from bot.model.report import Problem


class Severity(StrEnum):
    """How much a finding matters, the worst first. The words are SARIF's levels (SARIF 2.1.0, section 3.58.6)."""

    ERROR = "error"
    WARNING = "warning"


class FindingRule(StrEnum):
    """What can be wrong with a locked record: a closed list of stable ids, which others filter by."""

    RECORD_GONE = "record-gone"
    RECORD_BROKEN = "record-broken"
    RECORD_UNKNOWN = "record-unknown"
    FOREIGN_HOST = "foreign-host"
    FOREIGN_CHANNEL = "foreign-channel"
    HASH_DIFFERS = "hash-differs"
    HASH_MISSING = "hash-missing"
    SIZE_DIFFERS = "size-differs"
    IDENTITY_DIFFERS = "identity-differs"
    DEPENDENCIES_DIFFER = "dependencies-differ"
    LICENSE_CHANGED = "license-changed"
    ADVISORY = "advisory"


WARNINGS: Final = frozenset({FindingRule.DEPENDENCIES_DIFFER, FindingRule.LICENSE_CHANGED})
"""What happens to honest locks in time: channels patch dependencies, projects change their license."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelQuestion:
    """What is asked of a channel once: the records at `urls`, and which of `names` it has at all on `subdirs`."""

    channel: Channel
    subdirs: frozenset[str]
    names: frozenset[PackageName]
    urls: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The answer to a `ChannelQuestion`: records by URL, names there are, and the URLs that it has marked broken."""

    records: Mapping[str, Record]
    names: frozenset[PackageName]
    broken: frozenset[str] = frozenset()


class MismatchKind(StrEnum):
    """How a record differs from what its channel offers."""

    ELSEWHERE = "elsewhere"
    GONE = "gone"
    HASH = "hash"
    SIZE = "size"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A record that its channel does not offer as it is; `sentence` says how it differs."""

    record: Record
    kind: MismatchKind
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """There is no answer; `reason` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAnswers:
    """What became of the channels that a lock names.

    `channels` and `refused` are by the name as written, `answers` by the channel's URL. `refused` says why condabot
    does not ask a channel.
    """

    channels: Mapping[str, tuple[Channel, ...]]
    answers: Mapping[str, Offered | Unanswered]
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with a locked record, in the environments and on the platforms where it is locked.

    `url` is the record's, less the credentials that may stand in it. `line` is where the lock names it, None if that
    was not found. `advisory` is the id of the one that it is about, `statement` what the repository says of that
    itself. Texts may hold anything that a lock can: whoever shows them makes them harmless.
    """

    rule: FindingRule
    name: PackageName
    version: str
    url: str
    environments: tuple[str, ...]
    subdirs: tuple[Subdir, ...]
    sentence: str
    line: int | None = None
    advisory: str = ""
    statement: Statement | None = None

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return Severity.WARNING if self.rule in WARNINGS else Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJudged:
    """How many records of a lock nothing can be said about, and why; it `lasts` where a channel may not be asked."""

    reason: str
    records: int
    lasts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LockAudit:
    """What is wrong with a lock.

    `records` counts those of conda channels; `others` are PyPI packages and source builds, which no channel lists.
    `advisories` is None where the lock was not held against any; of what is affected there is a finding. `excused`
    would be findings if the repository did not say why they are none.
    """

    path: str
    records: int
    others: int
    findings: tuple[Finding, ...]
    not_judged: tuple[NotJudged, ...]
    advisories: LockAdvisories | None = None
    excused: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The audit of every lock of a checkout.

    `problems` are locks that could not be read; `ignored` maps locks that were not looked at to the pattern that hides
    them.
    """

    locks: tuple[LockAudit, ...]
    problems: tuple[Problem, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all locks."""
        return tuple(finding for lock in self.locks for finding in lock.findings)

    @property
    def not_judged(self) -> tuple[NotJudged, ...]:
        """What is not judged, of all locks."""
        return tuple(each for lock in self.locks for each in lock.not_judged)
