"""Advisories in OSV's form, from a folder or from a copy of what OSV publishes, as the operator names it.

A folder holds records (`*.json`) and archives of them (`*.zip`), at any depth. A copy is a URL under which each
ecosystem has its archive: https://google.github.io/osv.dev/data/. Only what is about PyPI is read, and what is about
repositories: records without a package, and OSS-Fuzz's, whose versions are tags. Records are bounded, and one that is
none is counted and left out: a database of thousands has some that somebody got wrong.
"""

import asyncio
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from bot.datasources.exchange import Source
from bot.datasources.pages import Pages
from bot.datasources.sparse import UNREADABLE
from bot.errors import BadInput, SpecError
from bot.model.advisory import Advisory, Affected, EventKind, FoundAdvisories, RangeEvent
from bot.model.manifest import PackageName
from bot.versioning.match_spec import normalise_pypi_name
from bot.versioning.upstream import repository_name

T = TypeVar("T")

LARGEST_RECORD: Final = 2_000_000
MOST_RECORDS: Final = 500_000
LARGEST_ARCHIVE: Final = 256_000_000
_ARCHIVE: Final = "PyPI/all.zip"
_ARCHIVE_OF_REPOSITORIES: Final = "OSS-Fuzz/all.zip"
_ECOSYSTEM: Final = "PyPI"
_OF_REPOSITORIES: Final = frozenset({"", "OSS-Fuzz", "GIT"})


class _Package(msgspec.Struct, frozen=True):
    ecosystem: str = ""
    name: str = ""


class _Range(msgspec.Struct, frozen=True):
    type: str = ""
    repo: str = ""
    events: list[dict[str, str]] = []


class _Affected(msgspec.Struct, frozen=True):
    package: _Package | None = None
    ranges: list[_Range] = []
    versions: list[str] = []


class _Database(msgspec.Struct, frozen=True):
    severity: object = None


class _Record(msgspec.Struct, frozen=True):
    id: str
    aliases: list[str] = []
    summary: str = ""
    withdrawn: str | None = None
    affected: list[_Affected] = []
    database_specific: _Database | None = None


@dataclass(frozen=True, slots=True)
class AdvisoryFolder:
    """The records below the folder *path*."""

    path: Path

    async def about(self, names: Iterable[PackageName]) -> FoundAdvisories:
        """Return what is known of the projects *names*.

        Raises:
            BadInput: there is no such folder, or it has no record at all.

        """
        return await asyncio.to_thread(self._read, partial(_gathered, names=frozenset(names)))

    async def hashes(self) -> Mapping[PackageName, bytes]:
        """Return what is said of each project, as a hash that changes with it; raises as `about` does."""
        return await asyncio.to_thread(self._read, _hashes)

    def _read(self, read: Callable[[Iterable[bytes]], T]) -> T:
        try:
            return read(self._texts())
        except OSError as error:
            raise BadInput(f"cannot be read: {error.strerror}", path=str(self.path)) from error
        except _Nothing:
            raise BadInput("has no advisories in OSV's form (*.json, *.zip)", path=str(self.path)) from None

    def _texts(self) -> Iterator[bytes]:
        if not self.path.is_dir():
            raise BadInput("is no folder of advisories", path=str(self.path))
        for path in sorted(self.path.rglob("*.json")):
            with path.open("rb") as file:
                yield file.read(LARGEST_RECORD + 1)
        for path in sorted(self.path.rglob("*.zip")):
            yield from _of_archive(path)


@dataclass(frozen=True, slots=True)
class AdvisoryMirror:
    """The copy of OSV's archives below *url*, kept on disk and asked for again by its ETag."""

    url: str
    pages: Pages

    async def about(self, names: Iterable[PackageName]) -> FoundAdvisories:
        """Return what is known of the projects *names*.

        Raises:
            ChannelError: the mirror did not answer, or with something else.

        """
        return await self._read(partial(_gathered, names=frozenset(names)))

    async def hashes(self) -> Mapping[PackageName, bytes]:
        """Return what is said of each project, as a hash that changes with it; raises as `about` does."""
        return await self._read(_hashes)

    async def _read(self, read: Callable[[Iterable[bytes]], T]) -> T:
        source = Source(words=f"The mirror of advisories at {self.url}", url=self.url)
        packages = await self._archive(source, _ARCHIVE) or source.fail(f"has no {_ARCHIVE}")
        repositories = await self._archive(source, _ARCHIVE_OF_REPOSITORIES)
        archives = [io.BytesIO(each) for each in (packages, repositories) if each is not None]
        texts = chain.from_iterable(map(_of_archive, archives))
        try:
            return await asyncio.to_thread(read, texts)
        except (_Nothing, BadInput) as error:
            raise source.problem("has no records in its archives") from error

    async def _archive(self, source: Source, path: str) -> bytes | None:
        """Return the archive at *path*, None if there is none."""
        page = await self.pages.get(source, f"{self.url}/{path}", what="them", largest=LARGEST_ARCHIVE)
        return page.body


