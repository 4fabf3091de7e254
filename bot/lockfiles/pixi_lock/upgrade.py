"""A `pixi.lock` of version 6 written anew as version 7, the way pixi itself does it.

Nothing is solved: the same packages are locked. Version 7 names its platforms, sorts by URL, and leaves out what it has
no field for: whether a source tree is editable, its version and hash, and the copy of `exclude-newer`. The layout is
pixi's, so comments go.
Source: `rattler_lock` (`src/parse/deserialize.rs` and `serialize.rs` in conda/rattler) reads the one, writes the other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from bot.errors import LockError
from bot.lockfiles.pixi_lock.document import EnvironmentNode, Item, PackageKind, PixiDocument
from bot.lockfiles.pixi_lock.entries import entry_fields
from bot.lockfiles.pixi_lock.order import selector_place
from bot.lockfiles.pixi_lock.plan import Known
from bot.lockfiles.pixi_lock.pypi_entries import pypi_entry_fields
from bot.lockfiles.pixi_lock.scalars import Value, yaml_text
from bot.model.package import Lock, LockedEnvironment, LockOptions, PypiPackage
from bot.yaml.nodes import Node, ScalarNode, SequenceNode, as_mapping

VERSION: Final = 7

_ARCHIVES: Final = (".whl", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.Z", ".tgz", ".tbz", ".tar", ".zip")
_COPIED: Final = ("channels", "indexes", "find-links")


def upgraded_lock(lock: Lock) -> Lock:
    """Return what version 7 can say of *lock*."""
    return replace(lock, version=VERSION, environments=tuple(_upgraded_environment(each) for each in lock.environments))


def upgraded_text(document: PixiDocument, lock: Lock, known: Known) -> str:
    """Return *document*, which is *lock* with the entries *known*, as a text of version 7.

    Raises:
        LockError: a package is built from source: what identifies it in version 7 only pixi can compute.

    """
    environments = {each.name: each for each in document.environments}
    platforms = {platform for each in document.environments for platform in each.selectors}
    lists = [selectors for each in document.environments for selectors in each.selectors.values()]
    return yaml_text(
        {
            "version": VERSION,
            "platforms": [{"name": platform} for platform in sorted(platforms)],
            "environments": {name: _environment(environments[name], lock) for name in sorted(environments)},
            "packages": [_entry(item, known) for item in _sorted(item for each in lists for item in each.items)],
        }
    )


def _sorted(items: Iterable[Item]) -> Iterator[Item]:
    """Yield *items* in the order of version 7, each once."""
    once = {item.reference: item for item in items}
    return iter(sorted(once.values(), key=lambda item: selector_place(VERSION, *item.reference)))


def _environment(environment: EnvironmentNode, lock: Lock) -> Mapping[str, Value]:
    locked = lock.environment(environment.name)
    options = {} if locked is None else _options(locked.options)
    kept = {key: raw_value(node) for key, node in environment.node.entries.items() if key in _COPIED}
    packages = {
        str(platform): [{item.kind.value: item.location} for item in _sorted(selectors.items)]
        for platform, selectors in sorted(environment.selectors.items())
    }
    return {**kept, **({"options": options} if options else {}), "packages": packages}


def _entry(item: Item, known: Known) -> Mapping[str, Value]:
    if item.kind is PackageKind.PYPI:
        return pypi_entry_fields(_upgraded_package(known.packages[item.location]))
    if item.is_archive:
        return entry_fields(known.records[item.location])
    raise LockError(
        f"{item.location} is built from source, which only pixi can lock in version 7: run `pixi lock`",
        path=item.node.path,
        line=item.node.line,
    )


def _upgraded_environment(environment: LockedEnvironment) -> LockedEnvironment:
    pypi = {platform: tuple(map(_upgraded_package, packages)) for platform, packages in environment.pypi.items()}
    return replace(environment, pypi=pypi, options=_upgraded_options(environment.options))


def _upgraded_options(options: LockOptions) -> LockOptions:
    """Version 7 leaves out what is pixi's default, and has no copy of `exclude-newer`."""
    return LockOptions(
        strategy=_unless(options.strategy, "highest"),
        channel_priority=_unless(options.channel_priority, "strict"),
        pypi_prerelease_mode=_unless(options.pypi_prerelease_mode, "if-necessary-or-explicit"),
    )


def _unless(value: str | None, default: str) -> str | None:
    return None if value == default else value


def _upgraded_package(package: PypiPackage) -> PypiPackage:
    if _is_file(package.url):
        return replace(package, editable=False)
    return replace(package, version="", sha256=None, editable=False)


def _is_file(location: str) -> bool:
    """Tell whether version 7 keeps version and hash: of all that is named by URL, and of archives by path."""
    is_url = "://" in location and not location.startswith("file://")
    return is_url or location.endswith(_ARCHIVES)


def _options(options: LockOptions) -> Mapping[str, Value]:
    kept = _upgraded_options(options)
    named = {
        "strategy": kept.strategy,
        "channel-priority": kept.channel_priority,
        "pypi-prerelease-mode": kept.pypi_prerelease_mode,
    }
    return {key: value for key, value in named.items() if value is not None}


def raw_value(node: Node) -> Value:
    """Return what *node* holds, every scalar as text."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [raw_value(item) for item in node.items]
    return {key: raw_value(value) for key, value in as_mapping(node, "").entries.items()}
