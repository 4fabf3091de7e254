"""What the breaker counts of pull requests: the bot's own, and what people decided about them."""

import json
from typing import Any

import pytest

from bot.handlers import requests_of
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import CountPull
from bot.metrics import PullState

BOT, PERSON = "condabot[bot]", "octo"
POLICY = WebhookPolicy(is_relevant=lambda _: True, branch_prefix="condabot/", bot=BOT)


def event(action: str, sender: str, **pull: Any) -> bytes:
    details = {"number": 4, "user": {"login": BOT}, "head": {"ref": "condabot/numpy", "repo": {"id": 70}}} | pull
    repository = {"id": 70, "full_name": "acme/app"}
    return json.dumps(
        {
            "action": action,
            "pull_request": details,
            "repository": repository,
            "installation": {"id": 7},
            "sender": {"login": sender},
        }
    ).encode()


@pytest.mark.parametrize(
    ("body", "state"),
    [
        pytest.param(event("opened", BOT), PullState.OPENED, id="the bot opened it"),
        pytest.param(event("reopened", PERSON), PullState.OPENED, id="a person opened it again"),
        pytest.param(event("closed", PERSON, merged=True), PullState.MERGED, id="a person merged it"),
        pytest.param(event("closed", BOT, merged=True), PullState.MERGED, id="it was merged by itself"),
        pytest.param(event("closed", PERSON), PullState.CLOSED, id="a person closed it"),
        pytest.param(event("closed", BOT), None, id="the bot withdrew it"),
        pytest.param(event("synchronize", BOT), None, id="it was pushed to"),
        pytest.param(event("closed", PERSON, user={"login": PERSON}), None, id="a person's own, on such a branch"),
        pytest.param(
            event("closed", PERSON, head={"ref": "deps/numpy", "repo": {"id": 70}}),
            PullState.CLOSED,
            id="its branch is called as the repository wants it",
        ),
        pytest.param(event("closed", PERSON, head={"ref": "condabot/x", "repo": {"id": 9}}), None, id="of a fork"),
        pytest.param(
            event("closed", PERSON, head={"ref": "condabot/condabot.yml", "repo": {"id": 70}}),
            None,
            id="it asked whether the bot may begin: no says nothing of what it proposes",
        ),
    ],
)
def test_what_is_counted(body: bytes, state: PullState | None) -> None:
    counted = [each for each in requests_of("pull_request", body, POLICY) if isinstance(each, CountPull)]
    assert [(each.number, each.state) for each in counted] == ([(4, state)] if state else [])
