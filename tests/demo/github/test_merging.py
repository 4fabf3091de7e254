"""What keeps a pull request from being merged, and how the merge queue works."""

import httpx
import pytest

from bot.demo.github.errors import ApiError
from bot.demo.github.model import CommitStatus, MergeMethod, PullRequest, State
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from tests.demo.github.conftest import GraphQL, Receiver

HERE = "/repos/acme/app"
ENQUEUE = (
    "mutation($i: EnqueuePullRequestInput!) { enqueuePullRequest(input: $i) { mergeQueueEntry { position state } } }"
)
DEQUEUE = "mutation($i: DequeuePullRequestInput!) { dequeuePullRequest(input: $i) { mergeQueueEntry { id } } }"
ENABLE = "mutation($i: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $i) { clientMutationId } }"
STATE = (
    'query($n: Int!) { repository(owner: "acme", name: "app") { pullRequest(number: $n) '
    "{ reviewDecision isInMergeQueue mergeQueueEntry { position headCommit { oid } } mergeStateStatus } } }"
)

pytestmark = pytest.mark.usefixtures("github", "installation")


async def opened(github: FakeGitHub, repository: Repository, branch: str) -> PullRequest:
    repository.commit(branch, {branch: "1\n"})
    return await github.open_pull_request(repository, title=branch, head=branch)


@pytest.fixture
async def pull(lenient_github: FakeGitHub, repository: Repository) -> PullRequest:
    return await opened(lenient_github, repository, "work")


async def report(api: httpx.AsyncClient, sha: str, conclusion: str) -> None:
    made = await api.post(f"{HERE}/check-runs", json={"name": "ci", "head_sha": sha, "conclusion": conclusion})
    assert made.status_code == 201


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("merge", "Merge commits are not allowed on this repository."),
        ("squash", "Squash merges are not allowed on this repository."),
        ("rebase", "Rebase merges are not allowed on this repository."),
    ],
)
async def test_a_repository_allows_some_ways_of_merging(
    repository: Repository, pull: PullRequest, api: httpx.AsyncClient, method: str, reason: str
) -> None:
    repository.merge_methods = frozenset(MergeMethod) - {MergeMethod(method)}

    refused = await api.put(f"{HERE}/pulls/{pull.number}/merge", json={"merge_method": method})

    assert (refused.status_code, refused.json()["message"]) == (405, reason)
    assert (await api.get(HERE)).json()[f"allow_{method}_merge" if method != "merge" else "allow_merge_commit"] is False


async def test_a_draft_is_not_merged(repository: Repository, api: httpx.AsyncClient) -> None:
    repository.commit("work", {"a": "1"})
    made = await api.post(f"{HERE}/pulls", json={"title": "T", "head": "work", "base": "main", "draft": True})

    refused = await api.put(f"{HERE}/pulls/{made.json()['number']}/merge")

    assert (refused.status_code, refused.json()["message"]) == (405, "Pull Request is still a draft")


async def test_a_branch_that_is_behind_may_have_to_be_updated(
    github: FakeGitHub, repository: Repository, pull: PullRequest, graphql: GraphQL
) -> None:
    repository.strict_checks = True
    repository.commit("main", {"b": "1"})

    answer = await graphql(STATE, n=pull.number)

    assert answer["data"]["repository"]["pullRequest"]["mergeStateStatus"] == "BEHIND"
    with pytest.raises(ApiError, match="out of date"):
        await github.merge(repository, pull.number)


async def test_a_ruleset_keeps_apps_from_branches(
    github: FakeGitHub, repository: Repository, api: httpx.AsyncClient
) -> None:
    repository.rejected_branches = ("condabot/*",)
    body = {"ref": "refs/heads/condabot/x", "sha": repository.head("main")}

    refused = await api.post(f"{HERE}/git/refs", json=body)

    assert (refused.status_code, "Repository rule violations" in refused.json()["message"]) == (422, True)
    await github.acting_as("ada").commit(repository, "condabot/x", {"a": "1"})
    assert repository.head("condabot/x")


async def test_the_rules_of_a_branch_are_shown(repository: Repository, api: httpx.AsyncClient) -> None:
    repository.required_checks, repository.required_approvals, repository.merge_queue = ("ci",), 1, True

    rules = (await api.get(f"{HERE}/rules/branches/main")).json()

    assert [each["type"] for each in rules] == ["required_status_checks", "pull_request", "merge_queue"]
    assert rules[0]["parameters"]["required_status_checks"] == [{"context": "ci"}]
    assert rules[1]["parameters"]["required_approving_review_count"] == 1
    assert (await api.get(f"{HERE}/rules/branches/other")).json() == []


