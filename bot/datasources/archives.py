"""What archives of packages say of themselves in `info/`: read a piece at a time, and never unpacked to disk.

Of a `.conda` archive the end is read, where its directory and its info part stand, of an older `.tar.bz2` the
beginning, where conda-build puts `info/` (https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html,
CEP 20): a request or two for a package, whose answer is kept, since a package never changes. Every bound that is met,
and whatever is broken, means that nothing is known.
"""

import asyncio
import bz2
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

import httpx
import msgspec

from bot.datasources.exchange import CheckUrl, Exchange, FilePart, Source, bounded_part
from bot.datasources.page_cache import CachedPage, PageCache
from bot.datasources.sparse import UNREADABLE, SparseFile, read_sparsely
from bot.datasources.zstd import BAD_ZSTD, opened
from bot.errors import ChannelError
from bot.provenance import FILES, LICENSES, PATHS
from bot.settings import ChannelSettings

AT_ONCE: Final = 4
READ_AT_ONCE: Final = 64 * 1024
MOST_PARTS: Final = 3
LARGEST_INFO: Final = MOST_PARTS * READ_AT_ONCE
"""Bytes of the info part of a `.conda`, which holds recipe and licences too: no more than 200 kB of one are read."""

LARGEST_BEGINNING: Final = 384 * 1024
"""Bytes of a `.tar.bz2` that are read: nothing comes out of bzip2 before a block of some hundred thousand is whole."""

LARGEST_UNPACKED: Final = 16_000_000
LARGEST_FILE: Final = 200_000
LARGEST_LIST: Final = 2_000_000
"""Bytes of `paths.json`, which has a line for each file of the package: packages with ten thousand are usual."""

BAD_TAR: Final = (tarfile.TarError, *BAD_ZSTD, *UNREADABLE)

_INFO = re.compile(r"info-[^/]+\.tar\.zst")


class ArchiveReader:
    """Reads archives in channels; safe for concurrent use. Never raises for what they hold.

    *check_url* says of every URL whether it may be called, redirects included.
    """

    def __init__(self, http: httpx.AsyncClient, settings: ChannelSettings, *, check_url: CheckUrl) -> None:
        self._exchange = Exchange(
            http, check_url=check_url, timeout=settings.timeout, mirrors=settings.mirrors, private=settings.private
        )
        self._cache = PageCache(Path(settings.cache_dir) / "archives", settings.private)
        self._offline = settings.offline
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def read(self, url: str) -> Mapping[str, bytes] | None:
        """Return those of `FILES` that the archive at *url* has, and its licence files, which are empty here.

        None if it is not to be had or cannot be read.
        """
        if kept := await asyncio.to_thread(self._cache.load, url):
            return msgspec.msgpack.decode(kept.body or b"", type=dict[str, bytes]) if kept.body else None
        if self._offline:
            return None
        with suppress(ChannelError):
            async with self._turns:
                files = await self._files(url)
            body = msgspec.msgpack.encode(files) if files is not None else None
            await asyncio.to_thread(self._cache.store, url, CachedPage(base_url=url, etag="", body=body))
            return files
        return None

    async def _files(self, url: str) -> Mapping[str, bytes] | None:
        source = Source(words=f"The archive {url}", url=url)
        if url.endswith(".conda"):
            return await self._of_conda(source, url)
        if url.endswith(".tar.bz2"):
            part = await self._part(source, url, f"bytes=0-{LARGEST_BEGINNING - 1}", LARGEST_BEGINNING)
            return await asyncio.to_thread(_of_bzip2, part.content)
        return None

    async def _of_conda(self, source: Source, url: str) -> Mapping[str, bytes] | None:
        return await read_sparsely(
            SparseFile(await self._part(source, url, f"bytes=-{READ_AT_ONCE}")),
            _of_zip,
            lambda bounds: self._part(source, url, bounds),
            most=MOST_PARTS,
            size=READ_AT_ONCE,
            unreadable=BAD_TAR,
        )

    async def _part(self, source: Source, url: str, bounds: str, largest: int = READ_AT_ONCE) -> FilePart:
        async with self._exchange.get(source, url, {"Range": bounds}) as response:
            return await bounded_part(source, response, largest)


def _of_zip(archive: SparseFile) -> Mapping[str, bytes] | None:
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.infolist():
            if _INFO.fullmatch(member.filename) and member.file_size <= LARGEST_INFO:
                with zipped.open(member) as info:
                    return _of_zstd(io.BytesIO(info.read(LARGEST_INFO)))
    return None


def _of_zstd(info: BinaryIO) -> Mapping[str, bytes]:
    with opened(info) as reader:
        content = io.BytesIO(reader.read(LARGEST_UNPACKED))
    with tarfile.open(fileobj=content, mode="r:") as tar:
        return dict(_wanted(tar))


def _of_bzip2(beginning: bytes) -> Mapping[str, bytes] | None:
    """Return the files that *beginning* has whole: it is cut somewhere."""
    found: dict[str, bytes] = {}
    with suppress(*BAD_TAR):
        content = bz2.BZ2Decompressor().decompress(beginning, LARGEST_UNPACKED)
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
            found.update(_wanted(tar))  # what was whole before an error stays
    return found or None


def _wanted(tar: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in tar:
        if member.name.startswith(LICENSES) and member.isfile():
            yield member.name, b""
        largest = LARGEST_LIST if member.name == PATHS else LARGEST_FILE
        if member.name not in FILES or not member.isfile() or member.size > largest:
            continue
        file = tar.extractfile(member)
        content = file.read() if file else b""
        if len(content) == member.size:
            yield member.name, content
