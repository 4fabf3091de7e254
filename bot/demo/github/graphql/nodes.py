"""What can be read with GraphQL. The field `headRefName` is the attribute `head_ref_name`, and so with arguments.

https://docs.github.com/en/graphql/reference/objects
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import pygit2

from bot.demo.github.git import MissingObjectError, TreeItem
from bot.demo.github.graphql.session import Session, connection, not_found
from bot.demo.github.merging import shown_mergeability
from bot.demo.github.model import Account, PullRequest, State, iso
from bot.demo.github.repository import Repository
from bot.demo.github.representations import pull_node_id, signature

TEXT_LIMIT = 512_000
BINARY_PROBE = 8_000
MERGEABLE = {None: "UNKNOWN", True: "MERGEABLE", False: "CONFLICTING"}


@dataclass(frozen=True, kw_only=True)
class Node:
    """A value of a GraphQL type, in one session."""

    graphql_type: ClassVar[str]
    session: Session


@dataclass(frozen=True, kw_only=True)
class ActorNode(Node):
    """A person, bot or organization."""

    account: Account

    @property
    def graphql_type(self) -> str:  # type: ignore[override] # the one node whose type depends on its value
        """Return which of the kinds of actor it is."""
        return self.account.kind.value

    @property
    def id(self) -> str:
        """Return the global id."""
        return f"U_{self.account.id}"

    @property
    def database_id(self) -> int:
        """Return the numeric id."""
        return self.account.id

    @property
    def login(self) -> str:
        """Return the login; GraphQL names a bot without the suffix that REST gives it."""
        return self.account.login.removesuffix("[bot]")

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return self.session.show.url(self.account.login)


@dataclass(frozen=True, kw_only=True)
class RepositoryNode(Node):
    """A repository."""

    graphql_type = "Repository"
    home: Repository

    @property
    def id(self) -> str:
        """Return the global id."""
        return self.home.node_id

    @property
    def database_id(self) -> int:
        """Return the numeric id."""
        return self.home.id

    @property
    def name(self) -> str:
        """Return the name without its owner."""
        return self.home.name

    @property
    def name_with_owner(self) -> str:
        """Return `owner/name`."""
        return self.home.full_name

    @property
    def owner(self) -> ActorNode:
        """Return the account it belongs to."""
        return ActorNode(session=self.session, account=self.home.owner)

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return self.session.show.url(self.home.full_name)

    @property
    def is_archived(self) -> bool:
        """Say whether it is read-only."""
        return self.home.archived

    @property
    def is_fork(self) -> bool:
        """Say whether it was forked."""
        return self.home.fork

    @property
    def is_template(self) -> bool:
        """Say whether it is a template."""
        return self.home.is_template

    @property
    def is_private(self) -> bool:
        """Say whether it is private."""
        return self.home.private

    @property
    def is_empty(self) -> bool:
        """Say whether it has no branch."""
        return not self.home.branches()

    @property
    def is_disabled(self) -> bool:
        """Say whether GitHub disabled it: never here."""
        return False

    @property
    def auto_merge_allowed(self) -> bool:
        """Say whether pull requests may merge by themselves."""
        return self.home.allow_auto_merge

    @property
    def delete_branch_on_merge(self) -> bool:
        """Say whether a merge deletes the branch."""
        return self.home.delete_branch_on_merge

    @property
    def default_branch_ref(self) -> "RefNode | None":
        """Return the default branch; none while the repository is empty."""
        return self.ref(qualified_name=f"refs/heads/{self.home.default_branch}")

    def ref(self, *, qualified_name: str) -> "RefNode | None":
        """Return a reference by its full name, or a branch or tag by its short one."""
        for name in (qualified_name, f"refs/heads/{qualified_name}", f"refs/tags/{qualified_name}"):
            if name.startswith("refs/") and self.home.git.target(name):
                return RefNode(session=self.session, home=self.home, full_name=name)
        return None

    def refs(
        self, *, ref_prefix: str, query: str = "", direction: str = "ASC", order_by: Any = None, **window: Any
    ) -> Mapping[str, Any]:
        """Return the references below a prefix, by name."""
        prefix = ref_prefix.rstrip("/") + "/"
        names = [name for name in self.home.git.references(prefix) if query in name.removeprefix(prefix)]
        if (order_by or {}).get("direction", direction) == "DESC":
            names.reverse()
        nodes = [RefNode(session=self.session, home=self.home, full_name=name, prefix=prefix) for name in names]
        return connection(nodes, **window)

    def object(self, *, expression: str | None = None, oid: str | None = None) -> "ObjectNode | None":
        """Return what `branch:path`, a revision or an id names; nothing when it names nothing."""
        try:
            if expression is None:
                return object_node(self.session, self.home, str(oid))
            revision, _, path = expression.partition(":")
            commit = self.home.git.resolve(self.home.default_branch if revision == "HEAD" else revision)
            if ":" not in expression:
                return object_node(self.session, self.home, commit)
            found = self.home.git.entry(commit, path).oid if path else self.home.git.tree_of(commit)
            return object_node(self.session, self.home, found)
        except MissingObjectError:
            return None

    def pull_request(self, *, number: int) -> "PullRequestNode":
        """Return one pull request. Raises GraphQLRefusal NOT_FOUND."""
        if number not in self.home.pulls:
            raise not_found("PullRequest", f"the number of {number}")
        return PullRequestNode(session=self.session, home=self.home, pull=self.home.pulls[number])

    def pull_requests(
        self,
        *,
        states: list[str] | None = None,
        head_ref_name: str | None = None,
        base_ref_name: str | None = None,
        labels: list[str] | None = None,
        order_by: Mapping[str, str] | None = None,
        **window: Any,
    ) -> Mapping[str, Any]:
        """Return pull requests, oldest first unless told otherwise."""
        order = order_by or {"field": "CREATED_AT", "direction": "ASC"}
        found = [
            node
            for node in self._pulls_by(order["field"])
            if node.state in (states or [node.state])
            and head_ref_name in {None, node.pull.head}
            and base_ref_name in {None, node.pull.base}
            and (not labels or set(labels) & set(node.pull.labels))
        ]
        return connection(found[::-1] if order["direction"] == "DESC" else found, **window)

    def _pulls_by(self, field: str) -> "list[PullRequestNode]":
        pulls = sorted(
            self.home.pulls.values(),
            key=lambda pull: (pull.updated_at if field == "UPDATED_AT" else pull.created_at, pull.number),
        )
        return [PullRequestNode(session=self.session, home=self.home, pull=each) for each in pulls]


@dataclass(frozen=True, kw_only=True)
class RefNode(Node):
    """A branch or tag."""

    graphql_type = "Ref"
    home: Repository
    full_name: str
    prefix: str = "refs/heads/"

    @property
    def id(self) -> str:
        """Return the global id."""
        return f"REF_{self.home.id}_{self.full_name}"

    @property
    def name(self) -> str:
        """Return the name below the prefix."""
        return self.full_name.removeprefix(self.prefix)

    @property
    def target(self) -> "ObjectNode | None":
        """Return what it points to."""
        oid = self.home.git.target(self.full_name)
        return object_node(self.session, self.home, oid) if oid else None


@dataclass(frozen=True, kw_only=True)
class ObjectNode(Node):
    """A git object."""

    graphql_type = "GitObject"
    home: Repository
    oid: str

    @property
    def id(self) -> str:
        """Return the global id."""
        return f"G_{self.oid}"

    @property
    def abbreviated_oid(self) -> str:
        """Return the short id."""
        return self.oid[:7]

    @property
    def repository(self) -> RepositoryNode:
        """Return the repository that holds it."""
        return RepositoryNode(session=self.session, home=self.home)


@dataclass(frozen=True, kw_only=True)
class BlobNode(ObjectNode):
    """A file's content; `text` is cut at 512,000 bytes and absent for binary content."""

    graphql_type = "Blob"

    @cached_property
    def _content(self) -> bytes:
        return self.home.git.blob(self.oid)

    @property
    def byte_size(self) -> int:
        """Return its size in bytes."""
        return len(self._content)

    @property
    def is_binary(self) -> bool:
        """Say whether it holds a zero byte near its start, as git decides it."""
        return b"\0" in self._content[:BINARY_PROBE]

    @property
    def is_truncated(self) -> bool:
        """Say whether `text` is not all of it."""
        return len(self._content) > TEXT_LIMIT

    @property
    def text(self) -> str | None:
        """Return the content as text."""
        return None if self.is_binary else self._content[:TEXT_LIMIT].decode(errors="replace")


