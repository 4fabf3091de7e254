"""What a repository wants handed over, where the operator has the targets that it names.

Rule 1: a repository names a target by the operator's word for it, and never a URL.
Rule 2: what cannot be handed over is said, and the rest is.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from bot.config.tables import Export, ExportFormat, HandOverSettings
from bot.errors import LockError
from bot.lockfiles.exports import DEFAULT, exported, require_conda_lock
from bot.model.bundle import Bundle, TargetKind
from bot.model.environment import Workspace
from bot.model.package import Lock, LockedEnvironment, Record

VERSION: Final = 1
"""Raised when the same is to be handed over anew, for its files are written otherwise."""

CONDA_LOCK: Final = "conda-lock.yml"
PIXI_LOCK: Final = "pixi.lock"
PIXI_TOML: Final = "pixi.toml"
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9._]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBundle:
    """A bundle with what its files are made from: an environment of `lock`, or what is `whole`."""

    bundle: Bundle
    lock: Lock
    environment: LockedEnvironment | None = None
    whole: Mapping[str, bytes] = field(default_factory=dict)

    def file(self, name: str) -> bytes:
        """Return what is in its file *name*."""
        if self.environment is None:
            return self.whole[name]
        export = Export(format=ExportFormat.CONDA_LOCK, lock=self.lock.path, environments=(self.environment.name,))
        (text,) = exported(self.lock, export).values()
        return text.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundles:
    """The bundles by their keys, and a sentence for each that there is none of."""

    held: Mapping[str, HeldBundle] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()


def bundles(
    files: Mapping[str, bytes],
    workspaces: Iterable[Workspace],
    asked: Sequence[HandOverSettings],
    targets: Mapping[str, TargetKind],
) -> Bundles:
    """Return what is *asked* for of the locks of *workspaces*, whose texts are among *files*; *targets* are there."""
    locks = {each.lock.path: each.lock for each in workspaces if each.lock and each.lock.path in files}
    held: dict[str, HeldBundle] = {}
    sentences: list[str] = []
    for each in asked:
        try:
            for found in _bundles(files, locks, each, targets):
                _require_own_name(found, held.setdefault(found.bundle.key, found))
        except LockError as error:
            sentences.append(f"not handed over to {each.target}: {each.lock}: {error.message}")
    return Bundles(held=held, sentences=tuple(sentences))


def _bundles(
    files: Mapping[str, bytes], locks: Mapping[str, Lock], asked: HandOverSettings, targets: Mapping[str, TargetKind]
) -> Iterator[HeldBundle]:
    if asked.target not in targets:
        known = f"it has {', '.join(sorted(targets))}" if targets else "it has none"
        raise LockError(f"the operator of this bot has no target of that name here; {known}")
    lock = locks.get(asked.lock)
    if lock is None:
        raise LockError("there is no such lock that could be read")
    if targets[asked.target].takes_all:
        yield _whole(files, lock, asked)
        return
    for environment in _environments(lock, asked):
        require_conda_lock(lock, environment)
        bundle = Bundle(
            target=asked.target,
            name=_name(lock.path, environment.name),
            digest=_digest(lock, environment),
            files=(CONDA_LOCK,),
            without=_left_out(environment),
        )
        yield HeldBundle(bundle=bundle, lock=lock, environment=environment)


def _whole(files: Mapping[str, bytes], lock: Lock, asked: HandOverSettings) -> HeldBundle:
    """Return all of *lock*, with the manifest of pixi beside it."""
    folder = posixpath.dirname(lock.path)
    texts = {name: files.get(posixpath.join(folder, name)) for name in (PIXI_TOML, PIXI_LOCK)}
    if asked.environments:
        raise LockError("a target of this kind takes all of a lock: leave `environments` out")
    if posixpath.basename(lock.path) != PIXI_LOCK or None in texts.values():
        raise LockError(f"a target of this kind takes a {PIXI_LOCK} with a {PIXI_TOML} beside it")
    whole = {name: text for name, text in texts.items() if text is not None}
    digest = hashlib.sha256(msgspec.json.encode((VERSION, whole))).hexdigest()
    bundle = Bundle(target=asked.target, name=_name(lock.path, DEFAULT), digest=digest, files=tuple(whole))
    return HeldBundle(bundle=bundle, lock=lock, whole=whole)


def _require_own_name(found: HeldBundle, first: HeldBundle) -> None:
    if found != first:
        raise LockError(f"{found.bundle.key} would be the name of two")


def _environments(lock: Lock, asked: HandOverSettings) -> Iterator[LockedEnvironment]:
    for name in asked.environments or tuple(each.name for each in lock.environments):
        environment = lock.environment(name)
        if environment is None:
            raise LockError(f"it has no environment {name!r}")
        yield environment


def _name(path: str, environment: str) -> str:
    """Return what an environment of the lock at *path* is called in its repository: letters, digits, `.`, `_`, `-`."""
    words = (posixpath.dirname(path), "" if environment == DEFAULT else environment)
    return "-".join(filter(None, (_FOREIGN.sub("-", word).strip("-") for word in words)))


def _digest(lock: Lock, environment: LockedEnvironment) -> str:
    """Return what tells whether *environment* is another one than before, whatever else the lock holds."""
    packages = [
        (lock.subdir(platform), each.url, each.sha256, each.md5 if isinstance(each, Record) else None)
        for held in (environment.conda, environment.pypi)
        for platform in sorted(held)
        for each in held[platform]
    ]
    said = msgspec.json.encode((VERSION, environment.channels, sorted(packages, key=repr)))
    return hashlib.sha256(said).hexdigest()


def _left_out(environment: LockedEnvironment) -> tuple[str, ...]:
    """Return what a `conda-lock.yml` has no place for: packages built from source, and those without a URL."""
    sources = (each.name for records in environment.sources.values() for each in records)
    pypi = (each.name for packages in environment.pypi.values() for each in packages if "://" not in each.url)
    return tuple(sorted({*sources, *pypi}))
