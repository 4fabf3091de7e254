"""What each event asks for."""

import json
from typing import Any

import pytest

from bot.errors import BadInput
from bot.handlers import ROUTERS, requests_of, router
from bot.handlers.policy import WebhookPolicy
from bot.handlers.push import MOST_COMMITS
from bot.jobs.requests import ForgetInstallation, ForgetRepository, Request, ScanRequest
from bot.store.repositories import InstalledRepository

POLICY = WebhookPolicy(is_relevant=lambda path: path.endswith("pixi.toml"), branch_prefix="condabot/")
HERE = InstalledRepository(installation_id=7, repository_id=70)
THERE = InstalledRepository(installation_id=7, repository_id=71)
SCAN = (ScanRequest(repository=HERE),)
REPOSITORY = {"id": 70, "default_branch": "main", "full_name": "acme/app"}


def push(*paths: str, **changes: Any) -> dict[str, Any]:
    commits = [{"added": [], "removed": [], "modified": list(paths)}]
    payload = {
        "ref": "refs/heads/main",
        "forced": False,
        "deleted": False,
        "commits": commits,
        "repository": REPOSITORY,
        "installation": {"id": 7},
        "sender": {"id": 1},
    }
    return payload | changes


def pull_request(action: str, head: str = "condabot/numpy", repo: int | None = 70, **changes: Any) -> dict[str, Any]:
    repository = None if repo is None else {"id": repo}
    pull = {"number": 1, "head": {"ref": head, "repo": repository}}
    return {"action": action, "pull_request": pull, "repository": REPOSITORY, "installation": {"id": 7}} | changes


def installation(action: str, *repositories: int) -> dict[str, Any]:
    named = [{"id": each, "full_name": "acme/app"} for each in repositories]
    return {"action": action, "installation": {"id": 7}, "repositories": named}


TABLE = [
    pytest.param("push", push("src/pixi.toml"), SCAN, id="a push of a manifest is looked at"),
    pytest.param("push", push("src/main.py"), (), id="a push without a manifest costs nothing"),
    pytest.param(
        "push", push(commits=[{"added": ["pixi.toml"], "removed": [], "modified": []}]), SCAN, id="a new manifest"
    ),
    pytest.param(
        "push", push(commits=[{"added": [], "removed": ["pixi.toml"], "modified": []}]), SCAN, id="a manifest that went"
    ),
    pytest.param("push", push("pixi.toml", ref="refs/heads/topic"), (), id="a push to another branch"),
    pytest.param("push", push("pixi.toml", ref="refs/heads/condabot/numpy"), (), id="a push of our own"),
    pytest.param("push", push("pixi.toml", ref="refs/tags/main"), (), id="a tag called like the default branch"),
    pytest.param("push", push("main.py", forced=True), SCAN, id="a forced push may have changed anything"),
    pytest.param("push", push(commits=[]), SCAN, id="a push that names no commits"),
    pytest.param(
        "push",
        push(commits=[{"added": [], "removed": [], "modified": []}] * MOST_COMMITS),
        SCAN,
        id="a push of more commits than are named",
    ),
    pytest.param("push", push(commits=[{"added": []}]), SCAN, id="a commit whose files are not named"),
    pytest.param("push", push("pixi.toml", deleted=True), (), id="the default branch was deleted"),
    pytest.param("push", push("pixi.toml", installation=None), (), id="a push that did not come through the App"),
    pytest.param("pull_request", pull_request("closed"), SCAN, id="ours was closed or merged"),
    pytest.param("pull_request", pull_request("reopened"), SCAN, id="ours was opened again"),
    pytest.param("pull_request", pull_request("synchronize"), (), id="ours was pushed to"),
    pytest.param("pull_request", pull_request("closed", "topic"), (), id="a person's was closed"),
    pytest.param("pull_request", pull_request("closed", repo=71), (), id="one of a fork, from a branch named as ours"),
    pytest.param("pull_request", pull_request("closed", repo=None), (), id="one of a fork that is gone"),
    pytest.param("pull_request", pull_request("closed", installation=None), (), id="one that did not come by the App"),
    pytest.param(
        "installation",
        installation("created", 70, 71),
        (*SCAN, ScanRequest(repository=THERE)),
        id="the App was installed",
    ),
    pytest.param(
        "installation", installation("deleted", 70), (ForgetInstallation(installation_id=7),), id="the App was removed"
    ),
    pytest.param(
        "installation", installation("suspend"), (ForgetInstallation(installation_id=7),), id="the App was suspended"
    ),
    pytest.param("installation", installation("new_permissions_accepted"), (), id="the App got other permissions"),
    pytest.param(
        "installation_repositories",
        {"installation": {"id": 7}, "repositories_added": [{"id": 70}], "repositories_removed": [{"id": 71}]},
        (*SCAN, ForgetRepository(repository=THERE)),
        id="a repository came and another went",
    ),
]


@pytest.mark.parametrize(("event", "payload", "expected"), TABLE)
def test_an_event_asks_for(event: str, payload: dict[str, Any], expected: tuple[Request, ...]) -> None:
    found = router(event)
    assert found is not None
    assert requests_of(found, json.dumps(payload).encode(), POLICY) == expected


@pytest.mark.parametrize("event", ["", "ping", "star", "Push"])
def test_other_events_ask_for_nothing(event: str) -> None:
    assert router(event) is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half an object"),
        pytest.param(b"[" * 200_000, id="no bottom"),
        pytest.param(b'{"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}", id="no bottom in what is skipped"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"installation": {"id": "7"}}', id="an id in words"),
    ],
)
@pytest.mark.parametrize("event", [each.event for each in ROUTERS])
def test_what_is_no_payload_is_bad_input(event: str, body: bytes) -> None:
    found = router(event)
    assert found is not None
    with pytest.raises(BadInput, match=f"not a payload of {event}"):
        requests_of(found, body, POLICY)


def test_a_router_stands_for_one_event() -> None:
    events = [each.event for each in ROUTERS]
    assert sorted(set(events)) == events
