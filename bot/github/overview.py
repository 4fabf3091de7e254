"""The state of a repository in one GraphQL call: settings, default branch, the bot's branches, all pull requests."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from bot.errors import GitHubError
from bot.github.client import Client
from bot.github.model import (
    BotIdentity,
    Branch,
    Commit,
    CommitWords,
    ForeignPull,
    MergeableState,
    Oid,
    PullRequest,
    PullRequestState,
    RepositoryOverview,
    RepositoryReference,
)
from bot.github.people import web_address
from bot.model.pull_request import OpenPullRequest
from bot.model.update import BranchName

T = TypeVar("T")

HEADS = "refs/heads/"
BOT = "[bot]"
BEHIND = "BEHIND"
UNKNOWN = "UNKNOWN"
APPROVED = "APPROVED"

COMMIT = """
fragment commit on Commit {
  oid committedDate tree { oid } parents(first: 2) { nodes { oid } }
  author { email } signature { isValid wasSignedByGitHub }
}
"""
LATEST = """
fragment latest on Commit {
  history(first: 20) { nodes { messageHeadline messageBody author { email } parents(first: 2) { nodes { oid } } } }
}
"""
PULL = """
fragment pull on PullRequest {
  number id title body state headRefName headRefOid baseRefName createdAt closedAt mergeable
  reviewDecision isInMergeQueue headRepository { databaseId }
  autoMergeRequest { enabledBy { login ... on Bot { databaseId } ... on User { databaseId } } }
  author { login ... on Bot { databaseId } ... on User { databaseId } }
}
"""
OVERVIEW = (
    """
query($id: ID!, $prefix: String!) {
  viewer { login databaseId }
  node(id: $id) {
    ... on Repository {
      id databaseId nameWithOwner isArchived isFork isTemplate isPrivate
      defaultBranchRef { prefix name target { ...commit ...latest } }
      refs(refPrefix: $prefix, first: 100) { nodes { prefix name target { ...commit } } }
      open: pullRequests(states: [OPEN], first: 100, orderBy: {field: UPDATED_AT, direction: DESC}) {
        pageInfo { hasNextPage }
        nodes {
          ...pull
          mergeStateStatus headRef { prefix name target { ...commit } } files(first: 50) { nodes { path } }
        }
      }
      closed: pullRequests(
        states: [CLOSED, MERGED], first: 100, orderBy: {field: UPDATED_AT, direction: DESC}
      ) { nodes { ...pull } }
    }
  }
}
"""
    + COMMIT
    + LATEST
    + PULL
)
BELOW = (
    """
query($id: ID!, $prefix: String!, $name: String!) {
  node(id: $id) {
    ... on Repository {
      refs(refPrefix: $prefix, query: $name, first: 100) { nodes { prefix name target { ...commit } } }
    }
  }
}
"""
    + COMMIT
)
MOST_FILES = 50
"""So many files of a pull request the overview lists."""

MERGEABLE = """
query($id: ID!) {
  node(id: $id) {
    ... on Repository {
      open: pullRequests(states: [OPEN], first: 100, orderBy: {field: UPDATED_AT, direction: DESC}) {
        nodes { number headRefOid mergeable }
      }
    }
  }
}
"""
VIEWER = "query { viewer { login databaseId } }"
OF_BRANCH = (
    """
