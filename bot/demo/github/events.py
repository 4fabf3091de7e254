"""What happens on this GitHub that the App may hear of. `hooks` turns each into a webhook.

An event names its repositories and its installation and does not hold them: what announces it stands above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.demo.github.model import (
    Account,
    CheckRun,
    CheckSuite,
    Comment,
    CommitStatus,
    Issue,
    JsonObject,
    PullRequest,
    QueueEntry,
    Review,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryEvent:
    """Something in the repository of that full name, done by `sender`."""

    repository: str
    sender: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed(RepositoryEvent):
    """A reference moved; the zero id stands for its absence."""

    ref: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryChanged(RepositoryEvent):
    """The repository was created, renamed, transferred, deleted, archived, made private, or has other settings."""

    action: str
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forked(RepositoryEvent):
    """The repository has a fork, of that full name."""

    fork: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestChanged(RepositoryEvent):
    """A pull request was opened, edited, synchronized, closed, reopened, labeled."""

    pull: PullRequest
    action: str
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed(RepositoryEvent):
    """Somebody reviewed a pull request, or what was said became void."""

    pull: PullRequest
    review: Review
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeGroupChanged(RepositoryEvent):
    """The head of a merge queue wants checks, or is there no more."""

    entry: QueueEntry
    action: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunChanged(RepositoryEvent):
    """A check run was created, completed, requested again, or its button was pressed."""

    run: CheckRun
    action: str
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSuiteChanged(RepositoryEvent):
    """Checks of a commit were asked for, for the first time or again, or have all ended."""

    suite: CheckSuite
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(RepositoryEvent):
    """A commit has a new status."""

    status: CommitStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueChanged(RepositoryEvent):
    """An issue was opened, edited, closed, reopened."""

    issue: Issue
    action: str
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentChanged(RepositoryEvent):
    """A comment was written, edited or deleted below an issue or pull request."""

    thread: Issue | PullRequest
    comment: Comment
    action: str
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationChanged:
    """The App was installed or removed, suspended or let in again: `installation` is the id."""

    installation: int
    action: str
    sender: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationRepositoriesChanged:
    """An installation gained or lost the repositories of these full names."""

    installation: int
    action: str
    repositories: Sequence[str]
    sender: Account


InRepository = (
    Pushed
    | RepositoryChanged
    | Forked
    | PullRequestChanged
    | Reviewed
    | MergeGroupChanged
    | CheckRunChanged
    | CheckSuiteChanged
    | StatusChanged
    | IssueChanged
    | CommentChanged
)
Event = InRepository | InstallationChanged | InstallationRepositoriesChanged
