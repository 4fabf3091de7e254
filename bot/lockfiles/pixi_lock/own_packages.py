"""A package of the repository itself, which a lock holds as a folder: what it needs is what its `pyproject.toml` says.

pixi compares the `requires_dist` of such an entry with `[project]`, so a line that moves there moves here too. Versions
alone are carried over: what was added to `[project]`, or is told by a build, only pixi can lock.
Source: https://packaging.python.org/en/latest/specifications/pyproject-toml/#dependencies-optional-dependencies
"""

import posixpath
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeAlias

from packaging.requirements import InvalidRequirement, Requirement

from bot.errors import SpecError
from bot.lockfiles.pixi_lock.document import Item, PackageKind, read_document
from bot.lockfiles.pixi_lock.requirements import normal_requirement
from bot.lockfiles.pixi_lock.scalars import yaml_text
from bot.lockfiles.pixi_lock.splice import LAYOUT
from bot.model.package import Lock, LockedEnvironment, PypiPackage
from bot.versioning.wheels import source_folder
from bot.yaml.lists import ListChange, splice_lists
from bot.yaml.nodes import as_sequence

_MANIFEST: Final = "pyproject.toml"
_FIELD: Final = "requires_dist"


Needs: TypeAlias = Mapping[str, frozenset[str]]
"""What `[project]` asks for, by the folder of its `pyproject.toml`."""


def holds_package_of(lock: Lock, manifest: str) -> bool:
    """Tell whether *lock* holds, as a folder, the package that *manifest* is a `pyproject.toml` of."""
    if posixpath.basename(manifest) != _MANIFEST:
        return False
    base, folder = posixpath.dirname(lock.path), posixpath.normpath(posixpath.dirname(manifest))
    packages = (each for environment in lock.environments for of in environment.pypi.values() for each in of)
    return any(source_folder(each.url, base) == folder for each in packages)


def own_needs(lock: Lock, manifests: Mapping[str, str]) -> Needs:
    """Return what those of *manifests*, texts by path, ask for whose packages *lock* holds."""
    return {
        posixpath.normpath(posixpath.dirname(path)): frozenset(_needs(text))
        for path, text in manifests.items()
        if holds_package_of(lock, path)
    }


def lock_with(needs: Needs, lock: Lock) -> Lock:
    """Return *lock* with what the packages of the repository need by *needs*."""
    base = posixpath.dirname(lock.path)

    def told(package: PypiPackage) -> PypiPackage:
        return replace(package, requires_dist=_restated(package.requires_dist, _of(package.url, base, needs)))

    def environment(each: LockedEnvironment) -> LockedEnvironment:
        return replace(each, pypi={platform: tuple(map(told, of)) for platform, of in each.pypi.items()})

    return replace(lock, environments=tuple(map(environment, lock.environments)))


def text_with(needs: Needs, path: str, text: str) -> str:
    """Return *text*, of the lock at *path*, with what the packages of the repository need by *needs*.

    Raises:
        LockError: *text* is no `pixi.lock`, or an entry that must change is not laid out line by line.

    """
    base = posixpath.dirname(path)
    items = (each for each in read_document(path, text).packages.items if each.kind is PackageKind.PYPI)
    changes = (_change(each, _of(each.location, base, needs)) for each in items)
    return splice_lists(text, [each for each in changes if each], LAYOUT)


def _of(location: str, base: str, needs: Needs) -> frozenset[str]:
    return needs.get(source_folder(location, base) or "", frozenset())


def _change(item: Item, needs: frozenset[str]) -> ListChange | None:
    """Return how the entry *item* follows *needs*; None where nothing is there to follow."""
    stated = item.node.texts(_FIELD) if needs else ()
    pairs = enumerate(zip(stated, _restated(stated, needs), strict=True))
    replaced = {index: yaml_text([new]) for index, (old, new) in pairs if new != old}
    if not replaced:
        return None
    return ListChange(
        key=item.node.keys[_FIELD], node=as_sequence(item.node.entries[_FIELD], _FIELD), replaced=replaced
    )


def _restated(stated: Sequence[str], needs: frozenset[str]) -> tuple[str, ...]:
    """Return *stated* with those in the version of *needs* that these no longer ask for as they stand."""
    moved = {_what(each): each for each in needs.difference(stated)}
    return tuple(moved.get(_what(each), each) if moved and each not in needs else each for each in stated)


def _what(requirement: str) -> str:
    """Return *requirement* without its version: what it is of, with which extras, and where."""
    head, separator, marker = requirement.partition(" ; ")
    try:
        read = Requirement(head)
    except InvalidRequirement:
        return requirement
    return f"{read.name}{sorted(read.extras)}{read.url or ''}{separator}{marker}"


def _needs(manifest: str) -> Iterator[str]:
    """Yield what `[project]` of *manifest* asks for, as a lock says it; what is no requirement is left out."""
    try:
        project = tomllib.loads(manifest).get("project")
    except tomllib.TOMLDecodeError:
        return
    if isinstance(project, dict):
        yield from _normal(_texts(project.get("dependencies")))
        extras = project.get("optional-dependencies")
        for extra, texts in extras.items() if isinstance(extras, dict) else ():
            yield from _normal(_for_extra(text, extra) for text in _texts(texts))


def _texts(value: object) -> Sequence[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else ()


def _for_extra(text: str, extra: str) -> str:
    what, separator, marker = text.partition(";")
    condition = f"({marker.strip()}) and " if " or " in marker else f"{marker.strip()} and " if separator else ""
    return f"{what} ; {condition}extra == '{extra}'"


def _normal(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        with suppress(SpecError):
            yield normal_requirement(text)
