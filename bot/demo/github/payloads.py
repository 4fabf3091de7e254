"""The webhook payload of every event.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from bot.demo.github.events import (
    CheckRunChanged,
    CommentChanged,
    Event,
    Forked,
    InRepository,
    InstallationChanged,
    InstallationRepositoriesChanged,
    IssueChanged,
    MergeGroupChanged,
    PullRequestChanged,
    Pushed,
    RepositoryChanged,
    Reviewed,
)
from bot.demo.github.git import Git
from bot.demo.github.model import ZERO_OID, Account, JsonObject
from bot.demo.github.openapi import webhook_description
from bot.demo.github.repository import Repository
from bot.demo.github.repository_representations import signature
from bot.demo.github.representations import Representations
from bot.demo.github.skeleton import webhook_skeleton
from bot.demo.github.state import Installation, State

UNSUBSCRIBED = frozenset({"installation", "installation_repositories", "ping"})
# What it was suspended with, GitHub does not name again.
# https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation
NAMING_REPOSITORIES = frozenset({"created", "deleted"})
COMMITS_PER_PUSH = 2_048
PEOPLE = ("assignee", "requested_reviewer")
BRANCHES = "refs/heads/"
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
        if name in UNSUBSCRIBED or name in state.events:
            yield _message(name, action, installation, facts)


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
    for name, action, facts in _repository_facts(show, repository, event):
        yield name, action, installation, _common(show, repository, event.sender, installation) | facts


def _common(show: Representations, repository: Repository, sender: Account, installation: Installation) -> JsonObject:
    organization = {"organization": show.account(repository.owner)} if repository.owned_by_organization else {}
    return organization | {
        "repository": show.repository(repository),
        "sender": show.account(sender),
        "installation": {"id": installation.id, "node_id": f"I_{installation.id}"},
    }


def _repository_facts(
    show: Representations, repository: Repository, event: InRepository
) -> Iterator[tuple[str, str | None, JsonObject]]:
    match event:
        case Pushed():
            yield from _push_facts(show, repository, event)
        case RepositoryChanged():
            yield "repository", event.action, event.details
        case Forked():
            yield "fork", None, {"forkee": show.repository(show.state.repository(event.fork))}
        case PullRequestChanged():
            facts = {"number": event.pull.number, "pull_request": show.pull_request(repository, event.pull)}
            yield "pull_request", event.action, facts | _shown(show, repository, event.details)
        case Reviewed():
            facts = {"review": show.review(repository, event.pull, event.review)}
            facts["pull_request"] = show.pull_request(repository, event.pull)
            yield "pull_request_review", event.action, facts
        case MergeGroupChanged():
            yield "merge_group", event.action, _merge_group(show, repository, event)
        case CheckRunChanged():
            run = show.check_run(repository, event.run)
            yield "check_run", event.action, {"check_run": run, **event.details}
        case IssueChanged():
            facts = {"issue": show.issue(repository, event.issue)}
            yield "issues", event.action, facts | _shown(show, repository, event.details)
        case CommentChanged():
            comment = show.comment(repository, event.thread, event.comment)
            facts = {"issue": show.issue(repository, event.thread), "comment": comment}
            yield "issue_comment", event.action, facts | event.details
        case _:
            assert_never(event)


def _shown(show: Representations, repository: Repository, details: JsonObject) -> JsonObject:
    """Return *details* with the label and the people that they name."""
    people = {name: show.account(Account(**details[name])) for name in PEOPLE if name in details}
    labels = {"label": show.label(repository, details["label"]["name"])} if "label" in details else {}
    return details | people | labels


def _merge_group(show: Representations, repository: Repository, event: MergeGroupChanged) -> JsonObject:
    entry = event.entry
    group = {
        "head_sha": entry.head_sha,
        "head_ref": entry.ref,
        "base_sha": entry.base_sha,
        "base_ref": f"refs/heads/{entry.base}",
        "head_commit": _commit(show, repository, entry.head_sha),
    }
    return {"merge_group": group} | ({"reason": event.reason} if event.reason else {})


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


def _push_facts(
    show: Representations, repository: Repository, event: Pushed
) -> Iterator[tuple[str, str | None, JsonObject]]:
    created, deleted = event.before == ZERO_OID, event.after == ZERO_OID
    kind = "branch" if event.ref.startswith(BRANCHES) else "tag"
    short = event.ref.removeprefix(BRANCHES).removeprefix("refs/tags/")
    change = {"ref": short, "ref_type": kind, "pusher_type": "user", "description": None}
    if created:
        yield "create", None, change | {"master_branch": repository.default_branch}
    if deleted:
        yield "delete", None, change
    yield "push", None, _push(show, repository, event)


def _push(show: Representations, repository: Repository, event: Pushed) -> JsonObject:
    commits = [_commit(show, repository, oid) for oid in _new_commits(repository.git, event)]
    deleted = event.after == ZERO_OID
    git = repository.git
    forced = not deleted and event.before != ZERO_OID and not git.is_ancestor(event.before, event.after)
    return {
        "ref": event.ref,
        "before": event.before,
        "after": event.after,
        "created": event.before == ZERO_OID,
        "deleted": deleted,
        "forced": forced,
        "base_ref": None,
        "compare": show.url(repository.full_name, "compare", f"{event.before[:12]}...{event.after[:12]}"),
        "commits": commits,
        "head_commit": None if deleted else _commit(show, repository, event.after),
        "pusher": {"name": event.sender.login, "email": event.sender.email},
    }


def _new_commits(git: Git, event: Pushed) -> list[str]:
    """Return the commits the push brought: those no other branch had, and that were not there before."""
    if event.after == ZERO_OID:
        return []
    others = git.references(BRANCHES)
    known = [event.before] if event.before != ZERO_OID else [oid for name, oid in others.items() if name != event.ref]
    return git.commits(event.after, without=known)[:COMMITS_PER_PUSH]


def _commit(show: Representations, repository: Repository, oid: str) -> JsonObject:
    commit = repository.git.commit(oid)
    files = repository.git.changed(str(commit.parent_ids[0]) if commit.parent_ids else None, oid)
    removed = [each.path for each in files if each.status == "removed"]
    moved = [each.previous_path for each in files if each.previous_path]
    return {
        "id": oid,
        "tree_id": str(commit.tree_id),
        "distinct": True,
        "message": commit.message,
        "timestamp": signature(commit.committer)["date"],
        "url": show.url(repository.full_name, "commit", oid),
        "author": _who(repository, signature(commit.author)),
        "committer": _who(repository, signature(commit.committer)),
        "added": [each.path for each in files if each.status in {"added", "renamed"}],
        "removed": removed + moved,
        "modified": [each.path for each in files if each.status == "modified"],
    }


def _who(repository: Repository, signed: JsonObject) -> dict[str, Any]:
    account: Account | None = repository.account(signed["email"])
    return signed | ({"username": account.login} if account else {})
