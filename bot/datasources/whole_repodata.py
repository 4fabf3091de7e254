"""A whole repodata.json, plain or in zstd: a hash of each name's records, for channels that publish no shards.

The document may have hundreds of megabytes, so it is never in memory: it is written to a file as it comes, and
py-rattler maps that file and reads the records of one name at a time. What stays is a hash for each name.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import rattler
from rattler import PackageFormatSelection

from bot.datasources.shard_index import NameHashes, NotAnIndex, named
from bot.datasources.zstd import BAD_ZSTD, opened

LARGEST_ANSWER = 256_000_000
LARGEST_DOCUMENT = 1_500_000_000
"""Of bytes on disk, compressed and not."""

_PIECE = 1 << 20


def read_repodata(file: BinaryIO, subdir: str, *, compressed: bool, directory: Path) -> NameHashes:
    """Return the hashes of the repodata of *subdir* in *file*. Its text is kept in *directory* for the time of it.

    Raises:
        NotAnIndex: it is no repodata, or larger than it may be.

    """
    directory.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=directory) as folder:
        path = Path(folder) / "repodata.json"
        with path.open("wb") as document:
            size = 0
            for piece in _pieces(file, compressed=compressed):
                size += document.write(piece)
                if size > LARGEST_DOCUMENT:
                    raise NotAnIndex(f"has repodata of more than {LARGEST_DOCUMENT // 1_000_000} MB")
        try:
            return named(_hashes(path, subdir))
        except OSError as error:  # what py-rattler raises for text that is no repodata
            raise NotAnIndex("answered with something that is not repodata") from error


def _pieces(file: BinaryIO, *, compressed: bool) -> Iterator[bytes]:
    if not compressed:
        yield from iter(lambda: file.read(_PIECE), b"")
        return
    try:
        with opened(file) as reader:
            yield from iter(lambda: reader.read(_PIECE), b"")
    except BAD_ZSTD as error:
        raise NotAnIndex("answered with something that is not zstd") from error


def _hashes(path: Path, subdir: str) -> Iterator[tuple[str, bytes]]:
    repodata = rattler.SparseRepoData(rattler.Channel("https://channel.invalid/any"), subdir, path)
    try:
        for name in repodata.package_names(PackageFormatSelection.BOTH):
            records = repodata.load_records(rattler.PackageName(name), PackageFormatSelection.BOTH)
            yield name, _hash(records)
    finally:
        repodata.close()


def _hash(records: list[rattler.RepoDataRecord]) -> bytes:
    """Return a hash of *records* that differs when there is another file, or when a patch changed what one needs.

    It is made of fields and not of py-rattler's own text of a record, which another release may write otherwise: then
    every name of every channel would seem to have changed.
    """
    lines = sorted(
        repr((each.file_name, each.sha256, each.md5, each.size, tuple(each.depends), tuple(each.constrains)))
        for each in records
    )
    return hashlib.sha256("\n".join(lines).encode()).digest()
