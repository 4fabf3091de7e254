"""Which locks of a pull request are in conflict with the branch that it is for, once GitHub says that something is.

GitHub does not say what. Only locks that both sides changed are read, and whether their changes go together is for the
inspection to tell: nothing of what files hold is looked at here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from bot.github import changes, contents
from bot.github.client import Client
from bot.github.contents import BlobCache
from bot.github.model import Oid, TreeEntry
from bot.github.references import tip
from bot.model.update import BranchName
from bot.updating.inspection import Inspection
from bot.updating.read.relevance import is_lockfile

MOST: Final = 20
"""Locks that are compared line by line; of further ones, and of larger ones, it is taken for granted."""

LARGEST: Final = 4_000_000
"""Bytes of such a lock."""

STATES: Final = ("began", "theirs", "ours")


async def locks_in_conflict(
    client: Client, inspection: Inspection, blobs: BlobCache, *, head: Oid, branch: str
) -> tuple[str, ...]:
    """Return the paths of the locks that *head* and the tip of *branch* changed in ways that do not go together.

    Raises:
        GitHubError: GitHub refused.
        InspectionStopped: a bound was met.

    """
    base = await tip(client, BranchName(branch))
    if base is None:
        return ()
    began = await changes.merge_base(client, base, head)
    trees = [_locks(await contents.tree(client, oid)) for oid in (began, base, head)]
    both = sorted(path for path in trees[2] if _is_changed_by_both(*(each.get(path) for each in trees)))
    found = []
    for number, path in enumerate(both):
        states = [each[path] for each in trees if path in each]
        is_small = number < MOST and all(each.size <= LARGEST for each in states)
        if not is_small or len(states) < len(STATES) or await merged_text(client, inspection, blobs, states) is None:
            found.append(path)
    return tuple(found)


def _locks(tree: Iterable[TreeEntry]) -> Mapping[str, TreeEntry]:
    return {each.path: each for each in tree if is_lockfile(each.path)}


def _is_changed_by_both(began: TreeEntry | None, theirs: TreeEntry | None, ours: TreeEntry | None) -> bool:
    return theirs is not None and theirs not in (began, ours) and ours != began


async def merged_text(
    client: Client, inspection: Inspection, blobs: BlobCache, states: Iterable[TreeEntry]
) -> bytes | None:
    """Return a file with the changes of both sides, as it was where they began and on each; None if they clash.

    Raises:
        GitHubError: GitHub refused.
        InspectionStopped: a bound was met.

    """
    named = [replace(each, path=name) for name, each in zip(STATES, states, strict=True)]
    read = await contents.read(client, named, blobs)
    return await inspection.merged(*(read[name] for name in STATES))
