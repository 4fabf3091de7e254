"""What each event asks for."""

import json
from dataclasses import replace
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from bot.errors import BadInput
from bot.handlers import ROUTERS, requests_of, router
from bot.handlers.policy import WebhookPolicy
from bot.handlers.push import MOST_COMMITS
from bot.jobs.requests import (
    ForgetInstallation,
    ForgetRepository,
    KnowInstallation,
    KnowRepositories,
    ListInstallation,
    LookRequest,
    PushRequest,
    Request,
    ScanRequest,
    SuspendInstallation,
)
from bot.store.installations import InstallationFacts
from bot.store.looks import Look
from bot.store.repositories import InstalledRepository, RepositoryFacts
from bot.store.wants import Priority, Want

POLICY = WebhookPolicy(
    is_relevant=lambda path: path.endswith("pixi.toml"), branch_prefix="condabot/", bot="condabot[bot]"
)
HERE = InstalledRepository(installation_id=7, repository_id=70)
THERE = InstalledRepository(installation_id=7, repository_id=71)
REPOSITORY = {"id": 70, "node_id": "R_70", "default_branch": "main", "full_name": "acme/app", "fork": False}
APP = RepositoryFacts(id=70, node_id="R_70", full_name="acme/app")
ACCOUNT: dict[str, Any] = {"account": {"login": "acme"}, "permissions": {"checks": "write"}}
ACME = InstallationFacts(id=7, account="acme", everything=True, permissions={"checks": "write"})
LISTED = ListInstallation(installation_id=7)


def wanted(priority: Priority, reason: str) -> Want:
    return Want(priority=priority, reason=reason)


SCAN = (ScanRequest(repository=HERE, why=wanted(Priority.PUSH, "a push")),)


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


def only_if_named(*paths: str) -> tuple[Request, ...]:
    return (PushRequest(repository=HERE, paths=paths, why=wanted(Priority.PUSH, "a push")),)


def touching(**paths: list[str]) -> dict[str, Any]:
    return push(commits=[{"added": [], "removed": [], "modified": []} | paths])


PUSHES = [
    pytest.param(push("src/pixi.toml"), SCAN, id="a manifest is looked at"),
    pytest.param(push("a.py", "b.py", "a.py"), only_if_named("a.py", "b.py"), id="other files if somebody named them"),
    pytest.param(touching(added=["pixi.toml"]), SCAN, id="a new manifest"),
    pytest.param(touching(removed=["pixi.toml"]), SCAN, id="a manifest that went"),
    pytest.param(push("pixi.toml", ref="refs/heads/topic"), (), id="another branch"),
    pytest.param(push("pixi.toml", ref="refs/heads/condabot/numpy"), (), id="a branch of our own"),
    pytest.param(push("pixi.toml", ref="refs/tags/main"), (), id="a tag called like the default branch"),
    pytest.param(push("main.py", forced=True), SCAN, id="by force, which may have changed anything"),
    pytest.param(push(commits=[]), SCAN, id="without the names of commits"),
    pytest.param(push(commits=touching()["commits"] * MOST_COMMITS), SCAN, id="of more commits than are named"),
    pytest.param(push(commits=[{"added": []}]), SCAN, id="a commit whose files are not named"),
    pytest.param(push("pixi.toml", deleted=True), (), id="the default branch was deleted"),
    pytest.param(push("pixi.toml", installation=None), (), id="one that did not come through the App"),
]


def pull_request(
    action: str, head: str = "condabot/numpy", repo: int | None = 70, by: str = "alice", *, merged: bool = False
) -> dict[str, Any]:
    repository = None if repo is None else {"id": repo}
    pull = {"number": 3, "head": {"ref": head, "repo": repository}, "merged": merged}
    where = {"repository": REPOSITORY, "installation": {"id": 7}, "sender": {"login": by, "type": "User"}}
    return {"action": action, "pull_request": pull} | where


def told(done: str) -> tuple[Request, ...]:
    return (ScanRequest(repository=HERE, why=wanted(Priority.PERSON, f"pull request #3 was {done}")),)


LOOK = (LookRequest(look=Look(repository=HERE, number=3)),)
HEAD, BASE = "a" * 40, "b" * 40


def merge_group(action: str = "checks_requested") -> dict[str, Any]:
    group = {"head_sha": HEAD, "base_sha": BASE, "head_ref": "refs/heads/gh-readonly-queue/main/pr-3"}
    return {"action": action, "merge_group": group, "repository": REPOSITORY, "installation": {"id": 7}}


