"""Pages of the web on disk, each with the ETag by which it is asked for again (RFC 9110, section 8.8.3).

A cache is a convenience: what cannot be read is not there, and what cannot be written is not kept.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from bot.settings import Private


class CachedPage(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: the page and the URL that it came from, after redirects. `body` is None for "no such project"."""

    base_url: str
    etag: str
    body: bytes | None


class PageCache:
    """Pages by the canonical URL that was asked, in files below a directory; they are written whole or not at all.

    What is *private* has a directory of its own, of the same name.
    """

    def __init__(self, directory: Path, private: Private | None = None) -> None:
        self._directory = directory
        self._private = private or Private()

    def load(self, url: str) -> CachedPage | None:
        """Return what was answered at *url*, or None if that is not known."""
        try:
            return msgspec.msgpack.decode(self._path(url).read_bytes(), type=CachedPage)
        except (OSError, msgspec.MsgspecError):
            return None

    def store(self, url: str, page: CachedPage) -> None:
        """Keep *page* as the answer at *url*."""
        with suppress(OSError):
            path = self._path(url)
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(msgspec.msgpack.encode(page))
                Path(temporary).replace(path)
            finally:
                Path(temporary).unlink(missing_ok=True)

    def _path(self, url: str) -> Path:
        directory = self._private.cache_for(url, self._directory.parent) / self._directory.name
        return directory / hashlib.sha256(url.encode()).hexdigest()
