"""What a tick in the dashboard asks for."""

import json
from typing import Any

import pytest

from bot.handlers import requests_of
from bot.handlers.issues import MOST_TICKS
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import CommandRequest, Request, ScanRequest
from bot.model.command import Command, Verb
from bot.model.dashboard import LOOK_AGAIN, Box, Tick, box_of
from bot.store.wants import Priority

BOT, PERSON = "condabot[bot]", {"login": "octo", "type": "User", "id": 5}
POLICY = WebhookPolicy(is_relevant=lambda _: True, branch_prefix="condabot/", bot=BOT)
BOXES = (Box(Tick.REBUILD, "12"), box_of("non-major"), LOOK_AGAIN)


def text(*on: Box, boxes: tuple[Box, ...] = BOXES) -> str:
    return "\n".join(each.line("words", ticked=each in on) for each in boxes)


def event(body: str, before: str | None = None, *, action: str = "edited", author: str = BOT, **changes: Any) -> bytes:
    payload = {
        "action": action,
        "issue": {"number": 3, "body": body, "user": {"login": author}},
        "repository": {"id": 70},
        "installation": {"id": 7},
        "sender": PERSON,
        "changes": {"body": {"from": text() if before is None else before}},
    }
    return json.dumps(payload | changes).encode()


def commands(requests: tuple[Request, ...]) -> list[tuple[int, Command, str]]:
    return [
        (each.command.number, each.command.command, each.command.login)
        for each in requests
        if isinstance(each, CommandRequest)
    ]


@pytest.mark.parametrize(
    ("box", "number", "command"),
    [
        (BOXES[0], 12, Command(verb=Verb.REBUILD)),
        (BOXES[1], 3, Command(verb=Verb.OPEN, argument=BOXES[1].about)),
        (BOXES[2], 3, Command(verb=Verb.LOOK)),
    ],
)
def test_what_is_newly_ticked_is_asked_for(box: Box, number: int, command: Command) -> None:
    assert commands(requests_of("issues", event(text(box)), POLICY)) == [(number, command, "octo")]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(event(text()), id="nothing is ticked"),
        pytest.param(event(text(*BOXES), text(*BOXES)), id="it was ticked before"),
        pytest.param(event(text(), text(*BOXES)), id="a tick is taken away"),
        pytest.param(event(text(*BOXES), author="octo"), id="of an issue that is not the bot's"),
        pytest.param(event(text(*BOXES), sender={"login": BOT, "type": "Bot", "id": 9}), id="by the bot itself"),
        pytest.param(event(text(*BOXES), changes={"title": {"from": "x"}}), id="only the title is edited"),
        pytest.param(event(text(*BOXES), action="opened"), id="it is opened"),
        pytest.param(event(text(*BOXES), installation=None), id="without an installation"),
        pytest.param(event("- [x] <!-- condabot:rebuild ff --> x"), id="the number of a pull request is none"),
    ],
)
def test_nothing_is_asked_for(body: bytes) -> None:
    assert requests_of("issues", body, POLICY) == ()


def test_a_dashboard_that_is_opened_again_goes_on() -> None:
    [request] = requests_of("issues", event(text(), action="reopened"), POLICY)

    assert isinstance(request, ScanRequest)
    assert request.why.priority is Priority.PERSON


def test_of_very_many_ticks_some_are_heard() -> None:
    boxes = tuple(box_of(str(number)) for number in range(MOST_TICKS + 5))

    assert len(requests_of("issues", event(text(*boxes, boxes=boxes)), POLICY)) == MOST_TICKS
