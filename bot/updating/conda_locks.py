"""`conda-lock.yml` files of a repository: what they are made from, whether they are up to date, how they follow.

Rule 1: a manifest that is a source of a lock moves with the lock or not at all. What keeps a lock from being refreshed
keeps all its sources back, and is said.
Rule 2: only conda-lock says whether a lock is up to date. If it does not take the unchanged sources for those of the
lock, then somebody locked with options that are not in the repository, or did not lock again after a change.
Rule 3: what is rendered from a lock beside it (`conda-linux-64.lock`) moves in the same commit.
"""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot import lockfiles, manifests
from bot.errors import BadInput, EgressRefused, LockError
from bot.lockfiles import Solutions, conda_lock
from bot.lockfiles.conda_lock.rendered import render_again
from bot.lockfiles.explicit import rendered_subdir
from bot.model.content_hash import ContentHashes, HashRequest, HashResult, NotHashed, SourceFile
from bot.model.environment import Workspace
from bot.model.manifest import Manifest, ManifestFormat, Subdir
from bot.model.package import Lock
from bot.model.report import Problem
from bot.updating.ports import ContentHasher
from bot.updating.relevance import VIRTUAL_PACKAGES
from bot.workspaces import ResolveChannel, compose_layers, read_virtual_packages, requested

FORMAT = conda_lock.CondaLock()


