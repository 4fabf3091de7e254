"""The nouns of GitHub that are not git: accounts, pull requests, check runs, installations, tokens.

Accounts, tokens and permissions are frozen. Threads (issues and pull requests) and check runs change over their life
and only `repository` and `rest` change them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

Clock = Callable[[], datetime]
JsonObject = dict[str, Any]

ZERO_OID = "0" * 40
BODY_LIMIT = 65_536


def iso(moment: datetime) -> str:
    """Return *moment* as GitHub writes it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class AccountKind(StrEnum):
    """Who acts."""

    USER = "User"
    BOT = "Bot"
    ORGANIZATION = "Organization"


class Level(StrEnum):
    """How much a permission allows; write includes read."""

    READ = "read"
    WRITE = "write"

    def includes(self, other: "Level") -> bool:
        """Say whether this level is enough where *other* is needed."""
        return self is Level.WRITE or other is Level.READ


class State(StrEnum):
    """The state of an issue or pull request."""

    OPEN = "open"
    CLOSED = "closed"


class Mergeability(StrEnum):
    """GitHub's `mergeable_state`.

    https://docs.github.com/en/graphql/reference/enums#mergestatestatus
    """

    CLEAN = "clean"
    UNSTABLE = "unstable"
    BEHIND = "behind"
    BLOCKED = "blocked"
    DRAFT = "draft"
    DIRTY = "dirty"
    UNKNOWN = "unknown"

    @property
    def mergeable(self) -> bool | None:
        """Say whether the merge has no conflict; None while GitHub has not computed it."""
        return None if self is Mergeability.UNKNOWN else self is not Mergeability.DIRTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person, a bot or an organization. Ids are derived from the login: they are the same in every run."""

    login: str
    kind: AccountKind = AccountKind.USER

    @property
    def id(self) -> int:
        """Return the numeric id."""
        return int.from_bytes(sha256(self.login.encode()).digest()[:3], "big") + 1

    @property
    def email(self) -> str:
        """Return the address GitHub gives to commits made on its web site or API.

        https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
        """
        return f"{self.id}+{self.login}@users.noreply.github.com"


WEB_FLOW = Account(login="web-flow")
RUNNER = Account(login="github-actions[bot]", kind=AccountKind.BOT)
"""Who a workflow acts as with the token that it has of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitIdentity:
    """Name, address and moment as they stand in a commit."""

    name: str
    email: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What an operation needs: one permission at one level."""

    name: str
    level: Level

    def __str__(self) -> str:
        return f"{self.name}={self.level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The registered GitHub App."""

    id: int
    slug: str
    public_key: bytes
    webhook_secret: bytes
    client_secret: str = "the client secret of the demo's App"  # noqa: S105 - made for the demo
    callback_urls: tuple[str, ...] = ()

    @property
    def client_id(self) -> str:
        """Return the name under which the App signs people in."""
        return f"Iv1.{self.id}"

    @property
    def bot(self) -> Account:
        """Return the account the App acts as."""
        return Account(login=f"{self.slug}[bot]", kind=AccountKind.BOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationToken:
    """A token for some repositories of one installation; `repository_ids` None stands for all of them."""

    value: str
    installation_id: int
    repository_ids: frozenset[int] | None
    permissions: Mapping[str, Level]
    expires_at: datetime

    def allows(self, permission: Permission) -> bool:
        """Say whether the token carries *permission*."""
        granted = self.permissions.get(permission.name)
        return granted is not None and granted.includes(permission.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenToken:
    """A token that our App did not make: `of` is the person it is of, or the account that a runner acts as."""

    token: InstallationToken
    of: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What somebody thinks of a comment, in one of GitHub's words (`+1`, `eyes`)."""

    id: int
    author: Account
    content: str
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Comment:
    """A comment below an issue or pull request."""

    id: int
    author: Account
    body: str
    created_at: datetime
    updated_at: datetime
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Thread:
    """What issues and pull requests share; they share one series of numbers too."""

    id: int
    number: int
    title: str
    body: str | None
    author: Account
    created_at: datetime
    updated_at: datetime
    state: State = State.OPEN
    closed_at: datetime | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Issue(Thread):
    """An issue."""

    state_reason: str | None = None


class MergeMethod(StrEnum):
    """How a pull request becomes part of its base."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoMerge:
    """A merge that waits for the checks."""

    method: MergeMethod
    enabled_by: Account
    enabled_at: datetime
    headline: str | None
    body: str | None


@dataclass(slots=True, kw_only=True)
class Review:
    """What a person thinks of a pull request: GitHub's word for it, and the commit that it was said of."""

    id: int
    author: Account
    state: str
    body: str
    commit: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A pull request in the merge queue: merged into `base_sha` it is `head_sha`, whose checks decide."""

    number: int
    base: str
    base_sha: str
    head_sha: str
    enqueuer: Account
    enqueued_at: datetime

    @property
    def ref(self) -> str:
        """Return the full name of the branch on which it is tried."""
        return f"refs/heads/gh-readonly-queue/{self.base}/pr-{self.number}-{self.base_sha}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release with its notes."""

    id: int
    tag: str
    name: str
    body: str
    author: Account
    published_at: datetime
    draft: bool = False
    prerelease: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeScan:
    """What a tool found in a commit, as the log that it sent."""

    id: int
    sarif_id: str
    commit: str
    ref: str
    sarif: JsonObject
    made_at: datetime


@dataclass(slots=True, kw_only=True)
class PullRequest(Thread):
    """A pull request; `fork_owner` is who forked the repository it comes from, None when it comes from a branch.

    `fork` is the number of that repository.
    """

    head: str
    base: str
    head_sha: str
    base_sha: str
    fork_owner: str | None = None
    fork: int | None = None
    requested_reviewers: list[str] = field(default_factory=list)
    requested_teams: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    auto_merge: AutoMerge | None = None

    @property
    def from_fork(self) -> bool:
        """Say whether it comes from another repository."""
        return self.fork_owner is not None

    @property
    def head_ref(self) -> str:
        """Return the full name of the branch it proposes."""
        return f"refs/heads/{self.head}"

    @property
    def readable_ref(self) -> str:
        """Return the name under which its commits are found in the repository that it is for."""
        return f"refs/pull/{self.number}/head"


@dataclass(slots=True, kw_only=True)
class CheckSuite:
    """All runs of one App on one commit; `app` is the App's slug, empty for ours."""

    id: int
    app: str
    head_sha: str
    before: str
    created_at: datetime
    head_branch: str | None = None


@dataclass(slots=True, kw_only=True)
class CheckRun:
    """A check run; `output` keeps the request's title, summary and text. `app` is the App's slug, empty for ours."""

    id: int
    name: str
    head_sha: str
    app: str = ""
    status: str
    conclusion: str | None
    external_id: str
    details_url: str
    started_at: datetime
    completed_at: datetime | None
    output: dict[str, str | None] = field(default_factory=dict)
    annotations: list[JsonObject] = field(default_factory=list)
    actions: list[JsonObject] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Say whether it lets a merge through."""
        return self.conclusion in {"success", "neutral", "skipped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitStatus:
    """A commit status as other continuous-integration services write it."""

    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: Account
    created_at: datetime