MERGE_GROUPS = [
    pytest.param(
        merge_group(),
        (LookRequest(look=Look(repository=HERE, head=HEAD, base=BASE)),),
        id="a merge queue waits for checks",
    ),
    pytest.param(merge_group("destroyed"), (), id="a merge group that is gone"),
    pytest.param(merge_group() | {"installation": None}, (), id="a merge group that did not come by the App"),
]


US = "condabot[bot]"
PULL_REQUESTS = [
    pytest.param(pull_request("closed"), told("closed"), id="ours was closed by a person"),
    pytest.param(pull_request("closed", merged=True), told("merged"), id="ours was merged by a person"),
    pytest.param(pull_request("reopened"), told("reopened"), id="ours was opened again by a person"),
    pytest.param(pull_request("closed", by="other[bot]"), told("closed"), id="ours was closed by another bot"),
    pytest.param(pull_request("closed", by=US), (), id="ours was closed by us"),
    pytest.param(pull_request("reopened", by=US), (), id="ours was opened again by us"),
    pytest.param(pull_request("closed", by=US, merged=True), told("merged"), id="ours was merged by itself"),
    pytest.param(pull_request("opened"), (), id="ours was opened"),
    pytest.param(pull_request("synchronize"), told("pushed to"), id="ours was pushed to by a person"),
    pytest.param(pull_request("synchronize", by=US), (), id="ours was pushed to by us"),
    pytest.param(pull_request("closed", "topic"), (), id="a person's was closed"),
    pytest.param(pull_request("closed", repo=71), (), id="one of a fork, from a branch named as ours"),
    pytest.param(pull_request("closed", repo=None), (), id="one of a fork that is gone"),
    pytest.param(pull_request("opened", "topic"), LOOK, id="a person's was opened"),
    pytest.param(pull_request("synchronize", "topic"), LOOK, id="a person's was pushed to"),
    pytest.param(pull_request("reopened", "topic"), LOOK, id="a person's was opened again"),
    pytest.param(pull_request("opened", repo=71), LOOK, id="one of a fork was opened, from a branch named as ours"),
    pytest.param(pull_request("synchronize", repo=None), LOOK, id="one of a fork that cannot be seen"),
    pytest.param(pull_request("opened", "topic", by="other[bot]"), LOOK, id="another bot's was opened"),
    pytest.param(pull_request("opened", "topic", by=US), (), id="one that we opened elsewhere"),
    pytest.param(pull_request("edited", "topic"), (), id="the words of a person's were edited"),
    pytest.param(
        pull_request("edited", "topic") | {"changes": {"title": {"from": "x"}, "base": {"ref": {"from": "dev"}}}},
        LOOK,
        id="a person's is for another branch now",
    ),
    pytest.param(pull_request("labeled", "topic"), (), id="a person's has a label"),
    pytest.param(pull_request("closed") | {"installation": None}, (), id="one that did not come by the App"),
]


def installation(action: str, *repositories: dict[str, Any], **details: Any) -> dict[str, Any]:
    where = {"id": 7, "repository_selection": "all"} | ACCOUNT | details
    return {"action": action, "installation": where, "repositories": list(repositories)}


def known(*facts: RepositoryFacts, why: str) -> Request:
    return KnowRepositories(installation_id=7, repositories=facts, why=wanted(Priority.INSTALL, why))


INSTALLATIONS = [
    pytest.param(
        installation("created", REPOSITORY),
        (KnowInstallation(facts=ACME), known(APP, why="the App was installed"), LISTED),
        id="the App was installed",
    ),
    pytest.param(
        installation("created", repository_selection="selected", permissions={}),
        (
            KnowInstallation(facts=replace(ACME, everything=False, permissions={})),
            known(why="the App was installed"),
            LISTED,
        ),
        id="it was installed on chosen repositories, which are not named yet",
    ),
    pytest.param(installation("deleted", REPOSITORY), (ForgetInstallation(installation_id=7),), id="it was removed"),
    pytest.param(
        installation("suspend", suspended_at="2026-11-01T00:00:00Z"),
        (SuspendInstallation(installation_id=7),),
        id="it was suspended, which forgets nothing",
    ),
    pytest.param(
        installation("unsuspend"),
        (
            KnowInstallation(facts=ACME, why=wanted(Priority.INSTALL, "the App is not suspended any more")),
            LISTED,
        ),
        id="it was let in again, and GitHub names no repositories",
    ),
    pytest.param(
        installation("new_permissions_accepted"),
        (KnowInstallation(facts=ACME, why=wanted(Priority.INSTALL, "the App got other permissions")), LISTED),
        id="it got other permissions",
    ),
]
CHOSEN = [
    pytest.param(
        {
            "action": "added",
            "installation": {"id": 7, "repository_selection": "all"} | ACCOUNT,
            "repositories_added": [{"id": 70, "node_id": "R_70", "full_name": "acme/app"}],
            "repositories_removed": [{"id": 71}],
        },
        (
            KnowInstallation(facts=ACME),
            known(APP, why="the App was let into the repository"),
            ForgetRepository(repository=THERE),
        ),
        id="one came and another went",
    ),
    pytest.param(
        {"action": "removed", "installation": {"id": 7} | ACCOUNT, "repositories_removed": [{"id": 70}, {"id": 71}]},
        (
            KnowInstallation(facts=replace(ACME, everything=False)),
            ForgetRepository(repository=HERE),
            ForgetRepository(repository=THERE),
        ),
        id="two went",
    ),
]


