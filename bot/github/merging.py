"""How a pull request of ours merges without a person: by GitHub once it may, by a merge queue, or by us at once.

What is asked for names the commit that it is for, so that nothing merges which somebody pushed in the meantime.
https://docs.github.com/en/graphql/reference/mutations#enablepullrequestautomerge
https://docs.github.com/en/graphql/reference/mutations#enqueuepullrequest
https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from bot.errors import GitHubError
from bot.github.changes import required_checks
from bot.github.client import Client
from bot.github.model import Oid
from bot.github.retrying import Repeat

STATE: Final = """
query($id: ID!, $number: Int!) {
  node(id: $id) {
    ... on Repository {
      autoMergeAllowed mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed
      pullRequest(number: $number) {
        id body headRefOid mergeStateStatus isInMergeQueue isMergeQueueEnabled
        autoMergeRequest { enabledBy { ... on Bot { databaseId } ... on User { databaseId } } }
      }
    }
  }
}
"""
ARM: Final = (
    "mutation($input: EnablePullRequestAutoMergeInput!)"
    " { enablePullRequestAutoMerge(input: $input) { clientMutationId } }"
)
DISARM: Final = (
    "mutation($input: DisablePullRequestAutoMergeInput!)"
    " { disablePullRequestAutoMerge(input: $input) { clientMutationId } }"
)
ENQUEUE: Final = "mutation($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { clientMutationId } }"


class Mergeable(StrEnum):
    """What GitHub says of a merge (GraphQL `MergeStateStatus`)."""

    BEHIND = "BEHIND"
    BLOCKED = "BLOCKED"
    CLEAN = "CLEAN"
    DIRTY = "DIRTY"
    DRAFT = "DRAFT"
    HAS_HOOKS = "HAS_HOOKS"
    UNKNOWN = "UNKNOWN"
    UNSTABLE = "UNSTABLE"


class Method(StrEnum):
    """How a merge is made (GraphQL `PullRequestMergeMethod`)."""

    SQUASH = "SQUASH"
    MERGE = "MERGE"
    REBASE = "REBASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeState:
    """A pull request, and what may become of it: `methods` are those that the repository allows.

    GitHub itself merges it later only where that is `automatic`. Into a branch that `has_queue` nothing gets otherwise.
    Of `checks` every one must be green before.
    """

    number: int
    node_id: str
    body: str
    head: Oid
    mergeable: Mergeable
    methods: tuple[Method, ...]
    automatic: bool
    has_queue: bool = False
    queued: bool = False
    armed_by: int | None = None
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeWords:
    """What the commit of a merge says; of a rebase, and in a queue, GitHub asks for none."""

    headline: str
    body: str


class _Actor(msgspec.Struct, rename="camel"):
    database_id: int | None = None


class _Request(msgspec.Struct, rename="camel"):
    enabled_by: _Actor | None = None


class _Pull(msgspec.Struct, rename="camel"):
    id: str
    body: str
    head_ref_oid: Oid
    merge_state_status: Mergeable = Mergeable.UNKNOWN
    is_in_merge_queue: bool = False
    is_merge_queue_enabled: bool = False
    auto_merge_request: _Request | None = None


class _Repository(msgspec.Struct, rename="camel"):
    auto_merge_allowed: bool = False
    merge_commit_allowed: bool = False
    squash_merge_allowed: bool = False
    rebase_merge_allowed: bool = False
    pull_request: _Pull | None = None


class _State(msgspec.Struct):
    node: _Repository | None = None


class _Run(msgspec.Struct):
    status: str
    app: "_App | None" = None


class _App(msgspec.Struct):
    id: int


class _Runs(msgspec.Struct):
    check_runs: list[_Run]


async def merge_state(client: Client, number: int, base: str) -> MergeState:
    """Return what may become of pull request *number*, which is for the branch *base*.

    Raises:
        GitHubError: GitHub refused, or there is no such pull request.

    """
    node = (await client.query(STATE, _State, {"id": client.repository.node_id, "number": number})).node
    if node is None or node.pull_request is None:
        raise GitHubError(f"pull request {number} is not there")
    pull = node.pull_request
    return MergeState(
        number=number,
        node_id=pull.id,
        body=pull.body,
        head=pull.head_ref_oid,
        mergeable=pull.merge_state_status,
        methods=_methods(node),
        automatic=node.auto_merge_allowed,
        has_queue=pull.is_merge_queue_enabled,
        queued=pull.is_in_merge_queue,
        armed_by=_armed_by(pull.auto_merge_request),
        checks=await required_checks(client, base),
    )


def _methods(node: _Repository) -> tuple[Method, ...]:
    allowed = {
        Method.SQUASH: node.squash_merge_allowed,
        Method.MERGE: node.merge_commit_allowed,
        Method.REBASE: node.rebase_merge_allowed,
    }
    return tuple(method for method, is_allowed in allowed.items() if is_allowed)


def _armed_by(request: _Request | None) -> int | None:
    """Return who asked GitHub to merge; somebody nameless is 0."""
    if request is None:
        return None
    return (request.enabled_by and request.enabled_by.database_id) or 0


async def others_report(client: Client, head: Oid) -> bool:
    """Tell whether a check of another App has ended on the commit *head*; 100 checks are looked at."""
    runs = await client.get(
        "/repos/{owner}/{repo}/commits/{ref}/check-runs{?per_page}", _Runs, repeat=Repeat.FRESH, ref=head, per_page=100
    )
    return any(
        each.status == "completed" and (each.app is None or each.app.id != client.app_id) for each in runs.check_runs
    )


async def arm(client: Client, state: MergeState, method: Method, words: MergeWords) -> None:
    """Have GitHub merge it as soon as it may.

    Raises:
        GitHubError: GitHub refused: another commit is its head, or there is nothing to wait for.

    """
    said: Mapping[str, str] = {"commitHeadline": words.headline, "commitBody": words.body}
    wanted = {"pullRequestId": state.node_id, "expectedHeadOid": state.head, "mergeMethod": str(method)}
    is_worded = method is not Method.REBASE and not state.has_queue
    await client.mutate(ARM, {"input": {**wanted, **(said if is_worded else {})}})


async def disarm(client: Client, node_id: str) -> None:
    """Take back that GitHub merges it."""
    await client.mutate(DISARM, {"input": {"pullRequestId": node_id}})


async def enqueue(client: Client, state: MergeState) -> None:
    """Put it into the merge queue of its base.

    Raises:
        GitHubError: GitHub refused: another commit is its head, or it is not ready.

    """
    await client.mutate(ENQUEUE, {"input": {"pullRequestId": state.node_id, "expectedHeadOid": state.head}})


async def merge(client: Client, state: MergeState, method: Method, words: MergeWords) -> None:
    """Merge it now.

    Raises:
        GitHubError: GitHub refused: another commit is its head, or a rule of its base is not fulfilled.

    """
    said = {} if method is Method.REBASE else {"commit_title": words.headline, "commit_message": words.body}
    await client.put(
        "/repos/{owner}/{repo}/pulls/{pull_number}/merge",
        {"sha": state.head, "merge_method": method.lower(), **said},
        pull_number=state.number,
    )
