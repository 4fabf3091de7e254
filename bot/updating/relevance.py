"""Which files of a repository a scan reads, and which pushes are worth one; told by paths and sizes alone."""

import posixpath
from collections.abc import Iterable, Mapping

from bot import lockfiles, manifests
from bot.manifests.paths import first_match
from bot.model.package import LockFormat
from bot.model.report import Recognised

CONFIGURATION = ".github/condabot.yml"
PRE_COMMIT_CONFIG = ".pre-commit-config.yaml"
VIRTUAL_PACKAGES = ("virtual-packages.yml", "virtual-packages.yaml")
"""What a `conda-lock.yml` beside it was solved with."""
RENOVATE_CONFIGURATIONS = frozenset(
    {
        *(f"{folder}renovate.{ext}" for folder in ("", ".github/", ".gitlab/") for ext in ("json", "json5")),
        *(".renovaterc", ".renovaterc.json", ".renovaterc.json5"),
    }
)
"""Where Renovate looks for its configuration; a key in `package.json`, which it also knows, is not looked for.

https://docs.renovatebot.com/configuration-options/
"""
WORKFLOWS = ".github/workflows/**"


def relevant_paths(sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Return the managed manifests among the paths of *sizes*, their lockfiles, and what says who writes them.

    *sizes* are the bytes of every file. Files that may have annotations are among them up to a size, unless a
    configuration of Renovate, which is then among them, says that they are Renovate's.
    """
    every = frozenset(sizes)
    managed = manifests.candidate_paths(sorted(every)).managed
    annotated = _annotated(sizes)
    facts = {PRE_COMMIT_CONFIG, *RENOVATE_CONFIGURATIONS} & every if managed or annotated else ()
    locks = (lockfiles.lock_for(every, path) for path in managed)
    named = (path for path in every if managed and _may_name_sources(path))
    return tuple(sorted({*managed, *annotated, *facts, *named, *(lock for lock in locks if lock)}))


def recognised_paths(paths: Iterable[str]) -> tuple[Recognised, ...]:
    """Return what *paths* alone tell of files that are seen and not managed; lockfiles follow their manifests."""
    found = ((path, manifests.recognise(path, "")) for path in sorted(paths) if not _is_aside(path))
    return tuple(Recognised(path=path, sentence=sentence) for path, sentence in found if sentence)


def _annotated(sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Return the files in which annotations are looked for; none where Renovate looks itself."""
    if not RENOVATE_CONFIGURATIONS.isdisjoint(sizes):
        return ()
    return tuple(
        path for path, size in sizes.items() if size <= manifests.LONGEST_ANNOTATED and _may_be_annotated(path)
    )


def _may_be_annotated(path: str) -> bool:
    return manifests.is_annotated_path(path) and not _is_aside(path)


def _is_aside(path: str) -> bool:
    """Tell whether the file at *path* is a lockfile, or ignored."""
    is_lock = any(each.matches(path) for each in lockfiles.FORMATS)
    return is_lock or first_match(path, manifests.DEFAULT_IGNORE_PATHS) is not None


def _may_name_sources(path: str) -> bool:
    """Tell whether the file at *path* may be a lockfile that says what it is made from, or belong to one."""
    is_lock = any(each.matches(path) for each in lockfiles.FORMATS if each.name is not LockFormat.PIXI_LOCK)
    is_ignored = first_match(path, manifests.DEFAULT_IGNORE_PATHS) is not None
    return (is_lock or posixpath.basename(path) in VIRTUAL_PACKAGES) and not is_ignored


def is_relevant(path: str) -> bool:
    """Tell whether a change of the file at *path* may change what a scan finds."""
    is_lock = any(each.matches(path) for each in lockfiles.FORMATS)
    is_fact = path in {CONFIGURATION, *RENOVATE_CONFIGURATIONS} or posixpath.basename(path) in VIRTUAL_PACKAGES
    return is_fact or is_lock or _may_be_annotated(path) or bool(manifests.candidate_paths([path]).managed)
