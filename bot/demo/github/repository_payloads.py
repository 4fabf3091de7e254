"""What each event in a repository is called in webhooks, and the facts that are its own.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Iterator
from functools import singledispatch
from typing import Any

from bot.demo.github.events import (
    CheckRunChanged,
    CheckSuiteChanged,
    CommentChanged,
    Forked,
    IssueChanged,
    MergeGroupChanged,
    PullRequestChanged,
    Pushed,
    RepositoryChanged,
    RepositoryEvent,
    Reviewed,
    StatusChanged,
)
from bot.demo.github.git import Git
from bot.demo.github.model import ZERO_OID, Account, CommitStatus, JsonObject
from bot.demo.github.repository import Repository
from bot.demo.github.repository_representations import signature
from bot.demo.github.representations import Representations

COMMITS_PER_PUSH = 2_048
PEOPLE = ("assignee", "requested_reviewer")
BRANCHES = "refs/heads/"

Facts = tuple[str, str | None, JsonObject]
"""The name of the event, the action, and what the payload has beside what all payloads have."""


@singledispatch
def facts_of(event: RepositoryEvent, show: Representations, repository: Repository) -> Iterator[Facts]:
    """Return what is told of *event*: nothing, unless a function below says otherwise."""
    raise NotImplementedError(f"{type(event).__name__} in {repository.full_name} has no payload: {show}")


@facts_of.register
def _(event: RepositoryChanged, show: Representations, repository: Repository) -> Iterator[Facts]:  # noqa: ARG001 - of all events
    yield "repository", event.action, event.details


@facts_of.register
def _(event: Forked, show: Representations, repository: Repository) -> Iterator[Facts]:  # noqa: ARG001 - of all events
    yield "fork", None, {"forkee": show.repository(show.state.repository(event.fork))}


@facts_of.register
def _(event: PullRequestChanged, show: Representations, repository: Repository) -> Iterator[Facts]:
    facts = {"number": event.pull.number, "pull_request": show.pull_request(repository, event.pull)}
    yield "pull_request", event.action, facts | _shown(show, repository, event.details)


@facts_of.register
def _(event: Reviewed, show: Representations, repository: Repository) -> Iterator[Facts]:
    review = show.review(repository, event.pull, event.review)
    pull = show.pull_request(repository, event.pull)
    yield "pull_request_review", event.action, {"review": review, "pull_request": pull}


@facts_of.register
def _(event: MergeGroupChanged, show: Representations, repository: Repository) -> Iterator[Facts]:
    yield "merge_group", event.action, _merge_group(show, repository, event)


@facts_of.register
def _(event: CheckRunChanged, show: Representations, repository: Repository) -> Iterator[Facts]:
    yield "check_run", event.action, {"check_run": show.check_run(repository, event.run), **event.details}


@facts_of.register
def _(event: CheckSuiteChanged, show: Representations, repository: Repository) -> Iterator[Facts]:
    yield "check_suite", event.action, {"check_suite": show.check_suite(repository, event.suite)}


@facts_of.register
def _(event: StatusChanged, show: Representations, repository: Repository) -> Iterator[Facts]:
    yield "status", None, _status(show, repository, event.status)


@facts_of.register
def _(event: IssueChanged, show: Representations, repository: Repository) -> Iterator[Facts]:
    facts = {"issue": show.issue(repository, event.issue)}
    yield "issues", event.action, facts | _shown(show, repository, event.details)


@facts_of.register
def _(event: CommentChanged, show: Representations, repository: Repository) -> Iterator[Facts]:
    comment = show.comment(repository, event.thread, event.comment)
    yield (
        "issue_comment",
        event.action,
        {"issue": show.issue(repository, event.thread), "comment": comment, **event.details},
    )


@facts_of.register
def _(event: Pushed, show: Representations, repository: Repository) -> Iterator[Facts]:
    created, deleted = event.before == ZERO_OID, event.after == ZERO_OID
    kind = "branch" if event.ref.startswith(BRANCHES) else "tag"
    short = event.ref.removeprefix(BRANCHES).removeprefix("refs/tags/")
    change = {"ref": short, "ref_type": kind, "pusher_type": "user", "description": None}
    if created:
        yield "create", None, change | {"master_branch": repository.default_branch}
    if deleted:
        yield "delete", None, change
    yield "push", None, _push(show, repository, event)


def _shown(show: Representations, repository: Repository, details: JsonObject) -> JsonObject:
    """Return *details* with the label and the people that they name."""
    people = {name: show.account(Account(**details[name])) for name in PEOPLE if name in details}
    labels = {"label": show.label(repository, details["label"]["name"])} if "label" in details else {}
    return details | people | labels


def _status(show: Representations, repository: Repository, status: CommitStatus) -> JsonObject:
    branches = [name for name in repository.branches() if repository.head(name) == status.sha]
    links = {
        name: {"sha": status.sha, "url": show.repository_url(repository, "commits", status.sha)} for name in branches
    }
    return show.status(repository, status) | {
        "sha": status.sha,
        "name": repository.full_name,
        "commit": show.commit(repository, status.sha),
        "branches": [{"name": name, "commit": link, "protected": False} for name, link in links.items()],
    }


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
