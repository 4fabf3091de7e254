"""The files of a merge as they will be: git runs its merge drivers before it writes any of them.

A driver gets three states of one file. The manifests beside it are merged here as git merges them, from the commits
that are merged. Those are found by what git says of them, and taken only if they have the file as the driver got it.
Once git has left the file in conflict the work tree is what is merged.
https://git-scm.com/docs/gitattributes#_defining_a_custom_merge_driver
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot import lockfiles
from bot.config import PATHS
from bot.errors import BadInput
from bot.local.checkout import Checkout
from bot.local.git import Revision, commits_that_brought, common_ancestor, is_unmerged, merge_text, merging
from bot.local.reading import configuration_of, read_files, read_locks_too
from bot.local.states import CommittedTree
from bot.updating.lock_merge import LockTexts

CONFLICT = "is in conflict itself: resolve that first, then the lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """The lock at `path` of the checkout at `root` that is merged; `label` is what git calls the other side, if known.

    `environment` is what git sees of the process's.
    """

    root: Path
    path: str
    texts: LockTexts
    label: str
    environment: Mapping[str, str]


def files_of_merge(merge: Merge) -> Mapping[str, bytes]:
    """Return the manifests and locks as they will be when *merge* is done; outside of a merge those of the work tree.

    Raises:
        BadInput: a manifest is in conflict, or a file cannot be read.

    """
    found = _commits(merge)
    if found is None:
        checkout = Checkout.at(merge.root)
        return {**read_files(checkout, configuration_of(checkout))[0], merge.path: merge.texts.ours}
    base, ours, theirs = map(_files, found)
    paths = sorted(path for path in ours.keys() | theirs.keys() if not lockfiles.is_lockfile(path))
    merged = {path: _three_way(path, base.get(path), ours.get(path), theirs.get(path), merge) for path in paths}
    return {**{path: text for path, text in merged.items() if text is not None}, merge.path: merge.texts.ours}


def conflicted(merge: Merge) -> bytes:
    """Return the lock with its conflicts marked, as git leaves them; what git takes for no text stays ours."""
    texts = merge.texts
    return merge_text(merge.environment, texts.ours, texts.base, texts.theirs)[0] or texts.ours


def _commits(merge: Merge) -> tuple[Revision | None, Revision, Revision] | None:
    """Return where both sides began, ours and theirs; None where the work tree is merged, or nobody knows of what."""
    if is_unmerged(merge.root, merge.environment, merge.path):
        return None
    ours = next(_revisions(merge, ["HEAD"]), None)
    known = (each for each in _revisions(merge, _names(merge)) if _has(each, merge.path, merge.texts.theirs))
    theirs = next(known, None)
    if ours is None or theirs is None or not _has(ours, merge.path, merge.texts.ours):
        return None
    began = [each for each in (common_ancestor(ours, theirs), *_revisions(merge, [f"{theirs.commit}^"])) if each]
    same = (each for each in began if _has(each, merge.path, merge.texts.base))
    return next(same, began[0] if began else None), ours, theirs


def _names(merge: Merge) -> Iterator[str]:
    """Yield what the other side may be called, the surest first, the costliest last."""
    yield from merge.label.split(" ")[:1]
    yield from merging(merge.root, merge.environment)
    yield from commits_that_brought(merge.root, merge.environment, merge.path, merge.texts.theirs)


def _revisions(merge: Merge, names: Iterable[str]) -> Iterator[Revision]:
    for name in filter(None, names):
        with contextlib.suppress(BadInput):  # git does not merge what it does not know
            yield Revision.at(merge.root, name, merge.environment)


def _has(revision: Revision, path: str, content: bytes) -> bool:
    return (revision.read(path) or b"") == content


def _files(revision: Revision | None) -> Mapping[str, bytes]:
    """Return the files that matter, and what the repository asks for."""
    if revision is None:
        return {}
    tree = CommittedTree(revision=revision)
    asked = {path: tree.read(path) for path in tree.sizes().keys() & set(PATHS)}
    return {**read_locks_too(tree, configuration_of(tree))[0], **asked}


def _three_way(path: str, base: bytes | None, ours: bytes | None, theirs: bytes | None, merge: Merge) -> bytes | None:
    if theirs in (ours, base):
        return ours
    if base == ours:
        return theirs
    if ours is None or theirs is None:
        raise BadInput(CONFLICT, path=path)
    merged, is_clean = merge_text(merge.environment, ours, base or b"", theirs)
    if not is_clean:
        raise BadInput(CONFLICT, path=path)
    return merged
