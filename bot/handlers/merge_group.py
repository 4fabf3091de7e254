"""A merge queue made a commit of what it is about to merge, and waits for the checks that its branch requires.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group
"""

from typing import Annotated

import msgspec

from bot.handlers.payloads import InstallationId, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import LookRequest, Request
from bot.store.looks import Look

Oid = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{40}$")]


class Group(msgspec.Struct, frozen=True):
    """The commit, and the one that it stands on."""

    head_sha: Oid
    base_sha: Oid


class MergeGroup(msgspec.Struct, frozen=True):
    """The payload."""

    action: str
    merge_group: Group
    repository: RepositoryId
    installation: InstallationId | None = None


def requests(payload: MergeGroup, policy: WebhookPolicy) -> tuple[Request, ...]:  # noqa: ARG001 - every event's signature
    """Look at what is about to be merged; of one that was merged or given up there is nothing to say."""
    if payload.installation is None or payload.action != "checks_requested":
        return ()
    where, group = installed(payload.installation, payload.repository), payload.merge_group
    return (LookRequest(look=Look(repository=where, head=group.head_sha, base=group.base_sha)),)
