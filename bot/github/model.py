"""The nouns of GitHub, in the parts that condabot needs; parsed from its answers and frozen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.model.pull_request import OpenPullRequest
from bot.model.update import BranchName

Oid = NewType("Oid", str)
"""The id of a git object: 40 hexadecimal digits."""

ABSENT = Oid("0" * 40)
"""What stands for a reference that does not exist (GraphQL `RefUpdate`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryReference:
    """The one repository that a token is for. `id` and `node_id` never change, `owner` and `name` may."""

    id: int
    node_id: str
    owner: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotIdentity:
    """The account that the App acts as at a GitHub: the id of its user, and its login, such as `condabot[bot]`."""

    user_id: int
    login: str
    host: str = "github.com"

    @property
    def signature(self) -> str:
        """How it signs for a commit: as GitHub names the author of what it writes."""
        return f"{self.login} <{self.user_id}+{self.login}@users.noreply.{self.host}>"

    def wrote(self, email: str) -> bool:
        """Say whether *email* is the no-reply address that GitHub writes for this account.

        https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
        The host differs on GitHub Enterprise Server.
        """
        local, _, host = email.partition("@")
        return local == f"{self.user_id}+{self.login}" and host.startswith("users.noreply.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit, and whether GitHub itself signed it (which it does for what an App writes through its API)."""

    oid: Oid
    tree: Oid
    parents: tuple[Oid, ...]
    author_email: str
    signed_by_github: bool
    committed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitWords:
    """What somebody wrote about a commit: the first line of its message, and the rest."""

    headline: str
    body: str
    author_email: str
    is_merge: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch and the commit at its tip."""

    name: BranchName
    head: Commit


class PullRequestState(StrEnum):
    """What became of a pull request (GraphQL `PullRequestState`)."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    MERGED = "MERGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request. `author_id` is None for accounts that are gone, `head_repository_id` for deleted forks.

    `conflicted` says that GitHub found it cannot be merged; GitHub may not have looked yet. It is `behind` if its base
    must be in it before it merges, and is not; `approved` by reviewers, `queued` for merging, `armed` to be merged by
    GitHub as soon as it may be, which `armed_by` asked for.
    """

    number: int
    node_id: str
    title: str
    body: str
    state: PullRequestState
    head: BranchName
    head_oid: Oid
    head_repository_id: int | None
    base: str
    author_id: int | None
    created_at: datetime
    closed_at: datetime | None
    conflicted: bool = False
    behind: bool = False
    approved: bool = False
    queued: bool = False
    armed: bool = False
    armed_by: int | None = None


class MergeableState(StrEnum):
    """Whether a pull request can be merged with the branch that it is for (GraphQL `MergeableState`)."""

    CONFLICTING = "CONFLICTING"
    MERGEABLE = "MERGEABLE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignPull:
    """An open pull request that is not the bot's, also from a fork: its head, the first paths that it changes."""

    number: int
    head: Oid
    paths: tuple[str, ...]
    merges: MergeableState


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryOverview:
    """All that a scan has to know before it reads files.

    `default_branch` is None when the repository is empty. `branches` are those under the prefix asked for, and those of
    the bot's open pull requests. `pulls` are those of the bot: the open ones, and those closed lately. `others` are
    open ones of somebody else from branches of the repository itself, where only those may push who may write; what
    comes from forks is not among them, but among the `foreign` ones. `latest` are the latest commits of the default
    branch.
    """

    repository: RepositoryReference
    bot: BotIdentity
    archived: bool
    fork: bool
    template: bool
    private: bool
    default_branch: Branch | None
    branches: tuple[Branch, ...]
    pulls: tuple[PullRequest, ...]
    others: tuple[OpenPullRequest, ...] = ()
    foreign: tuple[ForeignPull, ...] = ()
    latest: tuple[CommitWords, ...] = ()

    def branch(self, name: BranchName) -> Branch | None:
        """Return the branch called *name*, if it exists."""
        return next((each for each in self.branches if each.name == name), None)


class FileMode(StrEnum):
    """The modes of git that stand for a file; links and submodules are none."""

    REGULAR = "100644"
    EXECUTABLE = "100755"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """A file of a tree; `size` in bytes."""

    path: str
    mode: FileMode
    oid: Oid
    size: int
