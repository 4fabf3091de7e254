"""Blobs, trees and commits.

https://docs.github.com/en/rest/git
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice

from bot.demo.github.errors import ApiError, not_found
from bot.demo.github.git import MissingObjectError, TreeChange, TreeItem
from bot.demo.github.model import AccountKind, GitIdentity, JsonObject
from bot.demo.github.permissions import WORKFLOWS_WRITE
from bot.demo.github.repository import Repository
from bot.demo.github.rest.call import RAW, Call, Handler, Reply

WORKFLOWS = ".github/workflows/"
BAD_SEGMENTS = frozenset({"", ".", "..", ".git"})


def get_blob(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/blobs#get-a-blob."""
    oid = call.parameters["file_sha"]
    try:
        content = call.repository.git.blob(oid)
    except MissingObjectError:
        raise not_found() from None
    if RAW in call.accept:
        return Reply(raw=content, content_type=f"{RAW}; charset=utf-8")
    facts = {
        "sha": oid,
        "node_id": f"B_{oid}",
        "size": len(content),
        "url": call.show.repository_url(call.repository, "git", "blobs", oid),
        "encoding": "base64",
        "content": base64.encodebytes(content).decode(),
    }
    return Reply(facts=facts)


def create_blob(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/blobs#create-a-blob."""
    oid = call.repository.git.write_blob(_blob_content(call.body))
    url = call.show.repository_url(call.repository, "git", "blobs", oid)
    return Reply(status=201, facts={"sha": oid, "url": url})


def _blob_content(body: JsonObject) -> bytes:
    if body.get("encoding", "utf-8") == "utf-8":
        return str(body["content"]).encode()
    try:
        return base64.b64decode(body["content"])
    except binascii.Error as error:
        raise ApiError(422, "content is not valid Base64") from error


def get_tree(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/trees#get-a-tree: `recursive` counts whatever its value."""
    git = call.repository.git
    try:
        oid = _tree(call.repository, call.parameters["tree_sha"])
    except MissingObjectError:
        raise not_found() from None
    limit = call.repository.tree_limit
    items = list(islice(git.walk(oid), limit + 1)) if "recursive" in call.query else git.items(oid)
    return Reply(facts=_tree_facts(call, oid, items[:limit]) | {"truncated": len(items) > limit})


def _tree(repository: Repository, expression: str) -> str:
    try:
        return repository.git.tree_of(expression)
    except MissingObjectError:
        return repository.git.tree_of(repository.git.resolve(expression))


def _tree_facts(call: Call, oid: str, items: Sequence[TreeItem]) -> JsonObject:
    url = call.show.repository_url(call.repository, "git", "trees", oid)
    tree = [call.show.tree_item(call.repository, each) for each in items]
    return {"sha": oid, "url": url, "tree": tree, "truncated": False}


def create_tree(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/trees#create-a-tree."""
    base = call.body.get("base_tree")
    if base is not None and not call.repository.git.exists(base):
        raise ApiError(422, "base_tree is not a valid tree oid")
    changes = [tree_change(call.repository, entry) for entry in call.body["tree"]]
    demand_workflows(call, [change.path for change in changes])
    oid = write_tree(call.repository, base, changes)
    return Reply(status=201, facts=_tree_facts(call, oid, call.repository.git.items(oid)))


def tree_change(repository: Repository, entry: JsonObject) -> TreeChange:
    """Return one entry of a request as a change; its inline content is stored. Raises ApiError 422."""
    check_path(entry.get("path", ""))
    mode = entry.get("mode", "100644")
    oid: str | None = entry.get("sha")
    if entry.get("content") is not None:
        oid = repository.git.write_blob(str(entry["content"]).encode())
    if oid is not None and mode != "160000" and not repository.git.exists(oid):
        raise ApiError(422, f"tree.sha {oid} is not a valid blob")
    return TreeChange(path=entry["path"], mode=int(mode, 8), oid=oid)


def check_path(path: str) -> None:
    """Refuse a path that git would not check out: absolute, upwards, or into `.git`."""
    if any(segment.lower() in BAD_SEGMENTS for segment in path.split("/")):
        raise ApiError(422, "tree.path contains a malformed path component")


def demand_workflows(call: Call, paths: Sequence[str]) -> None:
    """Raise ApiError 403 when *paths* contain a workflow and the token may not write workflows.

    https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/choosing-permissions-for-a-github-app
    """
    if any(path.startswith(WORKFLOWS) for path in paths):
        call.installation.demand(WORKFLOWS_WRITE)


def write_tree(repository: Repository, base: str | None, changes: Sequence[TreeChange]) -> str:
    """Store a tree. Raises ApiError 422 for the removal of what is not there."""
    try:
        return repository.git.write_tree(base, changes)
    except MissingObjectError as error:
        raise ApiError(422, "GitRPC::BadObjectState") from error


def get_commit(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/commits#get-a-commit-object."""
    try:
        return Reply(facts=call.show.git_commit(call.repository, call.parameters["commit_sha"]))
    except MissingObjectError:
        raise not_found() from None


def create_commit(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/commits#create-a-commit: signed only for bots, without author and signature.

    https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification#signature-verification-for-bots
    """
    git, parents = call.repository.git, call.body.get("parents", [])
    if not git.is_a("tree", call.body["tree"]):
        raise ApiError(422, "Tree SHA does not exist")
    if not all(git.is_a("commit", each) for each in parents):
        raise ApiError(422, "Parent SHA does not exist or is not a commit object")
    return Reply(status=201, facts=call.show.git_commit(call.repository, _write_commit(call, parents)))


def _write_commit(call: Call, parents: Sequence[str]) -> str:
    body = call.body
    if call.actor.kind is AccountKind.BOT and not {"author", "committer", "signature"} & body.keys():
        return call.repository.web_commit(
            tree=body["tree"], parents=parents, message=body["message"], author=call.actor
        )
    author = _identity(call, body.get("author"))
    return call.repository.git.write_commit(
        tree=body["tree"],
        parents=parents,
        message=body["message"],
        author=author,
        committer=_identity(call, body["committer"]) if "committer" in body else author,
    )


def _identity(call: Call, given: JsonObject | None) -> GitIdentity:
    if given is None:
        return call.repository.identity(call.actor)
    when = datetime.fromisoformat(given["date"]) if "date" in given else call.state.now()
    return GitIdentity(name=given["name"], email=given["email"], when=when)


HANDLERS: Mapping[str, Handler] = {
    "git/get-blob": get_blob,
    "git/create-blob": create_blob,
    "git/get-tree": get_tree,
    "git/create-tree": create_tree,
    "git/get-commit": get_commit,
    "git/create-commit": create_commit,
}
