"""Where the projects behind packages are on the web, by what their archives say of themselves.

In archives of channels that is `info/about.json`, in wheels their core metadata: repodata and the pages of indexes name
neither home nor sources. What is not to be had is not known, and nobody hears why: it is a link less.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

import msgspec

from bot.datasources.archives import ArchiveReader
from bot.errors import CondabotError
from bot.model.package import CoreMetadata, PypiFile
from bot.model.project import Project

MOST_READ: Final = 10
"""Archives that are read at a time, a request or two for each; of the others there is the channel's page."""

ABOUT: Final = "info/about.json"
HOMES: Final = ("homepage", "home")
SOURCES: Final = ("source", "repository", "sourcecode", "github", "code")
OTHERS: Final = (
    *("changelog", "changes", "whatsnew", "history", "releasenotes", "releases"),
    *("issues", "bugtracker"),
)
"""Labels of URLs in core metadata, normalised as PEP 753 says; below `OTHERS` there may be a repository, too."""

_PUNCTUATION: Final = re.compile(r"[\W_]+")

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


class Wheels(Protocol):
    """Reads what wheels say of themselves."""

    async def about(self, file: PypiFile) -> CoreMetadata:
        """Return what the wheel *file* says. Raises CondabotError."""
        ...


class ProjectDatasource:
    """Reads what archives in channels, and wheels, say of their projects. Never raises for what they hold."""

    def __init__(self, archives: ArchiveReader, wheels: Wheels | None = None) -> None:
        self._archives = archives
        self._wheels = wheels

    async def projects(self, archives: Sequence[str]) -> Sequence[Project]:
        """Return what each of *archives*, URLs in channels, says of its project, or else the channel's page of it."""
        read = await asyncio.gather(*map(self._archives.read, archives[:MOST_READ]))
        abouts = [(files or {}).get(ABOUT, b"") for files in read]
        found = [_project(about, url) for about, url in zip(abouts, archives, strict=False)]
        return [*found, *(_project(b"", url) for url in archives[MOST_READ:])]

    async def of_wheels(self, wheels: Sequence[PypiFile]) -> Sequence[Project]:
        """Return what each of *wheels* says of its project; where it says nothing, there is nothing."""
        found = await asyncio.gather(*map(self._of_wheel, wheels[:MOST_READ]))
        return [*found, *(Project() for _ in wheels[MOST_READ:])]

    async def _of_wheel(self, wheel: PypiFile) -> Project:
        try:
            return _labelled((await self._wheels.about(wheel)).urls) if self._wheels else Project()
        except CondabotError:
            return Project()


def _labelled(urls: Sequence[tuple[str, str]]) -> Project:
    said = [(_PUNCTUATION.sub("", label).lower(), url.strip()) for label, url in urls]
    homes, sources, others = ([url for label, url in said if label in wanted] for wanted in (HOMES, SOURCES, OTHERS))
    pages = (each for each in (*homes, *sources) if each.startswith("https://"))
    return Project(page=next(pages, ""), repository=next(_repositories((*sources, *homes, *others)), ""))


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
