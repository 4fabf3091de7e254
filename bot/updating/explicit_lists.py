"""`@EXPLICIT` files of a repository: those that name their source move with it, the others are reported and left alone.

A manifest with such files for several platforms is left alone too, for they would have to move together.
"""

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot import lockfiles
from bot.errors import LockError
from bot.lockfiles.explicit import Explicit, is_explicit, rendered_subdir, source_of
from bot.model.package import Lock
from bot.model.report import Problem

FORMAT = Explicit()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplicitLists:
    """`locks` maps manifests to the one list that is made from each, `sources` every list to its manifest.

    A manifest of `sources` that is not in `locks` cannot move.
    """

    locks: Mapping[str, Lock] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def held(self) -> frozenset[str]:
        """The manifests that cannot move."""
        return frozenset(self.sources.values()) - self.locks.keys()


def read_lists(files: Mapping[str, bytes], manifests: Collection[str], rendered_in: Collection[str]) -> ExplicitLists:
    """Return the explicit lists among *files* that are made from *manifests*.

    What lies in the folders *rendered_in* under the name that conda-lock renders to belongs to the lock there.
    """
    sources: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(filter(FORMAT.matches, files)):
        text = files[path].decode(errors="replace")
        if not is_explicit(text) or (rendered_subdir(path) and posixpath.dirname(path) in rendered_in):
            continue
        if source := source_of(path, text, manifests):
            sources[path] = source
        else:
            sentence = "says neither by its name nor in a comment which manifest it is made from: it is left alone"
            problems.append(Problem(path=path, sentence=sentence))
    locks: dict[str, Lock] = {}
    for source in sorted(set(sources.values())):
        lists = [path for path, each in sources.items() if each == source]
        try:
            locks[source] = _only(lists, source, files)
        except LockError as error:
            problems.append(Problem(path=error.path, line=error.line, sentence=error.message))
    return ExplicitLists(locks=locks, sources=sources, problems=tuple(problems))


def _only(lists: Collection[str], source: str, files: Mapping[str, bytes]) -> Lock:
    path, *others = lists
    if others:
        message = f"has explicit lists for several platforms ({', '.join(lists)}): condabot moves one, so it stays"
        raise LockError(message, path=source)
    return FORMAT.parse(path, lockfiles.text_of(path, files[path]))
