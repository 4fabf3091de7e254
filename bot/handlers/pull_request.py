"""A pull request of the bot was closed, merged or opened again: the next one may have its turn, or must be told.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
"""

import msgspec

from bot.handlers.payloads import Account, Id, InstallationId, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import CountPull, Request, ScanRequest
from bot.metrics import PullState
from bot.store.wants import Priority, Want

DECIDED = {"closed", "reopened"}
OPEN = {"opened", "reopened"}


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


class PullRequest(msgspec.Struct, frozen=True):
    """The payload."""

    action: str
    pull_request: Details
    repository: RepositoryId
    installation: InstallationId | None = None
    sender: Account = Account()

    def is_own_doing(self, bot: str) -> bool:
        """Say whether *bot* itself closed or opened it; what it merged by itself concerns the next one all the same."""
        return self.sender.login == bot and not self.pull_request.merged

    def became(self, bot: str) -> PullState | None:
        """Return what became of it if *bot* opened it; what the bot closes itself is no opinion."""
        if self.pull_request.user.login != bot:
            return None
        if self.action == "closed":
            closed = None if self.is_own_doing(bot) else PullState.CLOSED
            return PullState.MERGED if self.pull_request.merged else closed
        return PullState.OPENED if self.action in OPEN else None


def requests(payload: PullRequest, policy: WebhookPolicy) -> tuple[Request, ...]:
    """Scan after somebody decided about a branch of the bot; what happens on forks asks for nothing."""
    pull = payload.pull_request
    own = pull.head.repo == payload.repository and pull.head.ref.startswith(policy.branch_prefix)
    if payload.installation is None or not own:
        return ()
    repository = installed(payload.installation, payload.repository)
    state = payload.became(policy.bot)
    counted = (CountPull(repository=repository, number=pull.number, state=state),) if state else ()
    if payload.action not in DECIDED or payload.is_own_doing(policy.bot):
        return counted
    done = "merged" if pull.merged else payload.action
    why = Want(priority=Priority.PERSON, reason=f"pull request #{pull.number} was {done}")
    return (*counted, ScanRequest(repository=repository, why=why))
