"""Which wheels a python and a machine take, told by their file names (PEP 425, PEP 427)."""

import posixpath
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from bot.model.manifest import Subdir, VirtualPackage

_FAMILIES: Final = {"linux": "__glibc", "osx": "__osx", "win": "__win"}
"""What says how new a machine is, by the family of its platform."""

_SYSTEMS: Final = {"linux": ("manylinux", "linux"), "osx": ("macosx",), "win": ("win", "win32")}
_ARCHITECTURES: Final = {
    "linux-64": ("x86_64",),
    "linux-32": ("i686",),
    "osx-64": ("x86_64", "universal2", "intel", "fat64", "fat32", "universal"),
    "osx-arm64": ("arm64", "universal2"),
    "win-64": ("amd64",),
    "win-32": ("",),
}
_OLD_GLIBC: Final = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


def is_wheel(url: str) -> bool:
    """Tell whether *url*, or a path, is that of a wheel: something that installs without being built."""
    return bool(_tags(url))


def source_folder(location: str, base: str) -> str | None:
    """Return the folder that a source tree at *location*, relative to *base*, stands in; None for a wheel."""
    return None if is_wheel(location) else posixpath.normpath(posixpath.join(base, location))


def is_for_python(url: str, python: str) -> bool:
    """Tell whether CPython *python* (`3.12.4`) takes the wheel at *url*; what is no wheel is taken by all."""
    tags = _tags(url)
    minor = tuple(int(part) for part in python.split(".")[:2] if part.isdigit())
    return not tags or any(_takes(minor, tag) for tag in tags)


def is_for_machine(url: str, subdir: Subdir, virtual_packages: Iterable[VirtualPackage]) -> bool:
    """Tell whether a machine of *subdir* with *virtual_packages* takes the wheel at *url*, as far as that can be told.

    A wheel for an older glibc or macOS will do (PEP 600); minor versions of macOS are not compared.
    """
    tags, machine = _tags(url), {each.name: each.version for each in virtual_packages}
    family, _, architecture = subdir.partition("-")
    if family not in _FAMILIES or "__musl" in machine:
        return True
    system, names = _FAMILIES[family], _ARCHITECTURES.get(subdir, (architecture,))
    newest = tuple(int(part) for part in machine.get(system, "").split(".")[:2] if part.isdigit())
    return not tags or any(_is_for(tag.platform, family, names, newest) for tag in tags)


def _is_for(platform: str, family: str, architectures: tuple[str, ...], newest: tuple[int, ...]) -> bool:
    if platform == "any":
        return True
    system, version, architecture = _parts(platform)
    if architecture not in architectures or system not in _SYSTEMS[family]:
        return False
    oldest = version[:1] if family == "osx" else version
    return not version or not newest or oldest <= newest


def _parts(platform: str) -> tuple[str, tuple[int, ...], str]:
    """Split the platform of a tag: what it is for, since which version, on which architecture."""
    old = re.fullmatch(r"(manylinux(?:1|2010|2014))_(.+)", platform)
    if old:
        return "manylinux", _OLD_GLIBC[old[1]], old[2]
    found = re.fullmatch(r"(manylinux|musllinux|macosx)_(\d+)_(\d+)_(.+)", platform)
    if found:
        return found[1], (int(found[2]), int(found[3])), found[4]
    system, _, architecture = platform.partition("_")
    return system, (), architecture


@lru_cache(maxsize=16_384)
def _tags(url: str) -> frozenset[Tag]:
    try:
        return parse_wheel_filename(unquote(urlsplit(url).path.rpartition("/")[2]))[3]
    except (InvalidWheelFilename, ValueError):
        return frozenset()


def _takes(python: tuple[int, ...], tag: Tag) -> bool:
    wanted = _version(tag.interpreter)
    if tag.interpreter.startswith("py"):
        return wanted <= python
    is_stable = tag.abi in {"abi3", "none"}
    return tag.interpreter.startswith("cp") and (wanted <= python if is_stable else wanted == python)


def _version(interpreter: str) -> tuple[int, ...]:
    """`cp312` is 3.12, `py3` any 3."""
    digits = interpreter[2:]
    return tuple(int(part) for part in (digits[:1], digits[1:]) if part.isdigit())
