"""The platforms of a pixi workspace, plain ones and tables, and the virtual packages that manifests name.

Source: https://pixi.sh/latest/workspace/multi_platform_configuration/ — a platform that is a table is called by its
`name`, else by its subdir and the virtual packages in which it differs from pixi's defaults (`linux-64-cuda-12-0`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.manifests.toml_document import Table, TomlDocument
from bot.model.manifest import KeyPath, Subdir, VirtualPackage, WorkspacePlatform

DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "linux": {"__unix": "0", "__linux": "4.18", "__glibc": "2.28"},
    "osx": {"__unix": "0", "__osx": "13.0"},
    "win": {"__win": "10.0"},
}
"""What pixi takes for granted: https://pixi.sh/latest/workspace/system_requirements/."""

# `libc` and `cuda` may be tables; `unix` says nothing that the subdir does not.
_VIRTUAL_PACKAGES: Final = {
    "linux": "__linux",
    "libc": "__glibc",
    "glibc": "__glibc",
    "cuda": "__cuda",
    "macos": "__osx",
    "osx": "__osx",
    "windows": "__win",
    "archspec": "__archspec",
}
_NAMED_FIRST: Final = {
    "__cuda": "cuda",
    "__archspec": "archspec",
    "__glibc": "glibc",
    "__linux": "linux",
    "__osx": "macos",
    "__win": "windows",
}
"""What these are called in the name of a platform, in their order there; any other follows by its own name."""


def workspace_platforms(document: TomlDocument, table: Table, at: KeyPath) -> tuple[WorkspacePlatform, ...]:
    """Return the platforms of the workspace *table*, plain ones as well as tables.

    Raises:
        ManifestError: a platform has neither a name nor a subdir.

    """
    platforms = document.items(table, "platforms", at) or []
    return tuple(
        _workspace_platform(document, each, (*at, "platforms", number)) for number, each in enumerate(platforms)
    )


def virtual_packages(document: TomlDocument, table: Table, at: KeyPath) -> Iterator[VirtualPackage]:
    """Yield the virtual packages of `[system-requirements]` or of a platform's table."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _virtual_packages_of_table(document, key, value, (*at, key))
        elif key in _VIRTUAL_PACKAGES or key.startswith("__"):
            yield _virtual_package(_VIRTUAL_PACKAGES.get(key, key), document.written(table, key, at) or "0")


def _workspace_platform(document: TomlDocument, entry: object, at: KeyPath) -> WorkspacePlatform:
    if isinstance(entry, str):
        return WorkspacePlatform(name=entry, subdir=Subdir(entry))
    table = entry if isinstance(entry, dict) else {}
    name = document.text(table, "name", at)
    subdir = document.text(table, "platform", at) or name
    if subdir is None:
        raise document.error("must be the name of a platform, or a table with `platform`", at)
    packages = tuple(virtual_packages(document, table, at))
    return WorkspacePlatform(
        name=name or _derived_name(subdir, packages), subdir=Subdir(subdir), virtual_packages=packages
    )


def _derived_name(subdir: str, packages: Iterable[VirtualPackage]) -> str:
    """Return the name of a platform that has none of its own."""
    defaults = DEFAULTS.get(subdir.partition("-")[0], {})
    told = {each.name: each for each in packages if defaults.get(each.name) != each.version}
    order = [*(name for name in _NAMED_FIRST if name in told), *sorted(told.keys() - _NAMED_FIRST.keys())]
    return "-".join([subdir, *(f"{_NAMED_FIRST.get(name, _word(name))}-{_said(told[name])}" for name in order)])


def _said(package: VirtualPackage) -> str:
    if package.name == "__archspec":
        return _word(package.build)
    return _word(package.version if package.build == "0" else f"{package.version}={package.build}")


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")


def _virtual_packages_of_table(document: TomlDocument, key: str, table: Table, at: KeyPath) -> Iterator[VirtualPackage]:
    """Yield those of `libc = {family, version}` and `cuda = {driver, arch}`."""
    if key == "libc":
        family = document.text(table, "family", at) or "glibc"
        yield _virtual_package(f"__{family}", document.written(table, "version", at) or "0")
    if key == "cuda":
        yield _virtual_package("__cuda", document.written(table, "driver", at) or "0")
        if arch := document.written(table, "arch", at):
            yield _virtual_package("__cuda_arch", arch)


def _virtual_package(name: str, written: str) -> VirtualPackage:
    """Return the virtual package; the microarchitecture stands in the build string of `__archspec` (CEP 30)."""
    if name == "__archspec":
        return VirtualPackage(name=name, version="1", build=written)
    version, _, build = written.partition("=")
    return VirtualPackage(name=name, version=version, build=build or "0")
