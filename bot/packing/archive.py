"""An installed environment as an archive that is unpacked anywhere, by conda-pack, made so that it can be made again.

conda-pack (https://conda.github.io/conda-pack/) chooses what is in it and adds `bin/activate` and `bin/conda-unpack`.
Its archive depends on where and when the environment was installed, so it is written once more: sorted by name, owned
by nobody in particular, with two kinds of permissions, and with no time after one *moment*. Times before that stay as
packages have them, for compiled Python is valid for the time of its source. What `conda-meta` says that held only where
it was installed is left out.
"""

import gzip
import hashlib
import io
import json
import tarfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

import conda_pack

from bot.errors import BadInput
from bot.packing.manifest import PackedFile

COMPRESSION: Final = 6
CACHE_TAG: Final = "CACHEDIR.TAG"
"""What py-rattler puts into an environment so that backups leave it out."""

_META: Final = "conda-meta/"
_ENTRY_POINTS: Final = ("unix_python_entry_point", "windows_python_entry_point_script")


def pack(prefix: Path, output: Path, moment: datetime, scratch: Path) -> tuple[PackedFile, ...]:
    """Pack the environment at *prefix* into *output*, and return what is in it.

    Raises:
        BadInput: conda-pack refuses it.

    """
    loose = scratch / "packed.tar"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # files of packages that are not in the cache would keep this place's name
            conda_pack.CondaEnv.from_prefix(str(prefix)).exclude(CACHE_TAG).pack(output=str(loose), format="tar")
    except (conda_pack.CondaPackException, UserWarning) as error:
        words = " ".join(str(error).split())
        raise BadInput(f"conda-pack cannot pack it: {words}", path=str(output)) from error
    with tarfile.open(loose) as source, output.open("wb") as raw:
        packed = tuple(_written(source, raw, moment))
    loose.unlink()
    return packed


def _written(source: tarfile.TarFile, raw: IO[bytes], moment: datetime) -> Iterator[PackedFile]:
    """Write the members of *source* in their order by name, and yield each."""
    members = {each.name: each for each in source.getmembers()}
    if out := [name for name in members if ".." in name.split("/") or name.startswith("/")]:
        raise BadInput(f"would have files outside of where it is unpacked: {out[0]}")
    with (
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=COMPRESSION, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as target,
    ):
        for name in sorted(members):
            with _content(source, members[name]) as content:
                yield _add(target, members[name], content, int(moment.timestamp()))


@contextmanager
def _content(source: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[IO[bytes] | None]:
    """Yield what is written for *member*; None for what has no content."""
    content = source.extractfile(member) if member.isfile() or member.islnk() else None
    if content and member.name.startswith(_META) and member.name.endswith(".json"):
        content = io.BytesIO(_of_any_place(content.read()))
    try:
        yield content
    finally:
        if content:
            content.close()


@dataclass(slots=True)
class _Hashing:
    """Reads *file* and hashes what was read."""

    file: IO[bytes]
    digest: Any

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        found = self.file.read(size)
        self.digest.update(found)
        return found


def _add(target: tarfile.TarFile, member: tarfile.TarInfo, content: IO[bytes] | None, latest: int) -> PackedFile:
    info = tarfile.TarInfo(member.name)
    info.mtime = min(int(member.mtime), latest)
    info.mode = 0o755 if content is None or member.mode & 0o111 else 0o644
    if content is None:
        info.type, info.linkname = member.type, member.linkname
        target.addfile(info)
        return PackedFile(path=member.name, link=member.linkname)
    info.size = content.seek(0, io.SEEK_END)
    content.seek(0)
    hashing = _Hashing(content, hashlib.sha256())
    target.addfile(info, hashing)
    return PackedFile(path=member.name, sha256=hashing.digest.hexdigest(), size=info.size)


def _of_any_place(content: bytes) -> bytes:
    """Return a record of `conda-meta` without what depends on where its package was installed, or how."""
    record = json.loads(content)
    record["link"] = None
    for each in (record.get("paths_data") or {}).get("paths", []):
        is_made = each.get("path_type") in _ENTRY_POINTS
        if each.pop("sha256_in_prefix", None) or is_made:
            each.pop("size_in_bytes", None)
        if is_made:
            each.pop("sha256", None)
    return json.dumps(record, indent=2, sort_keys=True).encode()
