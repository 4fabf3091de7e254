"""Pull requests, checks, issues: what GitHub allows and what it refuses."""

import httpx
import pytest

from bot.demo.github.auth import create_token
from bot.demo.github.errors import ApiError
from bot.demo.github.model import Account, MergeMethod, PullRequest, State
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from tests.demo.github.conftest import MANIFEST

HERE = "/repos/acme/app"
NOTE = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
NEW = {"title": "Add a", "head": "work", "base": "main"}

pytestmark = pytest.mark.usefixtures("github")


@pytest.fixture
async def pull(api: httpx.AsyncClient, repository: Repository) -> PullRequest:
    repository.commit("work", {"a": "1\n"}, message="Add a")
    made = await api.post(f"{HERE}/pulls", json=NEW)
    assert made.status_code == 201
    return repository.pulls[made.json()["number"]]


async def shown(api: httpx.AsyncClient, pull: PullRequest) -> tuple[bool | None, str]:
    answer = (await api.get(f"{HERE}/pulls/{pull.number}")).json()
    return answer["mergeable"], answer["mergeable_state"]


async def test_a_pull_request_shows_its_size_sides_and_author(api: httpx.AsyncClient, pull: PullRequest) -> None:
    answer = (await api.get(f"{HERE}/pulls/{pull.number}")).json()

    assert (answer["commits"], answer["changed_files"], answer["additions"]) == (1, 1, 1)
    assert (answer["head"]["label"], answer["base"]["ref"]) == ("acme:work", "main")
    assert (answer["user"]["login"], answer["user"]["type"]) == ("condabot[bot]", "Bot")
    files = (await api.get(f"{HERE}/pulls/{pull.number}/files")).json()
    commits = (await api.get(f"{HERE}/pulls/{pull.number}/commits")).json()
    assert [each["filename"] for each in files] == ["a"]
    assert [each["commit"]["message"] for each in commits] == ["Add a"]
    assert (await api.get(f"{HERE}/pulls/99")).status_code == 404


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"head": "nothing"}, ("head", ""), id="the branch does not exist"),
        pytest.param({"base": "nothing"}, ("base", ""), id="the base does not exist"),
        pytest.param({"head": "same"}, ("base", "No commits between main and same"), id="nothing to propose"),
        pytest.param({}, ("base", "A pull request already exists for acme:work."), id="there is one already"),
        pytest.param(
            {"body": "x" * 65_537}, ("body", "body is too long (maximum is 65536 characters)"), id="a long body"
        ),
    ],
)
@pytest.mark.usefixtures("pull")
async def test_a_pull_request_is_refused(
    api: httpx.AsyncClient, repository: Repository, change: dict[str, str], reason: tuple[str, str]
) -> None:
    repository.force("same", str(repository.head("main")))

    refused = await api.post(f"{HERE}/pulls", json=NEW | change)

    assert refused.status_code == 422
    error = refused.json()["errors"][0]
    assert (error["field"], error.get("message", "")) == reason


async def test_pull_requests_are_found_by_head_base_and_state(
    api: httpx.AsyncClient, repository: Repository, pull: PullRequest
) -> None:
    repository.commit("other", {"b": "1"})
    await api.post(f"{HERE}/pulls", json=NEW | {"head": "acme:other"})

    async def found(**query: str) -> list[int]:
        return [each["number"] for each in (await api.get(f"{HERE}/pulls", params=query)).json()]

    assert await found() == [2, 1]
    assert await found(head="acme:work") == [1]
    assert await found(head="work") == [2, 1]
    assert await found(base="nothing") == []
    assert await found(sort="updated") == [1, 2]
    await api.patch(f"{HERE}/pulls/{pull.number}", json={"state": "closed"})
    assert await found(state="closed") == [1]
    assert await found(state="all", sort="created", direction="asc") == [1, 2]


async def test_editing_changes_only_what_is_named(
    api: httpx.AsyncClient, repository: Repository, pull: PullRequest
) -> None:
    repository.commit("release", {"r": "1"})

    answer = await api.patch(f"{HERE}/pulls/{pull.number}", json={"body": "B", "base": "release"})

    assert (answer.json()["title"], answer.json()["body"], answer.json()["base"]["ref"]) == ("Add a", "B", "release")
    assert (await api.patch(f"{HERE}/pulls/{pull.number}", json={"base": "nothing"})).status_code == 422


