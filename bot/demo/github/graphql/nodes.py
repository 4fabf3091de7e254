"""What can be read with GraphQL.

A node is a dictionary: its keys are GitHub's fields in snake case, its values are answers, or functions that work an
answer out when the field is asked for and take the field's arguments. A field that is not there is not part of this
GitHub. https://docs.github.com/en/graphql/reference/objects
"""

from collections.abc import Mapping
from typing import Any

import pygit2

from bot.demo.github.git import MissingObjectError, TreeItem
from bot.demo.github.graphql.session import Session, connection, not_found
from bot.demo.github.merging import is_queued_for, review_decision, shown_mergeability
from bot.demo.github.model import Account, AutoMerge, MergeMethod, PullRequest, QueueEntry, iso
from bot.demo.github.repository import Repository
from bot.demo.github.repository_representations import signature
from bot.demo.github.representations import pull_node_id

Node = dict[str, Any]

TYPE = "graphql_type"
TEXT_LIMIT = 512_000
BINARY_PROBE = 8_000
MERGEABLE = {None: "UNKNOWN", True: "MERGEABLE", False: "CONFLICTING"}
SIGNATURE: Node = {
    TYPE: "GpgSignature",
    "is_valid": True,
    "was_signed_by_git_hub": True,
    "state": "VALID",
    "email": "noreply@github.com",
}


def actor_node(session: Session, account: Account) -> Node:
    """Return a person, bot or organization; GraphQL names a bot without the suffix that REST gives it."""
    return {
        TYPE: account.kind.value,
        "id": f"U_{account.id}",
        "database_id": account.id,
        "login": account.login.removesuffix("[bot]"),
        "url": session.show.url(account.login),
    }


def repository_node(session: Session, home: Repository) -> Node:
    """Return a repository."""
    return {
        TYPE: "Repository",
        "id": home.node_id,
        "database_id": home.id,
        "name": home.name,
        "name_with_owner": home.full_name,
        "owner": actor_node(session, home.owner),
        "url": session.show.url(home.full_name),
        "is_archived": home.archived,
        "is_disabled": False,
        "is_empty": not home.branches(),
        "is_fork": home.fork,
        "is_private": home.private,
        "is_template": home.is_template,
        "auto_merge_allowed": home.allow_auto_merge,
        "merge_commit_allowed": MergeMethod.MERGE in home.merge_methods,
        "squash_merge_allowed": MergeMethod.SQUASH in home.merge_methods,
        "rebase_merge_allowed": MergeMethod.REBASE in home.merge_methods,
        "delete_branch_on_merge": home.delete_branch_on_merge,
        "default_branch_ref": lambda: _ref(session, home, f"refs/heads/{home.default_branch}"),
        "ref": lambda *, qualified_name: _ref(session, home, qualified_name),
        "refs": lambda **arguments: _refs(session, home, **arguments),
        "object": lambda **arguments: _object(session, home, **arguments),
        "pull_request": lambda *, number: _pull_request(session, home, number),
        "pull_requests": lambda **arguments: _pull_requests(session, home, **arguments),
    }


def ref_node(session: Session, home: Repository, full_name: str, prefix: str = "refs/heads/") -> Node:
    """Return a branch or tag; its name is what follows *prefix*."""
    return {
        TYPE: "Ref",
        "id": f"REF_{home.id}_{full_name}",
        "name": full_name.removeprefix(prefix),
        "prefix": prefix,
        "repository": lambda: repository_node(session, home),
        "target": lambda: object_node(session, home, str(home.git.target(full_name))),
    }


def _ref(session: Session, home: Repository, qualified_name: str) -> Node | None:
    for name in (qualified_name, f"refs/heads/{qualified_name}", f"refs/tags/{qualified_name}"):
        if name.startswith("refs/") and home.git.target(name):
            return ref_node(session, home, name)
    return None


def _refs(
    session: Session,
    home: Repository,
    *,
    ref_prefix: str,
    query: str = "",
    direction: str = "ASC",
    **window: Any,
) -> Node:
    prefix = ref_prefix.rstrip("/") + "/"
    names = [name for name in home.git.references(prefix) if query in name.removeprefix(prefix)]
    if direction == "DESC":
        names.reverse()
    return connection([ref_node(session, home, name, prefix) for name in names], **window)


def _object(
    session: Session, home: Repository, *, expression: str | None = None, oid: str | None = None
) -> Node | None:
    """Return what `revision:path`, a revision or an id names; nothing when it names nothing."""
    try:
        return object_node(session, home, str(oid) if expression is None else _named(home, expression))
    except MissingObjectError:
        return None


def _named(home: Repository, expression: str) -> str:
    revision, colon, path = expression.partition(":")
    commit = home.git.resolve(home.default_branch if revision == "HEAD" else revision)
    if not colon:
        return commit
    return home.git.entry(commit, path).oid if path else home.git.tree_of(commit)


