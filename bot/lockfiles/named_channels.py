"""Channels that a lock does not list, and that its records may lie in all the same: lines of its manifests name them.

conda-lock lists the channels of an environment file, but not one that a line alone names (`numba::llvmlite`); it asks
that one too, and locks what it finds there.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from bot import manifests
from bot.lockfiles.base import or_problem
from bot.lockfiles.conda_lock.reading import source_paths
from bot.lockfiles.pixi_lock import PixiLock
from bot.model.manifest import Manifest
from bot.model.package import Lock
from bot.workspaces.channels import named_by_lines

PIXI: Final = PixiLock()

ReadFile: TypeAlias = Callable[[str], bytes | None]
"""A path of the repository -> what is there, None if there is nothing that can be read."""


def with_channels_of_lines(lock: Lock, read: ReadFile) -> Lock:
    """Return *lock* with the channels that lines of its manifests name behind those that it lists itself.

    A manifest that cannot be read names none.
    """
    named = tuple(dict.fromkeys(_named(lock, read)))
    environments = (replace(each, channels=_joined(each.channels, named)) for each in lock.environments)
    return replace(lock, environments=tuple(environments)) if named else lock


def _joined(listed: tuple[str, ...], named: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*listed, *named)))


def _named(lock: Lock, read: ReadFile) -> Iterator[str]:
    for path in (*source_paths(lock), *PIXI.manifests_beside(lock.path)):
        manifest = _manifest(path, read)
        yield from (each.name for each in named_by_lines(manifest.dependencies)) if manifest else ()


def _manifest(path: str, read: ReadFile) -> Manifest | None:
    content = read(path)
    found = None if content is None else or_problem(path, lambda: manifests.extract(path, content))
    return found if isinstance(found, Manifest) else None
