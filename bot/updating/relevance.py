"""Which files of a repository a scan reads, and which pushes are worth one; told by paths alone."""

import posixpath
from collections.abc import Iterable

from bot import lockfiles, manifests
from bot.manifests.paths import first_match
from bot.model.package import LockFormat

CONFIGURATION = ".github/condabot.yml"
PRE_COMMIT_CONFIG = ".pre-commit-config.yaml"
VIRTUAL_PACKAGES = ("virtual-packages.yml", "virtual-packages.yaml")
"""What a `conda-lock.yml` beside it was solved with."""


def relevant_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the manifests among *paths* that are managed, the lockfiles of them, and what says who writes them."""
    every = frozenset(paths)
    managed = manifests.candidate_paths(sorted(every)).managed
    if not managed:
        return ()
    locks = (lockfiles.lock_for(every, path) for path in managed)
    named = (path for path in every if _may_name_sources(path))
    return tuple(sorted({*managed, *({PRE_COMMIT_CONFIG} & every), *named, *(lock for lock in locks if lock)}))


def _may_name_sources(path: str) -> bool:
    """Tell whether the file at *path* may be a lockfile that says what it is made from, or belong to one."""
    is_lock = any(each.matches(path) for each in lockfiles.FORMATS if each.name is not LockFormat.PIXI_LOCK)
    return (is_lock or posixpath.basename(path) in VIRTUAL_PACKAGES) and not first_match(
        path, manifests.DEFAULT_IGNORE_PATHS
    )


def is_relevant(path: str) -> bool:
    """Tell whether a change of the file at *path* may change what a scan finds."""
    is_lock = any(each.matches(path) for each in lockfiles.FORMATS)
    is_fact = path == CONFIGURATION or posixpath.basename(path) in VIRTUAL_PACKAGES
    return is_fact or is_lock or bool(manifests.candidate_paths([path]).managed)
