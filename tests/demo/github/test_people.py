"""What people do on GitHub, and what the App hears of it."""

import httpx
import pytest

from bot.demo.github.errors import ApiError
from bot.demo.github.model import Account, PullRequest, State
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from tests.demo.github.conftest import GraphQL, Receiver

HERE = "/repos/acme/app"

pytestmark = pytest.mark.usefixtures("github", "installation")


@pytest.fixture
async def pull(lenient_github: FakeGitHub, repository: Repository) -> PullRequest:
    repository.commit("work", {"a": "1\n"}, message="Add a")
    body = "Text\n- [ ] rebuild\n- [x] other"
    return await lenient_github.open_pull_request(repository, title="T", head="work", body=body)


async def test_a_box_is_ticked_in_the_body(
    github: FakeGitHub, receiver: Receiver, repository: Repository, pull: PullRequest
) -> None:
    ada = github.acting_as("ada")

    await ada.tick(repository, pull.number, "rebuild")

    assert pull.body == "Text\n- [x] rebuild\n- [x] other"
    told = receiver.last("pull_request")
    assert (told["action"], told["sender"]["login"]) == ("edited", "ada")
    assert told["changes"]["body"]["from"] == "Text\n- [ ] rebuild\n- [x] other"

    await ada.tick(repository, pull.number, "rebuild")
    assert pull.body == "Text\n- [ ] rebuild\n- [x] other"
    with pytest.raises(LookupError, match="nothing"):
        await ada.tick(repository, pull.number, "nothing")


async def test_an_issue_is_opened_edited_ticked_closed_and_reopened(
    github: FakeGitHub, receiver: Receiver, repository: Repository
) -> None:
    ada = github.acting_as("ada")
    issue = await ada.open_issue(repository, "Dashboard", "- [ ] numpy")

    await ada.tick(repository, issue.number, "numpy")
    await ada.edit(repository, issue.number, title="Board")
    await ada.label(repository, issue.number, "bot")
    await ada.unlabel(repository, issue.number, "bot")
    await ada.close(repository, issue.number)
    await ada.reopen(repository, issue.number)

    assert receiver.names() == [
        "issues.opened",
        "issues.edited",
        "issues.edited",
        "issues.labeled",
        "issues.unlabeled",
        "issues.closed",
        "issues.reopened",
    ]
    assert (issue.body, issue.title, issue.state_reason) == ("- [x] numpy", "Board", "reopened")
    with pytest.raises(LookupError):
        await ada.close(repository, 99)


async def test_comments_are_written_edited_reacted_to_and_deleted(
    github: FakeGitHub, receiver: Receiver, repository: Repository, pull: PullRequest, api: httpx.AsyncClient
) -> None:
    ada = github.acting_as("ada")
    comment = await ada.comment(repository, pull.number, "/condabot relock")
    told = receiver.last("issue_comment")
    assert (told["action"], told["comment"]["author_association"]) == ("created", "NONE")
    assert told["issue"]["pull_request"]["url"].endswith(f"/pulls/{pull.number}")

    below = f"{HERE}/issues/comments/{comment.id}/reactions"
    made = await api.post(below, json={"content": "eyes"})
    again = await api.post(below, json={"content": "eyes"})
    assert (made.status_code, again.status_code, made.json()["user"]["type"]) == (201, 200, "Bot")
    assert [each["content"] for each in (await api.get(below)).json()] == ["eyes"]
    shown = (await api.get(f"{HERE}/issues/comments/{comment.id}")).json()
    assert (shown["reactions"]["eyes"], shown["reactions"]["total_count"]) == (1, 1)
    assert (await api.delete(f"{below}/{made.json()['id']}")).status_code == 204
    assert (await api.delete(f"{below}/{made.json()['id']}")).status_code == 404

    await ada.edit_comment(repository, comment, "/condabot help")
    assert receiver.last("issue_comment")["changes"] == {"body": {"from": "/condabot relock"}}
    await ada.delete_comment(repository, comment)
    assert receiver.last("issue_comment")["action"] == "deleted"
    assert (await api.get(f"{HERE}/issues/comments/{comment.id}")).status_code == 404
    with pytest.raises(LookupError):
        await ada.delete_comment(repository, comment)


