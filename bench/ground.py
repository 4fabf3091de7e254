"""What is measured on: a channel as it was and as it is, an environment locked when it was, and files of a repository.

The channel is made up (`bench.synthetic`), or a real one in a folder: `DIR/SUBDIR/repodata.json.zst`.
"""

import random
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import zstandard

from bench.synthetic import PLATFORMS, QUARTERS, quarter_end, synthetic_channel, synthetic_roots
from bot import lockfiles
from bot.demo.channel import CONDA_FORGE, ChannelData
from bot.demo.channel import Record as ChannelRecord
from bot.model.manifest import MachineDefaults, Subdir
from bot.model.package import Record
from bot.model.solve import SolveRequest
from bot.workspaces.virtual_packages import virtual_packages

SUBDIRS = tuple(map(Subdir, PLATFORMS))
PINS = 30
SECONDS_END = 100_000_000_000
THEN = datetime(2025, 6, 1, tzinfo=UTC)
REAL_ROOTS = (
    *("python", "ipython", "scikit-learn", "matplotlib-base", "xarray", "dask"),
    *("pytest", "seaborn-base", "sqlalchemy", "h5py"),
)
"""What is asked for of a real channel; its closure has about 200 packages."""
_LOCK = """\
version: 6
environments:
  default:
    channels:
    - url: {channel}/
    packages:
{platforms}packages: []
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A channel, as it was `then` and as it is now, and names of packages that need about 200 others of it."""

    then: ChannelData
    now: ChannelData
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """An environment as it was solved then, on every platform."""

    solutions: Mapping[Subdir, tuple[Record, ...]]

    @property
    def python_packages(self) -> dict[str, str]:
        """The versions of the packages that need python and are in one version on every platform, by name."""
        each = [{(str(r.name), r.version) for r in records if _needs_python(r)} for records in self.solutions.values()]
        return dict(sorted(set.intersection(*each)))

    @property
    def lock(self) -> str:
        """The `pixi.lock` of this environment."""
        platforms = "".join(f"      {subdir}: []\n" for subdir in sorted(self.solutions))
        empty = _LOCK.format(channel=CONDA_FORGE, platforms=platforms)
        solved = {("default", str(subdir)): records for subdir, records in self.solutions.items()}
        return lockfiles.rewrite(lockfiles.parse("pixi.lock", empty.encode()), empty, solved)


def synthetic_ground() -> Ground:
    """Return the channel that is made up, its environment nine months older."""
    now = synthetic_channel()
    return Ground(then=now.as_of(quarter_end(QUARTERS - 4)), now=now, roots=synthetic_roots())


def ground_in(folder: Path) -> Ground:
    """Return the channel in *folder*."""
    found = {path.parent.name: tuple(_read(path)) for path in sorted(folder.glob("*/repodata.json.zst"))}
    now = ChannelData(subdirs=found)
    return Ground(then=now.as_of(THEN), now=now, roots=REAL_ROOTS)


def _read(path: Path) -> Iterator[ChannelRecord]:
    """Yield the records of a repodata.json.zst; one that lacks what records have is left out."""
    content = zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())
    document: dict[str, dict[str, dict[str, object]]] = msgspec.json.decode(content)
    for key in ("packages", "packages.conda"):
        for name, entry in document[key].items():
            with suppress(msgspec.ValidationError):
                read = msgspec.convert({**entry, "fn": name, "subdir": path.parent.name}, ChannelRecord, strict=False)
                yield msgspec.structs.replace(read, timestamp=_milliseconds(read.timestamp))


def _milliseconds(timestamp: int) -> int:
    """Return *timestamp*, of repodata, in milliseconds: old ones are in seconds."""
    return timestamp * 1000 if timestamp < SECONDS_END else timestamp


def request(roots: tuple[str, ...], subdir: Subdir, locked: tuple[Record, ...] = ()) -> SolveRequest:
    """Return the question for an environment of *roots* on *subdir*."""
    return SolveRequest(
        channels=(CONDA_FORGE,),
        subdir=subdir,
        specs=roots,
        virtual_packages=virtual_packages(MachineDefaults.PIXI, subdir),
        locked=locked,
    )


def workspace(locked: Locked, roots: tuple[str, ...]) -> dict[str, bytes]:
    """Return a pixi workspace with its lock: *roots*, and as many others that are pinned as there are `PINS`."""
    pins = _pins(locked, 0)
    lines = [f'{name} = "*"' for name in roots if name not in pins]
    lines += [f'{name} = ">={_minor(version)},<{_next_major(version)}"' for name, version in pins.items()]
    platforms = ", ".join(f'"{subdir}"' for subdir in SUBDIRS)
    head = f'[workspace]\nname = "bench"\nchannels = ["conda-forge"]\nplatforms = [{platforms}]\n\n[dependencies]\n'
    return {"pixi.toml": "\n".join([head, *lines, ""]).encode(), "pixi.lock": locked.lock.encode()}


def environments(locked: Locked, count: int) -> dict[str, bytes]:
    """Return *count* files without a lock, each with other `PINS` on every platform."""
    return {f"env{number:02}/environment.yml": _environment(locked, number) for number in range(count)}


def _environment(locked: Locked, number: int) -> bytes:
    lines = [f"  - {name}={_minor(version)}" for name, version in _pins(locked, number).items()]
    platforms = "\n".join(f"  - {subdir}" for subdir in SUBDIRS)
    head = f"name: env{number}\nchannels:\n  - conda-forge\nplatforms:\n{platforms}\ndependencies:\n"
    return (head + "\n".join(lines) + "\n").encode()


def _pins(locked: Locked, number: int) -> dict[str, str]:
    versions = locked.python_packages
    chosen = random.Random(number).sample(sorted(versions), PINS)  # noqa: S311 -- the same ones each time
    return {name: versions[name] for name in sorted(chosen)}


def _needs_python(record: Record) -> bool:
    return any(depend.split(" ")[0] == "python" for depend in record.depends)


def _next_major(version: str) -> int:
    return int(version.partition(".")[0]) + 1


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