async def test_mergeability_is_real(api: httpx.AsyncClient, repository: Repository, pull: PullRequest) -> None:
    assert await shown(api, pull) == (True, "clean")

    repository.required_checks = ("ci",)
    assert await shown(api, pull) == (True, "blocked")

    for conclusion, state in (("failure", "blocked"), ("success", "clean")):
        check = {"name": "ci", "head_sha": pull.head_sha, "status": "completed", "conclusion": conclusion}
        await api.post(f"{HERE}/check-runs", json=check)
        assert await shown(api, pull) == (True, state)

    await api.post(f"{HERE}/check-runs", json={"name": "docs", "head_sha": pull.head_sha, "conclusion": "failure"})
    assert await shown(api, pull) == (True, "unstable")

    repository.commit("main", {"a": "2\n"})
    assert await shown(api, pull) == (False, "dirty")
    refused = await api.put(f"{HERE}/pulls/{pull.number}/merge", json={})
    assert (refused.status_code, refused.json()["message"]) == (405, "Pull Request is not mergeable")


async def test_mergeability_may_be_unknown_at_first(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository, pull: PullRequest
) -> None:
    github.lazy_mergeability = True
    assert github.lazy_mergeability

    assert [await shown(api, pull) for _ in range(2)] == [(None, "unknown"), (True, "clean")]

    repository.commit("work", {"a": "3\n"})
    assert [await shown(api, pull) for _ in range(2)] == [(None, "unknown"), (True, "clean")]


@pytest.mark.parametrize(
    ("method", "parents", "message"),
    [
        ("merge", 2, "Merge pull request #1 from acme/work\n\nAdd a"),
        ("squash", 1, "Add a (#1)"),
        ("rebase", 1, "Add a"),
    ],
)
async def test_the_methods_of_merging(
    api: httpx.AsyncClient, repository: Repository, pull: PullRequest, method: str, parents: int, message: str
) -> None:
    repository.commit("main", {"b": "1"})

    merged = await api.put(f"{HERE}/pulls/{pull.number}/merge", json={"sha": pull.head_sha, "merge_method": method})

    commit = repository.git.commit(merged.json()["sha"])
    assert (len(commit.parents), commit.message) == (parents, message)
    assert repository.tree("main").keys() >= {"a", "b"}
    assert (pull.state, pull.merge_commit_sha) == (State.CLOSED, repository.head("main"))
    assert (await api.put(f"{HERE}/pulls/{pull.number}/merge", json={})).status_code == 405


async def test_a_merge_of_another_head_is_refused(api: httpx.AsyncClient, pull: PullRequest) -> None:
    refused = await api.put(f"{HERE}/pulls/{pull.number}/merge", json={"sha": "0" * 40})

    assert refused.status_code == 409


async def test_a_merge_may_delete_the_branch(github: FakeGitHub, repository: Repository, pull: PullRequest) -> None:
    repository.delete_branch_on_merge = True

    tip = await github.merge(repository, pull.number, MergeMethod.SQUASH)

    assert repository.head("main") == tip
    assert repository.head("work") is None
    assert pull.merged_by == github.person


async def test_a_rebase_that_conflicts_is_refused(
    github: FakeGitHub, repository: Repository, pull: PullRequest
) -> None:
    for content in ("there", MANIFEST):
        repository.commit("work", {"pixi.toml": content})
    repository.commit("main", {"pixi.toml": "elsewhere"})

    with pytest.raises(ApiError, match="can't be rebased"):
        await github.merge(repository, pull.number, MergeMethod.REBASE)


async def test_a_pull_request_from_a_fork_is_listed_merged_and_reopened(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository
) -> None:
    pull = await github.open_pull_request_from_fork(repository, {"a": "1"}, title="T", owner="stranger")
    listed = (await api.get(f"{HERE}/pulls", params={"head": "stranger:patch-1"})).json()
    await github.close(repository, pull.number)
    await github.reopen(repository, pull.number)

    await github.merge(repository, pull.number)

    assert [each["head"]["repo"]["full_name"] for each in listed] == ["stranger/app"]
    assert repository.read("main", "a") == b"1"
    assert repository.head("patch-1") is None