def repository(action: str, **changes: Any) -> dict[str, Any]:
    return {"action": action, "repository": REPOSITORY, "installation": {"id": 7}} | changes


def seen(facts: RepositoryFacts = APP, why: str = "") -> tuple[Request, ...]:
    scanned = wanted(Priority.PUSH, why) if why else None
    return (KnowRepositories(installation_id=7, repositories=(facts,), why=scanned),)


ARCHIVED, FORK, TEMPLATE = ({"repository": REPOSITORY | {flag: True}} for flag in ("archived", "fork", "is_template"))
REPOSITORIES = [
    pytest.param(repository("renamed"), seen(), id="it was renamed"),
    pytest.param(repository("transferred"), seen(why="the repository was transferred"), id="it was transferred"),
    pytest.param(
        repository("transferred", installation=None), (), id="it went to an account that the App is not installed on"
    ),
    pytest.param(repository("archived", **ARCHIVED), seen(replace(APP, archived=True)), id="it was archived"),
    pytest.param(
        repository("unarchived"), seen(why="the repository is not archived any more"), id="it was taken up again"
    ),
    pytest.param(
        repository("edited", changes={"default_branch": {"from": "master"}}),
        seen(why="the default branch is another one"),
        id="it has another default branch",
    ),
    pytest.param(repository("edited", changes={"description": {"from": "x"}}), seen(), id="it is described otherwise"),
    pytest.param(repository("edited"), seen(), id="it was edited, nobody says how"),
    pytest.param(repository("privatized"), seen(), id="it was made private"),
    pytest.param(repository("publicized", **FORK), seen(replace(APP, fork=True)), id="a fork was made public"),
    pytest.param(repository("edited", **TEMPLATE), seen(replace(APP, fork=True)), id="it is a template now"),
    pytest.param(repository("deleted"), (ForgetRepository(repository=HERE),), id="it was deleted"),
    pytest.param(repository("created"), (), id="it was made, and the App is let in by another event"),
]


def named(event: str, table: list[ParameterSet]) -> list[ParameterSet]:
    return [pytest.param(event, *each.values, id=f"{event}: {each.id}") for each in table]


TABLE = [
    *named("push", PUSHES),
    *named("pull_request", PULL_REQUESTS),
    *named("merge_group", MERGE_GROUPS),
    *named("installation", INSTALLATIONS),
    *named("installation_repositories", CHOSEN),
    *named("repository", REPOSITORIES),
]


@pytest.mark.parametrize(("event", "payload", "expected"), TABLE)
def test_an_event_asks_for(event: str, payload: dict[str, Any], expected: tuple[Request, ...]) -> None:
    assert requests_of(event, json.dumps(payload).encode(), POLICY) == expected


@pytest.mark.parametrize("event", ["", "ping", "star", "Push"])
def test_other_events_ask_for_nothing(event: str) -> None:
    assert router(event) is None
    assert requests_of(event, b"{", POLICY) == ()


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
        pytest.param(b'{"installation": {"id": 0}}', id="an id of nobody"),
        pytest.param(b'{"installation": {"id": 9223372036854775808}}', id="an id that no database can hold"),
    ],
)
@pytest.mark.parametrize("event", [each.event for each in ROUTERS])
def test_what_is_no_payload_is_bad_input(event: str, body: bytes) -> None:
    with pytest.raises(BadInput, match=f"not a payload of {event}"):
        requests_of(event, body, POLICY)


def test_a_router_stands_for_one_event() -> None:
    events = [each.event for each in ROUTERS]
    assert sorted(set(events)) == events
