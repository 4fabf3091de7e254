"""A commit in the two steps in which one is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.github.client import Client
from bot.github.commits import commit, make_tree
from bot.github.model import Commit, Oid, TreeEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A commit that no branch points to yet, and its tree."""

    oid: Oid
    tree: Oid


async def made(
    client: Client, *, base: Commit, tree: Sequence[TreeEntry], files: Mapping[str, bytes], message: str
) -> Made:
    """Make the tree of *base* with other *files*, and a commit of it."""
    changed = await make_tree(client, base=base, tree=tree, files=files)
    return Made(oid=await commit(client, base=base, tree=changed, message=message), tree=changed)
