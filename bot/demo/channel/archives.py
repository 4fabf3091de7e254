"""Real archives of small packages, made in memory: the same bytes each time, and nothing is needed to build them.

A `.conda` is a zip of two compressed tars, of the files and of what is said of them (CEP 35). In `info/` is what
installers and readers look for:
https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html
"""

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import msgspec
import zstandard

from bot.demo.channel.records import Record

BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip knows."""

PROGRAMS = ("bin/",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A package: what its channel lists, with its hashes and size, and its archive."""

    listed: Record
    content: bytes

    @property
    def place(self) -> str:
        """Where it is in its channel."""
        return f"{self.listed.subdir}/{self.listed.fn}"


def conda_archive(
    listed: Record,
    files: Mapping[str, bytes | PurePosixPath],
    *,
    commands: Sequence[str] = (),
    info: Mapping[str, bytes] | None = None,
) -> Archive:
    """Return the package of *files*, contents or where a link leads, as *listed* but for hashes and size.

    *commands* are entry points of a noarch Python package (`tool = tool:main`), *info* are more files of `info/`.
    """
    paths = {"paths": [_path(name, file) for name, file in sorted(files.items())], "paths_version": 1}
    said = {"info/index.json": _json(_index(listed)), "info/paths.json": _json(paths)}
    if listed.noarch == "python":
        noarch = {"type": "python", "entry_points": list(commands)}
        said["info/link.json"] = _json({"noarch": noarch, "package_metadata_version": 1})
    stem = listed.fn.removesuffix(".conda")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as zipped:
        for name, part in (
            ("metadata.json", _json({"conda_pkg_format_version": 2})),
            (f"pkg-{stem}.tar.zst", _tar(files)),
            (f"info-{stem}.tar.zst", _tar({**said, **(info or {})})),
        ):
            zipped.writestr(zipfile.ZipInfo(name, BEGINNING), part)
    archive = content.getvalue()
    hashed = msgspec.structs.replace(
        listed,
        md5=hashlib.md5(archive, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(archive).hexdigest(),
        size=len(archive),
    )
    return Archive(listed=hashed, content=archive)


def _index(listed: Record) -> Mapping[str, Any]:
    known: dict[str, Any] = msgspec.to_builtins(listed)
    return {name: value for name, value in known.items() if name not in {"fn", "md5", "sha256", "size"}}


def _path(name: str, file: bytes | PurePosixPath) -> Mapping[str, Any]:
    content = file if isinstance(file, bytes) else b""
    return {
        "_path": name,
        "path_type": "hardlink" if isinstance(file, bytes) else "softlink",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_in_bytes": len(content),
    }


def _tar(files: Mapping[str, bytes | PurePosixPath]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, file in sorted(files.items()):
            member = tarfile.TarInfo(name)
            if isinstance(file, bytes):
                member.size, member.mode = len(file), 0o755 if name.startswith(PROGRAMS) else 0o644
                tar.addfile(member, io.BytesIO(file))
            else:
                member.type, member.linkname = tarfile.SYMTYPE, str(file)
                tar.addfile(member)
    return zstandard.ZstdCompressor().compress(content.getvalue())


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)
