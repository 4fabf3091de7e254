"""Locks as GitHub's dependency graph takes them: a snapshot for each lock, environment and platform.

https://docs.github.com/en/rest/dependency-graph/dependency-submission
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import msgspec

from bot.lockfiles.inventory import inventory_of
from bot.model.environment import Workspace
from bot.model.manifest import Datasource, PackageName, PlatformName
from bot.model.package import Lock, LockedEnvironment, Record
from bot.planning.provided import with_purls
from bot.rendering.snapshot import VERSION, snapshot_document
from bot.updating.ports import PurlIndex
from bot.versioning.purls import is_guessed


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPlace:
    """An environment of a lock on a platform. `direct` are the names that manifests ask for there.

    `digest` tells whether the lock is another one than before.
    """

    lock: Lock
    environment: LockedEnvironment
    platform: PlatformName
    direct: AbstractSet[PackageName]
    digest: str


def lock_places(files: Mapping[str, bytes], workspaces: Iterable[Workspace]) -> Mapping[str, LockPlace]:
    """Return every place of the locks of *workspaces*, whose texts are among *files*, by a key of its own."""
    found = {key: place for workspace in workspaces for key, place in _places(files, workspace)}
    return {key: found[key] for key in sorted(found)}


async def snapshot_of(place: LockPlace, purls: PurlIndex) -> bytes:
    """Return what *place* consists of, as JSON; its packages by their names on PyPI where these are known."""
    records = (*place.environment.conda.get(place.platform, ()), *place.environment.sources.get(place.platform, ()))
    named = with_purls(records, await _names(records, purls))
    conda = {place.platform: tuple(each for each in named if not each.is_source)}
    sources = {place.platform: tuple(each for each in named if each.is_source)}
    environment = replace(place.environment, conda=conda, sources=sources)
    inventory = inventory_of(place.lock, environment, place.platform)
    return msgspec.json.encode(snapshot_document(inventory, place.direct))


async def _names(records: Iterable[Record], purls: PurlIndex) -> Mapping[str, tuple[str, ...]]:
    """Return the names on PyPI of those of *records* that do not say so; that one may be called so is a guess."""
    unnamed = (replace(each, sha256=None) for each in records if each.purls is None and not each.is_source)
    found = await purls.purls(unnamed, {})
    return {url: names for url, names in found.purls.items() if not any(map(is_guessed, names))}


def _places(files: Mapping[str, bytes], workspace: Workspace) -> Iterator[tuple[str, LockPlace]]:
    lock = workspace.lock
    if lock is None or lock.path not in files:
        return
    digest = hashlib.sha256(VERSION.to_bytes() + files[lock.path]).hexdigest()
    for environment in lock.environments:
        for platform in sorted({*environment.conda, *environment.sources, *environment.pypi}):
            direct = frozenset(_direct(workspace, environment.name, platform))
            place = LockPlace(lock=lock, environment=environment, platform=platform, direct=direct, digest=digest)
            yield f"{lock.path} {environment.name} {platform}", place


def _direct(workspace: Workspace, name: str, platform: PlatformName) -> Iterator[PackageName]:
    for environment in workspace.environments:
        if environment.name == name:
            for datasource in Datasource:
                yield from (each.dependency.name for each in environment.requires(platform, datasource))
