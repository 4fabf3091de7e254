"""A `conda-lock.yml` of version 1 as nodes: what it says of itself, and its package entries.

Layout: CEP 37. A package that several categories need has one entry for each of them, alike but for the category.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from bot.errors import LockError
from bot.lockfiles.yaml_rules import read_yaml
from bot.model.manifest import Subdir
from bot.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode, as_mapping, as_sequence, as_text

VERSION: Final = 1
CONDA: Final = "conda"
PIP: Final = "pip"
MAIN: Final = "main"
"""The category of what is always installed."""

EntryKey: TypeAlias = tuple[str, str, Subdir, str]
"""Manager, name, platform and category: what tells an entry from all others, and the order that conda-lock writes."""

PackageFile: TypeAlias = tuple[str, str | None, str | None]
"""URL, md5 and sha256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A package entry."""

    key: EntryKey
    url: str
    version: str
    md5: str | None
    sha256: str | None
    depends: tuple[str, ...]
    node: MappingNode

    @property
    def file(self) -> PackageFile:
        """The package file that the entry stands for."""
        return self.url, self.md5, self.sha256

    @property
    def manager(self) -> str:
        """`conda` or `pip`."""
        return self.key[0]

    @property
    def name(self) -> str:
        """The package's name, as written."""
        return self.key[1]

    @property
    def subdir(self) -> Subdir:
        """The platform that it is locked for."""
        return self.key[2]

    @property
    def category(self) -> str:
        """`main`, `dev`, or any other that a source file names."""
        return self.key[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaLockDocument:
    """A whole lock. `content_hash` maps platforms to the nodes of their hashes; `sources` are relative to the lock."""

    path: str
    content_hash: Mapping[Subdir, ScalarNode]
    channels: tuple[str, ...]
    platforms: tuple[Subdir, ...]
    sources: tuple[str, ...]
    package_key: ScalarNode
    package: SequenceNode
    entries: tuple[Entry, ...]


def read_document(path: str, text: str) -> CondaLockDocument:
    """Return *text*, a `conda-lock.yml`, as nodes. *path* is for errors only.

    Raises:
        LockError: it is not YAML within bounds, of another version, or not laid out as conda-lock's locks are.

    """
    root = as_mapping(read_yaml(path, text), "")
    _require_version(root)
    metadata = as_mapping(root.require("metadata"), "metadata")
    channels = as_sequence(metadata.require("channels"), "channels").items
    package = as_sequence(root.require("package"), "package")
    document = CondaLockDocument(
        path=path,
        content_hash=_content_hash(metadata),
        channels=tuple(_channel(node) for node in channels),
        platforms=tuple(Subdir(name) for name in dict.fromkeys(metadata.texts("platforms"))),
        sources=tuple(dict.fromkeys(metadata.texts("sources"))),
        package_key=root.keys["package"],
        package=package,
        entries=tuple(_entry(as_mapping(node, "package")) for node in package.items),
    )
    _require_consistency(document)
    return document


def _require_version(root: MappingNode) -> None:
    version = root.optional_integer("version")
    line = root.keys["version"].line if "version" in root.keys else root.line
    if version is None:
        message = "the lock does not say its version, as before conda-lock 1.0: lock it again with a current conda-lock"
        raise LockError(message, path=root.path, line=line, key="version")
    if version != VERSION:
        raise LockError(
            f"version {version} is not known here: condabot reads version 1", path=root.path, line=line, key="version"
        )


def _content_hash(metadata: MappingNode) -> Mapping[Subdir, ScalarNode]:
    hashes = as_mapping(metadata.require("content_hash"), "content_hash")
    for platform in hashes.entries:
        hashes.text(platform)
    return {Subdir(name): node for name, node in hashes.entries.items() if isinstance(node, ScalarNode)}


def _channel(node: Node) -> str:
    """A channel is a mapping, or, by hand or from an old conda-lock, its name alone."""
    return as_text(node, "channels") or "" if isinstance(node, ScalarNode) else as_mapping(node, "channels").text("url")


def _entry(node: MappingNode) -> Entry:
    manager = node.text("manager")
    if manager not in (CONDA, PIP):
        message = f"`{manager}` installs nothing that condabot knows: it is `conda` or `pip`"
        raise LockError(message, path=node.path, line=node.line, key="manager")
    hashes = as_mapping(node.require("hash"), "hash")
    return Entry(
        key=(manager, node.text("name"), Subdir(node.text("platform")), node.optional_text("category") or MAIN),
        url=node.text("url"),
        version=node.text("version"),
        md5=hashes.optional_text("md5"),
        sha256=hashes.optional_text("sha256"),
        depends=_depends(node),
        node=node,
    )


def _depends(node: MappingNode) -> tuple[str, ...]:
    if "dependencies" not in node.entries:
        return ()
    dependencies = as_mapping(node.entries["dependencies"], "dependencies")
    return tuple(f"{name} {dependencies.optional_text(name) or ''}".strip() for name in dependencies.entries)


def _require_consistency(document: CondaLockDocument) -> None:
    seen: dict[EntryKey, Entry] = {}
    urls: dict[tuple[str, str, Subdir], Entry] = {}
    for entry in document.entries:
        if entry.subdir not in document.platforms:
            raise _inconsistent(entry, f"{entry.subdir} is not listed under `metadata.platforms`")
        if entry.key in seen:
            raise _inconsistent(entry, f"{entry.name} is locked twice on {entry.subdir} as `{entry.category}`")
        seen[entry.key] = entry
        if urls.setdefault(entry.key[:3], entry).url != entry.url:
            raise _inconsistent(entry, f"{entry.name} has two URLs on {entry.subdir}: lock it again")


def _inconsistent(entry: Entry, message: str) -> LockError:
    return LockError(message, path=entry.node.path, line=entry.node.line, key=entry.name)
