"""What the App is told: signed, complete, repeatable; and what becomes of a delivery that fails."""

import asyncio

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.demo.github.events import Pushed
from bot.demo.github.hooks import DeliveryMode
from bot.demo.github.model import Account
from bot.demo.github.payloads import messages
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation
from tests.demo.github.conftest import MovableClock, Receiver

HERE = "/repos/acme/app"


async def test_an_installation_announces_itself_and_its_repositories(
    github: FakeGitHub, receiver: Receiver, installation: Installation
) -> None:
    other = github.create_repository("acme/other", {"a": "b"})

    await installation.add_repositories([other])
    await installation.remove_repositories([other])
    await installation.suspend()
    await installation.unsuspend()
    await installation.delete()

    assert receiver.names() == [
        "installation.created",
        "installation_repositories.added",
        "installation_repositories.removed",
        "installation.suspend",
        "installation.unsuspend",
        "installation.deleted",
    ]
    created, added, removed = (each.data for each in receiver.events[:3])
    assert [each["full_name"] for each in created["repositories"]] == ["acme/app"]
    assert created["installation"]["permissions"]["contents"] == "write"
    assert (added["repositories_added"][0]["id"], added["repositories_removed"]) == (other.id, [])
    assert (removed["repositories_removed"][0]["id"], removed["repositories_added"]) == (other.id, [])
    assert created["sender"]["login"] == "maintainer"


@pytest.mark.usefixtures("installation")
async def test_a_push_lists_its_commits_and_their_files(
    github: FakeGitHub, receiver: Receiver, repository: Repository
) -> None:
    before = repository.head("main")
    oid = repository.commit("main", {"new": "1", "pixi.toml": "changed"}, author=Account(login="ada"))
    await github.settle()

    push = receiver.last("push")
    assert (push["ref"], push["before"], push["after"], push["forced"]) == ("refs/heads/main", before, oid, False)
    assert (push["sender"]["login"], push["pusher"]["name"]) == ("ada", "ada")
    commit = push["commits"][0]
    assert (commit["id"], commit["added"], commit["modified"], commit["removed"]) == (oid, ["new"], ["pixi.toml"], [])
    assert commit["author"]["username"] == "ada"
    assert push["head_commit"]["id"] == oid

    repository.commit("main", {"new": None, "moved": "changed", "pixi.toml": None})
    await github.settle()
    assert set(receiver.last("push")["commits"][0]["removed"]) == {"new", "pixi.toml"}


@pytest.mark.usefixtures("installation")
async def test_branches_are_created_forced_and_deleted(
    github: FakeGitHub, receiver: Receiver, repository: Repository
) -> None:
    repository.commit("work", {"a": "1"})
    repository.force("work", str(repository.head("main")))
    repository.delete_branch("work")
    await github.settle()

    assert receiver.names() == ["create", "push", "push", "delete", "push"]
    created, forced, deleted = (each.data for each in receiver.events if each.event == "push")
    assert (created["created"], len(created["commits"])) == (True, 1)
    assert (forced["forced"], forced["commits"]) == (True, [])
    assert (deleted["deleted"], deleted["head_commit"], deleted["commits"]) == (True, None, [])


@pytest.mark.usefixtures("installation")
async def test_the_life_of_a_pull_request_is_told(
    github: FakeGitHub, receiver: Receiver, repository: Repository, api: httpx.AsyncClient
) -> None:
    before = repository.commit("work", {"a": "1"})
    await api.post(f"{HERE}/pulls", json={"title": "T", "head": "work", "base": "main"})
    await api.patch(f"{HERE}/pulls/1", json={"title": "U"})
    after = repository.commit("work", {"a": "2"})
    await github.close(repository, 1)
    await github.reopen(repository, 1)
    await api.post(f"{HERE}/issues/1/labels", json={"labels": ["bot"]})
    await github.merge(repository, 1)

    told = [each.data for each in receiver.events if each.event == "pull_request"]
    assert [each["action"] for each in told] == [
        "opened",
        "edited",
        "synchronize",
        "closed",
        "reopened",
        "labeled",
        "closed",
    ]
    assert told[1]["changes"] == {"title": {"from": "T"}}
    assert (told[2]["before"], told[2]["after"]) == (before, after)
    assert [each["sender"]["type"] for each in told[:3]] == ["Bot", "Bot", "User"]
    assert [each["pull_request"]["merged"] for each in told] == [False] * 6 + [True]
    assert all(each["installation"]["id"] for each in told)


