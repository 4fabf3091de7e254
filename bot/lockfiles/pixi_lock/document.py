"""A `pixi.lock` of version 6 or 7 as nodes: which lists of selectors it has, which package entries, and where.

Version 6 names platforms by their subdir. Version 7 lists them under `platforms`, where a platform may have a name of
its own.
Source: `rattler_lock`, the library that pixi reads and writes its lock with (`src/parse` in conda/rattler).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias

from bot.errors import LockError
from bot.lockfiles.yaml_rules import read_yaml
from bot.model.manifest import PlatformName, Subdir
from bot.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode, as_mapping, as_sequence

SUPPORTED_VERSIONS: Final = (6, 7)
ARCHIVE_SUFFIXES: Final = (".conda", ".tar.bz2")


def file_name(location: str) -> str:
    """Return the last part of the path of *location*, which may be a URL with a query and a fragment."""
    return location.partition("#")[0].partition("?")[0].rpartition("/")[2]


def is_wheel(location: str) -> bool:
    """Tell whether *location* is the URL of a wheel that an index offers.

    Not so are source trees, source archives, git URLs, wheels named by URL (`direct+https://…`) and local ones.
    """
    return location.startswith(("https://", "http://")) and file_name(location).endswith(".whl")


class PackageKind(StrEnum):
    """The kinds of package in a lock, by the key that names them."""

    CONDA = "conda"
    CONDA_SOURCE = "conda_source"
    PYPI = "pypi"


Reference: TypeAlias = tuple[PackageKind, str]
"""What a selector and the entry that it means have in common: kind and location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A selector or a package entry: a mapping that is identified by its kind and location."""

    kind: PackageKind
    location: str
    node: MappingNode

    @property
    def reference(self) -> Reference:
        """What other items are told from this one by."""
        return self.kind, self.location

    @property
    def is_archive(self) -> bool:
        """Whether this is a built conda package, and not one that is built from source."""
        return self.kind is PackageKind.CONDA and self.location.endswith(ARCHIVE_SUFFIXES)

    @property
    def name(self) -> str:
        """The package's name: as written, else from the file name."""
        return self.node.optional_text("name") or self.location.rpartition("/")[2].rsplit("-", 2)[0]

    @property
    def version(self) -> str:
        """The version of a PyPI package: as written, else empty."""
        return self.node.optional_text("version") or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemList:
    """A list of selectors or entries, and the node of the key that it stands under."""

    key: ScalarNode
    node: SequenceNode
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentNode:
    """An environment of the lock: its own node, and its selectors by platform, as the lock calls it."""

    name: str
    node: MappingNode
    selectors: Mapping[PlatformName, ItemList]


@dataclass(frozen=True, slots=True, kw_only=True)
class PixiDocument:
    """A whole lock as nodes; `platforms`, `virtual_packages` and `subdirs` are those that version 7 lists, by name.

    `environments_key` is the key that they stand under; that of the platforms stands before it.
    """

    path: str
    version: int
    environments_key: ScalarNode
    platforms: Mapping[PlatformName, MappingNode]
    environments: tuple[EnvironmentNode, ...]
    packages: ItemList
    virtual_packages: Mapping[PlatformName, tuple[str, ...]]
    subdirs: Mapping[PlatformName, Subdir]


MOST_KEPT: Final = 4_000_000
"""Characters: the nodes of a longer text are more than should lie about."""


def read_document(path: str, text: str) -> PixiDocument:
    """Return *text*, a `pixi.lock`, as nodes. *path* is for errors only.

    Each proposal is spliced into the same text, so it is kept as nodes, unless it is large.

    Raises:
        LockError: it is not YAML within bounds, of another version, or not laid out as pixi's locks are.

    """
    return _kept(path, text) if len(text) <= MOST_KEPT else _read(path, text)


