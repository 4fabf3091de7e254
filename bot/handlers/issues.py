"""Somebody edited an issue: the dashboard, if the bot opened it, in which a box was ticked.

What is ticked is asked for like a command: GitHub is asked whether whoever ticked it may write.
https://docs.github.com/en/webhooks/webhook-events-and-payloads#issues
"""

from collections.abc import Iterator

import msgspec

from bot.handlers.payloads import Account, Id, InstallationId, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import CommandRequest, Request, ScanRequest
from bot.model.command import Command, Verb
from bot.model.dashboard import Box, Tick, ticked
from bot.store.commands import BOX, PullCommand
from bot.store.wants import Priority, Want

MOST_TICKS = 20
REOPENED = Want(priority=Priority.PERSON, reason="the dashboard was opened again")


class Issue(msgspec.Struct, frozen=True):
    """The issue."""

    number: Id
    body: str | None = None
    user: Account | None = None


class Text(msgspec.Struct, frozen=True, rename={"before": "from"}):
    """A text as it was before."""

    before: str | None = None


class Changes(msgspec.Struct, frozen=True):
    """What was edited; of no interest but for the body."""

    body: Text | None = None


class Issues(msgspec.Struct, frozen=True):
    """The payload."""

    action: str
    issue: Issue
    repository: RepositoryId
    sender: Account = Account()
    installation: InstallationId | None = None
    changes: Changes = Changes()

    @property
    def new_ticks(self) -> list[Box]:
        """The boxes that are ticked now and were not."""
        if self.action != "edited" or self.changes.body is None:
            return []
        return sorted(ticked(self.issue.body or "") - ticked(self.changes.body.before or ""))


def requests(payload: Issues, policy: WebhookPolicy) -> tuple[Request, ...]:
    """Do what a person ticked in the dashboard; go on with one that was opened again."""
    author = payload.issue.user
    if payload.installation is None or author is None or author.login != policy.bot or not payload.sender.is_person:
        return ()
    if payload.action == "reopened":
        return (ScanRequest(repository=installed(payload.installation, payload.repository), why=REOPENED),)
    return tuple(CommandRequest(command=each) for each in _asked(payload, payload.installation))


def _asked(payload: Issues, installation: InstallationId) -> Iterator[PullCommand]:
    where, by = installed(installation, payload.repository), payload.sender
    for box in payload.new_ticks[:MOST_TICKS]:
        if box.tick is Tick.REBUILD:
            if not box.about.isdecimal():
                continue
            number, source, command = int(box.about), BOX, Command(verb=Verb.REBUILD)
        else:
            verb = Verb.OPEN if box.tick is Tick.OPEN else Verb.LOOK
            number, source = payload.issue.number, f"{BOX}-{box.tick}-{box.about}"
            command = Command(verb=verb, argument=box.about)
        yield PullCommand(
            repository=where, number=number, source=source, command=command, login=by.login, user_id=by.id
        )