@dataclass(frozen=True, kw_only=True)
class TreeNode(ObjectNode):
    """A directory."""

    graphql_type = "Tree"

    @property
    def entries(self) -> "list[TreeEntryNode]":
        """Return what is in it."""
        items = self.home.git.items(self.oid)
        return [TreeEntryNode(session=self.session, home=self.home, item=each) for each in items]


@dataclass(frozen=True, kw_only=True)
class TreeEntryNode(Node):
    """One name in a directory."""

    graphql_type = "TreeEntry"
    home: Repository
    item: TreeItem

    @property
    def name(self) -> str:
        """Return the name."""
        return self.item.path

    @property
    def path(self) -> str:
        """Return the path below the tree."""
        return self.item.path

    @property
    def type(self) -> str:
        """Return `blob`, `tree` or `commit`."""
        return self.item.kind

    @property
    def mode(self) -> int:
        """Return the mode as a number."""
        return self.item.mode

    @property
    def oid(self) -> str:
        """Return the id of the object."""
        return self.item.oid

    @property
    def size(self) -> int:
        """Return the size of a blob in bytes."""
        return self.item.size or 0

    @property
    def object(self) -> ObjectNode:
        """Return the object."""
        return object_node(self.session, self.home, self.item.oid)


@dataclass(frozen=True, kw_only=True)
class GitActorNode(Node):
    """The author or committer of a commit."""

    graphql_type = "GitActor"
    home: Repository
    signature: pygit2.Signature

    @property
    def name(self) -> str:
        """Return the name in the commit."""
        return self.signature.name

    @property
    def email(self) -> str:
        """Return the address in the commit."""
        return self.signature.email

    @property
    def date(self) -> str:
        """Return the moment in the commit."""
        return str(signature(self.signature)["date"])

    @property
    def user(self) -> ActorNode | None:
        """Return the account behind the address: a user, never a bot's type."""
        account = self.home.account(self.signature.email)
        if account is None:
            return None
        return UserOfCommitNode(session=self.session, account=Account(login=account.login))