async def test_nobody_takes_back_what_another_thinks(
    github: FakeGitHub, repository: Repository, pull: PullRequest, api: httpx.AsyncClient
) -> None:
    ada = github.acting_as("ada")
    comment = await ada.comment(repository, pull.number, "B")
    made = await api.post(f"{HERE}/issues/comments/{comment.id}/reactions", json={"content": "+1"})
    comment.reactions[0] = type(comment.reactions[0])(
        id=made.json()["id"], author=ada.account, content="+1", created_at=comment.created_at
    )

    refused = await api.delete(f"{HERE}/issues/comments/{comment.id}/reactions/{made.json()['id']}")

    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("login", "role", "permission", "association"),
    [
        ("maintainer", "admin", "admin", "MEMBER"),
        ("ada", "maintain", "write", "COLLABORATOR"),
        ("bob", "triage", "read", "COLLABORATOR"),
        ("stranger", "read", "read", "NONE"),
    ],
)
async def test_everybody_has_a_role_and_an_association(
    repository: Repository, api: httpx.AsyncClient, login: str, role: str, permission: str, association: str
) -> None:
    repository.collaborators |= {"ada": "maintain", "bob": "triage"}

    answer = (await api.get(f"{HERE}/collaborators/{login}/permission")).json()

    assert (answer["role_name"], answer["permission"]) == (role, permission)
    assert repository.association(Account(login=login)) == association
    repository.private = True
    assert repository.role("stranger") == "none"


async def test_a_contributor_is_who_had_something_merged(
    github: FakeGitHub, repository: Repository, pull: PullRequest
) -> None:
    pull.author = Account(login="ada")
    await github.merge(repository, pull.number)

    assert repository.association(pull.author) == "CONTRIBUTOR"


async def test_a_pull_request_from_a_fork_follows_the_fork(
    github: FakeGitHub, receiver: Receiver, repository: Repository, api: httpx.AsyncClient, graphql: GraphQL
) -> None:
    ada = github.acting_as("ada")
    fork = await github.owner.fork(repository, "ada")
    await ada.commit(fork, "patch", {"a": "1"})
    pull = await ada.open_pull_request(repository, title="T", head="patch", fork=fork)

    oid = await ada.commit(fork, "patch", {"a": "2"})

    assert receiver.names() == ["pull_request.opened", "pull_request.synchronize"]
    shown = (await api.get(f"{HERE}/pulls/{pull.number}")).json()
    assert (shown["head"]["sha"], shown["head"]["repo"]["id"], shown["head"]["repo"]["fork"]) == (oid, fork.id, True)
    readable = (await api.get(f"{HERE}/git/ref/pull%2F{pull.number}%2Fhead")).json()
    assert readable["object"]["sha"] == oid
    assert (await api.get(f"{HERE}/contents/a?ref={oid}")).status_code == 200
    assert repository.branches() == ["main"]

    await github.owner.delete(fork)
    assert (await api.get(f"{HERE}/pulls/{pull.number}")).json()["head"]["repo"] is None
    query = '{ repository(owner: "acme", name: "app") { pullRequest(number: %d) { headRepository { id } } } }'
    answer = await graphql(query % pull.number)
    assert answer["data"]["repository"]["pullRequest"]["headRepository"] is None


async def test_update_branch_merges_the_base(github: FakeGitHub, repository: Repository, pull: PullRequest) -> None:
    tip = repository.commit("main", {"b": "1"})

    await github.acting_as("ada").update_branch(repository, pull.number)

    assert repository.git.is_ancestor(tip, pull.head_sha)


