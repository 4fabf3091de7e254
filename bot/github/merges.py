"""A commit that merges two others, made without a checkout: of every file the side that changed it, as git does.

What both sides changed the caller merges, since only it may look into files.
https://docs.github.com/en/rest/git/trees https://docs.github.com/en/rest/git/commits
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from bot.errors import GitHubError
from bot.github.client import Client
from bot.github.model import FileMode, Oid

FOLDER = "tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A file, link or submodule of a tree."""

    mode: str
    kind: str
    oid: Oid
    size: int = 0

    @property
    def is_file(self) -> bool:
        """Tell whether it has content that can be merged."""
        return self.mode in set(FileMode)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeMerge:
    """What `ours` brings into the tree of the other side, None for what is gone; `both` changed the rest."""

    ours: Mapping[str, Item | None]
    both: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitShape:
    """A commit as far as another one is built on it."""

    oid: Oid
    tree: Oid
    parents: tuple[Oid, ...]


class _Entry(msgspec.Struct):
    path: str
    mode: str
    type: str
    sha: Oid
    size: int = 0


class _Tree(msgspec.Struct):
    tree: list[_Entry]
    truncated: bool


class _Object(msgspec.Struct):
    sha: Oid


class _Commit(msgspec.Struct):
    tree: _Object
    parents: list[_Object]


async def shape(client: Client, oid: Oid) -> CommitShape:
    """Return the commit *oid*."""
    found = await client.get("/repos/{owner}/{repo}/git/commits/{commit_sha}", _Commit, commit_sha=oid)
    return CommitShape(oid=oid, tree=found.tree.sha, parents=tuple(each.sha for each in found.parents))


async def items(client: Client, oid: Oid) -> Mapping[str, Item]:
    """Return everything below the tree *oid* by path, links and submodules too.

    Raises:
        GitHubError: it is too large for one answer, or GitHub refused.

    """
    template = "/repos/{owner}/{repo}/git/trees/{tree_sha}{?recursive}"
    answer = await client.get(template, _Tree, tree_sha=oid, recursive="1")
    if answer.truncated:
        raise GitHubError("the repository has more files than GitHub lists in one answer")
    return {
        each.path: Item(mode=each.mode, kind=each.type, oid=each.sha, size=each.size)
        for each in answer.tree
        if each.type != FOLDER
    }


def merged(began: Mapping[str, Item], theirs: Mapping[str, Item], ours: Mapping[str, Item]) -> TreeMerge:
    """Return what the merge of *ours* into *theirs* changes there, both of which came from *began*."""
    changed = [path for path in sorted(began.keys() | ours.keys()) if began.get(path) != ours.get(path)]
    brought = [path for path in changed if ours.get(path) != theirs.get(path)]
    both = [path for path in brought if began.get(path) != theirs.get(path)]
    return TreeMerge(ours={path: ours.get(path) for path in brought if path not in set(both)}, both=tuple(both))
