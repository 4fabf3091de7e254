"""Commits through GitHub's API, and branches that are only moved from where they were read.

No author, committer or signature is given: then GitHub signs, and the commit is "Verified".
https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification#signature-verification-for-bots
"""

import asyncio
import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from bot.errors import EditError, GitHubError, GitHubUnavailable
from bot.github import references
from bot.github.client import Client
from bot.github.model import ABSENT, Commit, FileMode, Oid, TreeEntry
from bot.github.overview import HEADS
from bot.github.references import judge
from bot.github.retrying import Repeat
from bot.model.update import BranchName

LARGEST_TEXT: Final = 256_000
"""Bytes of a file that is sent within the tree. What is larger is sent by itself."""

PIECE: Final = 3 * 1024 * 1024
"""Bytes that are encoded at once; a multiple of three, so that the pieces make a whole."""

SUBMODULE: Final = "160000"
UPDATE_REFS = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"
NO_UPDATE_REFS = re.compile(r"Field 'updateRefs' doesn't exist|UpdateRefsInput isn't a defined input type")
"""What a GitHub says whose schema does not have the mutation."""


class _Created(msgspec.Struct):
    sha: Oid


async def make_tree(client: Client, *, base: Commit, tree: Sequence[TreeEntry], files: Mapping[str, bytes]) -> Oid:
    """Create the tree of *base* with other contents of *files*; by its id one can tell whether it stands somewhere.

    *tree* is what `contents.tree` returned for the base: modes are kept, and only files in it may be written.

    Raises:
        EditError: a path is not a file of the base, or nothing changes.
        GitHubError: GitHub refused.

    """
    entries = [await _tree_entry(client, entry, files[entry.path]) for entry in _existing(tree, files)]
    body = {"base_tree": base.tree, "tree": entries}
    created = await client.post("/repos/{owner}/{repo}/git/trees", _Created, body, repeat=Repeat.SAFE)
    if created.sha == base.tree:
        raise EditError("a commit was asked for that changes nothing")
    return created.sha


async def write_tree(client: Client, base: Oid, entries: Mapping[str, tuple[str, bytes | Oid] | None]) -> Oid:
    """Create the tree *base* with other *entries*: by path a mode with a content or an object, None for what goes.

    Raises:
        GitHubError: GitHub refused.

    """
    tree = [await _entry(client, path, entry) for path, entry in sorted(entries.items())]
    body = {"base_tree": base, "tree": tree}
    return (await client.post("/repos/{owner}/{repo}/git/trees", _Created, body, repeat=Repeat.SAFE)).sha


async def write_commit(client: Client, *, tree: Oid, parents: Sequence[Oid], message: str) -> Oid:
    """Create a commit of *tree* after *parents*; no branch points to it yet.

    Raises:
        GitHubError: GitHub refused.

    """
    body = {"message": message, "tree": tree, "parents": list(parents)}
    return (await client.post("/repos/{owner}/{repo}/git/commits", _Created, body, repeat=Repeat.SAFE)).sha


async def commit(client: Client, *, base: Commit, tree: Oid, message: str) -> Oid:
    """Create a commit of *tree* on *base*; no branch points to it yet.

    Raises:
        GitHubError: GitHub refused.

    """
    return await write_commit(client, tree=tree, parents=(base.oid,), message=message)


async def _entry(client: Client, path: str, entry: tuple[str, bytes | Oid] | None) -> dict[str, str | None]:
    """Return what a tree says of a path: https://docs.github.com/en/rest/git/trees#create-a-tree."""
    if entry is None:
        return {"path": path, "mode": str(FileMode.REGULAR), "type": "blob", "sha": None}
    mode, content = entry
    if isinstance(content, bytes):
        file = TreeEntry(path=path, mode=FileMode(mode), oid=ABSENT, size=len(content))
        return {**await _tree_entry(client, file, content)}
    return {"path": path, "mode": mode, "type": "commit" if mode == SUBMODULE else "blob", "sha": content}


def _existing(tree: Iterable[TreeEntry], files: Mapping[str, bytes]) -> list[TreeEntry]:
    found = [entry for entry in tree if entry.path in files]
    if missing := files.keys() - {entry.path for entry in found}:
        raise EditError(f"only files that the repository has are written, not {', '.join(sorted(missing))}")
    return found


async def _tree_entry(client: Client, entry: TreeEntry, content: bytes) -> dict[str, str]:
    """Return what the tree says of a file: the text of a small one, the id of a blob that is made of another."""
    common = {"path": entry.path, "mode": str(entry.mode), "type": "blob"}
    if len(content) <= LARGEST_TEXT:
        with suppress(UnicodeDecodeError):
            return common | {"content": content.decode()}
    body = await asyncio.to_thread(_blob_body, content)
    blob = await client.post_encoded("/repos/{owner}/{repo}/git/blobs", _Created, body)
    return common | {"sha": blob.sha}


def _blob_body(content: bytes) -> bytearray:
    """Return the JSON that makes a blob, in steps that hold up nobody for long: the content may have 50 MB."""
    body = bytearray(b'{"encoding":"base64","content":"')
    for start in range(0, len(content), PIECE):
        body += base64.b64encode(content[start : start + PIECE])
    body += b'"}'
    return body


async def move_branch(client: Client, name: BranchName, *, before: Oid | None, after: Oid | None) -> Oid | None:
    """Move the branch *name* from *before* to *after*, and return where it is now; None stands for no such branch.

    GitHub compares and swaps, so a push that came in between is never overwritten. Where an Enterprise Server cannot,
    `references` does what comes close: then the branch may end at another commit with the tree of *after*.
    https://docs.github.com/en/graphql/reference/mutations#updaterefs

    Raises:
        RefMoved: the branch is not at *before*.
        GitHubError: GitHub refused, for example by a rule of the repository.

    """
    update = {
        "name": f"{HEADS}{name}",
        "beforeOid": before or ABSENT,
        "afterOid": after or ABSENT,
        "force": True,
    }
    try:
        await client.mutate(UPDATE_REFS, {"input": {"repositoryId": client.repository.node_id, "refUpdates": [update]}})
    except GitHubUnavailable:
        raise
    except GitHubError as error:
        if NO_UPDATE_REFS.search(str(error)):
            return await references.move(client, name, before=before, after=after)
        await judge(client, name, before, after, error)
    return after
