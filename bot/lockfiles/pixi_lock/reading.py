"""From the nodes of a `pixi.lock` to the `Lock` they stand for."""

from collections.abc import Mapping
from typing import TypeAlias

from bot.errors import LockError
from bot.lockfiles.pixi_lock.document import EnvironmentNode, Item, PackageKind, PixiDocument
from bot.lockfiles.pixi_lock.entries import read_record, read_source
from bot.lockfiles.pixi_lock.kind import PIXI_LOCK
from bot.lockfiles.pixi_lock.pypi_entries import pypi_packages_of
from bot.model.package import Lock, LockedEnvironment, LockOptions, PypiPackage, Record
from bot.yaml.nodes import MappingNode, Node, as_mapping, as_sequence

RecordsByUrl: TypeAlias = Mapping[str, tuple[Record, ...]]
"""Records by URL. There is one of each, but a version 6 that was made from an older version may hold several."""

_TELLING_KEYS = ("name", "version", "build", "subdir")


def lock_of(document: PixiDocument, records: RecordsByUrl) -> Lock:
    """Return what *document* locks; *records* are its `records_of`.

    Raises:
        LockError: a selector names a package that has no entry, or a field has the wrong type.

    """
    pypi, sources = pypi_packages_of(document), _sources_of(document)
    return Lock(
        path=document.path,
        format=PIXI_LOCK,
        version=document.version,
        environments=tuple(_environment(each, {**records, **sources}, pypi) for each in document.environments),
        virtual_packages=document.virtual_packages,
        subdirs=document.subdirs,
        built=tuple(sorted({each.location for of in sources.values() for each in of})),
    )


def records_of(document: PixiDocument) -> RecordsByUrl:
    """Return the records of all built conda packages in *document*, those that only builds use included.

    Raises:
        LockError: a field is missing or has the wrong type.

    """
    found: dict[str, tuple[Record, ...]] = {}
    for item in document.packages.items:
        if item.is_archive:
            found[item.location] = (*found.get(item.location, ()), read_record(item))
    return found


def _sources_of(document: PixiDocument) -> RecordsByUrl:
    found: dict[str, tuple[Record, ...]] = {}
    for item in filter(_is_named_source, document.packages.items):
        found[item.location] = (*found.get(item.location, ()), read_source(item))
    return found


def _is_source(item: Item) -> bool:
    return not item.is_archive and item.kind is not PackageKind.PYPI


def _is_named_source(item: Item) -> bool:
    """Tell whether *item* is from source and says its name: what does not is no entry of anything."""
    return _is_source(item) and (item.kind is PackageKind.CONDA_SOURCE or "name" in item.node.entries)


def _environment(
    environment: EnvironmentNode, records: RecordsByUrl, pypi: Mapping[str, PypiPackage]
) -> LockedEnvironment:
    node, selectors = environment.node, environment.selectors
    sources = {
        platform: tuple(_record(item, records) for item in each.items if _is_source(item))
        for platform, each in selectors.items()
    }
    return LockedEnvironment(
        name=environment.name,
        channels=tuple(
            as_mapping(each, "channels").text("url") for each in as_sequence(node.require("channels"), "channels").items
        ),
        conda={
            platform: tuple(_record(item, records) for item in each.items if item.is_archive)
            for platform, each in selectors.items()
        },
        pypi={
            platform: tuple(_pypi_package(item, pypi) for item in each.items if item.kind is PackageKind.PYPI)
            for platform, each in selectors.items()
        },
        sources={platform: each for platform, each in sources.items() if each},
        indexes=node.texts("indexes"),
        find_links=_find_links(node),
        options=_options(node),
    )


def _record(selector: Item, records: RecordsByUrl) -> Record:
    for record in records.get(selector.location, ()):
        if all(selector.node.optional_text(key) in (None, getattr(record, key)) for key in _TELLING_KEYS):
            return record
    raise _without_entry(selector)


def _pypi_package(selector: Item, packages: Mapping[str, PypiPackage]) -> PypiPackage:
    if selector.location not in packages:
        raise _without_entry(selector)
    return packages[selector.location]


def _without_entry(selector: Item) -> LockError:
    message = f"{selector.location} has no entry under `packages`"
    return LockError(message, path=selector.node.path, line=selector.node.line, key=selector.kind)


def _find_links(node: MappingNode) -> tuple[str, ...]:
    if "find-links" not in node.entries:
        return ()
    return tuple(_path_or_url(each) for each in as_sequence(node.entries["find-links"], "find-links").items)


def _path_or_url(node: Node) -> str:
    link = as_mapping(node, "find-links")
    return link.text("path" if "path" in link.entries else "url")


def _options(node: MappingNode) -> LockOptions:
    if "options" not in node.entries:
        return LockOptions()
    options = as_mapping(node.entries["options"], "options")
    return LockOptions(
        strategy=options.optional_text("strategy"),
        channel_priority=options.optional_text("channel-priority"),
        exclude_newer=options.optional_text("exclude-newer"),
        pypi_prerelease_mode=options.optional_text("pypi-prerelease-mode"),
    )
