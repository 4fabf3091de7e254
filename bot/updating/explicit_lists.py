"""`@EXPLICIT` files of a repository: those whose source is known move with it, the others are reported and left alone.

A source is named by the configuration of the repository, by the file's own name or in its comments.

The lists that are made from one manifest, a file for each platform, are one lock: they move together or not at all.
"""

import posixpath
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from bot import lockfiles
from bot.errors import LockError
from bot.lockfiles import Solutions
from bot.lockfiles.explicit import Explicit, is_explicit, rendered_subdir, source_of
from bot.model.manifest import Subdir
from bot.model.package import Lock, Record
from bot.model.report import Problem

FORMAT = Explicit()


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedLock:
    """The lists of one manifest, and the lock that they make: that of the first, with the platforms of all."""

    lock: Lock
    lists: tuple[Lock, ...]

    def rewritten(self, files: Mapping[str, bytes], solutions: Solutions) -> Mapping[str, str]:
        """Return the new texts of the lists, by path; a list whose platform is not in *solutions* stays.

        Raises:
            LockError, RewriteRefused: one of them cannot be rewritten.

        """
        found: dict[str, str] = {}
        for each in self.lists:
            own = {pair: records for pair, records in solutions.items() if pair[1] == _subdir(each)}
            if own:
                found[each.path] = FORMAT.rewrite(each, lockfiles.text_of(each.path, files[each.path]), own)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplicitLists:
    """`locks` maps manifests to the lists that are made from each, `sources` every list to its manifest.

    A manifest of `sources` that is not in `locks` cannot move.
    """

    locks: Mapping[str, PinnedLock] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def held(self) -> frozenset[str]:
        """The manifests that cannot move."""
        return frozenset(self.sources.values()) - self.locks.keys()


def read_lists(
    files: Mapping[str, bytes],
    manifests: Collection[str],
    rendered_in: Collection[str],
    configured: Mapping[str, str] = MappingProxyType({}),
) -> ExplicitLists:
    """Return the explicit lists among *files* that are made from *manifests*; *configured* maps lists to sources.

    What lies in the folders *rendered_in* under the name that conda-lock renders to belongs to the lock there.
    """
    sources: dict[str, str] = {}
    problems = list(_misconfigured(files, manifests, configured))
    for path in sorted(filter(FORMAT.matches, files)):
        text = files[path].decode(errors="replace")
        if not is_explicit(text) or (rendered_subdir(path) and posixpath.dirname(path) in rendered_in):
            continue
        if source := _source(path, text, manifests, configured):
            sources[path] = source
        elif path not in configured:
            sentence = (
                "says neither by its name nor in a comment which manifest it is made from, and `lockSources` does not "
                "either: it is left alone"
            )
            problems.append(Problem(path=path, sentence=sentence))
    locks: dict[str, PinnedLock] = {}
    for source in sorted(set(sources.values())):
        paths = [path for path, each in sources.items() if each == source]
        try:
            locks[source] = _together([FORMAT.parse(path, lockfiles.text_of(path, files[path])) for path in paths])
        except LockError as error:
            sentence = f"{error.message}; until then {source} stays as it is"
            problems.append(Problem(path=error.path, line=error.line, sentence=sentence))
    return ExplicitLists(locks=locks, sources=sources, problems=tuple(problems))


def _source(path: str, text: str, manifests: Collection[str], configured: Mapping[str, str]) -> str | None:
    if path in configured:
        return configured[path] if configured[path] in manifests else None
    return source_of(path, text, manifests)


def _misconfigured(
    files: Mapping[str, bytes], manifests: Collection[str], configured: Mapping[str, str]
) -> Iterable[Problem]:
    """Say what `lockSources` names and is not there, or is not what it should be."""
    for path, source in configured.items():
        if path not in files or not FORMAT.matches(path) or not is_explicit(files[path].decode(errors="replace")):
            sentence = "`lockSources` names this, but no explicit list of that name, which ends in a platform, is there"
            yield Problem(path=path, sentence=sentence)
        elif source not in manifests:
            yield Problem(path=path, sentence=f"`lockSources` says it is made from {source}, which is no manifest here")


def _together(lists: Collection[Lock]) -> PinnedLock:
    """Make one lock of *lists*, of which two may be for the same platform if they hold the same.

    Raises:
        LockError: they do not.

    """
    found: dict[Subdir, Lock] = {}
    for each in lists:
        known = found.setdefault(_subdir(each), each)
        if _urls(_records(known)) != _urls(_records(each)):
            message = f"it does not list the same packages as {known.path}, which is for {_subdir(each)} too"
            raise LockError(message, path=each.path)
    first, *_ = lists
    environment = replace(
        first.environments[0],
        conda={subdir: _records(each) for subdir, each in found.items()},
        pypi=dict.fromkeys(found, ()),
    )
    return PinnedLock(lock=replace(first, environments=(environment,)), lists=tuple(lists))


def _subdir(lock: Lock) -> Subdir:
    (subdir,) = lock.environments[0].platforms
    return subdir


def _records(lock: Lock) -> tuple[Record, ...]:
    return lock.environments[0].conda[_subdir(lock)]


def _urls(records: Iterable[Record]) -> list[str]:
    return sorted(record.url for record in records)
