"""Where the projects behind packages are on the web, by what their archives say of themselves: `info/about.json`.

Repodata name neither home nor sources. Of a `.conda` archive the end is read, where its directory and its info part
stand (https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html, CEP 20): a request or two for a
package, whose answer is kept, since a package never changes. Of an older `.tar.bz2` nothing is read. What is not to be
had is not known, and nobody hears why: it is a link less.
"""

import asyncio
import io
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

import httpx
import msgspec

from bot.datasources.exchange import CheckUrl, Exchange, FilePart, Source, bounded_part
from bot.datasources.page_cache import CachedPage, PageCache
from bot.datasources.sparse import MissingPart, SparseFile
from bot.datasources.wheels import UNREADABLE
from bot.datasources.zstd import BAD_ZSTD, opened
from bot.errors import ChannelError
from bot.model.project import Project
from bot.settings import ChannelSettings

AT_ONCE: Final = 4
MOST_READ: Final = 10
"""Archives that are read at a time, a request or two for each; of the others there is the channel's page."""

READ_AT_ONCE: Final = 96 * 1024
MOST_PARTS: Final = 4
LARGEST_INFO: Final = 384 * 1024
"""Bytes of the info part of an archive, which holds recipe and licences too."""

LARGEST_UNPACKED: Final = 16_000_000
LARGEST_ABOUT: Final = 200_000
ABOUT: Final = "info/about.json"
ENDING: Final = ".conda"

BAD_TAR: Final = (tarfile.TarError, *BAD_ZSTD, *UNREADABLE)

_INFO = re.compile(r"info-[^/]+\.tar\.zst")
_REPOSITORY = re.compile(
    r"https?://(?:www\.)?(github\.[a-z0-9.-]{2,200})/([A-Za-z0-9-]{1,39})/([A-Za-z0-9._-]{1,100}?)(?:\.git)?(?:[/#?].*)?",
    re.IGNORECASE,
)
_CHANNEL_PAGES: Final = (
    (re.compile(r"https://conda\.anaconda\.org/([a-z0-9_.-]+)/"), "https://anaconda.org/{channel}/{name}"),
    (
        re.compile(r"https://(?:repo\.)?prefix\.dev/([a-z0-9_.-]+)/"),
        "https://prefix.dev/channels/{channel}/packages/{name}",
    ),
)


class _About(msgspec.Struct, frozen=True):
    """What an archive says, as far as it is read here: URLs, or lists of them."""

    home: str | list[str] | None = None
    dev_url: str | list[str] | None = None
    source_url: str | list[str] | None = None


class ProjectDatasource:
    """Reads what archives in channels say of their projects; safe for concurrent use. Never raises for what they hold.

    *check_url* says of every URL whether it may be called, redirects included.
    """

    def __init__(self, http: httpx.AsyncClient, settings: ChannelSettings, *, check_url: CheckUrl) -> None:
        self._exchange = Exchange(
            http, check_url=check_url, timeout=settings.timeout, mirrors=settings.mirrors, private=settings.private
        )
        self._cache = PageCache(Path(settings.cache_dir) / "projects", settings.private)
        self._offline = settings.offline

    async def projects(self, archives: Sequence[str]) -> Sequence[Project]:
        """Return what each of *archives*, URLs in channels, says of its project, or else the channel's page of it."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def read(url: str) -> Project:
            async with turns:
                return _project(await self._about(url), url)

        found = await asyncio.gather(*map(read, archives[:MOST_READ]))
        return [*found, *(_project(b"", url) for url in archives[MOST_READ:])]

    async def _about(self, url: str) -> bytes:
        if kept := await asyncio.to_thread(self._cache.load, url):
            return kept.body or b""
        if self._offline or not url.endswith(ENDING):
            return b""
        with suppress(ChannelError):
            about = await self._cut_out(url)
            await asyncio.to_thread(self._cache.store, url, CachedPage(base_url=url, etag="", body=about))
            return about
        return b""

    async def _cut_out(self, url: str) -> bytes:
        """Return `info/about.json` of the archive at *url*, empty if there is none to be read."""
        source = Source(words=f"The archive {url}", url=url)
        archive = SparseFile(await self._part(source, url, f"bytes=-{READ_AT_ONCE}"))
        for _ in range(MOST_PARTS):
            try:
                return await asyncio.to_thread(_about_in, archive)
            except MissingPart as missing:
                start = missing.start
            except BAD_TAR:
                return b""
            archive.add(await self._part(source, url, f"bytes={start}-{start + READ_AT_ONCE - 1}"))
        return b""

    async def _part(self, source: Source, url: str, bounds: str) -> FilePart:
        async with self._exchange.get(source, url, {"Range": bounds}) as response:
            return await bounded_part(source, response, READ_AT_ONCE)


def _about_in(archive: SparseFile) -> bytes:
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.infolist():
            if _INFO.fullmatch(member.filename) and member.file_size <= LARGEST_INFO:
                with zipped.open(member) as info:
                    return _unpacked(io.BytesIO(info.read(LARGEST_INFO)))
    return b""


def _unpacked(info: BinaryIO) -> bytes:
    with opened(info) as reader:
        content = io.BytesIO(reader.read(LARGEST_UNPACKED))
    with tarfile.open(fileobj=content, mode="r:") as tar:
        for member in tar:
            if member.name == ABOUT and member.isfile() and member.size <= LARGEST_ABOUT:
                file = tar.extractfile(member)
                return file.read() if file else b""
    return b""


def _project(about: bytes, url: str) -> Project:
    said = _said(about)
    homes, sources = tuple(_urls(said.home)), (*_urls(said.dev_url), *_urls(said.source_url))
    pages = (each for each in (*homes, *sources) if each.startswith("https://"))
    return Project(page=next(pages, _channel_page(url)), repository=next(_repositories((*sources, *homes)), ""))


def _said(about: bytes) -> _About:
    try:
        return msgspec.json.decode(about, type=_About) if about else _About()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _About()


def _urls(said: str | list[str] | None) -> Iterable[str]:
    return (said,) if isinstance(said, str) else said or ()


def _repositories(urls: Iterable[str]) -> Iterator[str]:
    """Yield those of *urls* that are of repositories on a GitHub, in one spelling."""
    for url in urls:
        if found := _REPOSITORY.fullmatch(url):
            yield f"https://{found[1].lower()}/{found[2]}/{found[3]}"


def _channel_page(url: str) -> str:
    """Return the page that a channel itself has of the package whose archive is at *url*; empty where none is known."""
    name = url.rpartition("/")[2].rsplit("-", 2)[0]
    for channel, page in _CHANNEL_PAGES:
        if found := channel.match(url):
            return page.format(channel=found[1], name=name)
    return ""
