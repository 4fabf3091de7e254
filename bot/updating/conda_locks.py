"""`conda-lock.yml` files of a repository: what they are made from, whether they are up to date, how they follow.

Rule 1: a manifest that is a source of a lock moves with the lock or not at all. What keeps a lock from being refreshed
keeps all its sources back, and is said.
Rule 2: only conda-lock says whether a lock is up to date. If it does not take the unchanged sources for those of the
lock, then somebody locked with options that are not in the repository, or did not lock again after a change. Where the
lock does not even hold what the sources ask for, it was the latter, and the lock can be brought in step.
Rule 3: what is rendered from a lock beside it (`conda-linux-64.lock`) moves in the same commit.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from bot import lockfiles, manifests
from bot.errors import BadInput, EgressRefused, LockError
from bot.lockfiles import NO_PACKAGES, Packages, Solutions, conda_lock
from bot.lockfiles.conda_lock.rendered import input_hash, render_again
from bot.lockfiles.explicit import rendered_subdir
from bot.manifests.credentials import without_credentials
from bot.model.content_hash import ContentHashes, HashRequest, HashResult, NotHashed, SourceFile
from bot.model.environment import Workspace
from bot.model.manifest import Manifest, Subdir
from bot.model.package import Lock
from bot.model.report import Problem
from bot.updating.ports import ContentHasher
from bot.workspaces import ResolveChannel, compose_layers, read_virtual_packages, requested, unmet

FORMAT = conda_lock.CondaLock()

_OWN_INDEXES: Final = re.compile(r"""^["']?(?P<key>pip-repositories|allow-pypi-requests)["']?\s*:""", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayeredLock:
    """A lock with everything that it needs: its text, its sources as they are, and what was rendered from it.

    `sources` are in the order of the lock. `virtual_packages` is a `virtual-packages.yml` beside it. `is_stale` says
    that its sources were changed since: nobody knows what they were.
    """

    lock: Lock
    text: str
    sources: tuple[SourceFile, ...]
    virtual_packages: SourceFile | None = None
    rendered: Mapping[str, str] = field(default_factory=dict)
    is_stale: bool = False

    def request(self, texts: Mapping[str, str] | None = None, specifiers: tuple[str, ...] = ()) -> HashRequest:
        """Return the question for the hashes of this lock, with *texts* in place of what the sources say now."""
        changed = texts or {}
        return HashRequest(
            sources=tuple(
                SourceFile(path=source.path, text=changed.get(source.path, source.text)) for source in self.sources
            ),
            platforms=self.lock.environments[0].platforms,
            virtual_packages=self.virtual_packages.text if self.virtual_packages else None,
            specifiers=specifiers,
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
    environments = {each.path: each for each in found if each.format.is_source_of_conda_lock}
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
            workspace = _workspace(layered, environments, resolve)
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
    return Problem(path=error.path or path, line=error.line, sentence=_held(error.sentence, sources))


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
    """Return *layers* without the locks that are out of date by conda-lock's own judgement, which becomes a problem.

    A lock that does not hold what its sources ask for stays: it can be brought in step.
    """
    workspaces = {each.path: each for each in layers.workspaces}
    judged = [await _judged(each, workspaces[each.lock.path], hasher) for each in layers.locks]
    return replace(
        layers,
        locks=tuple(each for each in judged if isinstance(each, LayeredLock)),
        problems=(*layers.problems, *(each for each in judged if isinstance(each, Problem))),
    )


async def _judged(layered: LayeredLock, workspace: Workspace, hasher: ContentHasher) -> LayeredLock | Problem:
    """Return *layered* by what conda-lock says of its sources, or why it cannot be refreshed."""
    result = await hasher.content_hashes(layered.request())
    if isinstance(result, NotHashed):
        return Problem(path=layered.lock.path, sentence=_held(result.reason, _paths(layered)))
    channels = layered.lock.environments[0].channels
    if result.channels != channels:
        locked, named = (without_credentials(", ".join(each)) or "none" for each in (channels, result.channels))
        sentence = f"it was locked with the channels {locked}, but its sources name {named}"
        return Problem(path=layered.lock.path, sentence=_held(sentence, _paths(layered)))
    stale = _stale_platforms(layered, result)
    if stale and not unmet(workspace):
        sentence = (
            f"it holds what its sources ask for, but conda-lock does not take them for those that it was made from on "
            f"{', '.join(stale)}: it was locked with options that are not in the repository, or its sources were "
            "changed since; lock it again without options"
        )
        return Problem(path=layered.lock.path, sentence=_held(sentence, _paths(layered)))
    return replace(layered, is_stale=bool(stale))


async def refreshed(
    layered: LayeredLock,
    workspace: Workspace,
    solutions: Solutions,
    texts: Mapping[str, str],
    hasher: ContentHasher,
    packages: Packages = NO_PACKAGES,
) -> Mapping[str, str]:
    """Return the new texts of *layered* and of what was rendered from it, by path.

    *texts* are the new texts of manifests. A platform whose sources did not change keeps its content hash, one that is
    not in *packages* its pip packages.

    Raises:
        LockError: conda-lock gives no hashes, a platform changes that was not solved, the lock is stale and a source is
            to change, pip packages come from indexes that were not asked, or the lock cannot be rewritten.
        RewriteRefused: the result would not be what was planned.

    """
    lock, asked = layered.lock, requested(workspace)
    if packages:
        _require_index_of_everybody(layered)
    if layered.is_stale and texts:
        raise LockError("its sources were changed since: it has to be brought in step with them first", path=lock.path)
    specifiers = conda_lock.specifiers_of(lock, layered.text, solutions, packages, asked)
    result = await hasher.content_hashes(layered.request(texts, specifiers))
    if isinstance(result, NotHashed):
        raise LockError(result.reason, path=lock.path)
    changed = _stale_platforms(layered, result)
    solved = {subdir for _, subdir in (*solutions, *packages)}
    if unsolved := [subdir for subdir in changed if subdir not in solved]:
        raise LockError(f"its sources would change on {', '.join(unsolved)}, where nothing was solved", path=lock.path)
    hashes = {subdir: result.written[subdir] for subdir in changed}
    inputs = conda_lock.Inputs(
        requested=asked,
        asked_before={} if layered.is_stale else asked,
        content_hash=hashes,
        constraints=result.constraints,
    )
    after = conda_lock.relock(lock, layered.text, solutions, packages, inputs)
    rendered = {
        each: render_again(each, text, lock_path=lock.path, before=layered.text, after=after)
        for each, text in layered.rendered.items()
    }
    return {lock.path: after, **rendered}


def _require_index_of_everybody(layered: LayeredLock) -> None:
    """Refuse packages of an index that conda-lock would not have asked: a name may be another project's there."""
    for source in layered.sources:
        if found := _OWN_INDEXES.search(source.text):
            message = f"{source.path} says by `{found['key']}` where its pip packages come from: it was not asked"
            raise LockError(message, path=layered.lock.path)


def _layered(lock: Lock, text: str, files: Mapping[str, bytes], environments: Mapping[str, Manifest]) -> LayeredLock:
    if sentence := conda_lock.obstacle(lock):
        raise LockError(sentence, path=lock.path, key="channels")
    sources = source_paths(lock)
    if foreign := [_foreign(source, files) for source in sources if source not in environments]:
        raise LockError(f"it is made from {' and '.join(foreign)}", path=lock.path, key="sources")
    if not sources:
        raise LockError("it does not say which files it is made from", path=lock.path, key="sources")
    return LayeredLock(
        lock=lock,
        text=text,
        sources=tuple(SourceFile(path=each, text=manifests.decode(each, files[each])) for each in sources),
        virtual_packages=_virtual_packages(lock, files),
        rendered=_rendered(lock, files),
    )


def _foreign(source: str, files: Mapping[str, bytes]) -> str:
    """Name *source*, which is no environment file, and say why condabot cannot go by it."""
    name = posixpath.basename(source)
    if source.startswith(("/", "../")):
        return f"{source}, a path outside of the repository"
    if name in ("meta.yaml", "meta.yml"):
        return f"{source}, a template that condabot does not render"
    if name == "pyproject.toml":
        return f"{source}, whose requirements conda-lock turns into conda packages by a table that condabot has not"
    return f"{source}, which condabot does not read" if source in files else f"{source}, which is not there"


def _rendered(lock: Lock, files: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return the texts rendered from *lock*: those beside it, but for one that quotes the hash of another lock."""
    folder = posixpath.dirname(lock.path)
    beside = [path for path in sorted(files) if posixpath.dirname(path) == folder]
    others = [files[path] for path in beside if FORMAT.matches(path) and path != lock.path]
    texts = {path: lockfiles.text_of(path, files[path]) for path in beside if rendered_subdir(path)}
    return {path: text for path, text in texts.items() if not _is_of_another(text, files[lock.path], others)}


def _is_of_another(rendered: str, lock: bytes, others: Iterable[bytes]) -> bool:
    digest = (input_hash(rendered) or "").encode()
    return digest not in lock and any(digest in other for other in others)


def _virtual_packages(lock: Lock, files: Mapping[str, bytes]) -> SourceFile | None:
    folder = posixpath.dirname(lock.path)
    path = next((each for name in conda_lock.VIRTUAL_PACKAGES if (each := posixpath.join(folder, name)) in files), None)
    return SourceFile(path=path, text=lockfiles.text_of(path, files[path])) if path else None


def _workspace(layered: LayeredLock, environments: Mapping[str, Manifest], resolve: ResolveChannel) -> Workspace:
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