query($id: ID!, $branch: String!) {
  viewer { login databaseId }
  node(id: $id) {
    ... on Repository {
      pulls: pullRequests(headRefName: $branch, first: 100, orderBy: {field: UPDATED_AT, direction: DESC}) {
        nodes { ...pull }
      }
    }
  }
}
"""
    + PULL
)


class _Struct(msgspec.Struct, rename="camel"):
    """An object of a GraphQL answer."""


class _Actor(_Struct):
    login: str
    database_id: int | None = None


class _Object(_Struct):
    oid: Oid


class _Objects(_Struct):
    nodes: list[_Object]


class _Person(_Struct):
    email: str | None = None


class _Signature(_Struct):
    is_valid: bool
    was_signed_by_git_hub: bool = msgspec.field(name="wasSignedByGitHub")


class _Message(_Struct):
    message_headline: str
    message_body: str
    parents: _Objects
    author: _Person | None = None


class _Messages(_Struct):
    nodes: list[_Message]


class _Commit(_Struct):
    oid: Oid
    committed_date: datetime
    tree: _Object
    parents: _Objects
    author: _Person | None = None
    signature: _Signature | None = None
    history: _Messages | None = None


class _HeadRepository(_Struct):
    database_id: int | None = None


class _File(_Struct):
    path: str


class _Files(_Struct):
    nodes: list[_File | None] | None = None


class _Enabled(_Struct):
    enabled_by: _Actor | None = None


class _Ref(_Struct):
    prefix: str
    name: str
    target: _Commit


class _Pull(_Struct):
    number: int
    id: str
    title: str
    body: str
    state: PullRequestState
    head_ref_name: BranchName
    head_ref_oid: Oid
    base_ref_name: str
    created_at: datetime
    closed_at: datetime | None = None
    mergeable: MergeableState = MergeableState.UNKNOWN
    review_decision: str | None = None
    is_in_merge_queue: bool = False
    auto_merge_request: _Enabled | None = None
    head_repository: _HeadRepository | None = None
    author: _Actor | None = None
    merge_state_status: str = UNKNOWN
    head_ref: _Ref | None = None
    files: _Files | None = None


class _PageInfo(_Struct):
    has_next_page: bool = False


class _Pulls(_Struct):
    nodes: list[_Pull]
    page_info: _PageInfo = msgspec.field(default_factory=_PageInfo)


class _Refs(_Struct):
    nodes: list[_Ref]


class _Repository(_Struct):
    id: str
    database_id: int
    name_with_owner: str
    is_archived: bool
    is_fork: bool
    is_template: bool
    is_private: bool
    refs: _Refs
    open: _Pulls
    closed: _Pulls
    default_branch_ref: _Ref | None = None


class _Overview(_Struct):
    viewer: _Actor
    node: _Repository | None = None


class _Merges(_Struct):
    number: int
    head_ref_oid: Oid
    mergeable: MergeableState


class _AllMerges(_Struct):
    nodes: list[_Merges]


class _HasMerges(_Struct):
    open: _AllMerges


class _Mergeable(_Struct):
    node: _HasMerges | None = None


class _HasRefs(_Struct):
    refs: _Refs


class _Below(_Struct):
    node: _HasRefs | None = None


class _Viewer(_Struct):
    viewer: _Actor


class _Branch(_Struct):
    pulls: _Pulls


class _OfBranch(_Struct):
    viewer: _Actor
    node: _Branch | None = None


async def overview(client: Client, *, prefix: str) -> RepositoryOverview:
    """Return the state of the repository; *prefix* is that of the bot's branches, such as `condabot/`.

    At most 100 branches under the prefix are seen, and those of its open pull requests, wherever they are. Of pull
    requests whose branch is gone those among the repository's 100 that changed last are: `pulls_of_branch` finds older
    ones. Where more than 100 are open, each branch without a known pull request costs one more call.

    Raises:
        GitHubError: GitHub refused, or the token may not see the repository.
        GitHubUnavailable: GitHub limits us or did not answer.

    """
    variables = {"id": client.repository.node_id, "prefix": f"{HEADS}{prefix}"}
    answer = await client.query(OVERVIEW, _Overview, variables)
    node, bot = _node(answer.node, client), _identity(answer.viewer, client)
    default = node.default_branch_ref
    branches = tuple(_branch(each) for each in (*node.refs.nodes, *_refs_of_bot(node.open.nodes, node, bot)))
    pulls = _of_bot([*node.open.nodes, *node.closed.nodes], bot)
    if node.open.page_info.has_next_page:
        pulls += await _unseen(client, branches, pulls)
    return RepositoryOverview(
        repository=_reference(node),
        bot=bot,
        archived=node.is_archived,
        fork=node.is_fork,
        template=node.is_template,
        private=node.is_private,
        default_branch=_branch(default) if default else None,
        branches=tuple({each.name: each for each in branches}.values()),
        pulls=pulls,
        latest=_latest(default),
        others=tuple(_other(each) for each in node.open.nodes if _is_of_others(each, node.database_id, bot)),
        foreign=tuple(_foreign(each) for each in node.open.nodes if not _is_ours(each, bot)),
    )


async def _unseen(client: Client, branches: Iterable[Branch], seen: Iterable[PullRequest]) -> tuple[PullRequest, ...]:
    """Return the pull requests of branches that none was seen for: they may be open beyond the first hundred."""
    known = {pull.head for pull in seen}
    unseen = [branch.name for branch in branches if branch.name not in known]
    return tuple([pull for name in unseen for pull in await pulls_of_branch(client, name)])


async def pulls_of_branch(client: Client, branch: BranchName) -> tuple[PullRequest, ...]:
    """Return every pull request of the bot for *branch*, in any state, also long after the branch is gone."""
    answer = await client.query(OF_BRANCH, _OfBranch, {"id": client.repository.node_id, "branch": branch})
    return _of_bot(_node(answer.node, client).pulls.nodes, _identity(answer.viewer, client))


async def mergeable_states(client: Client) -> Mapping[tuple[int, Oid], MergeableState]:
    """Return whether each open pull request, by number and head, can be merged: of the 100 that changed last."""
    answer = await client.query(MERGEABLE, _Mergeable, {"id": client.repository.node_id})
    return {(each.number, each.head_ref_oid): each.mergeable for each in _node(answer.node, client).open.nodes}


async def branches_below(client: Client, prefix: str) -> tuple[Branch, ...]:
    """Return the branches whose names begin with *prefix*, which need not end a folder; at most 100."""
    folder, slash, name = prefix.rpartition("/")
    variables = {"id": client.repository.node_id, "prefix": f"{HEADS}{folder}{slash}", "name": name}
    answer = await client.query(BELOW, _Below, variables)
    return tuple(each for each in map(_branch, _node(answer.node, client).refs.nodes) if each.name.startswith(prefix))


async def identity(client: Client) -> BotIdentity:
    """Return the account that the App acts as."""
    return _identity((await client.query(VIEWER, _Viewer, {})).viewer, client)


def _node(node: T | None, client: Client) -> T:
    if node is None:
        raise GitHubError(
            f"repository {client.repository.id} is not visible to this token", status=HTTPStatus.NOT_FOUND
        )
    return node


def _identity(viewer: _Actor, client: Client) -> BotIdentity:
    """Return who the token acts as: `viewer` is the App's own account. GraphQL leaves `[bot]` off logins in places."""
    if viewer.database_id is None:
        raise GitHubError(f"GitHub does not say which account {viewer.login} is")
    return BotIdentity(
        user_id=viewer.database_id,
        login=f"{viewer.login.removesuffix(BOT)}{BOT}",
        host=urlsplit(web_address(client.api.base_url)).hostname or "",
    )


