"""`@EXPLICIT` files (CEP 23): one package URL a line, for one platform; read, and rewritten in the hash style found.

Such a file names no versions that are asked for, so it moves only with the manifest that it was made from.
"""

from bot.errors import RewriteRefused
from bot.lockfiles.base import NO_PACKAGES, Given, Locks, Packages, Solutions
from bot.lockfiles.explicit.document import (
    ENVIRONMENT,
    EXPLICIT,
    begins_explicit,
    input_hash,
    is_explicit,
    is_list,
    locks_pip_packages,
    may_be_list,
    parse,
    rendered_subdir,
    rewrite,
    source_of,
    with_input_hash,
    write,
)
from bot.lockfiles.explicit.lists import read_lists
from bot.model.package import Lock

__all__ = [
    "ENVIRONMENT",
    "EXPLICIT",
    "Explicit",
    "input_hash",
    "is_explicit",
    "locks_pip_packages",
    "parse",
    "rendered_subdir",
    "rewrite",
    "source_of",
    "with_input_hash",
    "write",
]


class Explicit:
    """The format `@EXPLICIT`."""

    kind = EXPLICIT

    def matches(self, path: str) -> bool:
        """Tell whether the name of *path* ends in a platform, as in `conda-linux-64.lock` and `x.osx-64.pin.txt`."""
        return is_list(path)

    def paths_beside(self, manifest_path: str) -> tuple[str, ...]:
        """Return nothing: which platforms there are files for, only a list of paths can tell."""
        del manifest_path
        return ()

    def is_read_alone(self, path: str) -> bool:
        """Tell whether *path* has such a name: its text may say what it was made from."""
        return self.matches(path)

    def may_be(self, path: str, *, beside: bool) -> bool:
        """Tell whether *path* is a `.txt` or `.lock` with a telling name, or any of them beside a manifest."""
        return may_be_list(path, beside=beside)

    def is_content(self, path: str, content: bytes) -> bool:
        """Tell whether *content* begins, but for comments, with `@EXPLICIT`."""
        return begins_explicit(path, content)

    def parse(self, path: str, text: str) -> Lock:
        """Return what *text* locks. *path* is kept in the lock and named in errors.

        Raises:
            LockError: it is no `@EXPLICIT` file, or does not tell its platform.

        """
        return parse(path, text)

    def read(self, given: Given) -> Locks:
        """Return the lists whose source is known; those of one manifest are one lock."""
        return read_lists(given)

    def rewrite(self, lock: Lock, text: str, solutions: Solutions, packages: Packages = NO_PACKAGES) -> str:
        """Return *text*, from which *lock* was parsed, with the records of *solutions*.

        Raises:
            LockError: as for `rewrite`.
            RewriteRefused: as for `rewrite`, or there are *packages*: it has no place for them.

        """
        if packages:
            raise RewriteRefused(f"{lock.path} lists conda packages only and has no place for PyPI packages")
        return rewrite(lock, text, solutions)

    def upgraded(self, lock: Lock, text: str) -> str:
        """Return *text*: there is one version of the format."""
        del lock
        return text
