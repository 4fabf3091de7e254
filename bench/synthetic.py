"""A channel that is made up, the same one each time: three years of a small conda-forge, with its migrations.

There are libraries, python packages that are compiled against them for every python, and pure python packages. Every
package has releases in some quarters, and now and then a new major. A build pins the major of each library that it was
built against, as conda-forge's `run_exports` do; when a library gets a new major, what depends on it is built anew.
Some pure packages keep the next major of another out until they have a release of their own. So a major can only move
with all that stands on it, and a solve that ignores what is locked moves much more than one that heeds it.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from bot.demo.channel.records import ChannelData, Record, record

PLATFORMS = ("linux-64", "osx-64", "osx-arm64", "win-64")
PYTHONS = ("3.11", "3.12", "3.13")
QUARTERS = 12
START = datetime(2023, 1, 1, tzinfo=UTC)
QUARTER = timedelta(days=91)
LIBRARIES, COMPILED, PURE = 60, 60, 78
MAJOR_EVERY = 10
STILL_GOOD = 6


@dataclass(frozen=True)
class Package:
    """A package of the channel: what it is made of, and the version that it has in each quarter."""

    name: str
    number: int
    libraries: tuple["Package", ...] = ()
    uses: tuple["Package", ...] = ()
    is_compiled: bool = True
    has_python: bool = True
    caps_majors: bool = False

    @cached_property
    def versions(self) -> tuple[tuple[int, int], ...]:
        """The newest version in each quarter, as major and minor."""
        found = [(1, 0)]
        for quarter in range(1, QUARTERS):
            major, minor = found[-1]
            if self._has_major(quarter):
                found.append((major + 1, 0))
            else:
                found.append((major, minor + 1) if self._has_minor(quarter) else (major, minor))
        return tuple(found)

    def is_built(self, quarter: int) -> bool:
        """Whether there is a build in *quarter*: of a new version, or against a library's new major."""
        migrates = any(each.versions[quarter][0] != each.versions[quarter - 1][0] for each in self.libraries)
        return quarter == 0 or self.versions[quarter] != self.versions[quarter - 1] or migrates

    def depends(self, quarter: int) -> Iterator[str]:
        """Yield what a build in *quarter* asks for, beside python."""
        for each in self.libraries:
            major, minor = each.versions[quarter]
            yield f"{each.name} >={major}.{minor},<{major + 1}.0a0"
        for each in self.uses:
            major, minor = each.versions[max(0, quarter - STILL_GOOD)]
            below = f",<{each.versions[quarter][0] + 1}" if self.caps_majors else ""
            yield f"{each.name} >={major}.{minor}{below}"

    def _has_major(self, quarter: int) -> bool:
        return (quarter + self.number) % MAJOR_EVERY == 0

    def _has_minor(self, quarter: int) -> bool:
        return (quarter + self.number) % 2 == 0


def synthetic_channel() -> ChannelData:
    """Return the channel, with everything up to its last quarter."""
    return ChannelData.of(*_pythons(), *(each for package in _packages() for each in _records(package)))


def synthetic_roots() -> tuple[str, ...]:
    """Return the names of packages that together need every package of the channel."""
    packages = _packages()
    needed = {each.name for package in packages for each in (*package.libraries, *package.uses)}
    return ("python", *(package.name for package in packages if package.name not in needed))


def quarter_end(quarter: int) -> datetime:
    """Return the moment at which *quarter*, counted from 0, is over."""
    return START + (quarter + 1) * QUARTER - timedelta(days=1)


def _packages() -> tuple[Package, ...]:
    chance = random.Random("condabot")  # noqa: S311 -- nothing is secret, and it must be the same each time
    libraries: list[Package] = []
    for number in range(LIBRARIES):
        below = tuple(_some(chance, libraries[-12:], 3))
        libraries.append(Package(name=f"lib{number:02}", number=number, libraries=below, has_python=False))
    compiled: list[Package] = []
    for number in range(COMPILED):
        on, with_ = tuple(_some(chance, libraries, 3)), tuple(_some(chance, compiled[-15:], 2))
        compiled.append(Package(name=f"ext{number:02}", number=number + 2, libraries=on, uses=with_))
    pure: list[Package] = []
    for number in range(PURE):
        with_ = (*_some(chance, compiled, 2), *_some(chance, pure[-20:], 2))
        capped = chance.random() < 0.2  # noqa: PLR2004 -- a fifth of them
        pure.append(
            Package(name=f"pure{number:02}", number=number + 1, uses=with_, is_compiled=False, caps_majors=capped)
        )
    return (*libraries, *compiled, *pure)


def _some(chance: random.Random, among: list[Package], most: int) -> Iterable[Package]:
    return chance.sample(among, min(len(among), chance.randint(1, most)))


def _records(package: Package) -> Iterator[Record]:
    for quarter in range(QUARTERS):
        if package.is_built(quarter):
            yield from _builds(package, quarter)


def _builds(package: Package, quarter: int) -> Iterator[Record]:
    major, minor = package.versions[quarter]
    depends = tuple(package.depends(quarter))
    made = _milliseconds(START + quarter * QUARTER)
    version = f"{major}.{minor}.0"
    if not package.is_compiled:
        yield record(
            package.name, version, build=f"pyhd8ed1ab_{quarter}", depends=("python >=3.11", *depends), timestamp=made
        )
    elif not package.has_python:
        for subdir in PLATFORMS:
            yield record(
                package.name, version, build=f"h0000000_{quarter}", subdir=subdir, depends=depends, timestamp=made
            )
    else:
        for subdir in PLATFORMS:
            for python in PYTHONS:
                tag = python.replace(".", "")
                asked = (*depends, f"python >={python},<{_next(python)}.0a0", f"python_abi {python}.* *_cp{tag}")
                build = f"py{tag}h0000000_{quarter}"
                yield record(package.name, version, build=build, subdir=subdir, depends=asked, timestamp=made)


def _pythons() -> Iterator[Record]:
    made = _milliseconds(START)
    for python in PYTHONS:
        tag = python.replace(".", "")
        yield record("python_abi", python, build=f"8_cp{tag}", depends=(), timestamp=made)
        for subdir in PLATFORMS:
            asked = (f"python_abi {python}.* *_cp{tag}",)
            yield record(
                "python", f"{python}.1", build=f"h0000000_0_cp{tag}", subdir=subdir, depends=asked, timestamp=made
            )


def _next(python: str) -> str:
    major, minor = python.split(".")
    return f"{major}.{int(minor) + 1}"


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