def _reference(node: _Repository) -> RepositoryReference:
    owner, _, name = node.name_with_owner.partition("/")
    return RepositoryReference(id=node.database_id, node_id=node.id, owner=owner, name=name)


def _branch(ref: _Ref) -> Branch:
    """Return a branch. GitHub splits the full name at the prefix that was asked for, wherever that is."""
    return Branch(name=BranchName(f"{ref.prefix}{ref.name}".removeprefix(HEADS)), head=_commit(ref.target))


def _commit(commit: _Commit) -> Commit:
    return Commit(
        oid=commit.oid,
        committed_at=commit.committed_date,
        tree=commit.tree.oid,
        parents=tuple(each.oid for each in commit.parents.nodes),
        author_email=(commit.author and commit.author.email) or "",
        signed_by_github=bool(
            commit.signature and commit.signature.is_valid and commit.signature.was_signed_by_git_hub
        ),
    )


def _of_bot(pulls: Iterable[_Pull], bot: BotIdentity) -> tuple[PullRequest, ...]:
    """Return the bot's own pull requests, each once, the oldest first."""
    own = {each.number: _pull(each) for each in pulls if each.author and each.author.database_id == bot.user_id}
    return tuple(own[number] for number in sorted(own))


def _refs_of_bot(pulls: Iterable[_Pull], node: _Repository, bot: BotIdentity) -> Iterable[_Ref]:
    """Return the branches of the bot's pull requests, however they are called."""
    for pull in pulls:
        is_here = pull.head_repository is not None and pull.head_repository.database_id == node.database_id
        if pull.head_ref and is_here and pull.author and pull.author.database_id == bot.user_id:
            yield pull.head_ref


def _latest(default: _Ref | None) -> tuple[CommitWords, ...]:
    history = default.target.history if default else None
    return tuple(
        CommitWords(
            headline=each.message_headline,
            body=each.message_body,
            author_email=(each.author and each.author.email) or "",
            is_merge=len(each.parents.nodes) > 1,
        )
        for each in (history.nodes if history else ())
    )


def _is_of_others(pull: _Pull, repository_id: int, bot: BotIdentity) -> bool:
    """Tell whether somebody else opened *pull* from a branch of the repository itself."""
    return (
        not _is_ours(pull, bot)
        and pull.head_repository is not None
        and pull.head_repository.database_id == repository_id
    )


def _is_ours(pull: _Pull, bot: BotIdentity) -> bool:
    return pull.author is not None and pull.author.database_id == bot.user_id


def _paths(pull: _Pull) -> tuple[str, ...]:
    files = pull.files.nodes if pull.files else None
    return tuple(each.path for each in files or () if each)


def _foreign(pull: _Pull) -> ForeignPull:
    return ForeignPull(number=pull.number, head=pull.head_ref_oid, paths=_paths(pull), merges=pull.mergeable)


def _other(pull: _Pull) -> OpenPullRequest:
    return OpenPullRequest(
        number=pull.number,
        author=pull.author.login if pull.author else "",
        title=pull.title,
        files=_paths(pull),
        branch=pull.head_ref_name,
    )


def _armed_by(request: _Enabled | None) -> int | None:
    return request.enabled_by.database_id if request and request.enabled_by else None


def _pull(pull: _Pull) -> PullRequest:
    return PullRequest(
        number=pull.number,
        node_id=pull.id,
        title=pull.title,
        body=pull.body,
        state=pull.state,
        head=pull.head_ref_name,
        head_oid=pull.head_ref_oid,
        head_repository_id=pull.head_repository.database_id if pull.head_repository else None,
        base=pull.base_ref_name,
        author_id=pull.author.database_id if pull.author else None,
        created_at=pull.created_at,
        closed_at=pull.closed_at,
        approved=pull.review_decision == APPROVED,
        queued=pull.is_in_merge_queue,
        armed=pull.auto_merge_request is not None,
        armed_by=_armed_by(pull.auto_merge_request),
        conflicted=pull.mergeable is MergeableState.CONFLICTING,
        behind=pull.merge_state_status == BEHIND,
    )
