"""What changes between two states of a checkout: commits, the work tree, folders or two lockfiles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot import lockfiles
from bot.errors import BadInput
from bot.local.checkout import Checkout
from bot.local.git import Revision
from bot.local.reading import Tree, configuration_of, local_reader, read_locks_too
from bot.model.state_diff import StateDiff
from bot.updating.states import diff_states, diff_two_locks
from bot.workspaces import ResolveChannel

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedTree:
    """The files of a commit."""

    revision: Revision

    def sizes(self) -> Mapping[str, int]:
        """Return the sizes in bytes of all regular files, by path."""
        return self.revision.sizes()

    def read(self, path: str) -> bytes:
        """Return the bytes of the file at *path*.

        Raises:
            BadInput: there is none, or git cannot read it.

        """
        content = self.revision.read(path)
        if content is None:
            raise BadInput(f"is not there at {self.revision.ref}", path=path)
        return content

    def closed_folders(self) -> tuple[BadInput, ...]:
        """Return nothing: a commit has no folders that may not be read."""
        return ()


def diff_trees(before: Tree, after: Tree, resolve: ResolveChannel, now: datetime, stand_in: str | None) -> StateDiff:
    """Return what changes from *before* to *after*; what the latter asks for in its configuration counts for both.

    Raises:
        ConfigurationError, BadInput: the configuration is wrong, or cannot be read.

    """
    configuration = configuration_of(after)
    old, old_problems = read_locks_too(before, configuration)
    new, new_problems = read_locks_too(after, configuration)
    found = diff_states(old, new, local_reader(configuration, resolve, now, stand_in))
    return replace(found, problems=(*old_problems, *new_problems, *found.problems))


def diff_two_files(before: Path, after: Path) -> StateDiff:
    """Return what changes between two lockfiles; the format is told by the name of either, or by what stands in them.

    Raises:
        BadInput: one of them cannot be read, or is no lockfile; it is named as it was given.

    """
    old, new = (_named(each, _content, each) for each in (before, after))
    named = after.name if lockfiles.is_lock(after.name, new) or not lockfiles.is_lockfile(before.name) else before.name
    one, other = (_named(each, lockfiles.parse, named, content) for each, content in ((before, old), (after, new)))
    return diff_two_locks(one, other)


def _content(path: Path) -> bytes:
    return Checkout.at(path.parent).read(path.name)


def _named(path: Path, read: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Return what *read* does; whatever is wrong with the file it is about is said of *path*."""
    try:
        return read(*arguments, **options)
    except BadInput as error:
        error.path = str(path)
        raise
