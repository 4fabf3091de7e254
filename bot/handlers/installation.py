"""The App was installed, suspended, let in again, given other permissions, or removed.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation
"""

import msgspec

from bot.handlers.payloads import InstallationId, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import ForgetInstallation, Request, ScanRequest

LEFT = {"deleted", "suspend"}


class Installation(msgspec.Struct, frozen=True):
    """The payload. Only some actions name the repositories."""

    action: str
    installation: InstallationId
    repositories: tuple[RepositoryId, ...] = ()


def requests(payload: Installation, policy: WebhookPolicy) -> tuple[Request, ...]:  # noqa: ARG001 - every event's signature
    """Scan what the App was let into; forget what it was put out of."""
    if payload.action in LEFT:
        return (ForgetInstallation(installation_id=payload.installation.id),)
    return tuple(ScanRequest(repository=installed(payload.installation, each)) for each in payload.repositories)
