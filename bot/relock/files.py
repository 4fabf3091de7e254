"""Package files that are asked for by URL or path: found where they are listed, and offered to the solver as sources.

So is what stays as it is locked, also what is built from source.

Rule 1: what a file needs is said by its channel where that is one of the environment's; else by the lock that holds it;
else by the channel that its URL is in, of which nothing but this file is offered. Nothing is downloaded to find out.
Rule 2: the file's name is taken: no channel offers another record of it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import rattler

from bot.datasources.mirrors import canonical_url
from bot.datasources.repodata import Repodata
from bot.errors import BadInput
from bot.model.package import Record
from bot.model.solve import PackageFile, SolveRequest
from bot.versioning.records import file_name

_LONG_AGO: Final = datetime(1970, 1, 2, tzinfo=UTC)
"""When what is built from source came up: no cut-off keeps it out, and what has no time the solver does not let in."""


@dataclass(frozen=True, slots=True)
class Files:
    """Records for py-rattler's solver, and only them; `of_lock` are those of which a lock alone tells, by name."""

    records: Sequence[rattler.RepoDataRecord]
    of_lock: Mapping[str, Record]

    @property
    def are_unmistakable(self) -> bool:
        """Whether their specs alone tell them from what channels have of their names: by hash, or as no channel's."""
        sources = {each.name for each in self.of_lock.values() if each.is_source}
        return all(each.sha256 or each.name.normalized in sources for each in self.records)

    @property
    def names(self) -> frozenset[str]:
        """The names of the packages."""
        return frozenset(each.name.normalized for each in self.records)

    @property
    def specs(self) -> tuple[rattler.MatchSpec, ...]:
        """Return a spec for each record, that asks for this one and no other."""
        return tuple(map(_spec, self.records))

    def as_locked(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Return *records*, those of which a lock alone tells as the lock has them."""
        return tuple(self.of_lock.get(each.name, each) for each in records)

    def sources(self) -> list[rattler.SparseRepoData]:
        """Return what has the records, by channel and subdir, as a file that is gone again.

        A source in Python would be asked for every package that is in play, hundreds of times for a solve.
        """
        places: dict[tuple[str, str], list[rattler.RepoDataRecord]] = {}
        for each in self.records:
            places.setdefault((str(each.channel), each.subdir), []).append(each)
        return [_source(channel, subdir, records) for (channel, subdir), records in places.items()]

    def as_they_are(self, found: Iterable[rattler.RepoDataRecord]) -> Iterable[rattler.RepoDataRecord]:
        """Return *found*, those of `sources` as they were before they were offered."""
        known = {each.name.normalized: each for each in self.records}
        return (known.get(each.name.normalized, each) for each in found)


def _source(channel: str, subdir: str, records: Iterable[rattler.RepoDataRecord]) -> rattler.SparseRepoData:
    packages = {each.file_name: json.loads(each.to_json()) for each in records}
    document = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages}
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder, "repodata.json")
        path.write_text(json.dumps(document))
        return rattler.SparseRepoData(rattler.Channel(channel), subdir, path)


async def find_files(repodata: Repodata, request: SolveRequest) -> Files:
    """Return what is known of the `files` of *request*.

    Raises:
        BadInput: nobody lists one of them.
        ChannelError: a channel did not answer.

    """
    found = [await _find(repodata, request, each) for each in request.files]
    return Files(
        [_from_lock(each) if isinstance(each, Record) else each for each in found],
        {each.name: each for each in found if isinstance(each, Record)},
    )


async def _find(repodata: Repodata, request: SolveRequest, file: PackageFile) -> rattler.RepoDataRecord | Record:
    """Return what a channel says of *file*, or else a lock."""
    if file.record and file.record.is_source:
        return file.record
    channel = _channel_of(file.location)
    if channel in request.channels and (found := await _listed(repodata, request, file)):
        return found
    if file.record:
        return file.record
    if "://" in channel and channel not in request.channels and (found := await _listed(repodata, request, file)):
        return found
    raise BadInput(f"What {file.location} needs is not known: no channel lists it, and no lock holds it.")


async def _listed(repodata: Repodata, request: SolveRequest, file: PackageFile) -> rattler.RepoDataRecord | None:
    """Return what the channel that *file* is in says of it."""
    name = file_name(file.location).rsplit("-", 2)[0]
    found = await repodata.records(_channel_of(file.location), [request.subdir], [name])
    return next((each for each in found if canonical_url(each.url, repodata.mirrors) == file.location), None)


def _channel_of(location: str) -> str:
    """Return the channel of `…/channel/subdir/name-version-build.conda`."""
    return location.rsplit("/", 2)[0]


def _from_lock(record: Record) -> rattler.RepoDataRecord:
    package = rattler.PackageRecord(
        record.name,
        record.version,
        rattler.BuildString(record.build),
        record.build_number,
        record.subdir,
        depends=list(record.depends),
        constrains=list(record.constrains),
        sha256=bytes.fromhex(record.sha256) if record.sha256 else None,
        md5=bytes.fromhex(record.md5) if record.md5 else None,
    )
    if record.is_source:
        package.timestamp = _LONG_AGO
    path = f"{record.name}-{record.version}-{record.build}.conda" if record.is_source else record.url
    url = path if "://" in path else f"file:///{path}"
    return rattler.RepoDataRecord(package, file_name(url), url, _channel_of(url))


def _spec(record: rattler.RepoDataRecord) -> rattler.MatchSpec:
    name = record.name.normalized
    if record.sha256:
        return rattler.MatchSpec(f"{name}[sha256='{record.sha256.hex()}']")
    return rattler.MatchSpec(f"{name}[version='=={record.version}',build='{record.build}',subdir='{record.subdir}']")