@pytest.mark.usefixtures("installation")
async def test_check_runs_issues_and_comments_are_told(
    github: FakeGitHub, receiver: Receiver, repository: Repository, api: httpx.AsyncClient
) -> None:
    sha = repository.head("main")
    made = await api.post(f"{HERE}/check-runs", json={"name": "solve", "head_sha": sha, "conclusion": "success"})
    run = repository.check_runs[made.json()["id"]]
    await github.press(repository, run, "retry")
    await github.rerequest(repository, run)
    await api.post(f"{HERE}/issues", json={"title": "T"})
    await api.patch(f"{HERE}/issues/1", json={"title": "U", "state": "closed"})
    await api.post(f"{HERE}/issues/1/comments", json={"body": "B"})
    await github.settle()

    assert receiver.names() == [
        "check_run.created",
        "check_run.completed",
        "check_run.requested_action",
        "check_run.rerequested",
        "issues.opened",
        "issues.edited",
        "issues.closed",
        "issue_comment.created",
    ]
    pressed = next(each.data for each in receiver.events if each.data.get("action") == "requested_action")
    assert pressed["requested_action"] == {"identifier": "retry"}
    assert pressed["check_run"]["id"] == run.id


async def test_a_ping_is_sent_and_named(github: FakeGitHub, receiver: Receiver) -> None:
    await github.ping()

    assert receiver.names() == ["ping"]
    assert github.webhook_url
    assert receiver.events[0].data["hook"]["app_id"] == 4242


async def test_outside_installations_and_subscriptions_nothing_is_told(
    github: FakeGitHub, receiver: Receiver, repository: Repository, installation: Installation
) -> None:
    github.create_repository("acme/other", {"a": "b"}).commit("main", {"a": "c"})
    github.state.events = ("pull_request",)
    repository.commit("main", {"a": "1"})
    await installation.suspend()
    event = Pushed(repository=repository.full_name, sender=github.person, ref="refs/heads/main", before="", after="")
    assert list(messages(github.state, event)) == []
    await github.settle()

    assert receiver.names() == ["installation.created", "installation.suspend"]


async def test_a_lost_delivery_is_listed_and_redelivered_with_the_same_guid(
    github: FakeGitHub,
    receiver: Receiver,
    installation: Installation,
    repository: Repository,
    as_app: httpx.AsyncClient,
) -> None:
    assert installation.has(repository)
    github.webhooks.mode = lambda delivery: DeliveryMode.LOST if delivery.event == "push" else DeliveryMode.NORMAL
    repository.commit("main", {"a": "1"})
    await github.settle()
    assert "push" not in receiver.names()
    github.webhooks.mode = lambda _delivery: DeliveryMode.NORMAL

    failed = (await as_app.get("/app/hook/deliveries", params={"status": "failure"})).json()
    assert [(each["event"], each["status_code"], each["redelivery"]) for each in failed] == [("push", 502, False)]
    one = (await as_app.get(f"/app/hook/deliveries/{failed[0]['id']}")).json()
    assert one["request"]["payload"]["after"] == repository.head("main")

    accepted = await as_app.post(f"/app/hook/deliveries/{failed[0]['id']}/attempts")
    await github.settle()
    assert accepted.status_code == 202
    assert receiver.names()[-1] == "push"
    assert receiver.events[-1].delivery_id == failed[0]["guid"]
    listed = (await as_app.get("/app/hook/deliveries", params={"status": "success"})).json()
    assert (listed[0]["guid"], listed[0]["redelivery"]) == (failed[0]["guid"], True)
    assert (await as_app.post("/app/hook/deliveries/99/attempts")).status_code == 422


