"""What a demo channel holds: package records per subdir, as immutable values.

A record is one entry of repodata.json, with the field names of the format (conda-forge's own repodata, CEP 16 for the
sharded form). Nothing here reads a clock or a network; the only files read are the package data of `ChannelData.demo`.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Self

import msgspec
import zstandard

CONDA_FORGE = "https://conda.anaconda.org/conda-forge"
"""The URL of the channel that the package data were cut from, and the one in locks, wherever the bytes come from."""

_TRAILING_NUMBER = re.compile(r"_(\d+)$")


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One package as repodata describes it: hashes in hexadecimal, size in bytes, timestamp in milliseconds since 1970.

    A msgspec struct and not a dataclass, so that absent fields stay absent when it is encoded. `fn` is the file name:
    the key of the record in repodata, hence never among its fields on the wire.
    """

    fn: str = ""
    name: str
    version: str
    build: str
    build_number: int
    subdir: str
    depends: tuple[str, ...]
    constrains: tuple[str, ...] = ()
    md5: str
    sha256: str
    size: int
    timestamp: int
    noarch: str | None = None
    license: str | None = None
    license_family: str | None = None
    features: str | None = None
    track_features: str | None = None
    python_site_packages_path: str | None = None
    attestations_sha256: str | None = None


class RepodataDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A repodata.json, as far as this package reads and writes it."""

    info: dict[str, str]
    packages: dict[str, Record] = {}
    conda_packages: dict[str, Record] = msgspec.field(name="packages.conda", default={})
    removed: tuple[str, ...] = ()
    repodata_version: int = 1

    @classmethod
    def of(cls, subdir: str, records: Iterable[Record]) -> Self:
        """Return the document that lists *records*, sorted by file name."""
        archives: dict[bool, dict[str, Record]] = {True: {}, False: {}}
        for each in sorted(records, key=lambda each: each.fn):
            archives[each.fn.endswith(".conda")][each.fn] = msgspec.structs.replace(each, fn="")
        return cls(info={"subdir": subdir}, packages=archives[False], conda_packages=archives[True])

    def records(self) -> tuple[Record, ...]:
        """Return the records with their file names."""
        entries = self.packages | self.conda_packages
        return tuple(msgspec.structs.replace(record, fn=name) for name, record in entries.items())


def record(  # noqa: PLR0913 -- the columns of a test's table
    name: str,
    version: str,
    *,
    build: str | None = None,
    subdir: str = "noarch",
    depends: Iterable[str] = (),
    constrains: Iterable[str] = (),
    timestamp: int = 1_700_000_000_000,
    extension: str = ".conda",
) -> Record:
    """Return a made-up record, whose hashes and size follow from its subdir and file name.

    The build is `pyhd8ed1ab_0` in noarch and `h0000000_0` elsewhere unless given; its number is the trailing `_N`.
    """
    noarch = subdir == "noarch"
    build = build or ("pyhd8ed1ab_0" if noarch else "h0000000_0")
    number = _TRAILING_NUMBER.search(build)
    file_name = f"{name}-{version}-{build}{extension}"
    digest = hashlib.sha256(f"{subdir}/{file_name}".encode()).hexdigest()
    return Record(
        fn=file_name,
        name=name,
        version=version,
        build=build,
        build_number=int(number[1]) if number else 0,
        subdir=subdir,
        depends=tuple(depends),
        constrains=tuple(constrains),
        md5=digest[:32],
        sha256=digest,
        size=1 + int(digest[:4], 16),
        timestamp=timestamp,
        noarch=("python" if build.startswith("py") else "generic") if noarch else None,
        license="BSD-3-Clause",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelData:
    """The records of a channel by subdir. Every change is a new value; a subdir without records still exists."""

    subdirs: Mapping[str, tuple[Record, ...]]

    @classmethod
    def demo(cls) -> Self:
        """Return the slice of conda-forge that comes with this package: linux-64, osx-arm64, win-64 and noarch."""
        return cls(subdirs=_demo_subdirs())

    @classmethod
    def of(cls, *records: Record) -> Self:
        """Return a channel of *records*, with noarch (which every conda channel has) even when it is empty."""
        return cls(subdirs={"noarch": ()}).with_records(records)

    def with_records(self, records: Iterable[Record]) -> Self:
        """Return this channel with *records* added, each in its own subdir, in place of one of the same file name."""
        added: dict[str, dict[str, Record]] = defaultdict(dict)
        for each in records:
            added[each.subdir][each.fn] = each
        subdirs = dict(self.subdirs)
        for subdir, new in added.items():
            kept = (each for each in subdirs.get(subdir, ()) if each.fn not in new)
            subdirs[subdir] = (*kept, *new.values())
        return type(self)(subdirs=subdirs)

    def without(self, predicate: Callable[[Record], bool]) -> Self:
        """Return this channel less the records for which *predicate* holds; all subdirs stay."""
        return type(self)(
            subdirs={
                subdir: tuple(each for each in records if not predicate(each))
                for subdir, records in self.subdirs.items()
            }
        )

    def as_of(self, moment: datetime) -> Self:
        """Return this channel as it was at *moment* (aware): without the records built later."""
        last = moment.timestamp() * 1000
        return self.without(lambda each: each.timestamp > last)

    def records(self) -> tuple[Record, ...]:
        """Return all records, subdir by subdir."""
        return tuple(each for records in self.subdirs.values() for each in records)


@cache
def _demo_subdirs() -> Mapping[str, tuple[Record, ...]]:
    folder = files(__package__) / "data"
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return MappingProxyType({entry.name.removesuffix(".json.zst"): decode(entry.read_bytes()) for entry in entries})


def decode(compressed: bytes) -> tuple[Record, ...]:
    """Return the records of a repodata.json.zst."""
    document = zstandard.ZstdDecompressor().decompressobj().decompress(compressed)
    return msgspec.json.decode(document, type=RepodataDocument).records()


def encode(subdir: str, records: Iterable[Record]) -> bytes:
    """Return *records* as repodata.json.zst, as small as zstd makes it and the same bytes each time."""
    document = msgspec.json.encode(RepodataDocument.of(subdir, records))
    return zstandard.ZstdCompressor(level=22).compress(document)
