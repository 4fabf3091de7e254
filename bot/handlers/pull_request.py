"""A pull request of the bot was closed, merged or opened again: the next one may have its turn, or must be told.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
"""

import msgspec

from bot.handlers.payloads import InstallationId, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import Request, ScanRequest

DECIDED = {"closed", "reopened"}


class Head(msgspec.Struct, frozen=True):
    """The branch proposed, and its repository: None if that is gone."""

    ref: str
    repo: RepositoryId | None = None


class Details(msgspec.Struct, frozen=True):
    """The pull request itself."""

    head: Head


class PullRequest(msgspec.Struct, frozen=True):
    """The payload."""

    action: str
    pull_request: Details
    repository: RepositoryId
    installation: InstallationId | None = None


def requests(payload: PullRequest, policy: WebhookPolicy) -> tuple[Request, ...]:
    """Scan after somebody decided about a branch of the bot; what happens on forks asks for nothing."""
    head = payload.pull_request.head
    own = head.repo == payload.repository and head.ref.startswith(policy.branch_prefix)
    if payload.installation is None or payload.action not in DECIDED or not own:
        return ()
    return (ScanRequest(repository=installed(payload.installation, payload.repository)),)
