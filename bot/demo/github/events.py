"""What happens on this GitHub that the App may hear of. `hooks` turns each into a webhook."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.demo.github.model import Account, CheckRun, Comment, Issue, JsonObject, PullRequest

if TYPE_CHECKING:
    from bot.demo.github.repository import Repository
    from bot.demo.github.state import Installation


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryEvent:
    """Something in one repository, done by `sender`."""

    repository: "Repository"
    sender: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed(RepositoryEvent):
    """A reference moved; the zero id stands for its absence."""

    ref: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestChanged(RepositoryEvent):
    """A pull request was opened, edited, synchronized, closed, reopened, labeled."""

    pull: PullRequest
    action: str
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunChanged(RepositoryEvent):
    """A check run was created, completed, requested again, or its button was pressed."""

    run: CheckRun
    action: str
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueChanged(RepositoryEvent):
    """An issue was opened, edited, closed, reopened."""

    issue: Issue
    action: str
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented(RepositoryEvent):
    """A comment was written below an issue or pull request."""

    thread: Issue | PullRequest
    comment: Comment


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationChanged:
    """The App was installed or removed, suspended or let in again."""

    installation: "Installation"
    action: str
    sender: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationRepositoriesChanged:
    """An installation gained or lost repositories."""

    installation: "Installation"
    action: str
    repositories: Sequence["Repository"]
    sender: Account


InRepository = Pushed | PullRequestChanged | CheckRunChanged | IssueChanged | Commented
Event = InRepository | InstallationChanged | InstallationRepositoriesChanged
