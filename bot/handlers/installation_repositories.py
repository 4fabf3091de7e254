"""An installation gained or lost repositories.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation_repositories
"""

import msgspec

from bot.handlers.payloads import InstallationDetails, RepositoryDetails, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import ForgetRepository, KnowInstallation, KnowRepositories, Request
from bot.store.wants import Priority, Want

ADDED = Want(priority=Priority.INSTALL, reason="the App was let into the repository")


class InstallationRepositories(msgspec.Struct, frozen=True):
    """The payload."""

    installation: InstallationDetails
    repositories_added: tuple[RepositoryDetails, ...] = ()
    repositories_removed: tuple[RepositoryId, ...] = ()


def requests(payload: InstallationRepositories, policy: WebhookPolicy) -> tuple[Request, ...]:  # noqa: ARG001 - every event's signature
    """Scan what came, forget what went."""
    facts = tuple(each.facts for each in payload.repositories_added)
    removed = (
        ForgetRepository(repository=installed(payload.installation, each)) for each in payload.repositories_removed
    )
    added = KnowRepositories(installation_id=payload.installation.id, repositories=facts, why=ADDED)
    return (KnowInstallation(facts=payload.installation.facts), *((added,) if facts else ()), *removed)
