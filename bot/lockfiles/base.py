"""What every lockfile format gives: the locks of a repository with their workspaces, and their texts written anew.

Formats are pure. One that cannot do without another program asks it: reading and writing are programs (`HashProgram`)
that yield questions and are sent the answers, as the search in `bot.planning` is. Whoever drives them decides how.
"""

import traceback
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeAlias, TypeVar

from bot.errors import BadInput, CondabotError
from bot.model.content_hash import HashRequest, HashResult
from bot.model.environment import Workspace
from bot.model.manifest import Manifest, PlatformName
from bot.model.package import Lock, LockFormat, PypiPackage, Record
from bot.model.report import Problem
from bot.workspaces import ResolveChannel

Pair: TypeAlias = tuple[str, PlatformName]
"""The name of an environment and one of its platforms."""

Solutions: TypeAlias = Mapping[Pair, tuple[Record, ...]]
"""The records of each pair that was solved anew."""

Packages: TypeAlias = Mapping[Pair, tuple[PypiPackage, ...]]
"""The PyPI packages of each pair that was resolved anew."""

_LONGEST_WORDS: Final = 200

NO_PACKAGES: Final[Packages] = {}
"""No pair was resolved anew: all PyPI packages stay."""

T = TypeVar("T")
HashProgram: TypeAlias = Generator[tuple[HashRequest, ...], tuple[HashResult, ...], T]
"""A program that may ask conda-lock: it yields questions, is sent their answers in the same order, and returns a T."""


def at_once(result: T) -> HashProgram[T]:
    """Return *result* and ask nothing."""
    yield from ()
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What locks are read from: all files of a repository that matter, and the manifests that locks are made from.

    `lock_sources` says which manifest a lock is made from, as far as the repository configures it. `now` is the moment
    that ages are counted from. `taken` are the files that belong to locks of formats which were asked before.
    """

    files: Mapping[str, bytes]
    manifests: tuple[Manifest, ...]
    resolve: ResolveChannel
    now: datetime
    lock_sources: Mapping[str, str] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class LockChange:
    """What a lock shall hold: what was solved and resolved anew, and the new texts of manifests by their paths."""

    solutions: Solutions
    packages: Packages = field(default_factory=dict)
    manifests: Mapping[str, str] = field(default_factory=dict)


class LockedWorkspace(Protocol):
    """A workspace, its lock, and whatever else the format needs to write that anew: nobody but it looks into this."""

    @property
    def workspace(self) -> Workspace:
        """The workspace that the lock makes with its manifests."""
        ...

    @property
    def lock(self) -> Lock:
        """The lock of `workspace`; its path is the name by which it is known."""
        ...

    def verified(self) -> "HashProgram[LockedWorkspace | Problem]":
        """Return this as far as its lock can be judged and written, or else why it cannot."""
        ...

    def restates(self, manifest: str) -> bool:
        """Tell whether the lock says again what *manifest* asks for, so that a line of it moves in both."""
        ...

    def write(self, change: LockChange) -> HashProgram[Mapping[str, str]]:
        """Return the new texts of the lock and of all files that go with it, by path.

        Raises:
            LockError: the lock cannot be written so.
            RewriteRefused: a text would not be what was planned.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Locks:
    """What one format, or all of them, make of a repository.

    `made` maps the path that names a workspace to it, or to why there is none: the path of a manifest, or of a lock
    that is made from several. `held` are manifests that are no workspaces of their own: they move with such a lock, or
    not at all. `sources` maps each lock that says what it is made from to those manifests: it is not left behind when
    they move. `parts` are files that belong to some lock and are none themselves. `problems` are about the other files.
    """

    made: Mapping[str, LockedWorkspace | Problem] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    def joined(self, other: "Locks") -> "Locks":
        """Return these with *other*; a workspace of both is the one that it is here."""
        return Locks(
            made={**other.made, **self.made},
            held=self.held | other.held,
            sources={**self.sources, **other.sources},
            parts=self.parts | other.parts,
            problems=(*self.problems, *other.problems),
        )


def problem_of(path: str, error: Exception) -> Problem:
    """Return what is said of *error*, which kept the file at *path* from being read or judged unless it names another.

    What nobody raised on purpose is a defect of condabot, and said to be one.
    """
    if isinstance(error, BadInput):
        return Problem(path=error.path or path, line=error.line, sentence=error.sentence)
    if isinstance(error, CondabotError):
        return Problem(path=path, sentence=str(error))
    what = f"{type(error).__name__}: {error}"[:_LONGEST_WORDS].partition("\n")[0]
    sentence = f"a defect of condabot keeps this from being judged ({what}); please report it, with this file"
    return Problem(path=path, sentence=sentence, defect="".join(traceback.format_exception(error)))


def or_problem(path: str, make: Callable[[], T]) -> T | Problem:
    """Return what *make*, which is about the file at *path*, returns, or what is said of its failure."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is said, and the other files go on
        return problem_of(path, error)


class Format(Protocol):
    """One kind of lockfile. To add one: write a package with such a class and name it in `bot.lockfiles.FORMATS`."""

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

    def may_be(self, path: str, *, beside: bool) -> bool:
        """Tell whether the file at *path*, which is not called like a lock, is looked into for one.

        *beside* says that manifests lie in its folder.
        """
        ...

    def is_content(self, path: str, content: bytes) -> bool:
        """Tell whether *content*, found at *path*, is a lock of this format though it is not called so."""
        ...

    def parse(self, path: str, text: str) -> Lock:
        """Return what *text* locks. *path* is kept in the lock and named in errors.

        Raises:
            LockError: it is no lockfile of this format that condabot reads.

        """
        ...

    def read(self, given: Given) -> Locks:
        """Return the locks of this format, each with its workspace. One bad file spoils only its own."""
        ...

    def rewrite(self, lock: Lock, text: str, solutions: Solutions, packages: Packages = NO_PACKAGES) -> str:
        """Return *text*, from which *lock* was parsed, with *solutions* and *packages* locked for their pairs.

        Raises:
            LockError: the lock does not have one of the pairs, or its layout or content keeps condabot off.
            RewriteRefused: the result would not be what was planned.

        """
        ...

    def upgraded(self, lock: Lock, text: str) -> str:
        """Return *text*, from which *lock* was parsed, in the newest version of the format; it locks the same.

        Raises:
            LockError: it has something that the newest version has no place for.
            RewriteRefused: the result would not be the same lock.

        """
        ...
