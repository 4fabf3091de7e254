"""The App was installed, suspended, let in again, given other permissions, or removed.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation
"""

import msgspec

from bot.handlers.payloads import InstallationDetails, RepositoryDetails
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import (
    ForgetInstallation,
    KnowInstallation,
    KnowRepositories,
    ListInstallation,
    Request,
    SuspendInstallation,
)
from bot.store.wants import Priority, Want

INSTALLED = Want(priority=Priority.INSTALL, reason="the App was installed")
LET_IN = {
    "unsuspend": Want(priority=Priority.INSTALL, reason="the App is not suspended any more"),
    "new_permissions_accepted": Want(priority=Priority.INSTALL, reason="the App got other permissions"),
}


class Installation(msgspec.Struct, frozen=True):
    """The payload. Only some actions name the repositories, in short forms."""

    action: str
    installation: InstallationDetails
    repositories: tuple[RepositoryDetails, ...] | None = None


def requests(payload: Installation, policy: WebhookPolicy) -> tuple[Request, ...]:  # noqa: ARG001 - every event's signature
    """Know where the App was let in and list what is there; wait where it is suspended; forget where it is gone."""
    installation = payload.installation
    if payload.action == "deleted":
        return (ForgetInstallation(installation_id=installation.id),)
    if payload.action == "suspend":
        return (SuspendInstallation(installation_id=installation.id),)
    listed = ListInstallation(installation_id=installation.id)
    if why := LET_IN.get(payload.action):
        return (KnowInstallation(facts=installation.facts, why=why), listed)
    facts = tuple(each.facts for each in payload.repositories or ())
    found = KnowRepositories(installation_id=installation.id, repositories=facts, why=INSTALLED)
    return (KnowInstallation(facts=installation.facts), found, listed)