@dataclass(frozen=True, kw_only=True)
class UserOfCommitNode(ActorNode):
    """The account behind a commit's address, whose login keeps the suffix of a bot."""

    @property
    def login(self) -> str:
        """Return the login."""
        return self.account.login


@dataclass(frozen=True, kw_only=True)
class SignatureNode(Node):
    """The signature this GitHub puts on commits made through its API."""

    graphql_type = "GpgSignature"
    is_valid: bool = True
    was_signed_by_git_hub: bool = True
    state: str = "VALID"
    email: str = "noreply@github.com"


@dataclass(frozen=True, kw_only=True)
class CommitNode(ObjectNode):
    """A commit."""

    graphql_type = "Commit"

    @cached_property
    def _commit(self) -> pygit2.Commit:
        return self.home.git.commit(self.oid)

    @property
    def message(self) -> str:
        """Return the whole message."""
        return self._commit.message

    @property
    def message_headline(self) -> str:
        """Return the first line of the message."""
        return self._commit.message.partition("\n")[0]

    @property
    def message_body(self) -> str:
        """Return the message without its first line."""
        return self._commit.message.partition("\n")[2].strip()

    @property
    def author(self) -> GitActorNode:
        """Return who wrote it."""
        return GitActorNode(session=self.session, home=self.home, signature=self._commit.author)

    @property
    def committer(self) -> GitActorNode:
        """Return who committed it."""
        return GitActorNode(session=self.session, home=self.home, signature=self._commit.committer)

    @property
    def authored_date(self) -> str:
        """Return when it was written."""
        return self.author.date

    @property
    def committed_date(self) -> str:
        """Return when it was committed."""
        return self.committer.date

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return self.session.show.url(self.home.full_name, "commit", self.oid)

    @property
    def commit_url(self) -> str:
        """Return the address of its page."""
        return self.url

    @property
    def tree(self) -> TreeNode:
        """Return its root directory."""
        return TreeNode(session=self.session, home=self.home, oid=str(self._commit.tree_id))

    @property
    def signature(self) -> SignatureNode | None:
        """Return GitHub's signature; commits made by git itself have none here."""
        return SignatureNode(session=self.session) if self.oid in self.home.verified else None

    def parents(self, **window: Any) -> Mapping[str, Any]:
        """Return the commits it follows."""
        nodes = [CommitNode(session=self.session, home=self.home, oid=str(each)) for each in self._commit.parent_ids]
        return connection(nodes, **window)

    def history(self, **window: Any) -> Mapping[str, Any]:
        """Return itself and what it contains, newest first."""
        oids = reversed(self.home.git.commits(self.oid, without=[]))
        nodes = [CommitNode(session=self.session, home=self.home, oid=each) for each in oids]
        return connection(nodes, **window)