async def test_reviews_decide(
    github: FakeGitHub, receiver: Receiver, repository: Repository, pull: PullRequest, api: httpx.AsyncClient
) -> None:
    github.state.events = (*github.state.events, "pull_request_review")
    repository.collaborators["ada"] = "write"
    repository.required_approvals, repository.dismiss_stale_approvals = 1, True
    ada = github.acting_as("ada")
    path = f"{HERE}/pulls/{pull.number}"

    async def state() -> str:
        return str((await api.get(path)).json()["mergeable_state"])

    assert await state() == "blocked"
    await github.acting_as("stranger").approve(repository, pull.number)
    assert await state() == "blocked"
    await ada.request_changes(repository, pull.number, "Please")
    await ada.approve(repository, pull.number)
    assert await state() == "clean"
    await ada.commit(repository, "work", {"a": "2"})
    assert await state() == "blocked"

    listed = (await api.get(f"{path}/reviews")).json()
    assert [each["state"] for each in listed] == ["DISMISSED", "CHANGES_REQUESTED", "DISMISSED"]
    told = [each.data for each in receiver.events if each.event == "pull_request_review"]
    assert [(each["action"], each["review"]["state"]) for each in told] == [
        ("submitted", "approved"),
        ("submitted", "changes_requested"),
        ("submitted", "approved"),
        ("dismissed", "dismissed"),
        ("dismissed", "dismissed"),
    ]
    with pytest.raises(ApiError, match="own pull request"):
        await github.acting_as("maintainer").approve(repository, pull.number)


async def test_reviews_are_asked_for(
    github: FakeGitHub, receiver: Receiver, repository: Repository, pull: PullRequest, api: httpx.AsyncClient
) -> None:
    repository.collaborators["ada"] = "write"
    path = f"{HERE}/pulls/{pull.number}/requested_reviewers"

    made = await api.post(path, json={"reviewers": ["ada"], "team_reviewers": ["core"]})

    assert made.status_code == 201
    await github.settle()
    assert receiver.last("pull_request")["requested_reviewer"]["login"] == "ada"
    listed = (await api.get(path)).json()
    assert ([each["login"] for each in listed["users"]], listed["teams"][0]["slug"]) == (["ada"], "core")
    assert (await api.post(path, json={"reviewers": ["stranger"]})).status_code == 422
    assert (await api.post(path, json={"reviewers": ["maintainer"]})).status_code == 422
    await github.acting_as("ada").approve(repository, pull.number)
    assert (await api.get(path)).json()["users"] == []
    assert (await api.request("DELETE", path, json={"reviewers": ["ada"]})).status_code == 200


async def test_people_are_assigned_if_they_may_write(
    github: FakeGitHub, receiver: Receiver, pull: PullRequest, api: httpx.AsyncClient
) -> None:
    path = f"{HERE}/issues/{pull.number}"

    made = await api.post(f"{path}/assignees", json={"assignees": ["maintainer", "stranger"]})

    assert [each["login"] for each in made.json()["assignees"]] == ["maintainer"]
    await github.settle()
    assert receiver.last("pull_request")["assignee"]["login"] == "maintainer"
    assert (await api.get(f"{HERE}/assignees/stranger")).status_code == 404
    assert (await api.get(f"{HERE}/assignees/maintainer")).status_code == 204
    removed = await api.request("DELETE", f"{path}/assignees", json={"assignees": ["maintainer"]})
    assert removed.json()["assignees"] == []
    changed = await api.patch(path, json={"assignees": ["maintainer"], "labels": ["a", "b"], "state": "closed"})
    assert [each["name"] for each in changed.json()["labels"]] == ["a", "b"]
    assert pull.state is State.CLOSED
    changed = await api.patch(path, json={"assignees": [], "labels": ["b"]})
    assert [each["name"] for each in (await api.get(f"{path}/labels")).json()] == ["b"]
    assert (await api.get(path)).json()["assignees"] == []


async def test_the_pull_requests_of_a_commit_are_found(
    repository: Repository, pull: PullRequest, api: httpx.AsyncClient
) -> None:
    found = (await api.get(f"{HERE}/commits/{pull.head_sha}/pulls")).json()
    none = (await api.get(f"{HERE}/commits/{repository.head('main')}/pulls")).json()

    assert ([each["number"] for each in found], none) == ([pull.number], [])
