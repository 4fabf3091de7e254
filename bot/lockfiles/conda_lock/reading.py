"""The `conda-lock.yml` files of a repository: what each is made from, and what goes with it.

Rule: a manifest that is a source of a lock moves with the lock or not at all. What keeps a lock from being refreshed
keeps all its sources back, and is said.
"""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot import manifests
from bot.errors import LockError
from bot.lockfiles.base import Given, Locks, or_problem
from bot.lockfiles.conda_lock.document import read_document
from bot.lockfiles.conda_lock.kind import VIRTUAL_PACKAGES, is_conda_lock, is_conda_lock_text
from bot.lockfiles.conda_lock.layers import compose_layers, read_virtual_packages
from bot.lockfiles.conda_lock.rewriting import lock_of, obstacle
from bot.lockfiles.conda_lock.workspace import LayeredWorkspace, held
from bot.lockfiles.explicit import input_hash, rendered_subdir
from bot.lockfiles.guards import text_of
from bot.model.content_hash import SourceFile
from bot.model.manifest import Manifest, Subdir, VirtualPackage
from bot.model.package import Lock
from bot.model.report import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A lock with its workspace, or why there is none, and the manifests that it is or may be made from."""

    made: LayeredWorkspace | Problem
    sources: frozenset[str]


def read_layers(given: Given) -> Locks:
    """Return what the conda-lock files of a repository make of its environment files. A bad lock spoils its own."""
    environments = {each.path: each for each in given.manifests if each.format.is_source_of_conda_lock}
    locks = sorted(path for path, content in given.files.items() if _is_lock(path, content))
    read = {path: _read(path, environments, given) for path in locks}
    folders = {posixpath.dirname(path) for path in read}
    return Locks(
        made={path: each.made for path, each in read.items()},
        held=frozenset().union(*(each.sources for each in read.values())),
        sources={path: each.sources for path, each in read.items()},
        parts=frozenset(path for path in given.files if rendered_subdir(path) and posixpath.dirname(path) in folders),
    )


def _is_lock(path: str, content: bytes) -> bool:
    return is_conda_lock(path) or is_conda_lock_text(path, content)


def _read(path: str, environments: Mapping[str, Manifest], given: Given) -> _Read:
    parsed = or_problem(path, lambda: _parsed(path, given.files[path]))
    if isinstance(parsed, Problem):
        return _spoiled(parsed, _named_in(path, given.files[path], environments))
    lock, text = parsed
    sources = frozenset(source_paths(lock)) & environments.keys()
    made = or_problem(path, lambda: _layered(lock, text, environments, given))
    return _spoiled(made, sources) if isinstance(made, Problem) else _Read(made=made, sources=sources)


def _parsed(path: str, content: bytes) -> tuple[Lock, str]:
    text = text_of(path, content)
    return lock_of(read_document(path, text)), text


def _spoiled(problem: Problem, sources: frozenset[str]) -> _Read:
    return _Read(made=replace(problem, sentence=held(problem.sentence, sources)), sources=sources)


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


def _layered(lock: Lock, text: str, environments: Mapping[str, Manifest], given: Given) -> LayeredWorkspace:
    if sentence := obstacle(lock):
        raise LockError(sentence, path=lock.path, key="channels")
    paths = _known_sources(lock, environments, given.files)
    provided = _virtual_packages(lock.path, given.files)
    rendered = _rendered(lock, given.files)
    workspace = compose_layers(
        [environments[path] for path in paths],
        lock,
        given.resolve,
        read_virtual_packages(provided.path, provided.text) if provided else {},
    )
    return LayeredWorkspace(
        workspace=workspace,
        lock=lock,
        text=text,
        sources=tuple(SourceFile(path=path, text=manifests.decode(path, given.files[path])) for path in paths),
        virtual_packages=provided,
        rendered=rendered,
    )


def _known_sources(lock: Lock, environments: Mapping[str, Manifest], files: Mapping[str, bytes]) -> tuple[str, ...]:
    sources = source_paths(lock)
    if foreign := [_foreign(source, files) for source in sources if source not in environments]:
        raise LockError(f"it is made from {', and from '.join(foreign)}", path=lock.path, key="sources")
    if not sources:
        raise LockError("it does not say which files it is made from", path=lock.path, key="sources")
    return sources


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
    others = [files[path] for path in beside if _is_lock(path, files[path]) and path != lock.path]
    texts = {path: text_of(path, files[path]) for path in beside if rendered_subdir(path)}
    return {path: text for path, text in texts.items() if not _is_of_another(text, files[lock.path], others)}


def _is_of_another(rendered: str, lock: bytes, others: Iterable[bytes]) -> bool:
    digest = (input_hash(rendered) or "").encode()
    return digest not in lock and any(digest in other for other in others)


def virtual_packages_beside(path: str, files: Mapping[str, bytes]) -> Mapping[Subdir, tuple[VirtualPackage, ...]]:
    """Return what a `virtual-packages.yml` in the folder of *path* says that platforms have; nothing without one.

    Raises:
        LockError: it is not laid out as conda-lock's documentation says.

    """
    found = _virtual_packages(path, files)
    return read_virtual_packages(found.path, found.text) if found else {}


def _virtual_packages(beside: str, files: Mapping[str, bytes]) -> SourceFile | None:
    folder = posixpath.dirname(beside)
    path = next((each for name in VIRTUAL_PACKAGES if (each := posixpath.join(folder, name)) in files), None)
    return SourceFile(path=path, text=text_of(path, files[path])) if path else None