@dataclass(frozen=True, slots=True, kw_only=True)
class LayeredLock:
    """A lock with everything that it needs: its text, its sources as they are, and what was rendered from it.

    `sources` are in the order of the lock. `virtual_packages` is a `virtual-packages.yml` beside it.
    """

    lock: Lock
    text: str
    sources: tuple[SourceFile, ...]
    virtual_packages: SourceFile | None = None
    rendered: Mapping[str, str] = field(default_factory=dict)

    def request(self, texts: Mapping[str, str] | None = None) -> HashRequest:
        """Return the question for the hashes of this lock, with *texts* in place of what the sources say now."""
        changed = texts or {}
        return HashRequest(
            sources=tuple(
                SourceFile(path=source.path, text=changed.get(source.path, source.text)) for source in self.sources
            ),
            platforms=self.lock.environments[0].platforms,
            virtual_packages=self.virtual_packages.text if self.virtual_packages else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """The locks that can be refreshed, each with the workspace that it makes, and why others cannot.

    `sources` maps the path of every lock, refreshable or not, to the manifests that it is made from.
    """

    workspaces: tuple[Workspace, ...] = ()
    locks: tuple[LayeredLock, ...] = ()
    problems: tuple[Problem, ...] = ()
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def claimed(self) -> frozenset[str]:
        """The manifests that are the source of some lock."""
        return frozenset().union(*self.sources.values())


class NoCondaLock:
    """Stands in for conda-lock where there is none."""

    async def content_hashes(self, request: HashRequest) -> HashResult:
        """Say so."""
        del request
        return NotHashed(reason="there is no conda-lock to ask for its content hash")


def read_layers(files: Mapping[str, bytes], found: Iterable[Manifest], resolve: ResolveChannel) -> Layers:
    """Return what the conda-lock files among *files* make of the manifests *found*. A bad lock spoils its own."""
    environments = {each.path: each for each in found if each.format is ManifestFormat.ENVIRONMENT_YML}
    layers = Layers()
    for path in sorted(filter(FORMAT.matches, files)):
        try:
            text = lockfiles.text_of(path, files[path])
            lock = FORMAT.parse(path, text)
        except LockError as error:
            layers = _with(layers, path, _named_in(path, files[path], environments), error)
            continue
        sources = frozenset(source_paths(lock)) & environments.keys()
        try:
            layered = _layered(lock, text, files, environments)
            workspace = _workspace(layered, environments, resolve, layers.workspaces)
        except (BadInput, EgressRefused) as error:
            layers = _with(layers, path, sources, error)
            continue
        layers = replace(
            layers,
            workspaces=(*layers.workspaces, workspace),
            locks=(*layers.locks, layered),
            sources={**layers.sources, path: sources},
        )
    return layers


def _with(layers: Layers, path: str, sources: frozenset[str], error: BadInput | EgressRefused) -> Layers:
    problem = _problem(path, error, sources)
    return replace(layers, problems=(*layers.problems, problem), sources={**layers.sources, path: sources})


def _problem(path: str, error: BadInput | EgressRefused, sources: Iterable[str]) -> Problem:
    if isinstance(error, EgressRefused):
        return Problem(path=path, sentence=_held(str(error), sources))
    sentence = f"{error.key}: {error.message}" if error.key else error.message
    return Problem(path=error.path or path, line=error.line, sentence=_held(sentence, sources))


def _held(sentence: str, sources: Iterable[str]) -> str:
    """Say what follows: sources are not updated without their lock."""
    held = ", ".join(sorted(sources))
    return f"{sentence}; until then {held} stays as it is" if held else sentence


def _named_in(path: str, content: bytes, environments: Mapping[str, Manifest]) -> frozenset[str]:
    """Return the manifests that a lock which cannot be read may be made from: those of its folder, or named in it."""
    folder = posixpath.dirname(path)
    return frozenset(
        each
        for each in environments
        if posixpath.dirname(each) == folder or posixpath.relpath(each, folder or ".").encode() in content
    )


def source_paths(lock: Lock) -> tuple[str, ...]:
    """Return the sources of *lock* as paths of the repository; one outside of it begins with `..`."""
    folder = posixpath.dirname(lock.path)
    return tuple(posixpath.normpath(posixpath.join(folder, source)) for source in lock.sources)


async def verified(layers: Layers, hasher: ContentHasher) -> Layers:
    """Return *layers* without the locks that are out of date by conda-lock's own judgement, which becomes a problem."""
    judged = [(each, await _out_of_date(each, hasher)) for each in layers.locks]
    return replace(
        layers,
        locks=tuple(each for each, problem in judged if problem is None),
        problems=(*layers.problems, *(problem for _, problem in judged if problem)),
    )


async def _out_of_date(layered: LayeredLock, hasher: ContentHasher) -> Problem | None:
    """Return why conda-lock does not take the sources of *layered* for those that it was made from; None if it does."""
    result = await hasher.content_hashes(layered.request())
    if isinstance(result, NotHashed):
        return Problem(path=layered.lock.path, sentence=_held(result.reason, _paths(layered)))
    channels = layered.lock.environments[0].channels
    if result.channels != channels:
        named = ", ".join(result.channels) or "none"
        sentence = f"it was locked with the channels {', '.join(channels)}, but its sources name {named}"
        return Problem(path=layered.lock.path, sentence=_held(sentence, _paths(layered)))
    if stale := _stale_platforms(layered, result):
        sentence = (
            f"conda-lock does not take its sources for those that it was made from on {', '.join(stale)}: they were "
            "changed since, or it was locked with options that are not in the repository; lock it again"
        )
        return Problem(path=layered.lock.path, sentence=_held(sentence, _paths(layered)))
    return None


async def refreshed(
    layered: LayeredLock,
    workspace: Workspace,
    solutions: Solutions,
    texts: Mapping[str, str],
    hasher: ContentHasher,
) -> Mapping[str, str]:
    """Return the new texts of *layered* and of what was rendered from it, by path.

    *texts* are the new texts of manifests. A platform whose sources did not change keeps its content hash.

    Raises:
        LockError: conda-lock gives no hashes, a platform changes that was not solved, or the lock cannot be rewritten.
        RewriteRefused: the result would not be what was planned.

    """
    result = await hasher.content_hashes(layered.request(texts))
    path = layered.lock.path
    if isinstance(result, NotHashed):
        raise LockError(result.reason, path=path)
    changed = _stale_platforms(layered, result)
    if unsolved := [subdir for subdir in changed if (conda_lock.ENVIRONMENT, subdir) not in solutions]:
        raise LockError(f"its sources would change on {', '.join(unsolved)}, where nothing was solved", path=path)
    after = conda_lock.relock(
        layered.lock,
        layered.text,
        solutions,
        requested=requested(workspace),
        content_hash={subdir: result.written[subdir] for subdir in changed},
    )
    rendered = {
        each: render_again(each, text, lock_path=path, before=layered.text, after=after)
        for each, text in layered.rendered.items()
    }
    return {path: after, **rendered}


def _layered(lock: Lock, text: str, files: Mapping[str, bytes], environments: Mapping[str, Manifest]) -> LayeredLock:
    if sentence := conda_lock.obstacle(lock):
        raise LockError(sentence, path=lock.path)
    sources = source_paths(lock)
    if foreign := [source for source in sources if source not in environments]:
        raise LockError(f"it is made from {', '.join(foreign)}, which condabot does not read", path=lock.path)
    if not sources:
        raise LockError("it does not say which files it is made from", path=lock.path, key="sources")
    folder = posixpath.dirname(lock.path)
    return LayeredLock(
        lock=lock,
        text=text,
        sources=tuple(SourceFile(path=each, text=manifests.decode(each, files[each])) for each in sources),
        virtual_packages=_virtual_packages(lock, files),
        rendered={
            each: lockfiles.text_of(each, files[each])
            for each in sorted(files)
            if posixpath.dirname(each) == folder and rendered_subdir(each)
        },
    )


def _virtual_packages(lock: Lock, files: Mapping[str, bytes]) -> SourceFile | None:
    folder = posixpath.dirname(lock.path)
    path = next((each for name in VIRTUAL_PACKAGES if (each := posixpath.join(folder, name)) in files), None)
    return SourceFile(path=path, text=lockfiles.text_of(path, files[path])) if path else None


def _workspace(
    layered: LayeredLock, environments: Mapping[str, Manifest], resolve: ResolveChannel, others: Iterable[Workspace]
) -> Workspace:
    first = layered.sources[0].path
    if other := next((each.lock for each in others if each.path == first), None):
        raise LockError(f"it has its first source, {first}, in common with {other.path}", path=layered.lock.path)
    provided = layered.virtual_packages
    return compose_layers(
        [environments[source.path] for source in layered.sources],
        layered.lock,
        resolve,
        read_virtual_packages(provided.path, provided.text) if provided else {},
    )


def _stale_platforms(layered: LayeredLock, result: ContentHashes) -> tuple[Subdir, ...]:
    """Return the platforms whose content hash conda-lock would not take for up to date."""
    written = conda_lock.content_hashes(layered.lock, layered.text)
    return tuple(
        subdir
        for subdir in layered.lock.environments[0].platforms
        if written.get(subdir) not in result.accepted.get(subdir, frozenset())
    )


def _paths(layered: LayeredLock) -> frozenset[str]:
    return frozenset(source.path for source in layered.sources)
