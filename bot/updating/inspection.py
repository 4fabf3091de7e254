"""What a job on GitHub is told of a repository, whose text it never reads itself.

A job lists the files, gives those that are wanted, and has them scanned. What a scan came to stays where it was made: a
job hears what it decides by, and asks for the rest of what it publishes. `bot.updating.inspecting` does it in this
process, `bot.inspecting` has a process of its own do it, which may be ended at any time.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from bot.model.bundle import Bundle, TargetKind
from bot.model.change_report import Judgement
from bot.model.handling import Handling
from bot.model.manifest import PackageName
from bot.model.project import UpstreamRelease
from bot.model.report import Asked, Held, Problem, Unsolved
from bot.model.schedule import Window
from bot.model.update import Purpose
from bot.planning.groups import Declined
from bot.planning.holds import RepositoryFacts


class Stop(StrEnum):
    """What ended a look at a repository. The names are shown to people, and never change."""

    TIME = "time-limit"
    PROCESSOR = "processor-limit"
    MEMORY = "memory-limit"
    DEATH = "process-died"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a scan depends on besides the files: the moment that ages count from, and what is known on GitHub.

    `open_keys` are those of the bot's open pull requests; `unwritable` are patterns of files that may not be written.
    So many pull requests as are `free` may be opened, any number for None: what has no place is not solved for.
    `targets` are the operator's that the repository may hand over to; None where nothing is handed over.
    `semantic` says that the latest commits have semantic titles. `signature` is how commits are signed off, empty where
    they are not. With `only_patches` the files are a release's: nothing but patches, and what is within written ranges.
    """

    now: datetime
    declined: Declined = field(default_factory=dict)
    open_keys: AbstractSet[str] = frozenset()
    facts: RepositoryFacts = field(default_factory=RepositoryFacts)
    unwritable: tuple[str, ...] = ()
    free: int | None = None
    semantic: bool = False
    signature: str = ""
    only_patches: bool = False
    targets: Mapping[str, TargetKind] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A package and the version that is proposed for it."""

    name: PackageName
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is decided by of a `Proposal`: its key, its title, the versions in it, the fingerprint of all.

    `since` is when the oldest release in it was built, None where nobody knows. `handling` is how people want to be
    asked. So many others wait for it as it `unblocks`. One that `rewrites` changes what people wrote, not locks alone.
    `merge_hindrance` is why it may not merge by itself, empty if it may; then the commit of that says `message` below
    its title.
    """

    key: str
    title: str
    moves: tuple[Move, ...]
    fingerprint: str
    purpose: Purpose = Purpose.UPDATE
    since: datetime | None = None
    handling: Handling = field(default_factory=Handling)
    rewrites: bool = True
    unblocks: int = 0
    merge_hindrance: str = ""
    message: str = ""

    @property
    def is_urgent(self) -> bool:
        """Tell whether it mends what is wrong today: that waits for nothing."""
        return self.purpose in {Purpose.RELOCK, Purpose.CORRECTION, Purpose.SECURITY}


ONBOARDING = "condabot.yml"
"""The key of the pull request by which condabot introduces itself. No plan has one like it: theirs have no ending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """What condabot introduces itself with: its draft, the configuration, and what a check says, in Markdown."""

    draft: Draft
    path: str
    configuration: str
    findings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a repository wants to be spoken to: `limit` open pull requests, opened in `windows` of its `timezone`.

    What is None it did not say. One that is not `enabled` wants nothing. `automerge_strategy` is how a merge is made,
    `rebase_when` when a pull request is made afresh, both in the words of docs/configuration.md. `base_branches` are
    patterns of further branches (`bot.planning.rules.names_match`). `ignored_authors` are e-mail addresses whose
    commits do not stop the bot. If it `needs_approval`, only what is ticked in the `dashboard` is opened. Without
    `onboarding` nobody is asked first whether the bot may begin. With `snapshots` the dependency graph is told
    of locks, with `alerts` code scanning.
    """

    limit: int | None = None
    windows: tuple[Window, ...] | None = None
    timezone: str | None = None
    enabled: bool = True
    automerge_strategy: str = "auto"
    rebase_when: str = "auto"
    base_branches: tuple[str, ...] = ()
    branch_prefix: str | None = None
    ignored_authors: tuple[str, ...] = ()
    dashboard: bool = False
    needs_approval: bool = False
    onboarding: bool = True
    snapshots: bool = False
    alerts: bool = False


SNAPSHOT: Final = "-snapshot"
"""What stands for the key of a proposal where a text is what a lock holds, in JSON, for the dependency graph."""


HANDED_OVER: Final = "-handed-over"
"""What stands for the key of a proposal where a text is a file of a bundle, by `KEY/FILE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What the dependency graph may be told, under `key`; it is another one than before if `digest` is."""

    key: str
    digest: str