def _read(path: str, text: str) -> PixiDocument:
    root = as_mapping(read_yaml(path, text), "")
    version = _version(root)
    platforms = _platforms(root) if version >= SUPPORTED_VERSIONS[-1] else {}
    environments = as_mapping(root.require("environments"), "environments")
    return PixiDocument(
        path=path,
        version=version,
        environments_key=root.keys["environments"],
        platforms=platforms,
        environments=tuple(
            _environment(name, as_mapping(node, name), version, platforms)
            for name, node in environments.entries.items()
        ),
        packages=_item_list(root, "packages"),
        virtual_packages={
            name: platform.texts("virtual-packages")
            for name, platform in platforms.items()
            if "virtual-packages" in platform.entries
        },
        subdirs={
            name: Subdir(platform.text("subdir"))
            for name, platform in platforms.items()
            if platform.optional_text("subdir") not in (None, name)
        },
    )


@lru_cache(maxsize=2)
def _kept(path: str, text: str) -> PixiDocument:
    return _read(path, text)


def _version(root: MappingNode) -> int:
    version = root.optional_integer("version") if "version" in root.entries else None
    line = root.keys["version"].line if "version" in root.keys else root.line
    if version is None:
        raise LockError("the lock does not say its version", path=root.path, line=line, key="version")
    if version in SUPPORTED_VERSIONS:
        return version
    if 0 < version < SUPPORTED_VERSIONS[0]:
        message = f"version {version} comes from an old pixi and is left alone: run `pixi lock` with a current pixi"
    else:
        message = f"version {version} is not known here: condabot reads versions 6 and 7"
    raise LockError(message, path=root.path, line=line, key="version")


def _platforms(root: MappingNode) -> Mapping[str, MappingNode]:
    found: dict[str, MappingNode] = {}
    for node in as_sequence(root.require("platforms"), "platforms").items:
        platform = as_mapping(node, "platforms")
        name = platform.text("name")
        if name in found:
            raise LockError(f"the platform {name} is listed twice", path=root.path, line=node.line, key="platforms")
        found[name] = platform
    return found


def _environment(name: str, node: MappingNode, version: int, platforms: Mapping[str, MappingNode]) -> EnvironmentNode:
    packages = as_mapping(node.require("packages"), "packages")
    selectors: dict[PlatformName, ItemList] = {}
    for platform, key in packages.keys.items():
        if version >= SUPPORTED_VERSIONS[-1] and platform not in platforms:
            message = "this platform is not listed under `platforms`"
            raise LockError(message, path=key.path, line=key.line, key=platform)
        selectors[platform] = _item_list(packages, platform)
        _refuse_repetition(selectors[platform])
    return EnvironmentNode(name=name, node=node, selectors=selectors)


def _item_list(parent: MappingNode, key: str) -> ItemList:
    node = as_sequence(parent.require(key), key)
    return ItemList(key=parent.keys[key], node=node, items=tuple(_items(node.items, key)))


def _items(nodes: tuple[Node, ...], key: str) -> Iterator[Item]:
    for each in nodes:
        node = as_mapping(each, key)
        kind = next((kind for kind in PackageKind if kind in node.entries), None)
        if kind is None:
            raise LockError(
                "a package is named by `conda`, `conda_source` or `pypi`", path=node.path, line=node.line, key=key
            )
        yield Item(kind=kind, location=node.text(kind), node=node)


def _refuse_repetition(selectors: ItemList) -> None:
    seen: set[str] = set()
    for item in selectors.items:
        if item.is_archive and item.location in seen:
            raise LockError(f"{item.location} is listed twice", path=item.node.path, line=item.node.line)
        seen.add(item.location)


def nested_items(item: Item) -> Iterator[Item]:
    """Yield what the source package *item* was built with (version 7: `build_packages`, `host_packages`).

    Raises:
        LockError: one of these lists is not a list of selectors.

    """
    for key in ("build_packages", "host_packages"):
        if key in item.node.entries:
            yield from _item_list(item.node, key).items
