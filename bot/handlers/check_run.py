"""A person pressed a button of a check: that of ours which has a lock solved.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_run
"""

import re
from typing import Final

import msgspec

from bot.handlers.payloads import Account, App, Id, InstallationId, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import CommandRequest, Request
from bot.model.command import Command, Verb
from bot.store.commands import BUTTON, RELOCK, PullCommand

PRESSED: Final = re.compile(rf"{RELOCK}([1-9][0-9]{{0,8}})")
"""What our buttons are called."""


class Check(msgspec.Struct, frozen=True):
    """The check."""

    id: Id
    app: App | None = None


class Action(msgspec.Struct, frozen=True):
    """The button."""

    identifier: str = ""


class CheckRun(msgspec.Struct, frozen=True):
    """The payload."""

    action: str
    check_run: Check
    repository: RepositoryId
    sender: Account = Account()
    installation: InstallationId | None = None
    requested_action: Action | None = None


def requests(payload: CheckRun, policy: WebhookPolicy) -> tuple[Request, ...]:
    """Relock the pull request whose button a person pressed."""
    if payload.installation is None or payload.action != "requested_action" or payload.requested_action is None:
        return ()
    app, by = payload.check_run.app, payload.sender
    pressed = PRESSED.fullmatch(payload.requested_action.identifier)
    if pressed is None or app is None or f"{app.slug}[bot]" != policy.bot or not by.is_person:
        return ()
    asked = PullCommand(
        repository=installed(payload.installation, payload.repository),
        number=int(pressed[1]),
        source=f"{BUTTON}{payload.check_run.id}",
        command=Command(verb=Verb.RELOCK),
        login=by.login,
        user_id=by.id,
    )
    return (CommandRequest(command=asked),)
