"""`conda-lock.yml`, version 1 (CEP 37): read, and rewritten changing only the lines that must.

A lock has one environment, `default`. The content hash vouches for the source files; only conda-lock can compute it,
so a lock whose sources change asks for it (`LayeredWorkspace.write`).
"""

from bot.errors import RewriteRefused
from bot.lockfiles.base import NO_PACKAGES, Given, Locks, Packages, Solutions
from bot.lockfiles.conda_lock.categories import Root
from bot.lockfiles.conda_lock.change import ENVIRONMENT, Inputs, Requested
from bot.lockfiles.conda_lock.document import CONDA, MAIN, PIP, read_document
from bot.lockfiles.conda_lock.kind import (
    CONDA_LOCK,
    is_conda_lock,
    is_conda_lock_text,
    is_virtual_packages,
    may_be_conda_lock,
)
from bot.lockfiles.conda_lock.reading import read_layers, virtual_packages_beside
from bot.lockfiles.conda_lock.rewriting import as_locked, content_hashes, lock_of, obstacle, relock, specifiers_of
from bot.model.manifest import Subdir
from bot.model.package import Lock

__all__ = [
    "CONDA",
    "CONDA_LOCK",
    "ENVIRONMENT",
    "MAIN",
    "PIP",
    "CondaLock",
    "Inputs",
    "Requested",
    "Root",
    "content_hashes",
    "obstacle",
    "relock",
    "specifiers_of",
    "virtual_packages_beside",
]


class CondaLock:
    """The format `conda-lock.yml`, of version 1."""

    kind = CONDA_LOCK

    def matches(self, path: str) -> bool:
        """Tell whether the name of *path* ends in `conda-lock.yml` or `conda-lock.yaml`."""
        return is_conda_lock(path)

    def paths_beside(self, manifest_path: str) -> tuple[str, ...]:
        """Return nothing: a lock names its sources itself (`Lock.sources`), whatever lies beside it."""
        del manifest_path
        return ()

    def is_read_alone(self, path: str) -> bool:
        """Tell whether the file at *path* is a lock, which names its sources, or what locks beside it go by."""
        return self.matches(path) or is_virtual_packages(path)

    def may_be(self, path: str, *, beside: bool) -> bool:
        """Tell whether *path* is YAML with `lock` in its name, as in `conda-lock.gpu.yml` or `py312.lock.yaml`."""
        del beside
        return may_be_conda_lock(path)

    def is_content(self, path: str, content: bytes) -> bool:
        """Tell whether *content*, if it is YAML, has the keys at its top that every lock has, and a content hash."""
        return is_conda_lock_text(path, content)

    def parse(self, path: str, text: str) -> Lock:
        """Return what *text* locks. *path* is kept in the lock and named in errors.

        Raises:
            LockError: it is no `conda-lock.yml` of version 1.

        """
        return lock_of(read_document(path, text))

    def read(self, given: Given) -> Locks:
        """Return the locks among the files, each with the workspace that its sources make, laid over each other."""
        return read_layers(given)

    def rewrite(self, lock: Lock, text: str, solutions: Solutions, packages: Packages = NO_PACKAGES) -> str:
        """Return *text* with the records of *solutions*, for sources that did not change: the content hashes stay.

        New packages get the categories of what needs them.

        Raises:
            LockError: as for `relock`.
            RewriteRefused: as for `relock`, or there are *packages*: only conda-lock says how they are written.

        """
        if packages:
            raise RewriteRefused(f"{lock.path}: how pip packages are written there, conda-lock has to be asked")
        document = read_document(lock.path, text)
        requested = {subdir: as_locked(document, subdir) for subdir in (Subdir(name) for _, name in solutions)}
        return relock(lock, text, solutions, packages, Inputs(requested=requested, asked_before=requested))

    def upgraded(self, lock: Lock, text: str) -> str:
        """Return *text*: there is one version of the format."""
        del lock
        return text
