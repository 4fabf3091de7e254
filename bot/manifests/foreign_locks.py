"""Lockfiles that stand beside a manifest and that condabot does not write, each as its format says."""

import posixpath
from collections.abc import Container, Mapping
from dataclasses import replace

from bot.errors import ManifestError
from bot.manifests.base import ForeignLock
from bot.manifests.formats import FORMATS
from bot.manifests.paths import first_match
from bot.model.manifest import LockedElsewhere, Manifest


def foreign_locks_of(paths: Container[str], manifest_path: str) -> tuple[str, ...]:
    """Return those of *paths* that are such locks of a manifest at *manifest_path*, told by place and name."""
    formats = (form for form in FORMATS if first_match(manifest_path, form.patterns))
    found = (_beside(manifest_path, lock, paths) for form in formats for lock in form.foreign_locks)
    return tuple(path for path in found if path)


def is_foreign_lock(path: str) -> bool:
    """Tell whether a file at *path* has the name of such a lock."""
    return any(posixpath.basename(path) in lock.names for form in FORMATS for lock in form.foreign_locks)


def with_locked_elsewhere(manifest: Manifest, files: Mapping[str, bytes]) -> Manifest:
    """Return *manifest* with what such a lock among *files* locks of it.

    Raises:
        ManifestError: the lock cannot be read.

    """
    names = tuple(each.name for each in manifest.declarations.environments)
    locks = next(form.foreign_locks for form in FORMATS if form.kind is manifest.format)
    for lock in locks:
        if path := _beside(manifest.path, lock, files):
            try:
                locked = LockedElsewhere(path=path, environments=lock.locked(path, files[path], names))
            except ManifestError as error:
                message = f"{error.message}; until then {manifest.path} stays as it is"
                raise ManifestError(message, path=path, line=error.line, key=error.key) from error
            return replace(manifest, locked_elsewhere=locked)
    return manifest


def _beside(manifest_path: str, lock: ForeignLock, paths: Container[str]) -> str:
    folder = posixpath.dirname(manifest_path)
    return next((path for name in lock.names if (path := posixpath.join(folder, name)) in paths), "")