def object_node(session: Session, home: Repository, oid: str) -> Node:
    """Return the git object with *oid*. Raises MissingObjectError."""
    kind = home.git.kind(oid)
    common = {
        TYPE: kind.capitalize(),
        "id": f"G_{oid}",
        "oid": oid,
        "abbreviated_oid": oid[:7],
        "repository": lambda: repository_node(session, home),
    }
    match kind:
        case "blob":
            return common | _blob(home.git.blob(oid))
        case "tree":
            return common | {"entries": lambda: [_entry(session, home, item) for item in home.git.items(oid)]}
        case "commit":
            return common | _commit(session, home, oid)
    return common


def _blob(content: bytes) -> Node:
    """Return a file's content: no text for what git takes for binary, and at most 512,000 bytes of it."""
    binary = b"\0" in content[:BINARY_PROBE]
    return {
        "byte_size": len(content),
        "is_binary": binary,
        "is_truncated": len(content) > TEXT_LIMIT,
        "text": None if binary else content[:TEXT_LIMIT].decode(errors="replace"),
    }


def _entry(session: Session, home: Repository, item: TreeItem) -> Node:
    return {
        TYPE: "TreeEntry",
        "name": item.path,
        "path": item.path,
        "type": item.kind,
        "mode": item.mode,
        "oid": item.oid,
        "size": item.size or 0,
        "object": lambda: object_node(session, home, item.oid),
    }


def _commit(session: Session, home: Repository, oid: str) -> Node:
    commit = home.git.commit(oid)
    headline, _, body = commit.message.partition("\n")
    url = session.show.url(home.full_name, "commit", oid)
    return {
        "message": commit.message,
        "message_headline": headline,
        "message_body": body.strip(),
        "url": url,
        "commit_url": url,
        "author": _git_actor(session, home, commit.author),
        "committer": _git_actor(session, home, commit.committer),
        "authored_date": signature(commit.author)["date"],
        "committed_date": signature(commit.committer)["date"],
        "signature": SIGNATURE if oid in home.verified else None,
        "tree": lambda: object_node(session, home, str(commit.tree_id)),
        "parents": lambda **window: _commits(session, home, [str(each) for each in commit.parent_ids], **window),
        "history": lambda **arguments: _history(session, home, oid, **arguments),
        "file": lambda *, path: _file(session, home, oid, path),
    }


def _history(session: Session, home: Repository, oid: str, *, path: str | None = None, **window: Any) -> Node:
    """Return the commits down from *oid*, the latest first; with *path*, those that left it other than their parent."""
    oids = home.git.commits(oid, without=[])[::-1]
    if path is not None:
        oids = [each for each in oids if _at(home, each, path) != _at(home, _parent(home, each), path)]
    return _commits(session, home, oids, **window)


def _parent(home: Repository, oid: str) -> str | None:
    return next((str(each) for each in home.git.commit(oid).parent_ids), None)


def _at(home: Repository, oid: str | None, path: str) -> TreeItem | None:
    try:
        return home.git.entry(oid, path) if oid else None
    except MissingObjectError:
        return None


def _file(session: Session, home: Repository, oid: str, path: str) -> Node | None:
    item = _at(home, oid, path)
    return _entry(session, home, item) if item else None


def _commits(session: Session, home: Repository, oids: list[str], **window: Any) -> Node:
    return connection([object_node(session, home, oid) for oid in oids], **window)


def _git_actor(session: Session, home: Repository, signed: pygit2.Signature) -> Node:
    """Return an author or committer. Its user is of type User even for a bot, whose login keeps its suffix here."""
    account = home.account(signed.email)
    user = actor_node(session, account) | {TYPE: "User", "login": account.login} if account else None
    return {TYPE: "GitActor", "user": user, **signature(signed)}


def _pull_request(session: Session, home: Repository, number: int) -> Node:
    if number not in home.pulls:
        raise not_found("PullRequest", f"the number of {number}")
    return pull_request_node(session, home, home.pulls[number])


def _pull_requests(
    session: Session,
    home: Repository,
    *,
    states: list[str] | None = None,
    head_ref_name: str | None = None,
    base_ref_name: str | None = None,
    order_by: Mapping[str, str] | None = None,
    **window: Any,
) -> Node:
    """Return pull requests, oldest first unless told otherwise."""
    order = order_by or {"field": "CREATED_AT", "direction": "ASC"}
    found = [
        pull_request_node(session, home, pull)
        for pull in sorted(home.pulls.values(), key=lambda pull: _moment(pull, order["field"]))
        if _state(pull) in (states or [_state(pull)])
        and head_ref_name in {None, pull.head}
        and base_ref_name in {None, pull.base}
    ]
    return connection(found[::-1] if order["direction"] == "DESC" else found, **window)


def _moment(pull: PullRequest, field: str) -> tuple[str, int]:
    return iso(pull.updated_at if field == "UPDATED_AT" else pull.created_at), pull.number


