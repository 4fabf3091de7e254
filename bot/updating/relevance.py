"""Which files of a repository a scan reads, and which pushes are worth one; told by paths alone."""

from collections.abc import Iterable

from bot import lockfiles, manifests

CONFIGURATION = ".github/condabot.yml"
PRE_COMMIT_CONFIG = ".pre-commit-config.yaml"


def relevant_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the manifests among *paths* that are managed, the lockfiles beside them, and what says who writes them."""
    every = frozenset(paths)
    managed = manifests.candidate_paths(sorted(every)).managed
    locks = (lockfiles.lock_for(every, path) for path in managed)
    facts = {PRE_COMMIT_CONFIG} & every if managed else ()
    return tuple(sorted({*managed, *facts, *(lock for lock in locks if lock)}))


def is_relevant(path: str) -> bool:
    """Tell whether a change of the file at *path* may change what a scan finds."""
    is_lock = any(each.matches(path) for each in lockfiles.FORMATS)
    return path == CONFIGURATION or is_lock or bool(manifests.candidate_paths([path]).managed)