async def test_the_queue_tries_and_merges_in_turn(
    github: FakeGitHub,
    receiver: Receiver,
    repository: Repository,
    pull: PullRequest,
    api: httpx.AsyncClient,
    graphql: GraphQL,
) -> None:
    github.state.events = (*github.state.events, "merge_group")
    other = await opened(github, repository, "other")
    repository.merge_queue, repository.required_checks = True, ("ci",)
    await report(api, pull.head_sha, "success")
    await report(api, other.head_sha, "success")
    refused = await api.put(f"{HERE}/pulls/{pull.number}/merge")
    assert (refused.status_code, "merge queue" in refused.json()["message"]) == (405, True)

    entry = await graphql(ENQUEUE, i={"pullRequestId": f"PR_{repository.id}_{pull.number}"})
    await github.acting_as("ada").enqueue(repository, other.number)
    await github.settle()

    assert entry["data"]["enqueuePullRequest"]["mergeQueueEntry"] == {"position": 0, "state": "AWAITING_CHECKS"}
    wanted = [each.data for each in receiver.events if each.event == "merge_group"]
    assert [each["action"] for each in wanted] == ["checks_requested"] * 2
    first, second = (each["merge_group"] for each in wanted)
    assert (second["base_sha"], first["base_ref"]) == (first["head_sha"], "refs/heads/main")
    assert first["head_ref"].startswith(f"refs/heads/gh-readonly-queue/main/pr-{pull.number}-")
    state = (await graphql(STATE, n=other.number))["data"]["repository"]["pullRequest"]
    assert (state["isInMergeQueue"], state["mergeQueueEntry"]["position"]) == (True, 1)

    await report(api, second["head_sha"], "success")
    assert pull.state is State.OPEN
    await report(api, first["head_sha"], "success")
    await github.settle()

    assert repository.head("main") == second["head_sha"]
    assert pull.merged_at
    assert other.merged_at
    assert [name for name in repository.branches() if "queue" in name] == []
    gone = [each.data for each in receiver.events if each.data.get("action") == "destroyed"]
    assert [each["reason"] for each in gone] == ["merged", "merged"]


async def test_what_fails_in_the_queue_is_thrown_out_and_the_rest_tried_again(
    github: FakeGitHub, receiver: Receiver, repository: Repository, pull: PullRequest, api: httpx.AsyncClient
) -> None:
    github.state.events = (*github.state.events, "merge_group")
    other = await opened(github, repository, "other")
    repository.merge_queue, repository.required_checks = True, ("ci",)
    for each in (pull, other):
        await report(api, each.head_sha, "success")
        await github.acting_as("ada").enqueue(repository, each.number)
    base = repository.head("main")

    await report(api, repository.queue[0].head_sha, "failure")
    await github.settle()

    assert [each.number for each in repository.queue] == [other.number]
    assert repository.queue[0].base_sha == base
    reasons = [each.data["reason"] for each in receiver.events if each.data.get("action") == "destroyed"]
    assert sorted(reasons) == ["dequeued", "invalidated"]
    left = [each.data for each in receiver.events if each.data.get("action") == "dequeued"]
    assert [(each["number"], each["reason"]) for each in left] == [(pull.number, "CI_FAILURE")]


async def test_the_queue_refuses_and_is_left(
    github: FakeGitHub, repository: Repository, pull: PullRequest, graphql: GraphQL
) -> None:
    ada, node = github.acting_as("ada"), f"PR_{repository.id}_{pull.number}"
    with pytest.raises(ApiError, match="no merge queue"):
        await ada.enqueue(repository, pull.number)
    repository.merge_queue, repository.required_checks = True, ("ci",)
    with pytest.raises(ApiError, match="not ready"):
        await ada.enqueue(repository, pull.number)
    stale = await graphql(ENQUEUE, i={"pullRequestId": node, "expectedHeadOid": "0" * 40})
    assert "modified" in stale["errors"][0]["message"]
    status = CommitStatus(
        id=1,
        sha=pull.head_sha,
        state="success",
        context="ci",
        description=None,
        target_url=None,
        creator=github.person,
        created_at=github.state.now(),
    )
    repository.statuses.append(status)

    await ada.enqueue(repository, pull.number)
    with pytest.raises(ApiError, match="already"):
        await ada.enqueue(repository, pull.number)
    left = await graphql(DEQUEUE, i={"id": node})
    assert left["data"]["dequeuePullRequest"] == {"mergeQueueEntry": None}
    with pytest.raises(ApiError, match="not in the queue"):
        await ada.dequeue(repository, pull.number)


async def test_an_automatic_merge_waits_for_the_approval_and_goes_through_the_queue(
    github: FakeGitHub, repository: Repository, pull: PullRequest, graphql: GraphQL, api: httpx.AsyncClient
) -> None:
    repository.collaborators["ada"] = "write"
    repository.merge_queue, repository.required_checks, repository.required_approvals = True, ("ci",), 1
    await graphql(ENABLE, i={"pullRequestId": f"PR_{repository.id}_{pull.number}"})
    await report(api, pull.head_sha, "success")
    state = (await graphql(STATE, n=pull.number))["data"]["repository"]["pullRequest"]
    assert (state["reviewDecision"], state["isInMergeQueue"]) == ("REVIEW_REQUIRED", False)

    await github.acting_as("ada").approve(repository, pull.number)

    state = (await graphql(STATE, n=pull.number))["data"]["repository"]["pullRequest"]
    assert (state["reviewDecision"], state["isInMergeQueue"]) == ("APPROVED", True)
