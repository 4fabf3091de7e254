"""A repository: its bare git directory, and the pull requests, issues and checks around it.

Reading needs no more than this module. Every change of a reference goes through `refs.update`, so that pull requests
follow and webhooks are sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pygit2.enums import FileMode

from bot.demo.github.events import Event
from bot.demo.github.git import Git, TreeChange
from bot.demo.github.model import (
    WEB_FLOW,
    ZERO_OID,
    Account,
    AccountKind,
    CheckRun,
    CheckSuite,
    CodeScan,
    Comment,
    CommitStatus,
    GitIdentity,
    Issue,
    JsonObject,
    MergeMethod,
    PullRequest,
    QueueEntry,
    Release,
)

Content = str | bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefUpdate:
    """Move `name` to `after`; the zero id stands for absence, `before` None for whatever is there."""

    name: str
    after: str
    before: str | None = None
    force: bool = False


class World(Protocol):
    """What a repository needs from the GitHub it is on."""

    lazy_mergeability: bool

    def now(self) -> datetime:
        """Return the present moment."""
        ...

    def next_id(self) -> int:
        """Return a new number; the same series in every run."""
        ...

    def announce(self, event: Event) -> None:
        """Tell the App of *event*."""
        ...

    def move_refs(self, repository: "Repository", updates: Sequence[RefUpdate], sender: Account) -> None:
        """Move references, all or none."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class Repository:
    """One repository; the attributes after `git` are its settings and may be set at any time.

    Those that make merging harder are for the default branch. `rejected_branches` are patterns of branches that a
    ruleset lets nobody change but people.
    """

    world: World
    id: int
    owner: Account
    name: str
    git: Git
    default_branch: str
    person: Account
    created_at: datetime
    pushed_at: datetime
    archived: bool = False
    private: bool = False
    fork: bool = False
    parent: "Repository | None" = None
    is_template: bool = False
    runners_may_open_pulls: bool = True
    allow_auto_merge: bool = True
    delete_branch_on_merge: bool = False
    merge_methods: frozenset[MergeMethod] = frozenset(MergeMethod)
    merge_queue: bool = False
    required_checks: tuple[str, ...] = ()
    required_approvals: int = 0
    strict_checks: bool = False
    dismiss_stale_approvals: bool = False
    rejected_branches: tuple[str, ...] = ()
    tree_limit: int = 100_000
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    check_suites: dict[int, CheckSuite] = field(default_factory=dict)
    statuses: list[CommitStatus] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    queue: list[QueueEntry] = field(default_factory=list)
    snapshots: list[JsonObject] = field(default_factory=list)
    scans: list[CodeScan] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)
    computed: set[tuple[str, str]] = field(default_factory=set)
    collaborators: dict[str, str] = field(default_factory=dict)
    numbers: int = 0

    @property
    def full_name(self) -> str:
        """Return `owner/name`."""
        return f"{self.owner.login}/{self.name}"

    @property
    def owned_by_organization(self) -> bool:
        """Say whether the owner is an organization and no person."""
        return self.owner.kind is AccountKind.ORGANIZATION

    @property
    def node_id(self) -> str:
        """Return the id used by GraphQL."""
        return f"R_{self.id}"

    @property
    def path(self) -> Path:
        """Return the bare git directory."""
        return self.git.path

    @property
    def clone_url(self) -> str:
        """Return a URL the git program can clone from and push to."""
        return self.path.as_uri()

    def head(self, branch: str) -> str | None:
        """Return the commit at the tip of *branch*, None when there is no such branch."""
        return self.git.target(f"refs/heads/{branch}")

    def branches(self) -> list[str]:
        """Return the names of all branches, sorted."""
        return [name.removeprefix("refs/heads/") for name in self.git.references("refs/heads/")]

    def read(self, ref: str, path: str) -> bytes:
        """Return the content of a file. Raises MissingObjectError."""
        return self.git.blob(self.git.entry(self.git.resolve(ref), path).oid)

    def tree(self, ref: str) -> dict[str, str]:
        """Return all files below *ref*: their paths and blob ids."""
        return {item.path: item.oid for item in self.git.files(self.git.resolve(ref))}

    def head_account(self, pull: PullRequest) -> Account:
        """Return the owner of the repository that *pull* comes from."""
        return Account(login=pull.fork_owner) if pull.fork_owner else self.owner

    def next_number(self) -> int:
        """Return the number of the next issue or pull request."""
        self.numbers += 1
        return self.numbers

    def thread(self, number: int) -> Issue | PullRequest | None:
        """Return the issue or pull request with *number*."""
        return self.issues.get(number) or self.pulls.get(number)

    def comment(self, comment_id: int) -> tuple[Issue | PullRequest, Comment] | None:
        """Return the comment with that number, and what it stands below."""
        threads: list[Issue | PullRequest] = [*self.issues.values(), *self.pulls.values()]
        for thread in threads:
            for comment in thread.comments:
                if comment.id == comment_id:
                    return thread, comment
        return None

    def role(self, login: str) -> str:
        """Return what somebody may do here: `admin`, `maintain`, `write`, `triage`, `read` or `none`.

        https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization
        """
        owns = login in {self.person.login, self.owner.login}
        return self.collaborators.get(login, "admin" if owns else "none" if self.private else "read")

    def may_write(self, login: str) -> bool:
        """Say whether somebody may push here."""
        return self.role(login) in {"admin", "maintain", "write"}

    def is_collaborator(self, login: str) -> bool:
        """Say whether somebody was given a role here."""
        return login in {self.person.login, self.owner.login, *self.collaborators}

    def association(self, account: Account) -> str:
        """Return what the author of a comment is to this repository.

        https://docs.github.com/en/graphql/reference/enums#commentauthorassociation
        """
        if account == self.owner:
            return "OWNER"
        if account == self.person:
            return "MEMBER"
        if account.login in self.collaborators:
            return "COLLABORATOR"
        merged = any(each.author == account and each.merged_at for each in self.pulls.values())
        return "CONTRIBUTOR" if merged else "NONE"

    def identity(self, account: Account) -> GitIdentity:
        """Return how *account* signs a commit made now on GitHub."""
        return GitIdentity(name=account.login, email=account.email, when=self.world.now())

    def web_commit(self, *, tree: str, parents: Sequence[str], message: str, author: Account) -> str:
        """Store a commit as the web site and the API make it: GitHub commits and signs, *author* is the author.

        https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification
        """
        github = GitIdentity(name="GitHub", email="noreply@github.com", when=self.world.now())
        oid = self.git.write_commit(
            tree=tree, parents=parents, message=message, author=self.identity(author), committer=github
        )
        self.verified.add(oid)
        return oid

    def account(self, email: str) -> Account | None:
        """Return the account that GitHub shows for a commit's address."""
        if email == "noreply@github.com":
            return WEB_FLOW
        login = email.removesuffix("@users.noreply.github.com").partition("+")[2]
        account = Account(login=login, kind=AccountKind.BOT if login.endswith("[bot]") else AccountKind.USER)
        return account if login and account.email == email else None

    def commit(
        self,
        branch: str,
        files: Mapping[str, Content],
        *,
        message: str = "Edit by a person",
        author: Account | None = None,
        modes: Mapping[str, int] | None = None,
    ) -> str:
        """Commit as a person who pushes to *branch*, which is made from the default branch when it does not exist.

        A content of None removes the file; *modes* has those files that are executable (0o100755) or links (0o120000).
        """
        tip = self.head(branch) or self.head(self.default_branch)
        author = author or self.person
        oid = self.write_commit(files, parent=tip, author=author, message=message, modes=modes)
        self.world.move_refs(self, [RefUpdate(name=f"refs/heads/{branch}", after=oid)], author)
        return oid

    def write_commit(
        self,
        files: Mapping[str, Content],
        *,
        parent: str | None,
        author: Account,
        message: str = "Edit by a person",
        modes: Mapping[str, int] | None = None,
    ) -> str:
        """Store a commit as git itself makes it, unsigned; no branch moves."""
        changes = [self._change(path, content, (modes or {}).get(path)) for path, content in files.items()]
        identity = self.identity(author)
        return self.git.write_commit(
            tree=self.git.write_tree(parent, changes),
            parents=[parent] if parent else [],
            message=message,
            author=identity,
            committer=identity,
        )

    def delete_branch(self, branch: str, *, author: Account | None = None) -> None:
        """Delete *branch* as a person does."""
        self.world.move_refs(self, [RefUpdate(name=f"refs/heads/{branch}", after=ZERO_OID)], author or self.person)

    def force(self, branch: str, oid: str, *, author: Account | None = None) -> None:
        """Force *branch* to *oid* as a person does with `git push --force`."""
        update = RefUpdate(name=f"refs/heads/{branch}", after=oid, force=True)
        self.world.move_refs(self, [update], author or self.person)

    def _change(self, path: str, content: Content, mode: int | None) -> TreeChange:
        data = content.encode() if isinstance(content, str) else content
        oid = None if data is None else self.git.write_blob(data)
        return TreeChange(path=path, mode=mode or FileMode.BLOB, oid=oid)
