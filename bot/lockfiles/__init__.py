"""Lockfiles: text to nouns, and solved records back to text. Pure: no files, no network, no clock."""

from collections.abc import Container, Iterable
from dataclasses import replace
from typing import Final

from bot.errors import LockError
from bot.lockfiles.base import (
    NO_PACKAGES,
    Format,
    Given,
    LockChange,
    LockedWorkspace,
    Locks,
    Packages,
    Pair,
    Solutions,
    or_problem,
    problem_of,
)
from bot.lockfiles.conda_lock import CondaLock
from bot.lockfiles.explicit import Explicit
from bot.lockfiles.guards import text_of
from bot.lockfiles.named_channels import ReadFile, with_channels_of_lines
from bot.lockfiles.pixi_lock import PixiLock
from bot.model.package import Lock

__all__ = [
    "FORMATS",
    "NO_PACKAGES",
    "Format",
    "Given",
    "LockChange",
    "LockedWorkspace",
    "Locks",
    "Packages",
    "Pair",
    "ReadFile",
    "Solutions",
    "checks",
    "is_lock",
    "is_lockfile",
    "is_read_alone",
    "lock_for",
    "may_be_lock",
    "or_problem",
    "parse",
    "problem_of",
    "read",
    "rewrite",
    "text_of",
    "upgraded",
    "with_channels_of_lines",
]

FORMATS: Final[tuple[Format, ...]] = (PixiLock(), CondaLock(), Explicit())
"""Every format that condabot reads, in the order in which they are asked."""


def lock_for(paths: Container[str], manifest_path: str) -> str | None:
    """Return the lockfile among *paths* that belongs to the manifest at *manifest_path* by place and name, or None.

    Two manifests of one folder have the same lock; which of them counts is the workspace's matter.
    """
    beside = (path for each in FORMATS for path in each.paths_beside(manifest_path))
    return next((path for path in beside if path in paths), None)


def is_lockfile(path: str) -> bool:
    """Tell whether a file at *path* is a lockfile that condabot reads, by its name."""
    return any(each.matches(path) for each in FORMATS)


def is_lock(path: str, content: bytes) -> bool:
    """Tell whether *content*, found at *path*, is a lockfile that condabot reads: its name says so, or it does."""
    return is_lockfile(path) or any(each.is_content(path, content) for each in FORMATS)


def may_be_lock(path: str, *, beside: bool = False) -> bool:
    """Tell whether the file at *path* is looked into for a lock; *beside* says that manifests lie in its folder."""
    return not is_lockfile(path) and any(each.may_be(path, beside=beside) for each in FORMATS)


def is_read_alone(path: str) -> bool:
    """Tell whether a file at *path* is read wherever it lies: by itself it says which manifests it has to do with."""
    return any(each.is_read_alone(path) for each in FORMATS)


def checks(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the commands by which people check the lockfiles among *paths*, each once."""
    kinds = (each.kind for path in paths for each in FORMATS if each.matches(path))
    return tuple(dict.fromkeys(kind.check for kind in kinds if kind.check))


def parse(path: str, content: bytes) -> Lock:
    """Return what the lockfile *content* at *path* locks; its name says the format, or else what stands in it.

    Raises:
        LockError: no format has such a name or content, or it is not a lockfile of it that condabot reads.

    """
    return _format_of(path, content).parse(path, text_of(path, content))


def upgraded(path: str, text: str) -> str:
    """Return *text*, that of the lockfile at *path*, in the newest version of its format; it locks the same.

    Raises:
        LockError: it cannot be read, or has something that the newest version has no place for.
        RewriteRefused: the result would not be the same lock.

    """
    written_as = _format_of(path, text.encode())
    return written_as.upgraded(written_as.parse(path, text), text)


def _format_of(path: str, content: bytes) -> Format:
    by_name = (each for each in FORMATS if each.matches(path))
    by_content = (each for each in FORMATS if each.is_content(path, content))
    if found := next(by_name, None) or next(by_content, None):
        return found
    raise LockError("is no lockfile that condabot reads, neither by its name nor by its content", path=path)


def read(given: Given) -> Locks:
    """Return all locks of a repository, each with its workspace. One bad file spoils only its own."""
    found = Locks()
    for each in FORMATS:
        found = found.joined(each.read(replace(given, taken=found.parts)))
    return found


def rewrite(lock: Lock, text: str, solutions: Solutions, packages: Packages = NO_PACKAGES) -> str:
    """Return *text*, from which *lock* was parsed, with *solutions* locked in the format and version it has.

    *solutions* maps environment name and subdir to the records of that pair, *packages* to its PyPI packages; pairs not
    named stay as they are, and so does every line that need not change. Empty mappings give the same text.

    Raises:
        LockError: the lock does not have one of the pairs, or its layout or its content keeps condabot off.
        RewriteRefused: the result would not be what was planned; nothing may be proposed.

    """
    writer = next(each for each in FORMATS if each.kind == lock.format)
    return writer.rewrite(lock, text, solutions, packages)
