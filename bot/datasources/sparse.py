"""A file that is read in parts: what is asked for and not there yet says where it starts."""

import asyncio
import io
import lzma
import zipfile
import zlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.datasources.exchange import FilePart

T = TypeVar("T")

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    ValueError,
    NotImplementedError,
    OSError,
    RuntimeError,
    EOFError,
)
"""What reading a hostile archive may raise."""


class MissingPart(Exception):
    """A part of the archive that was not read yet."""

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.start = start


class SparseFile(io.RawIOBase):
    """A file of which some parts are there; reading another one raises `MissingPart`."""

    def __init__(self, part: FilePart) -> None:
        super().__init__()
        self._size = part.size
        self._parts = {part.start: part.content}
        self._at = 0

    def add(self, part: FilePart) -> None:
        """Have *part* too, unless it is of another file."""
        if part.size == self._size:
            self._parts[part.start] = part.content

    def has(self, at: int) -> bool:
        """Tell whether the byte *at* that place is there."""
        return any(first <= at < first + len(content) for first, content in self._parts.items())

    def seekable(self) -> bool:
        """It is."""
        return True

    def readable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Return where it is read next."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Read on from there; before the start is an `OSError`."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("before the start")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return the next *size* bytes, or all that follow; fewer at the end."""
        end = self._size if size < 0 else min(self._at + size, self._size)
        found = bytearray()
        while self._at + len(found) < end:
            found += self._from(self._at + len(found), end)
        self._at += len(found)
        return bytes(found)

    def _from(self, start: int, end: int) -> bytes:
        for first, content in self._parts.items():
            if first <= start < first + len(content):
                return content[start - first : end - first]
        raise MissingPart(start)


async def read_sparsely(
    archive: SparseFile,
    read: Callable[[SparseFile], T],
    part: Callable[[str], Awaitable[FilePart]],
    *,
    most: int,
    size: int,
    unreadable: tuple[type[Exception], ...] = UNREADABLE,
) -> T | None:
    """Return what *read* makes of *archive*; None if it raises something *unreadable*, or parts do not come.

    Where it misses a part, *part* is asked for one of *size* bytes from there, by the value of a `Range` header; it is
    read at most so many times.
    """
    for left in reversed(range(most)):
        try:
            return await asyncio.to_thread(read, archive)
        except MissingPart as missing:
            start = missing.start
        except unreadable:
            break
        if not left:
            break
        archive.add(await part(f"bytes={start}-{start + size - 1}"))
        if not archive.has(start):
            break
    return None