def _state(pull: PullRequest) -> str:
    return "MERGED" if pull.merged_at else pull.state.name


def pull_request_node(session: Session, home: Repository, pull: PullRequest) -> Node:
    """Return a pull request; `base_ref_oid` is the base's tip when it was opened or got another base."""
    return {
        TYPE: "PullRequest",
        "id": pull_node_id(home, pull),
        "database_id": pull.id,
        "number": pull.number,
        "title": pull.title,
        "body": pull.body or "",
        "url": session.show.url(home.full_name, "pull", pull.number),
        "state": _state(pull),
        "closed": _state(pull) != "OPEN",
        "is_draft": pull.draft,
        "author": actor_node(session, pull.author),
        "created_at": iso(pull.created_at),
        "updated_at": iso(pull.updated_at),
        "closed_at": iso(pull.closed_at) if pull.closed_at else None,
        "base_ref_name": pull.base,
        "base_ref_oid": pull.base_sha,
        "repository": lambda: repository_node(session, home),
        "labels": lambda **arguments: _labels(pull, **arguments),
        **_head(session, home, pull),
        **_merge(session, home, pull),
    }


def _labels(pull: PullRequest, *, order_by: Mapping[str, str], **window: Any) -> Node:
    names = sorted(pull.labels) if order_by["field"] == "NAME" else pull.labels
    return connection([{"name": name} for name in names], **window)


def _head(session: Session, home: Repository, pull: PullRequest) -> Node:
    exists = home.git.target(pull.head_ref) and not pull.from_fork
    commits = home.git.commits(pull.head_sha, without=[pull.base_sha])
    return {
        "head_ref_name": pull.head,
        "head_ref_oid": pull.head_sha,
        "head_ref": ref_node(session, home, pull.head_ref) if exists else None,
        "is_cross_repository": pull.from_fork,
        "head_repository": lambda: _head_repository(session, home, pull),
        "head_repository_owner": actor_node(session, home.head_account(pull)),
        "commits": lambda **window: connection(
            [{"commit": object_node(session, home, oid)} for oid in commits], **window
        ),
        "files": lambda **window: _files(home, pull, **window),
    }


def _files(home: Repository, pull: PullRequest, **window: Any) -> Node:
    changed = home.git.changed(home.git.merge_base(pull.base_sha, pull.head_sha), pull.head_sha)
    nodes = [{"path": each.path, "additions": each.additions, "deletions": each.deletions} for each in changed]
    return connection(nodes, **window)


def _head_repository(session: Session, home: Repository, pull: PullRequest) -> Node | None:
    if not pull.from_fork:
        return repository_node(session, home)
    fork = next((each for each in session.state.repositories.values() if each.id == pull.fork), None)
    return repository_node(session, fork) if fork else None


def _merge(session: Session, home: Repository, pull: PullRequest) -> Node:
    oid = pull.merge_commit_sha
    return {
        "merged": pull.merged_at is not None,
        "merged_at": iso(pull.merged_at) if pull.merged_at else None,
        "merged_by": actor_node(session, pull.merged_by) if pull.merged_by else None,
        "merge_commit": lambda: object_node(session, home, oid) if oid else None,
        "mergeable": lambda: MERGEABLE[shown_mergeability(home, pull).mergeable],
        "merge_state_status": lambda: shown_mergeability(home, pull).name,
        "review_decision": lambda: review_decision(home, pull),
        "is_merge_queue_enabled": is_queued_for(home, pull.base),
        "is_in_merge_queue": any(each.number == pull.number for each in home.queue),
        "merge_queue_entry": lambda: _queue_entry(session, home, pull),
        "auto_merge_request": _auto_merge(session, pull.auto_merge) if pull.auto_merge else None,
    }


def _queue_entry(session: Session, home: Repository, pull: PullRequest) -> Node | None:
    for position, entry in enumerate(home.queue):
        if entry.number == pull.number:
            return queue_entry_node(session, home, entry, position)
    return None


def queue_entry_node(session: Session, home: Repository, entry: QueueEntry, position: int) -> Node:
    """Return a pull request's place in the merge queue."""
    return {
        TYPE: "MergeQueueEntry",
        "id": f"MQE_{home.id}_{entry.number}",
        "position": position,
        "state": "AWAITING_CHECKS",
        "jump": False,
        "solo": False,
        "enqueued_at": iso(entry.enqueued_at),
        "enqueuer": actor_node(session, entry.enqueuer),
        "base_commit": lambda: object_node(session, home, entry.base_sha),
        "head_commit": lambda: object_node(session, home, entry.head_sha),
        "pull_request": lambda: pull_request_node(session, home, home.pulls[entry.number]),
    }


def _auto_merge(session: Session, wish: AutoMerge) -> Node:
    return {
        "enabled_at": iso(wish.enabled_at),
        "enabled_by": actor_node(session, wish.enabled_by),
        "merge_method": wish.method.name,
        "commit_headline": wish.headline,
        "commit_body": wish.body,
    }
