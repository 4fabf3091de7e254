"""`@EXPLICIT` files of a repository: those whose source is known move with it, the others are reported and left alone.

A source is named by the configuration of the repository, by the file's own name or in its comments. Else it is told by
what is listed: the only environment file of its folder, if the list has every package that it asks for.

The lists that are made from one manifest, a file for each platform, are one lock: they move together or not at all.
"""

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.errors import LockError
from bot.lockfiles.base import Given, HashProgram, LockChange, LockedWorkspace, Locks, at_once, or_problem
from bot.lockfiles.explicit.document import MARK, begins_explicit, is_explicit, is_list, parse, rewrite, source_of
from bot.lockfiles.guards import text_of
from bot.model.environment import Workspace
from bot.model.manifest import Datasource, Dependency, Manifest, PlatformName, Subdir
from bot.model.package import Lock, Record
from bot.model.report import Problem
from bot.workspaces import compose

_NOBODYS = (
    "says neither by its name nor in a comment which manifest it is made from, `lockSources` does not either, and it "
    "does not list what a single environment file beside it asks for: it is left alone"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """One list: its text, and the lock of one platform that it is by itself."""

    lock: Lock
    text: str

    @property
    def subdir(self) -> Subdir:
        """The platform that it is for."""
        (subdir,) = map(self.lock.subdir, self.lock.environments[0].platforms)
        return subdir

    @property
    def records(self) -> tuple[Record, ...]:
        """What it lists."""
        return self.lock.environments[0].conda[self.subdir]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedWorkspace:
    """A manifest with its lists, and the lock that they make: that of the first, with the platforms of all."""

    workspace: Workspace
    lock: Lock
    lists: tuple[ListFile, ...]

    def verified(self) -> HashProgram[LockedWorkspace | Problem]:
        """Return this: whether the lists agree with their manifest a solve tells."""
        return at_once(self)

    def restates(self, manifest: str) -> bool:
        """Return False: what it is made from it keeps as a hash at most."""
        del manifest
        return False

    def write(self, change: LockChange) -> HashProgram[Mapping[str, str]]:
        """Return the new texts of the lists, by path; one whose platform was not solved stays.

        What the manifest asks of PyPI is in none of them.

        Raises:
            LockError, RewriteRefused: one of them cannot be rewritten.

        """
        found: dict[str, str] = {}
        for each in self.lists:
            own = {pair: records for pair, records in change.solutions.items() if pair[1] == each.subdir}
            if own:
                found[each.lock.path] = rewrite(each.lock, each.text, own)
        return at_once(found)


def read_lists(given: Given) -> Locks:
    """Return the explicit lists of a repository that are made from its manifests. A bad one keeps its manifest back.

    A manifest of pixi has the lock beside it: lists that are made from it keep it from moving without them.
    """
    manifests = {each.path: each for each in given.manifests}
    texts = dict(_texts(given))
    named = {path: _source(path, text, manifests, given.lock_sources) for path, text in texts.items()}
    told = {path for path in texts if not named[path] and path not in given.lock_sources}
    named |= {path: _listed_for(path, texts[path], given.manifests) for path in told}
    sources = {path: source for path, source in named.items() if source}
    read = {source: _read(source, sources, given) for source in sorted(set(sources.values()))}
    spoiled = {source: each for source, each in read.items() if isinstance(each, Problem)}
    strays = (path for path in texts if path not in sources and path not in given.lock_sources)
    return Locks(
        made={
            source: _made(manifests[source], lists, given)
            for source, lists in read.items()
            if not isinstance(lists, Problem) and not manifests[source].format.is_pixi
        },
        held=frozenset(spoiled),
        sources={path: frozenset({source}) for path, source in sources.items()},
        problems=(
            *_misconfigured(given, manifests),
            *(Problem(path=path, sentence=_NOBODYS) for path in strays),
            *spoiled.values(),
        ),
    )


def _texts(given: Given) -> Iterator[tuple[str, str]]:
    """Yield the explicit lists, by path, that belong to no other lock."""
    for path in sorted(given.files.keys() - given.taken):
        if _is_list(path, given.files[path]):
            yield path, given.files[path].decode(errors="replace")


def _is_list(path: str, content: bytes) -> bool:
    """Tell whether *content* is a list; in a file that is called like one, whatever stands before the mark."""
    return begins_explicit(path, content) or (is_list(path) and is_explicit(content.decode(errors="replace")))


def _source(path: str, text: str, manifests: Collection[str], configured: Mapping[str, str]) -> str | None:
    if path in configured:
        return configured[path] if configured[path] in manifests else None
    return source_of(path, text, manifests)


def _listed_for(path: str, text: str, manifests: Iterable[Manifest]) -> str | None:
    """Return the only environment file beside the list at *path*, if it lists all that the file asks for.

    One that quotes the hash of what it is made from is another program's to write.
    """
    folder = posixpath.dirname(path)
    beside = [each for each in manifests if posixpath.dirname(each.path) == folder]
    sources = [each for each in beside if each.format.is_source_of_conda_lock]
    if len(sources) != 1 or "input_hash:" in text.partition(MARK)[0]:
        return None
    try:
        found = _list_file(path, text)
    except LockError:
        return None
    asked = {each.name for each in sources[0].dependencies if _is_asked(each, found.subdir)}
    return sources[0].path if asked and asked <= {each.name for each in found.records} else None


def _is_asked(dependency: Dependency, subdir: Subdir) -> bool:
    is_conda = dependency.datasource is Datasource.CONDA and dependency.skip is None
    return is_conda and (not dependency.platforms or subdir in dependency.platforms)


def _misconfigured(given: Given, manifests: Collection[str]) -> Iterable[Problem]:
    """Say what `lockSources` names and is not there, or is not what it should be."""
    for path, source in given.lock_sources.items():
        if not _is_list(path, given.files.get(path, b"")):
            sentence = "`lockSources` names this, but no explicit list of that name is there"
            yield Problem(path=path, sentence=sentence)
        elif source not in manifests:
            yield Problem(path=path, sentence=f"`lockSources` says it is made from {source}, which is no manifest here")


def _read(source: str, sources: Mapping[str, str], given: Given) -> tuple[ListFile, ...] | Problem:
    """Return the lists that are made from *source*, or why they cannot be read."""
    paths = [path for path, each in sources.items() if each == source]
    lists = or_problem(paths[0], lambda: _agreeing(paths, given))
    if isinstance(lists, Problem):
        return replace(lists, sentence=f"{lists.sentence}; until then {source} stays as it is")
    return lists


def _agreeing(paths: Iterable[str], given: Given) -> tuple[ListFile, ...]:
    lists = tuple(_list_file(path, text_of(path, given.files[path])) for path in paths)
    _require_agreement(lists)
    return lists


def _list_file(path: str, text: str) -> ListFile:
    return ListFile(lock=parse(path, text), text=text)


def _made(manifest: Manifest, lists: tuple[ListFile, ...], given: Given) -> ListedWorkspace | Problem:
    lock = _together(lists)
    workspace = or_problem(manifest.path, lambda: compose(manifest, lock, given.resolve, now=given.now))
    if isinstance(workspace, Problem):
        return workspace
    return ListedWorkspace(workspace=workspace, lock=lock, lists=lists)


def _require_agreement(lists: Collection[ListFile]) -> None:
    """Refuse two lists for the same platform that do not hold the same."""
    known: dict[Subdir, ListFile] = {}
    for each in lists:
        other = known.setdefault(each.subdir, each)
        if _urls(other.records) != _urls(each.records):
            message = f"it does not list the same packages as {other.lock.path}, which is for {each.subdir} too"
            raise LockError(message, path=each.lock.path)


def _together(lists: Sequence[ListFile]) -> Lock:
    """Return the lock that *lists* make: of two for the same platform the first."""
    conda: dict[PlatformName, tuple[Record, ...]] = {}
    for each in lists:
        conda.setdefault(each.subdir, each.records)
    first = lists[0].lock
    environment = replace(first.environments[0], conda=conda, pypi=dict.fromkeys(conda, ()))
    return replace(first, environments=(environment,))


def _urls(records: Iterable[Record]) -> list[str]:
    return sorted(record.url for record in records)
