"""A conda platform as pip sees it: what uv calls it, and the wheel tags that it takes, best first (PEP 425, PEP 600).

Virtual packages say how old the system may be: `__glibc` for manylinux, `__osx` for macOS. uv knows a few versions of
glibc only: the newest one counts that is not above the one asked for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms

from bot.errors import SpecError
from bot.model.manifest import Subdir, VirtualPackage

DEFAULT_GLIBC: Final = (2, 28)
DEFAULT_MACOS: Final = (13, 0)
_KNOWN_GLIBC_MINORS: Final = (17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40)
_LINUX: Final = {"linux-64": "x86_64", "linux-aarch64": "aarch64"}
_MACOS: Final = {"osx-64": ("x86_64", "x86_64-apple-darwin"), "osx-arm64": ("arm64", "aarch64-apple-darwin")}
_WINDOWS: Final = {
    "win-32": ("win32", "i686-pc-windows-msvc"),
    "win-64": ("win_amd64", "x86_64-pc-windows-msvc"),
    "win-arm64": ("win_arm64", "aarch64-pc-windows-msvc"),
}
_LEGACY_MANYLINUX: Final = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_OLDEST_MINOR: Final = {"x86_64": 5}
"""Of glibc, by machine; wheels for others came with manylinux2014."""

_PYTHON: Final = re.compile(r"3\.\d{1,3}(?:\.\d{1,3}(?:(?:a|b|rc)\d{1,3})?)?", re.ASCII)
_VERSION: Final = re.compile(r"(\d{1,3})(?:\.(\d{1,3}))?(?:\..*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where packages are to run. `platform` is uv's word, `macos` the oldest macOS, empty elsewhere."""

    python: str
    platform: str
    platform_tags: tuple[str, ...]
    macos: str = ""

    def tags(self) -> Iterator[Tag]:
        """Yield the tags of wheels that CPython takes here, best first."""
        major, minor, *_ = (int(part) for part in self.python.split(".")[:2])
        abi = f"cp{major}{minor}"
        yield from cpython_tags((major, minor), [abi], self.platform_tags)
        yield from compatible_tags((major, minor), abi, self.platform_tags)


def target(python: str, subdir: Subdir, virtual_packages: Iterable[VirtualPackage]) -> Target:
    """Return CPython *python* on *subdir* with *virtual_packages*.

    Raises:
        SpecError: uv has no such platform, or there is no such python; the message is a sentence.

    """
    if not _PYTHON.fullmatch(python):
        raise SpecError(f"PyPI packages are resolved for CPython 3, not for python {python or 'of no version'}.")
    machine = {each.name: each.version for each in virtual_packages}
    if subdir in _LINUX and "__musl" not in machine:
        return _linux(python, _LINUX[subdir], machine)
    if subdir in _MACOS:
        return _macos(python, *_MACOS[subdir], machine)
    if subdir in _WINDOWS:
        tag, platform = _WINDOWS[subdir]
        return Target(python=python, platform=platform, platform_tags=(tag,))
    libc = " with musl" if "__musl" in machine else ""
    raise SpecError(f"uv, which resolves PyPI packages, does not know the platform {subdir}{libc}.")


def _linux(python: str, architecture: str, machine: Mapping[str, str]) -> Target:
    major, minor = _version("__glibc", machine, DEFAULT_GLIBC)
    known = [each for each in _KNOWN_GLIBC_MINORS if (2, each) <= (major, minor)]
    if not known:
        raise SpecError(f"uv, which resolves PyPI packages, knows no glibc as old as {machine['__glibc']}.")
    tags = tuple(_manylinux(architecture, known[-1]))
    return Target(python=python, platform=f"{architecture}-manylinux_2_{known[-1]}", platform_tags=tags)


def _manylinux(architecture: str, newest: int) -> Iterator[str]:
    for minor in range(newest, _OLDEST_MINOR.get(architecture, 17) - 1, -1):
        yield f"manylinux_2_{minor}_{architecture}"
        if minor in _LEGACY_MANYLINUX:
            yield f"{_LEGACY_MANYLINUX[minor]}_{architecture}"
    yield f"linux_{architecture}"


def _macos(python: str, architecture: str, platform: str, machine: Mapping[str, str]) -> Target:
    oldest = _version("__osx", machine, DEFAULT_MACOS)
    return Target(
        python=python,
        platform=platform,
        platform_tags=tuple(mac_platforms(oldest, architecture)),
        macos=f"{oldest[0]}.{oldest[1]}",
    )


def _version(name: str, machine: Mapping[str, str], default: tuple[int, int]) -> tuple[int, int]:
    if name not in machine:
        return default
    found = _VERSION.fullmatch(machine[name])
    if found is None:
        raise SpecError(f"The virtual package {name} has no version that could be told: {machine[name]!a}.")
    return int(found[1]), int(found[2] or 0)