ALERTS: Final = "-alerts"
"""What stands for the key of a proposal where a text is what code scanning is told, in SARIF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """What code scanning may be told of locks: so many `findings`; another than before if the `version` of it is.

    `why_not` says why it may not be told now, empty if it may. The text is under the key `ALERTS`.
    """

    version: str
    findings: int
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What a scan came to: a draft of each proposal, and lines for operators of everything else and of how it came.

    It is not `complete` if something could not be judged. `unread` are files that were looked into and are, as they
    stand, no manifest and no lock: what was proposed for them nobody can judge. `paths` are patterns of files that
    matter to this repository and not to every one. `waiting` are the pull requests that found no place.
    `asked` is what channels were asked for, `held` what the locks hold. So many packages are `affected` by advisories.
    `snapshots` is what the dependency graph may be told, if the repository wants it to be; the texts are under the key
    `SNAPSHOT`. `alerts` is what code scanning may be told, None where the repository does not want that. `bundles` are
    what the repository hands over; their files are under the key `HANDED_OVER`.
    """

    drafts: tuple[Draft, ...]
    lines: tuple[str, ...]
    log: tuple[str, ...] = ()
    complete: bool = True
    unread: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    waiting: tuple[Unsolved, ...] = ()
    asked: tuple[Asked, ...] = ()
    held: tuple[Held, ...] = ()
    affected: int = 0
    snapshots: tuple[Submission, ...] = ()
    alerts: Alerts | None = None
    bundles: tuple[Bundle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWords:
    """What the check of a proposal says: a line and a text in Markdown, by the audit of its locks.

    A lock is `tampered` with if something is found that an honest one never has, and `rejected` if that is in a record
    which the proposal itself brings.
    """

    headline: str
    summary: str
    findings: int = 0
    tampered: bool = False
    rejected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is said of a line of a file; one that `is_failure` is why a check failed."""

    path: str
    line: int
    message: str
    is_failure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the check of a change says that people propose: a line, a text in Markdown, and notes on lines.

    Some lock is `stale` if it can be brought in step, and `conflicted` if markers of a conflict stand in it.
    """

    headline: str
    summary: str
    judgement: Judgement
    notes: tuple[Note, ...] = ()
    stale: bool = False
    conflicted: bool = False


RELOCKED: Final = "-relocked"
"""What stands for the key of a proposal where the texts of a relocked pull request are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What brings the locks of a pull request in step: `paths` have new texts, `locks` of them were solved.

    It `needs_merge` if that is in step with the merge of both sides alone. `problems` are sentences on what could not
    be done, `unjudged` are locks elsewhere that nobody can judge, `summary` is what the locks change, in Markdown. The
    `patch` is against the pull request, or with the merge against the branch that it is for; empty where it would be
    too long.
    """

    paths: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    needs_merge: bool = False
    problems: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    summary: str = ""
    patch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A proposal that is to be published: its commit message, its check, and the paths of its files.

    `upstreams` are URLs of repositories on a GitHub, whose releases its words may tell of.
    """

    message: str
    check: CheckWords
    paths: tuple[str, ...]
    upstreams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a body is to be: made on the commit `base`, of at most `longest` characters.

    `releases` are the latest of those of its upstreams whose releases are known, by URL.
    """

    base: str
    longest: int
    releases: Mapping[str, tuple[UpstreamRelease, ...]] = field(default_factory=dict)


class Publishable(Protocol):
    """What is published of proposals, which are known by their keys."""

    async def prepared(self, key: str) -> Prepared:
        """Return what is published of the proposal with *key*."""
        ...

    async def text(self, key: str, path: str) -> bytes:
        """Return the new content of the file at *path*, which the proposal with *key* writes."""
        ...

    async def body(self, key: str, words: Words) -> str:
        """Return what *words* ask for of the proposal with *key*, which was prepared."""
        ...


class Inspection(Publishable, Protocol):
    """One look at one repository, one call at a time.

    Every method raises `InspectionStopped` where a bound was met; then there is nothing more to ask.
    """

    async def listed(self, sizes: Mapping[str, int]) -> tuple[str, ...]:
        """Take all files of the repository, as bytes by path; return the paths of those that are wanted first.

        Who can read other repositories says so by one more: `github>OWNER/.github`, for its `condabot.yml`, of no bytes
        where there is none. Then presets `github>OWNER/REPO` may be wanted too; those that cannot be had are not given.
        Taken again they are another state of it. The one before is what `look` compares with, unless its configuration
        was refused: then that state counts as not taken.
        """
        ...

    async def given(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """Take *files*; return the paths of those that are wanted next, none once everything was given.

        Raises:
            ConfigurationError: what the repository asks for in its configuration is wrong.

        """
        ...

    async def manners(self) -> Manners:
        """Return how the repository wants to be spoken to, by the configuration that was given."""
        ...

    async def scan(self, circumstances: Circumstances) -> Inspected:
        """Return what should be proposed for the files that were given, and what is said of everything else."""
        ...

    async def introduce(self, circumstances: Circumstances) -> Introduction:
        """Return what people are told who have not asked for anything yet."""
        ...

    async def look(self, now: datetime, wrong: tuple[Problem, ...]) -> Looked:
        """Return what is said of the change from the state taken before to the one taken last.

        *wrong* is what the change does wrong in the configuration; ages count from *now*.
        """
        ...

    async def relock(self, now: datetime) -> Resolved:
        """Return what brings the locks of a pull request in step.

        The last three states taken are where both sides began, the branch that it is for, and the pull request; if more
        were taken, the first three are the same of what its last commit put together. The texts are under the key
        `RELOCKED`.
        """
        ...

    async def explain(self, now: datetime, package: str) -> str:
        """Return in Markdown where *package* stands in the repository, and why it is not newer."""
        ...

    async def merged(self, began: bytes, theirs: bytes, ours: bytes) -> bytes | None:
        """Return a text with the changes of both sides; None where they are in conflict, or it is no text."""
        ...


class Inspections(Protocol):
    """Makes inspections."""

    def open(self, installation_id: int, repository_id: int) -> AbstractAsyncContextManager[Inspection]:
        """Give one of the repository with that id, with what its installation may read; nothing of it is left."""
        ...