async def test_update_branch_merges_the_base_into_the_head(
    api: httpx.AsyncClient, repository: Repository, pull: PullRequest
) -> None:
    url, before = f"{HERE}/pulls/{pull.number}/update-branch", pull.head_sha
    assert (await api.put(url, json={})).status_code == 422
    repository.commit("main", {"b": "1"})

    moved = await api.put(url, json={"expected_head_sha": "0" * 40})
    done = await api.put(url, json={"expected_head_sha": before})

    assert (moved.status_code, done.status_code) == (422, 202)
    assert pull.head_sha == repository.head("work") != before
    assert repository.tree("work").keys() >= {"a", "b"}
    repository.commit("main", {"a": "conflict"})
    assert (await api.put(url, json={})).status_code == 422


async def test_a_branch_takes_its_pull_request_along(
    github: FakeGitHub, repository: Repository, pull: PullRequest
) -> None:
    tip = repository.commit("work", {"a": "2"})
    assert pull.head_sha == tip

    repository.delete_branch("work")
    assert pull.state is State.CLOSED
    with pytest.raises(ApiError, match="Validation Failed") as refused:
        await github.reopen(repository, pull.number)
    assert "has been deleted" in refused.value.errors[0]["message"]


async def test_a_closed_pull_request_is_reopened_unless_its_branch_was_rewritten(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository, pull: PullRequest
) -> None:
    url = f"{HERE}/pulls/{pull.number}"
    await github.close(repository, pull.number)
    assert (await api.patch(url, json={"state": "open"})).json()["state"] == "open"

    await github.close(repository, pull.number)
    repository.force("work", str(repository.head("main")))
    refused = await api.patch(url, json={"state": "open"})
    assert "force-pushed" in refused.json()["errors"][0]["message"]


async def test_a_second_pull_request_or_a_merge_bars_reopening(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository, pull: PullRequest
) -> None:
    await github.close(repository, pull.number)
    second = await github.open_pull_request(repository, title="Again", head="work", author=Account(login="ada"))
    refused = await api.patch(f"{HERE}/pulls/{pull.number}", json={"state": "open"})
    assert "already exists" in refused.json()["errors"][0]["message"]

    await github.merge(repository, second.number)
    refused = await api.patch(f"{HERE}/pulls/{second.number}", json={"state": "open"})
    assert "already been merged" in refused.json()["errors"][0]["message"]


async def test_a_base_that_contains_the_head_merges_it(repository: Repository, pull: PullRequest) -> None:
    repository.force("main", str(repository.head("work")))

    assert pull.merged_at is not None


async def test_a_head_reset_to_its_base_closes(repository: Repository, pull: PullRequest) -> None:
    repository.force("work", str(repository.head("main")))

    assert (pull.state, pull.merged_at) == (State.CLOSED, None)


async def test_a_check_run_is_made_changed_and_found(api: httpx.AsyncClient, pull: PullRequest) -> None:
    made = await api.post(
        f"{HERE}/check-runs",
        json={
            "name": "solve",
            "head_sha": pull.head_sha,
            "status": "in_progress",
            "started_at": "2026-01-02T03:04:05Z",
            "external_id": "7",
            "output": {"title": "T", "summary": "S", "annotations": [NOTE]},
        },
    )
    changed = await api.patch(
        f"{HERE}/check-runs/{made.json()['id']}",
        json={
            "conclusion": "success",
            "completed_at": "2026-01-02T03:05:05Z",
            "output": {"title": "U", "summary": "S", "annotations": [NOTE]},
        },
    )
    listed = (await api.get(f"{HERE}/commits/work/check-runs", params={"check_name": "solve"})).json()

    assert (made.json()["status"], made.json()["conclusion"]) == ("in_progress", None)
    assert [each["number"] for each in made.json()["pull_requests"]] == [pull.number]
    assert (changed.json()["status"], changed.json()["completed_at"]) == ("completed", "2026-01-02T03:05:05Z")
    assert changed.json()["output"]["title"] == "U"
    assert changed.json()["output"]["annotations_count"] == 2
    assert [each["id"] for each in listed["check_runs"]] == [made.json()["id"]]
    assert (await api.patch(f"{HERE}/check-runs/99", json={})).status_code == 404


async def test_only_the_latest_check_run_of_a_name_is_listed(api: httpx.AsyncClient, pull: PullRequest) -> None:
    for conclusion in ("failure", "success"):
        await api.post(f"{HERE}/check-runs", json={"name": "ci", "head_sha": pull.head_sha, "conclusion": conclusion})
    url = f"{HERE}/commits/{pull.head_sha}/check-runs"

    latest = (await api.get(url)).json()["check_runs"]
    assert [each["conclusion"] for each in latest] == ["success"]
    assert (await api.get(url, params={"filter": "all"})).json()["total_count"] == 2


