"""A repository was renamed, transferred, archived, given another default branch, or deleted.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#repository
"""

from typing import Any

import msgspec

from bot.handlers.payloads import InstallationId, RepositoryDetails, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import ForgetRepository, KnowRepositories, Request
from bot.store.wants import Priority, Want

SCANNED_AFTER = {
    "transferred": "the repository was transferred",
    "unarchived": "the repository is not archived any more",
}
KNOWN_AFTER = {"archived", "edited", "renamed", "privatized", "publicized"}


class Changes(msgspec.Struct, frozen=True):
    """What was edited; of no interest but for the default branch."""

    default_branch: Any = None


class Repository(msgspec.Struct, frozen=True):
    """The payload. A repository that moved to an account without the App comes without an installation."""

    action: str
    repository: RepositoryDetails
    installation: InstallationId | None = None
    changes: Changes = Changes()

    @property
    def reason(self) -> str | None:
        """Say why the repository is to be scanned after this, None if it is not."""
        if self.action == "edited":
            return "the default branch is another one" if self.changes.default_branch else None
        return SCANNED_AFTER.get(self.action)


def requests(payload: Repository, policy: WebhookPolicy) -> tuple[Request, ...]:  # noqa: ARG001 - every event's signature
    """Know what became of the repository, and scan it where that may have another outcome now."""
    if payload.installation is None:
        return ()
    if payload.action == "deleted":
        return (ForgetRepository(repository=installed(payload.installation, payload.repository)),)
    if payload.action not in KNOWN_AFTER | SCANNED_AFTER.keys():
        return ()
    why = Want(priority=Priority.PUSH, reason=payload.reason) if payload.reason else None
    facts = (payload.repository.facts,)
    return (KnowRepositories(installation_id=payload.installation.id, repositories=facts, why=why),)