class _Nothing(Exception):
    """There is not one record."""


def _of_archive(archive: Path | io.BytesIO) -> Iterator[bytes]:
    """Yield the records of *archive*; one that says that it is larger than a record may be is cut."""
    try:
        with zipfile.ZipFile(archive) as opened:
            for each in opened.infolist():
                if each.filename.endswith(".json"):
                    with opened.open(each) as file:
                        yield file.read(LARGEST_RECORD + 1)
    except OSError:
        raise  # it is not the archive that is broken
    except UNREADABLE as error:
        raise BadInput("is a broken archive", path=str(archive)) from error


def _advisories(texts: Iterable[bytes]) -> Iterator[Advisory | None]:
    """Yield what each of *texts* is, None for one that is no advisory."""
    for read, text in enumerate(texts, 1):
        if read > MOST_RECORDS:
            raise BadInput(f"has more than {MOST_RECORDS} advisories")
        yield _advisory(text)


def _hashes(texts: Iterable[bytes]) -> Mapping[PackageName, bytes]:
    said: dict[PackageName, list[bytes]] = {}
    for advisory in filter(None, _advisories(texts)):
        for each in advisory.affected:
            said.setdefault(each.name, []).append(_hash(advisory, each))
    if not said:
        raise _Nothing
    return {name: hashlib.sha256(b"".join(sorted(every))).digest() for name, every in said.items()}


def _hash(advisory: Advisory, affected: Affected) -> bytes:
    """Return a hash of what *advisory* says of a project, as far as it may change a verdict."""
    ranges = [[(event.kind, event.version) for event in events] for events in affected.ranges]
    said = (advisory.id, sorted(advisory.aliases), sorted(affected.versions), ranges)
    return hashlib.sha256(msgspec.json.encode(said)).digest()


def _gathered(texts: Iterable[bytes], names: frozenset[PackageName]) -> FoundAdvisories:
    found: dict[PackageName, list[Advisory]] = {}
    unreadable = read = 0
    knows_repositories = False
    for advisory in _advisories(texts):
        read += 1
        if advisory is None:
            unreadable += 1
            continue
        knows_repositories = knows_repositories or any(each.is_repository for each in advisory.affected)
        for name in {each.name for each in advisory.affected} & names:
            found.setdefault(name, []).append(advisory)
    if unreadable == read:
        raise _Nothing
    ordered = {name: tuple(sorted(every, key=lambda each: each.id)) for name, every in found.items()}
    return FoundAdvisories(by_name=ordered, unreadable=unreadable, knows_repositories=knows_repositories)


def _advisory(text: bytes) -> Advisory | None:
    """Return the advisory that *text* is, None if it is none; what was withdrawn is about nothing."""
    try:
        record = msgspec.json.decode(text, type=_Record)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    severity = record.database_specific.severity if record.database_specific else None
    return Advisory(
        id=_line(record.id),
        aliases=tuple(map(_line, record.aliases)),
        summary=_line(record.summary),
        severity=_line(severity).lower() if isinstance(severity, str) else "",
        affected=() if record.withdrawn else tuple(_affected(record.affected)),
    )


def _affected(every: Iterable[_Affected]) -> Iterator[Affected]:
    for each in every:
        ecosystem = each.package.ecosystem.partition(":")[0] if each.package else ""
        if ecosystem in _OF_REPOSITORIES:
            yield from _of_repositories(each)
        if each.package is None or ecosystem != _ECOSYSTEM:
            continue
        try:
            name = normalise_pypi_name(each.package.name)
        except SpecError:
            continue
        ranges = tuple(tuple(_events(found.events)) for found in each.ranges if found.type != "GIT")
        yield Affected(name=name, ranges=ranges, versions=frozenset(each.versions))


def _of_repositories(affected: _Affected) -> Iterator[Affected]:
    """Yield what is said of each repository: its tags, and whether its ranges of commits end."""
    ranges: dict[PackageName, list[tuple[RangeEvent, ...]]] = {}
    for each in affected.ranges:
        if each.type == "GIT" and (name := repository_name(each.repo)):
            ranges.setdefault(name, []).append(tuple(_events(each.events)))
    for name, mine in ranges.items():
        yield Affected(name=name, ranges=tuple(mine), versions=frozenset(affected.versions), is_repository=True)


def _events(events: Iterable[Mapping[str, str]]) -> Iterator[RangeEvent]:
    for event in events:
        yield from (RangeEvent(kind=kind, version=event[kind]) for kind in EventKind if kind in event)


def _line(text: str) -> str:
    return " ".join(text.split())