@pytest.mark.parametrize(
    "output", [{"summary": "x" * 65_536}, {"summary": "", "annotations": [NOTE] * 51}], ids=["text", "annotations"]
)
async def test_too_much_in_a_check_run_is_refused(
    github: FakeGitHub, api: httpx.AsyncClient, pull: PullRequest, output: dict[str, object]
) -> None:
    body = {"name": "solve", "head_sha": pull.head_sha, "output": {"title": "T", **output}}

    refused = await api.post(f"{HERE}/check-runs", json=body)

    assert refused.status_code == 422
    assert github.violations
    github.violations.clear()


async def test_statuses_combine(github: FakeGitHub, http: httpx.AsyncClient, repository: Repository) -> None:
    installation = await github.install("acme", [repository], {"statuses": "write", "metadata": "read"})
    made = create_token(github.state, installation, repositories=None, permissions=None)
    http.headers["Authorization"] = f"Bearer {made.value}"
    sha = repository.head("main")

    async def combined() -> str:
        return str((await http.get(f"{HERE}/commits/main/status")).json()["state"])

    assert await combined() == "pending"
    for state, expected in (("success", "success"), ("pending", "pending"), ("error", "failure")):
        await http.post(f"{HERE}/statuses/{sha}", json={"state": state, "context": state})
        assert await combined() == expected


async def test_issues_are_opened_edited_closed_and_listed(api: httpx.AsyncClient, pull: PullRequest) -> None:
    made = (await api.post(f"{HERE}/issues", json={"title": "Dashboard", "body": "B", "labels": ["bot"]})).json()
    url = f"{HERE}/issues/{made['number']}"

    edited = (await api.patch(url, json={"body": "C"})).json()
    assert (edited["title"], edited["body"], edited["labels"][0]["name"]) == ("Dashboard", "C", "bot")
    assert (await api.patch(url, json={"state": "closed"})).json()["closed_at"]
    assert (await api.patch(url, json={"state": "open"})).json()["closed_at"] is None

    listed = (await api.get(f"{HERE}/issues")).json()
    mine = (await api.get(f"{HERE}/issues", params={"labels": "bot", "creator": "condabot[bot]"})).json()
    assert [each["number"] for each in listed] == [made["number"], pull.number]
    assert "pull_request" in listed[1]
    assert [each["number"] for each in mine] == [made["number"]]
    assert (await api.patch(f"{HERE}/issues/{pull.number}", json={"body": "via issue"})).status_code == 200
    assert pull.body == "via issue"
    assert (await api.patch(f"{HERE}/issues/99", json={})).status_code == 404


async def test_comments_are_written_and_edited(api: httpx.AsyncClient, pull: PullRequest) -> None:
    url = f"{HERE}/issues/{pull.number}/comments"
    made = (await api.post(url, json={"body": "first"})).json()
    edited = await api.patch(f"{HERE}/issues/comments/{made['id']}", json={"body": "second"})

    assert edited.json()["body"] == "second"
    assert [each["body"] for each in (await api.get(url)).json()] == ["second"]
    assert (await api.patch(f"{HERE}/issues/comments/99", json={"body": "x"})).status_code == 404
    assert (await api.post(url, json={"body": "x" * 65_537})).status_code == 422


async def test_labels_are_added_and_removed(api: httpx.AsyncClient, pull: PullRequest) -> None:
    url = f"{HERE}/issues/{pull.number}/labels"

    added = (await api.post(url, json={"labels": ["conda", "bot"]})).json()
    left = (await api.delete(f"{url}/conda")).json()

    assert [each["name"] for each in added] == ["conda", "bot"]
    assert [each["name"] for each in left] == ["bot"]
    assert (await api.delete(f"{url}/conda")).status_code == 404
    assert (await api.get(f"{HERE}/labels/bot")).json()["color"] == "ededed"
    assert (await api.get(f"{HERE}/labels/none")).status_code == 404
    label = {"name": "lock", "color": "ff0000"}
    assert (await api.post(f"{HERE}/labels", json=label)).json()["color"] == "ff0000"
    assert (await api.post(f"{HERE}/labels", json=label)).json()["errors"][0]["code"] == "already_exists"
    made = (await api.post(f"{HERE}/issues", json={"title": "T"})).json()
    await api.post(f"{HERE}/issues/{made['number']}/labels", json={"labels": [{"name": "bot"}]})
