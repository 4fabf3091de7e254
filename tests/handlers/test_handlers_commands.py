"""What people ask of the bot in pull requests: by comments, by the buttons of its checks, by the box of its bodies."""

import json
from typing import Any

import pytest

from bot.errors import BadInput
from bot.handlers import requests_of
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import CommandRequest
from bot.model.command import Command, Verb
from bot.model.pull_request import REBUILD_MARKER
from bot.store.commands import RELOCK, PullCommand
from bot.store.repositories import InstalledRepository

BOT = "condabot[bot]"
POLICY = WebhookPolicy(is_relevant=lambda _: True, branch_prefix="condabot/", bot=BOT)
ALICE: dict[str, Any] = {"login": "alice", "id": 5, "type": "User"}
RENOVATE: dict[str, Any] = {"login": "renovate[bot]", "id": 6, "type": "Bot"}
OURS: dict[str, Any] = {"login": BOT, "id": 7, "type": "Bot"}
HERE = InstalledRepository(installation_id=7, repository_id=70)
SAID = "/condabot help"
TICKED = f"- [x] {REBUILD_MARKER} make this afresh"
OPEN = TICKED.replace("[x]", "[ ]")


def encoded(payload: dict[str, Any], **changes: Any) -> bytes:
    common = {"repository": {"id": 70}, "installation": {"id": 7}, "sender": ALICE}
    return json.dumps(common | payload | changes).encode()


def comment(said: str = SAID, action: str = "created", user: dict[str, Any] = ALICE, **changes: Any) -> bytes:
    issue = {"number": 4, "pull_request": {"url": "x"}}
    return encoded(
        {"action": action, "issue": issue, "comment": {"id": 9, "body": said, "user": user}, "sender": user}, **changes
    )


def pressed(identifier: str = f"{RELOCK}4", slug: str = "condabot", **changes: Any) -> bytes:
    payload = {
        "action": "requested_action",
        "check_run": {"id": 8, "app": {"slug": slug}},
        "requested_action": {"identifier": identifier},
    }
    return encoded(payload, **changes)


def edited(before: str | None, now: str, user: dict[str, Any] = OURS, **changes: Any) -> bytes:
    pull = {"number": 4, "user": user, "head": {"ref": "topic", "repo": {"id": 70}}, "body": now}
    was = {} if before is None else {"body": {"from": before}}
    return encoded({"action": "edited", "pull_request": pull, "changes": was}, **changes)


def asked(event: str, body: bytes) -> list[PullCommand]:
    return [each.command for each in requests_of(event, body, POLICY) if isinstance(each, CommandRequest)]


def of_alice(source: str, verb: Verb) -> PullCommand:
    return PullCommand(repository=HERE, number=4, source=source, command=Command(verb=verb), login="alice", user_id=5)


def test_a_comment_with_a_command_asks_for_it() -> None:
    assert asked("issue_comment", comment()) == [of_alice("comment-9", Verb.HELP)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(comment("hello"), id="no command"),
        pytest.param(comment(action="edited"), id="an edit counts for nothing"),
        pytest.param(comment(action="deleted"), id="it was taken back"),
        pytest.param(comment(user=RENOVATE), id="a bot"),
        pytest.param(comment(user=OURS), id="ourselves"),
        pytest.param(comment(sender=RENOVATE), id="a bot in a person's name"),
        pytest.param(comment(issue={"number": 4}), id="an issue"),
        pytest.param(comment(installation=None), id="through no installation"),
        pytest.param(comment(comment={"id": 9, "body": SAID, "user": None}), id="nobody's"),
    ],
)
def test_comments_that_ask_for_nothing(body: bytes) -> None:
    assert asked("issue_comment", body) == []


def test_the_button_of_a_check_has_its_pull_request_relocked() -> None:
    assert asked("check_run", pressed()) == [of_alice("button-8", Verb.RELOCK)]


def test_the_name_of_a_button_is_as_short_as_github_wants_it() -> None:
    assert len(f"{RELOCK}{999_999_999}") <= 20


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(pressed("other:4"), id="another button"),
        pytest.param(pressed("relock:0"), id="no pull request"),
        pytest.param(pressed("relock:4; x"), id="more than that"),
        pytest.param(pressed(slug="other"), id="of another App"),
        pytest.param(pressed(action="created"), id="nobody pressed it"),
        pytest.param(pressed(sender=RENOVATE), id="a bot"),
        pytest.param(pressed(installation=None), id="through no installation"),
        pytest.param(pressed(requested_action=None), id="no button"),
    ],
)
def test_checks_that_ask_for_nothing(body: bytes) -> None:
    assert asked("check_run", body) == []


def test_a_box_that_is_ticked_has_the_pull_request_made_afresh() -> None:
    assert asked("pull_request", edited(OPEN, TICKED)) == [of_alice("box", Verb.REBUILD)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(edited(TICKED, OPEN), id="taken back"),
        pytest.param(edited(TICKED, f"{TICKED}\nmore"), id="ticked before"),
        pytest.param(edited(None, TICKED), id="only the title was edited"),
        pytest.param(edited(OPEN, TICKED, sender=OURS), id="ourselves"),
        pytest.param(edited(OPEN, TICKED, user=ALICE), id="a person's pull request"),
        pytest.param(edited(OPEN, f"> {TICKED}"), id="a quotation"),
    ],
)
def test_edits_that_ask_for_nothing(body: bytes) -> None:
    assert asked("pull_request", body) == []


@pytest.mark.parametrize("event", ["issue_comment", "check_run"])
@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"action": 1}', comment(comment={"id": -1, "body": SAID})])
def test_what_is_no_payload_is_refused(event: str, body: bytes) -> None:
    with pytest.raises(BadInput):
        requests_of(event, body, POLICY)
