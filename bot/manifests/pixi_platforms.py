"""The platforms of a pixi workspace, plain ones and tables, and the virtual packages that manifests name.

Source: https://pixi.sh/latest/workspace/multi_platform_configuration/ — a platform that is a table is called by its
`name`, else by its subdir and the virtual packages in which it differs from pixi's defaults (`linux-64-cuda-12-0`).
Since pixi 0.85 its subdir may be called `subdir`, before that `platform`. Since 0.82.1 any other key is a virtual
package, with or without the two underscores.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.manifests.toml_document import Table, TomlDocument
from bot.model.manifest import KeyPath, Platform, Subdir, VirtualPackage

DEFAULTS: Final[Mapping[str, Mapping[str, str]]] = {
    "linux": {"__unix": "0", "__linux": "4.18", "__glibc": "2.28"},
    "osx": {"__unix": "0", "__osx": "13.0"},
    "win": {"__win": "10.0"},
    "emscripten": {"__unix": "0"},
    "freebsd": {"__unix": "0"},
}
"""What pixi takes for granted: https://pixi.sh/latest/workspace/system_requirements/."""

# `libc` and `cuda` may be tables.
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
_ARCHITECTURES: Final = {"64": "x86_64", "32": "x86", "arm64": "m1", "armv6l": "aarch64", "armv7l": "aarch64"}
_SYSTEMS_WITH_ARCHITECTURE: Final = frozenset({"linux", "osx", "win"})
_OWN_KEYS: Final = frozenset({"name", "platform", "subdir"})
_NAMED_FIRST: Final = {
    "__cuda": "cuda",
    "__archspec": "archspec",
    "__glibc": "glibc",
    "__linux": "linux",
    "__osx": "macos",
    "__win": "windows",
}
"""What these are called in the name of a platform, in their order there; any other follows by its own name."""


def workspace_platforms(document: TomlDocument, table: Table, at: KeyPath) -> tuple[Platform, ...]:
    """Return the platforms of the workspace *table*, plain ones as well as tables.

    Raises:
        ManifestError: a platform has neither a name nor a subdir.

    """
    platforms = document.items(table, "platforms", at) or []
    return tuple(
        _workspace_platform(document, each, (*at, "platforms", number)) for number, each in enumerate(platforms)
    )


def virtual_packages(document: TomlDocument, table: Table, at: KeyPath) -> Iterator[VirtualPackage]:
    """Yield the virtual packages of `[system-requirements]`; of these pixi does not use `archspec`."""
    known = {key: value for key, value in table.items() if key in _VIRTUAL_PACKAGES or key.startswith("__")}
    known.pop("archspec", None)
    yield from _virtual_packages(document, known, at)


def beyond_defaults(subdir: Subdir, packages: Iterable[VirtualPackage]) -> tuple[VirtualPackage, ...]:
    """Return those of *packages* that pixi does not take for granted on *subdir*; of `__archspec` the build counts."""
    defaults, usual = DEFAULTS.get(subdir.partition("-")[0], {}), architecture(subdir)
    return tuple(
        each
        for each in packages
        if (each.build != usual if each.name == "__archspec" else defaults.get(each.name) != each.version)
    )


def architecture(subdir: Subdir) -> str:
    """Return the microarchitecture that every machine of *subdir* has, empty where there is no word for it."""
    system, _, machine = subdir.partition("-")
    if system not in _SYSTEMS_WITH_ARCHITECTURE:
        return ""
    if system != "osx" and machine == "arm64":
        return "aarch64"
    return _ARCHITECTURES.get(machine, machine)


def _workspace_platform(document: TomlDocument, entry: object, at: KeyPath) -> Platform:
    if isinstance(entry, str):
        return Platform(name=entry, subdir=Subdir(entry))
    table = entry if isinstance(entry, dict) else {}
    name = document.text(table, "name", at)
    written_subdir = document.text(table, "subdir", at) or document.text(table, "platform", at) or name
    if written_subdir is None:
        raise document.error("must be the name of a platform, or a table with `platform`", at)
    written = {key: value for key, value in table.items() if key not in _OWN_KEYS}
    packages = tuple(_virtual_packages(document, written, at))
    subdir = Subdir(written_subdir)
    return Platform(name=name or _derived_name(subdir, packages), subdir=subdir, virtual_packages=packages)


def _derived_name(subdir: Subdir, packages: Iterable[VirtualPackage]) -> str:
    """Return the name of a platform that has none of its own."""
    told = {each.name: each for each in beyond_defaults(subdir, packages)}
    order = [*(name for name in _NAMED_FIRST if name in told), *sorted(told.keys() - _NAMED_FIRST.keys())]
    return "-".join([subdir, *(f"{_NAMED_FIRST.get(name, _word(name))}-{_said(told[name])}" for name in order)])


def _said(package: VirtualPackage) -> str:
    if package.name == "__archspec":
        return _word(package.build)
    return _word(package.version if package.build == "0" else f"{package.version}={package.build}")


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")


def _virtual_packages(document: TomlDocument, table: Table, at: KeyPath) -> Iterator[VirtualPackage]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _virtual_packages_of_table(document, key, value, (*at, key))
        elif key != "unix":
            yield _virtual_package(_named(key), document.written(table, key, at) or "0")


def _named(key: str) -> str:
    return _VIRTUAL_PACKAGES.get(key, key if key.startswith("__") else f"__{key}")


def _virtual_packages_of_table(document: TomlDocument, key: str, table: Table, at: KeyPath) -> Iterator[VirtualPackage]:
    """Yield those of `libc = {family, version}`, and of `cuda = {driver, arch}` and the like."""
    if key == "libc":
        family = document.text(table, "family", at) or "glibc"
        yield _virtual_package(f"__{family}", document.written(table, "version", at) or "0")
    elif key == "cuda" or key not in _VIRTUAL_PACKAGES:
        yield _virtual_package(_named(key), document.written(table, "driver", at) or "0")
    if arch := document.written(table, "arch", at):
        yield _virtual_package(f"{_named(key)}_arch", arch)


def _virtual_package(name: str, written: str) -> VirtualPackage:
    """Return the virtual package; the microarchitecture stands in the build string of `__archspec` (CEP 30)."""
    if name == "__archspec":
        return VirtualPackage(name=name, version="1", build=written)
    version, _, build = written.partition("=")
    return VirtualPackage(name=name, version=version, build=build or "0")
