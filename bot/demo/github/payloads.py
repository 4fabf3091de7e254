"""The webhooks that an event leads to: who may hear of it, and what stands in all of them.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.demo.github.events import Event, InstallationChanged, InstallationRepositoriesChanged
from bot.demo.github.model import Account, JsonObject
from bot.demo.github.openapi import webhook_description
from bot.demo.github.repository import Repository
from bot.demo.github.repository_payloads import facts_of
from bot.demo.github.representations import Representations
from bot.demo.github.skeleton import webhook_skeleton
from bot.demo.github.state import Installation, State

UNSUBSCRIBED = frozenset({"installation", "installation_repositories", "ping"})
# What it was suspended with, GitHub does not name again.
# https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation
NAMING_REPOSITORIES = frozenset({"created", "deleted"})
PERMISSIONS_OF_EVENTS: Mapping[str, tuple[str, ...]] = {
    "check_run": ("checks",),
    "check_suite": ("checks",),
    "create": ("contents",),
    "delete": ("contents",),
    "fork": ("contents",),
    "issue_comment": ("issues", "pull_requests"),
    "issues": ("issues",),
    "merge_group": ("merge_queues",),
    "pull_request": ("pull_requests",),
    "pull_request_review": ("pull_requests",),
    "push": ("contents",),
    "status": ("statuses",),
}
ZEN = "Keep it logically awesome."


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One webhook before it is signed and sent."""

    event: str
    action: str | None
    payload: JsonObject
    installation_id: int | None
    repository_id: int | None


def messages(state: State, event: Event) -> Iterator[Message]:
    """Return what the App is told about *event*: nothing outside its installations and its subscriptions."""
    for name, action, installation, facts in _facts(state, event):
        if name in UNSUBSCRIBED or (name in state.events and _may_hear(name, installation)):
            yield _message(name, action, installation, facts)


def _may_hear(name: str, installation: Installation | None) -> bool:
    """Say whether the installation has a permission that the event needs.

    https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/using-webhooks-with-github-apps
    """
    needed = PERMISSIONS_OF_EVENTS.get(name, ("metadata",))
    return installation is None or any(each in installation.permissions for each in needed)


def ping(state: State) -> Message:
    """Return the message that tests a webhook's address."""
    hook = {"type": "App", "id": 1, "name": "web", "active": True, "events": list(state.events), "app_id": state.app.id}
    return _message("ping", None, None, {"zen": ZEN, "hook_id": 1, "hook": hook})


def _message(name: str, action: str | None, installation: Installation | None, facts: JsonObject) -> Message:
    facts = facts | ({"action": action} if action else {})
    return Message(
        event=name,
        action=action,
        payload=webhook_skeleton().fill(webhook_description().schema(name, action), facts),
        installation_id=installation.id if installation else None,
        repository_id=facts.get("repository", {}).get("id"),
    )


Facts = tuple[str, str | None, Installation | None, JsonObject]


def _facts(state: State, event: Event) -> Iterator[Facts]:
    if isinstance(event, InstallationChanged | InstallationRepositoriesChanged):
        yield _installation_facts(state, event)
        return
    repository = state.repository(event.repository)
    installation = state.installation_of(repository)
    if installation is None or installation.suspended_at:
        return
    show = Representations(state)
    for name, action, facts in facts_of(event, show, repository):
        yield name, action, installation, _common(show, repository, event.sender, installation) | facts


def _common(show: Representations, repository: Repository, sender: Account, installation: Installation) -> JsonObject:
    organization = {"organization": show.account(repository.owner)} if repository.owned_by_organization else {}
    return organization | {
        "repository": show.repository(repository),
        "sender": show.account(sender),
        "installation": {"id": installation.id, "node_id": f"I_{installation.id}"},
    }


def _installation_facts(state: State, event: InstallationChanged | InstallationRepositoriesChanged) -> Facts:
    show, installation = Representations(state), state.installation(event.installation)
    facts = {"installation": show.installation(installation), "sender": show.account(event.sender), "requester": None}
    if isinstance(event, InstallationChanged):
        named = {"repositories": _brief(installation.repositories)} if event.action in NAMING_REPOSITORIES else {}
        return "installation", event.action, installation, facts | named
    repositories = [state.repository(name) for name in event.repositories]
    added = repositories if event.action == "added" else ()
    removed = repositories if event.action == "removed" else ()
    changed = {
        "repository_selection": installation.selection,
        "repositories_added": _brief(added),
        "repositories_removed": _brief(removed),
    }
    return "installation_repositories", event.action, installation, facts | changed


def _brief(repositories: Sequence[Repository]) -> list[JsonObject]:
    return [
        {
            "id": each.id,
            "node_id": each.node_id,
            "name": each.name,
            "full_name": each.full_name,
            "private": each.private,
        }
        for each in repositories
    ]
