"""Check suites, check runs and statuses: asked for, reported by several Apps, done once more."""

import httpx
import pytest

from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation
from tests.demo.github.conftest import APP_ID, Receiver

HERE = "/repos/acme/app"
NOTE = {"path": "pixi.toml", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}


@pytest.fixture
async def sha(lenient_github: FakeGitHub, repository: Repository, installation: Installation) -> str:
    assert installation.has(repository)
    oid = repository.commit("main", {"a": "1"})
    await lenient_github.settle()
    return oid


async def run(api: httpx.AsyncClient, sha: str, **more: object) -> int:
    made = await api.post(f"{HERE}/check-runs", json={"name": "condabot", "head_sha": sha, **more})
    assert made.status_code == 201
    return int(made.json()["id"])


async def test_each_push_asks_for_checks(
    github: FakeGitHub, receiver: Receiver, repository: Repository, installation: Installation
) -> None:
    oid = repository.commit("work", {"a": "1"})
    repository.delete_branch("work")
    await github.settle()

    assert [each for each in receiver.all_names() if each.startswith("check_suite")] == ["check_suite.requested"]
    suite = receiver.last("check_suite")["check_suite"]
    assert (suite["head_sha"], suite["head_branch"], suite["app"]["id"]) == (oid, "work", APP_ID)
    assert (suite["status"], suite["conclusion"]) == ("queued", None)

    await installation.accept_permissions({"metadata": "read", "contents": "read"})
    repository.commit("work", {"a": "2"})
    await github.settle()
    assert receiver.all_names()[-2:] == ["create", "push"]


async def test_a_suite_ends_with_its_last_run(
    github: FakeGitHub, receiver: Receiver, repository: Repository, sha: str, api: httpx.AsyncClient
) -> None:
    first = await run(api, sha, conclusion="success")
    second = await run(api, sha, name="audit", status="in_progress")
    suite = (await api.get(f"{HERE}/check-runs/{first}")).json()["check_suite"]["id"]
    assert (await api.get(f"{HERE}/check-suites/{suite}")).json()["status"] == "in_progress"

    await api.patch(f"{HERE}/check-runs/{second}", json={"conclusion": "failure"})
    await github.settle()

    ended = [
        each.data["check_suite"]
        for each in receiver.events
        if each.data.get("action") == "completed" and each.event == "check_suite"
    ]
    assert [(each["status"], each["conclusion"]) for each in ended] == [
        ("completed", "success"),
        ("completed", "failure"),
    ]
    listed = (await api.get(f"{HERE}/commits/{sha}/check-suites")).json()
    assert [each["conclusion"] for each in listed["check_suites"]] == ["failure"]
    runs = (await api.get(f"{HERE}/check-suites/{suite}/check-runs", params={"check_name": "audit"})).json()
    assert [each["id"] for each in runs["check_runs"]] == [second]
    assert (await api.get(f"{HERE}/check-suites/1")).status_code == 404
    assert repository.check_suites[suite].app == ""


@pytest.mark.usefixtures("github")
async def test_annotations_are_added_fifty_at_a_time(sha: str, api: httpx.AsyncClient) -> None:
    number = await run(api, sha, output={"title": "T", "summary": "S", "annotations": [NOTE] * 50})
    more = {"output": {"title": "T", "summary": "S", "annotations": [NOTE | {"title": "last"}]}}
    await api.patch(f"{HERE}/check-runs/{number}", json=more)

    shown = (await api.get(f"{HERE}/check-runs/{number}")).json()
    listed = await api.get(f"{HERE}/check-runs/{number}/annotations", params={"page": 2})
    assert shown["output"]["annotations_count"] == 51
    assert (len(listed.json()), listed.json()[-1]["title"]) == (21, "last")


async def test_too_many_annotations_are_refused(lenient_github: FakeGitHub, sha: str, api: httpx.AsyncClient) -> None:
    output = {"title": "T", "summary": "S", "annotations": [NOTE] * 51}

    refused = await api.post(f"{HERE}/check-runs", json={"name": "c", "head_sha": sha, "output": output})

    assert refused.status_code == 422
    assert "request /output/annotations" in lenient_github.violations[0]


async def test_the_checks_of_another_app_are_its_own(
    github: FakeGitHub, receiver: Receiver, repository: Repository, sha: str, api: httpx.AsyncClient
) -> None:
    actions = github.other_app()
    theirs = await actions.check(repository, sha, "condabot")
    ours = await run(api, sha, external_id="ours", conclusion="success")

    refused = await api.patch(f"{HERE}/check-runs/{theirs.id}", json={"conclusion": "success"})
    await actions.finish(repository, theirs, "success")
    by_name = (await api.get(f"{HERE}/commits/{sha}/check-runs", params={"check_name": "condabot"})).json()
    by_app = (await api.get(f"{HERE}/commits/{sha}/check-runs", params={"app_id": APP_ID})).json()

    assert refused.status_code == 403
    assert by_name["total_count"] == 2
    assert [(each["id"], each["external_id"]) for each in by_app["check_runs"]] == [(ours, "ours")]
    told = receiver.last("check_run")
    assert (told["action"], told["check_run"]["app"]["slug"]) == ("completed", "github-actions")
    assert told["sender"]["login"] == "github-actions[bot]"


async def test_people_ask_for_checks_once_more(
    github: FakeGitHub, receiver: Receiver, repository: Repository, sha: str, api: httpx.AsyncClient
) -> None:
    number = await run(
        api,
        sha,
        conclusion="failure",
        actions=[{"label": "Relock", "description": "Solve the lock", "identifier": "relock"}],
    )
    ada, ours = github.acting_as("ada"), repository.check_runs[number]

    await ada.press(repository, ours, "relock")
    assert receiver.last("check_run")["requested_action"] == {"identifier": "relock"}
    assert ours.conclusion == "failure"

    await ada.rerequest(repository, ours)
    told = receiver.last("check_run")
    assert (told["action"], told["check_run"]["status"], told["check_run"]["conclusion"]) == (
        "rerequested",
        "queued",
        None,
    )

    await ada.rerequest_all(repository, sha)
    told = receiver.last("check_suite")
    assert (told["action"], told["check_suite"]["head_sha"], told["sender"]["login"]) == ("rerequested", sha, "ada")


async def test_statuses_are_told(
    github: FakeGitHub, receiver: Receiver, repository: Repository, sha: str, api: httpx.AsyncClient
) -> None:
    await github.other_app("travis").status(repository, sha, "ci", "pending")

    told = receiver.last("status")
    assert (told["sha"], told["state"], told["context"]) == (sha, "pending", "ci")
    assert [each["name"] for each in told["branches"]] == ["main"]
    assert (await api.get(f"{HERE}/commits/main/status")).json()["state"] == "pending"