@pytest.mark.usefixtures("installation")
async def test_a_delivery_may_come_twice_and_the_button_repeats_it(
    github: FakeGitHub, receiver: Receiver, repository: Repository
) -> None:
    github.webhooks.mode = lambda _delivery: DeliveryMode.DUPLICATED
    repository.commit("main", {"a": "1"})
    await github.settle()
    github.webhooks.mode = lambda _delivery: DeliveryMode.NORMAL

    pushed = next(each for each in github.deliveries if each.event == "push")
    again = await github.redeliver(pushed.id)

    pushes = [each.delivery_id for each in receiver.events if each.event == "push"]
    assert len(pushes) == 3
    assert set(pushes) == {again.guid}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/app/hook/deliveries"),
        ("GET", "/app/hook/deliveries/1"),
        ("POST", "/app/hook/deliveries/1/attempts"),
        ("GET", "/app/installations"),
        ("GET", "/app"),
    ],
)
@pytest.mark.usefixtures("github")
async def test_only_the_app_itself_sees_its_deliveries(api: httpx.AsyncClient, method: str, path: str) -> None:
    assert (await api.request(method, path)).status_code == 401


async def test_a_failed_delivery_is_not_repeated_by_itself(
    github: FakeGitHub, receiver: Receiver, clock: MovableClock
) -> None:
    receiver.status = 503
    await github.ping()
    receiver.status = 202

    clock.advance(hours=1)
    await github.settle()

    assert [(each.status_code, each.redelivery) for each in github.deliveries] == [(503, False)]


async def test_deliveries_are_paged_by_cursor_and_forgotten_after_three_days(
    github: FakeGitHub, receiver: Receiver, as_app: httpx.AsyncClient, clock: MovableClock
) -> None:
    for _ in range(3):
        await github.ping()
    ids = [each.id for each in reversed(github.deliveries)]

    first = await as_app.get("/app/hook/deliveries", params={"per_page": 2})
    second = await as_app.get(first.links["next"]["url"])
    assert [each["id"] for each in first.json()] + [each["id"] for each in second.json()] == ids
    assert second.links == {}
    assert len(receiver.events) == 3

    clock.advance(days=3, minutes=1)
    assert github.webhooks.recent() == []


async def test_an_app_that_refuses_or_is_not_there_makes_failed_deliveries(
    github: FakeGitHub, receiver: Receiver
) -> None:
    receiver.status = 500
    await github.ping()
    github.webhook_url = "http://127.0.0.1:9/"
    await github.ping()
    github.webhook_url = None
    await github.ping()

    assert [(each.status, each.status_code) for each in github.deliveries] == [
        ("Invalid HTTP Response: 500", 500),
        ("failed to connect to host", 502),
        ("failed to connect to host", 502),
    ]


async def test_an_app_that_does_not_answer_in_time_has_failed(github: FakeGitHub) -> None:
    never = asyncio.Event()

    async def wait(_request: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    application = web.Application()
    application.router.add_post("/", wait)
    server = TestServer(application)
    await server.start_server()
    github.webhooks.answer_within_seconds = 0.01
    github.webhook_url = str(server.make_url("/"))

    await github.ping()

    assert (github.deliveries[-1].status, github.deliveries[-1].status_code) == ("timed out", 504)
    never.set()
    await server.close()


async def test_a_payload_that_does_not_fit_is_a_violation(
    lenient_github: FakeGitHub, repository: Repository, installation: Installation
) -> None:
    assert installation.has(repository)
    repository.name = 7  # type: ignore[assignment] # on purpose: the schema wants text
    repository.commit("main", {"a": "1"})
    await lenient_github.settle()

    assert any("webhook push.None /repository/name" in each for each in lenient_github.violations)


async def test_a_pull_request_from_a_fork_names_another_repository(
    github: FakeGitHub, receiver: Receiver, repository: Repository, installation: Installation
) -> None:
    assert installation.has(repository)

    await github.open_pull_request_from_fork(repository, {"a": "1"}, title="T", owner="stranger")

    head = receiver.last("pull_request")["pull_request"]["head"]
    assert (head["label"], head["repo"]["full_name"]) == ("stranger:patch-1", "stranger/app")
    assert head["repo"]["id"] != repository.id
    assert "push" not in receiver.names()
