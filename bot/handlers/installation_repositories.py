"""An installation gained or lost repositories.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation_repositories
"""

import msgspec

from bot.handlers.payloads import InstallationId, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import ForgetRepository, Request, ScanRequest


class InstallationRepositories(msgspec.Struct, frozen=True):
    """The payload."""

    installation: InstallationId
    repositories_added: tuple[RepositoryId, ...] = ()
    repositories_removed: tuple[RepositoryId, ...] = ()


def requests(payload: InstallationRepositories, policy: WebhookPolicy) -> tuple[Request, ...]:  # noqa: ARG001 - every event's signature
    """Scan what came, forget what went."""
    added = (ScanRequest(repository=installed(payload.installation, each)) for each in payload.repositories_added)
    removed = (
        ForgetRepository(repository=installed(payload.installation, each)) for each in payload.repositories_removed
    )
    return (*added, *removed)
