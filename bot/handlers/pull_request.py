"""A pull request came, changed or went.

One of the bot was closed, merged or opened again: the next one may have its turn, or must be told. One of people was
opened, pushed to, or is for another branch now: what it does is said beside it. Of forks that is all that asks for
something, and nothing of them is run. What the bot pushed there because somebody asked for it is looked at as well. A
ticked box in a body of the bot's asks for a pull request that is made afresh.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
"""

from typing import Any

import msgspec

from bot.handlers.payloads import Account, Id, InstallationId, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import CommandRequest, CountPull, LookRequest, Request, ScanRequest
from bot.metrics import PullState
from bot.model.command import Command, Verb
from bot.model.pull_request import is_ticked
from bot.store.commands import BOX, PullCommand
from bot.store.looks import Look
from bot.store.repositories import InstalledRepository
from bot.store.wants import Priority, Want
from bot.updating.inspection import ONBOARDING

DECIDED = {"closed", "reopened"}
OPEN = {"opened", "reopened"}
PUSHED = "synchronize"
LOOKED_AT = {"opened", "reopened", PUSHED}


class Head(msgspec.Struct, frozen=True):
    """The branch proposed, and its repository: None if that is gone."""

    ref: str
    repo: RepositoryId | None = None


class Details(msgspec.Struct, frozen=True):
    """The pull request itself."""

    head: Head
    number: Id
    merged: bool = False
    user: Account = Account()
    body: str | None = None


class Before(msgspec.Struct, frozen=True):
    """What something was before it was edited."""

    was: str | None = msgspec.field(name="from", default=None)


class Changes(msgspec.Struct, frozen=True):
    """What was edited; of no interest but for the branch that it is for, and the text."""

    base: Any = None
    body: Before | None = None


class PullRequest(msgspec.Struct, frozen=True):
    """The payload."""

    action: str
    pull_request: Details
    repository: RepositoryId
    installation: InstallationId | None = None
    sender: Account = Account()
    changes: Changes = Changes()

    @property
    def is_another_change(self) -> bool:
        """Say whether what it proposes, or to which branch, may be something else than before."""
        return self.action in LOOKED_AT or (self.action == "edited" and self.changes.base is not None)

    @property
    def is_ticked(self) -> bool:
        """Say whether a person has just ticked the box that has it made afresh."""
        before = self.changes.body.was if self.action == "edited" and self.changes.body else None
        now = self.pull_request.body or ""
        return self.sender.is_person and before is not None and not is_ticked(before) and is_ticked(now)

    def is_own_doing(self, bot: str) -> bool:
        """Say whether *bot* itself closed or opened it; what it merged by itself concerns the next one all the same."""
        return self.sender.login == bot and not self.pull_request.merged

    def is_of_bot(self, policy: WebhookPolicy) -> bool:
        """Say whether the bot proposes it: a repository may name the bot's branches as it likes."""
        pull = self.pull_request
        return pull.user.login == policy.bot or pull.head.ref.startswith(policy.branch_prefix)

    def became(self, bot: str) -> PullState | None:
        """Return what became of it if *bot* opened it; what the bot closes itself is no opinion."""
        if self.pull_request.user.login != bot:
            return None
        if self.action == "closed":
            closed = None if self.is_own_doing(bot) else PullState.CLOSED
            return PullState.MERGED if self.pull_request.merged else closed
        return PullState.OPENED if self.action in OPEN else None


def requests(payload: PullRequest, policy: WebhookPolicy) -> tuple[Request, ...]:
    """Scan after somebody decided about a branch of the bot or pushed to it, and look at what people propose."""
    if payload.installation is None:
        return ()
    pull, repository = payload.pull_request, installed(payload.installation, payload.repository)
    if pull.head.repo == payload.repository and payload.is_of_bot(policy):
        return _of_ours(payload, repository, policy.bot)
    if not payload.is_another_change or (payload.sender.login == policy.bot and payload.action != PUSHED):
        return ()
    return (LookRequest(look=Look(repository=repository, number=pull.number)),)


def _of_ours(payload: PullRequest, repository: InstalledRepository, bot: str) -> tuple[Request, ...]:
    pull, state = payload.pull_request, payload.became(bot)
    if pull.head.ref.endswith(ONBOARDING):
        state = None  # whoever does not want the bot at all has nothing against what it proposes
    counted = (CountPull(repository=repository, number=pull.number, state=state),) if state else ()
    if payload.is_ticked:
        return (CommandRequest(command=_rebuild(payload, repository)),)
    if payload.action not in {*DECIDED, PUSHED} or payload.is_own_doing(bot):
        return counted
    done = "merged" if pull.merged else "pushed to" if payload.action == PUSHED else payload.action
    why = Want(priority=Priority.PERSON, reason=f"pull request #{pull.number} was {done}")
    return (*counted, ScanRequest(repository=repository, why=why))


def _rebuild(payload: PullRequest, repository: InstalledRepository) -> PullCommand:
    return PullCommand(
        repository=repository,
        number=payload.pull_request.number,
        source=BOX,
        command=Command(verb=Verb.REBUILD),
        login=payload.sender.login,
        user_id=payload.sender.id,
    )
