"""When checks have ended, only those on the bot's own commits ask for something."""

import json
from typing import Any

import pytest

from bot.handlers import requests_of
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import ScanRequest

POLICY = WebhookPolicy(is_relevant=lambda _: True, branch_prefix="condabot/", bot="condabot[bot]")
OURS = "7+condabot[bot]@users.noreply.github.com"


def event(
    *,
    action: str = "completed",
    conclusion: str | None = "success",
    email: str | None = OURS,
    app: str | None = "ci",
    installed: bool = True,
) -> bytes:
    suite: dict[str, Any] = {"conclusion": conclusion, "head_commit": email and {"author": {"email": email}}}
    payload = {"action": action, "check_suite": suite | {"app": app and {"slug": app}}, "repository": {"id": 70}}
    return json.dumps(payload | ({"installation": {"id": 7}} if installed else {})).encode()


@pytest.mark.parametrize(
    ("body", "scans"),
    [
        pytest.param(event(), True, id="they ended well on a commit of ours"),
        pytest.param(event(conclusion="neutral"), True, id="without a word"),
        pytest.param(event(app=None), True, id="of an App that is gone"),
        pytest.param(event(conclusion="failure"), False, id="they failed"),
        pytest.param(event(conclusion=None, action="requested"), False, id="they begin"),
        pytest.param(event(email="octo@files.example"), False, id="on a commit of a person"),
        pytest.param(event(email="9+other[bot]@users.noreply.github.com"), False, id="of another bot"),
        pytest.param(event(email=None), False, id="on a commit that is not told"),
        pytest.param(event(app="condabot"), False, id="they are our own"),
        pytest.param(event(installed=False), False, id="the App is not installed"),
    ],
)
def test_what_asks_for_a_scan(body: bytes, *, scans: bool) -> None:
    found = requests_of("check_suite", body, POLICY)

    assert [type(each) for each in found] == ([ScanRequest] if scans else [])
