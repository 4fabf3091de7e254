"""`@EXPLICIT` files of a repository: those whose source is known move with it, the others are reported and left alone.

A source is named by the configuration of the repository, by the file's own name or in its comments. Else it is told by
what is listed: the only environment file of its folder, or of the one around a folder of locks, if the list has every
package that it asks for. What pixi exported is made from its lock, whatever stands beside it.

conda-lock quotes the content hash of the source (`# input_hash`): it moves with the list if it was right before.

The lists that are made from one manifest, a file for each platform, are one lock: they move together or not at all.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.errors import LockError
from bot.lockfiles.base import Given, HashProgram, LockChange, LockedWorkspace, Locks, at_once, or_problem
from bot.lockfiles.explicit.document import (
    MARK,
    around_locks,
    begins_explicit,
    input_hash,
    is_explicit,
    is_list,
    parse,
    rewrite,
    source_of,
    with_input_hash,
)
from bot.lockfiles.guards import text_of
from bot.model.content_hash import ContentHashes, HashRequest, SourceFile
from bot.model.environment import Workspace
from bot.model.manifest import Datasource, Dependency, Manifest, PlatformName, Subdir
from bot.model.package import Lock, Record
from bot.model.report import Problem
from bot.workspaces import compose

_NOBODYS = (
    "says neither by its name nor in a comment which manifest it is made from, `lockSources` does not either, and it "
    "does not list what a single environment file beside it asks for: it is left alone"
)
_OF_PIXI = (
    "is what `pixi workspace export` made of an environment of a pixi.lock: it is left alone; `exports` of the "
    "configuration keeps such files in step with the lock"
)
_EXPORTED = re.compile(r"^#.*\bpixi (?:workspace|project) export\b", re.MULTILINE)


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
    source: SourceFile

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
        hashes = yield from self._new_hashes(change.manifests)
        for each in self.lists:
            own = {pair: records for pair, records in change.solutions.items() if pair[1] == each.subdir}
            if own:
                text = rewrite(each.lock, each.text, own)
                found[each.lock.path] = with_input_hash(text, hashes.get(each.lock.path))
        return found

    def _new_hashes(self, manifests: Mapping[str, str]) -> HashProgram[Mapping[str, str]]:
        """Return the content hashes of the source as it is in *manifests*, by the lists that quote the one it has now.

        One that quotes another was made with options of conda-lock, or was not in step: that stays as it is. So do all
        of them where conda-lock is not there to ask.
        """
        quoted = {each.lock.path: digest for each in self.lists if (digest := input_hash(each.text))}
        if not quoted or self.source.path not in manifests:
            return {}
        after = replace(self.source, text=manifests[self.source.path])
        platforms = tuple(dict.fromkeys(each.subdir for each in self.lists))
        asked = (HashRequest(sources=(source,), platforms=platforms) for source in (self.source, after))
        was, becomes = yield tuple(asked)
        if not (isinstance(was, ContentHashes) and isinstance(becomes, ContentHashes)):
            return {}
        subdirs = {each.lock.path: each.subdir for each in self.lists}
        return {
            path: becomes.written[subdirs[path]]
            for path, digest in quoted.items()
            if digest in was.accepted.get(subdirs[path], frozenset()) and subdirs[path] in becomes.written
        }


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
            *(_stray(path, texts[path]) for path in strays),
            *spoiled.values(),
        ),
    )


def _stray(path: str, text: str) -> Problem:
    return Problem(path=path, sentence=_OF_PIXI if _is_of_pixi(text) else _NOBODYS)


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

    Of a list in a folder of locks without any the files around that folder are beside it.
    """
    every = [each for each in manifests if each.format.is_source_of_conda_lock]
    folders = (posixpath.dirname(path), *around_locks(path))
    beside = ([each for each in every if posixpath.dirname(each.path) == folder] for folder in folders)
    sources = next(filter(None, beside), [])
    if len(sources) != 1 or _is_of_pixi(text):
        return None
    try:
        found = _list_file(path, text)
    except LockError:
        return None
    asked = {each.name for each in sources[0].dependencies if _is_asked(each, found.subdir)}
    return sources[0].path if asked and asked <= {each.name for each in found.records} else None


def _is_of_pixi(text: str) -> bool:
    return _EXPORTED.search(text.partition(MARK)[0]) is not None


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
    source = SourceFile(path=manifest.path, text=text_of(manifest.path, given.files[manifest.path]))
    return ListedWorkspace(workspace=workspace, lock=lock, lists=lists, source=source)


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
