"""What every lockfile format gives: the lock, and a text with other records in it."""

from collections.abc import Mapping
from typing import Final, Protocol, TypeAlias

from bot.model.manifest import Subdir
from bot.model.package import Lock, LockFormat, PypiPackage, Record

Pair: TypeAlias = tuple[str, Subdir]
"""The name of an environment and one of its platforms."""

Solutions: TypeAlias = Mapping[Pair, tuple[Record, ...]]
"""The records of each pair that was solved anew."""

Packages: TypeAlias = Mapping[Pair, tuple[PypiPackage, ...]]
"""The PyPI packages of each pair that was resolved anew."""

NO_PACKAGES: Final[Packages] = {}
"""No pair was resolved anew: all PyPI packages stay."""


class Format(Protocol):
    """One kind of lockfile. To add one: write a module with such a class and name it in `bot.lockfiles.FORMATS`."""

    @property
    def kind(self) -> LockFormat:
        """What can be asked of a lock of this format; `Lock.format` of those that `parse` returns."""
        ...

    def matches(self, path: str) -> bool:
        """Tell whether a file at *path* is of this format, by its name."""
        ...

    def paths_beside(self, manifest_path: str) -> tuple[str, ...]:
        """Return the paths where the lock of a manifest may be, the most usual first; none if it locks no such one."""
        ...

    def is_read_alone(self, path: str) -> bool:
        """Tell whether a file at *path* is read wherever it lies, and not with the manifest that it stands beside.

        That is a lock which says what it is made from, or something that such locks go by.
        """
        ...

    def parse(self, path: str, text: str) -> Lock:
        """Return what *text* locks. *path* is kept in the lock and named in errors.

        Raises:
            LockError: it is no lockfile of this format that condabot reads.

        """
        ...

    def rewrite(self, lock: Lock, text: str, solutions: Solutions, packages: Packages = NO_PACKAGES) -> str:
        """Return *text*, from which *lock* was parsed, with *solutions* and *packages* locked for their pairs.

        Raises:
            LockError: the lock does not have one of the pairs, or its layout or content keeps condabot off.
            RewriteRefused: the result would not be what was planned.

        """
        ...
