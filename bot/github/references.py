"""Branches: where they are, and how they are moved by a GitHub that cannot compare and swap.

An Enterprise Server without the mutation `updateRefs` has only the calls of REST, of which two are atomic:
https://docs.github.com/en/rest/git/refs#create-a-reference fails if the branch exists, and
https://docs.github.com/en/rest/git/refs#update-a-reference without `force` only goes forward, so that whatever the
branch had is still in it. So a branch is

created     by the first;
moved       by the second. To where that is not forward, by a merge of what it was and what it shall be, with the tree
            of what it shall be: that is forward from where we read it, and from nowhere that a person has pushed to;
deleted     not at all: a push between looking and deleting would be lost. It stays, and is used again.

No race remains in which a commit of somebody else is lost. A branch that was moved *back* into its own past is moved
forward again: all that it had is in what it gets.
"""

from http import HTTPStatus

import msgspec

from bot.errors import GitHubError, RefMoved
from bot.github.client import Client
from bot.github.model import Oid
from bot.github.overview import HEADS
from bot.github.retrying import Repeat
from bot.model.update import BranchName

TIP = """
query($id: ID!, $name: String!) {
  node(id: $id) { ... on Repository { ref(qualifiedName: $name) { target { oid } } } }
}
"""


class _Target(msgspec.Struct):
    oid: Oid


class _Ref(msgspec.Struct):
    target: _Target


class _Repository(msgspec.Struct):
    ref: _Ref | None


class _Tip(msgspec.Struct):
    node: _Repository


class _Created(msgspec.Struct):
    sha: Oid


class _Reference(msgspec.Struct):
    ref: str


class _Tree(msgspec.Struct):
    sha: Oid


class _Commit(msgspec.Struct):
    message: str
    tree: _Tree


async def tip(client: Client, name: BranchName) -> Oid | None:
    """Return the commit that the branch *name* points to now, None when there is no such branch."""
    variables = {"id": client.repository.node_id, "name": f"{HEADS}{name}"}
    answer = await client.query(TIP, _Tip, variables)
    return answer.node.ref.target.oid if answer.node.ref else None


async def judge(client: Client, name: BranchName, before: Oid | None, after: Oid | None, error: GitHubError) -> None:
    """Say why a branch did not move, from where it is: GitHub's sentences may change, and an answer may be lost."""
    current = await tip(client, name)
    if current == after:
        return
    if current != before:
        raise RefMoved(f"{name} was moved by somebody else to {current or 'nowhere'}") from error
    raise error


async def move(client: Client, name: BranchName, *, before: Oid | None, after: Oid | None) -> Oid | None:
    """Move the branch *name* from *before* to *after* by REST, and return where it is now.

    Raises:
        RefMoved: the branch is not at *before*.
        GitHubError: GitHub refused.

    """
    if after is None:
        return await tip(client, name)
    if before is None:
        return await _create(client, name, after)
    try:
        return await _forward(client, name, after)
    except GitHubError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        await _judge_still(client, name, before, after, error)
    return await _over(client, name, before, after)


async def _create(client: Client, name: BranchName, after: Oid) -> Oid:
    body = {"ref": f"{HEADS}{name}", "sha": after}
    try:
        await client.post("/repos/{owner}/{repo}/git/refs", _Reference, body, repeat=Repeat.SAFE)
    except GitHubError as error:
        await judge(client, name, None, after, error)
    return after


async def _forward(client: Client, name: BranchName, after: Oid) -> Oid:
    body = {"sha": after, "force": False}
    await client.patch("/repos/{owner}/{repo}/git/refs/{ref}", body, ref=f"heads/{name}")
    return after


async def _judge_still(client: Client, name: BranchName, before: Oid, after: Oid, error: GitHubError) -> None:
    """Go on if the branch is where it was read, and only cannot go forward to *after*."""
    current = await tip(client, name)
    if current not in {before, after}:
        raise RefMoved(f"{name} was moved by somebody else to {current or 'nowhere'}") from error


async def _over(client: Client, name: BranchName, before: Oid, after: Oid) -> Oid:
    """Move the branch to a merge that is *after* in all but its parents."""
    wanted = await client.get("/repos/{owner}/{repo}/git/commits/{commit_sha}", _Commit, commit_sha=after)
    body = {"message": wanted.message, "tree": wanted.tree.sha, "parents": [before, after]}
    merge = await client.post("/repos/{owner}/{repo}/git/commits", _Created, body, repeat=Repeat.SAFE)
    try:
        return await _forward(client, name, merge.sha)
    except GitHubError as error:
        await judge(client, name, before, merge.sha, error)
    return merge.sha
