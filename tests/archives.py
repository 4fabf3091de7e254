"""Archives of conda packages, as far as they say what they are."""

import bz2
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from typing import Any

import zstandard


def conda_archive(about: Mapping[str, Any] | bytes | None, *, stem: str = "tool-1.0-0", payload: int = 0) -> bytes:
    """Return a `.conda` archive with *about* in its `info/about.json`, and a payload of so many bytes before that."""
    files = {"info/index.json": b"{}"}
    if about is not None:
        files["info/about.json"] = about if isinstance(about, bytes) else json.dumps(about).encode()
    return conda_archive_of(files, stem=stem, payload=payload)


def conda_archive_of(files: Mapping[str, bytes], *, stem: str = "tool-1.0-0", payload: int = 0) -> bytes:
    """Return a `.conda` archive with *files* in its info part, and a payload of so many bytes before that."""
    return zipped({f"pkg-{stem}.tar.zst": bytes(payload), f"info-{stem}.tar.zst": compressed(tarred(files))})


def bzip2_archive_of(files: Mapping[str, bytes], *, payload: bytes = b"") -> bytes:
    """Return a `.tar.bz2` archive with *files*, and then a *payload*."""
    return bz2.compress(tarred({**files, "lib/payload": payload}))


def tarred(files: Mapping[str, bytes]) -> bytes:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as opened:
        for name, content in files.items():
            add(opened, name, content)
    return tar.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as opened:
        opened.writestr("metadata.json", '{"conda_pkg_format_version": 2}')
        for name, content in files.items():
            opened.writestr(name, content)
    return archive.getvalue()


def compressed(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))