@dataclass(frozen=True, kw_only=True)
class TagNode(ObjectNode):
    """An annotated tag."""

    graphql_type = "Tag"


NODES: Mapping[str, type[ObjectNode]] = {"blob": BlobNode, "tree": TreeNode, "commit": CommitNode, "tag": TagNode}


def object_node(session: Session, repository: Repository, oid: str) -> ObjectNode:
    """Return the object with *oid*. Raises MissingObjectError."""
    return NODES[repository.git.kind(oid)](session=session, home=repository, oid=oid)


@dataclass(frozen=True, kw_only=True)
class PullRequestNode(Node):
    """A pull request."""

    graphql_type = "PullRequest"
    home: Repository
    pull: PullRequest

    @property
    def id(self) -> str:
        """Return the global id."""
        return pull_node_id(self.home, self.pull)

    @property
    def database_id(self) -> int:
        """Return the numeric id."""
        return self.pull.id

    @property
    def number(self) -> int:
        """Return the number in its repository."""
        return self.pull.number

    @property
    def title(self) -> str:
        """Return the title."""
        return self.pull.title

    @property
    def body(self) -> str:
        """Return the body; never null."""
        return self.pull.body or ""

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return self.session.show.url(self.home.full_name, "pull", self.pull.number)

    @property
    def state(self) -> str:
        """Return OPEN, CLOSED or MERGED."""
        return "MERGED" if self.pull.merged_at else self.pull.state.name

    @property
    def closed(self) -> bool:
        """Say whether it is closed or merged."""
        return self.pull.state is State.CLOSED

    @property
    def merged(self) -> bool:
        """Say whether it is merged."""
        return self.pull.merged_at is not None

    @property
    def is_draft(self) -> bool:
        """Say whether it is a draft."""
        return self.pull.draft

    @property
    def mergeable(self) -> str:
        """Return whether it conflicts with its base; unknown once it is closed."""
        return MERGEABLE[shown_mergeability(self.home, self.pull).mergeable]

    @property
    def merge_state_status(self) -> str:
        """Return the details of mergeability."""
        return shown_mergeability(self.home, self.pull).name

    @property
    def author(self) -> ActorNode:
        """Return who opened it."""
        return ActorNode(session=self.session, account=self.pull.author)

    @property
    def merged_by(self) -> ActorNode | None:
        """Return who merged it."""
        return ActorNode(session=self.session, account=self.pull.merged_by) if self.pull.merged_by else None

    @property
    def merge_commit(self) -> CommitNode | None:
        """Return the commit it became."""
        oid = self.pull.merge_commit_sha
        return CommitNode(session=self.session, home=self.home, oid=oid) if oid else None

    @property
    def created_at(self) -> str:
        """Return when it was opened."""
        return iso(self.pull.created_at)

    @property
    def updated_at(self) -> str:
        """Return when anything about it changed last."""
        return iso(self.pull.updated_at)

    @property
    def closed_at(self) -> str | None:
        """Return when it was closed or merged."""
        return iso(self.pull.closed_at) if self.pull.closed_at else None

    @property
    def merged_at(self) -> str | None:
        """Return when it was merged."""
        return iso(self.pull.merged_at) if self.pull.merged_at else None

    @property
    def head_ref_name(self) -> str:
        """Return the branch it proposes."""
        return self.pull.head

    @property
    def head_ref_oid(self) -> str:
        """Return the commit it proposes."""
        return self.pull.head_sha

    @property
    def base_ref_name(self) -> str:
        """Return the branch it is for."""
        return self.pull.base

    @property
    def base_ref_oid(self) -> str:
        """Return the tip of the base when it was opened or got another base."""
        return self.pull.base_sha

    @property
    def head_ref(self) -> RefNode | None:
        """Return the branch, while it exists."""
        name = self.pull.head_ref
        exists = self.home.git.target(name) and not self.pull.from_fork
        return RefNode(session=self.session, home=self.home, full_name=name) if exists else None

    @property
    def is_cross_repository(self) -> bool:
        """Say whether it comes from a fork."""
        return self.pull.from_fork

    @property
    def repository(self) -> RepositoryNode:
        """Return the repository it is for."""
        return RepositoryNode(session=self.session, home=self.home)

    @property
    def head_repository(self) -> "RepositoryNode | Mapping[str, Any]":
        """Return the repository it comes from."""
        if self.pull.fork_owner is None:
            return self.repository
        fork = self.session.show.fork(self.home, Account(login=self.pull.fork_owner))
        return {
            "id": fork["node_id"],
            "database_id": fork["id"],
            "name": fork["name"],
            "name_with_owner": fork["full_name"],
            "is_fork": True,
        }

    @property
    def head_repository_owner(self) -> ActorNode:
        """Return the owner of the repository it comes from."""
        fork_owner = self.pull.fork_owner
        account = Account(login=fork_owner) if fork_owner else self.home.owner
        return ActorNode(session=self.session, account=account)

    @property
    def auto_merge_request(self) -> Mapping[str, Any] | None:
        """Return the merge that waits for the checks."""
        wish = self.pull.auto_merge
        if wish is None:
            return None
        return {
            "enabled_at": iso(wish.enabled_at),
            "enabled_by": ActorNode(session=self.session, account=wish.enabled_by),
            "merge_method": wish.method.name,
            "commit_headline": wish.headline,
            "commit_body": wish.body,
        }

    def labels(self, **window: Any) -> Mapping[str, Any]:
        """Return its labels."""
        return connection([{"name": name} for name in self.pull.labels], **window)

    def commits(self, **window: Any) -> Mapping[str, Any]:
        """Return its commits, oldest first."""
        oids = self.home.git.commits(self.pull.head_sha, without=[self.pull.base_sha])
        nodes = [{"commit": CommitNode(session=self.session, home=self.home, oid=oid)} for oid in oids]
        return connection(nodes, **window)
