"""Archives of conda packages, as far as they say what they are."""

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from typing import Any

import zstandard


def conda_archive(about: Mapping[str, Any] | bytes | None, *, stem: str = "tool-1.0-0", payload: int = 0) -> bytes:
    """Return a `.conda` archive with *about* in its `info/about.json`, and a payload of so many bytes before that."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as opened:
        add(opened, "info/index.json", b"{}")
        if about is not None:
            add(opened, "info/about.json", about if isinstance(about, bytes) else json.dumps(about).encode())
    return zipped({f"pkg-{stem}.tar.zst": bytes(payload), f"info-{stem}.tar.zst": compressed(tar.getvalue())})


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
