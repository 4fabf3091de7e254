"""Which releases of a conda package there are, and whether records are still what their channel offers.

A name belongs to the first channel that HAS it (threats: dependency confusion). A channel that does not answer, or
lists nothing at all, leaves every name unknown that no channel before it has: unknown is never absent.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import rattler
from rattler.exceptions import InvalidMatchSpecError

from bot.datasources.mirrors import canonical_url
from bot.datasources.records import to_record
from bot.datasources.repodata import NOARCH, Repodata, to_subdir
from bot.errors import BadInput, ChannelError
from bot.model.audit import ChannelQuestion, Mismatch, MismatchKind, Offered
from bot.model.manifest import ChannelPriority, PackageName, Subdir
from bot.model.package import Channel, Record
from bot.model.update import Absent, Build, Lookup, Release, Releases, Unknown
from bot.settings import ChannelSettings
from bot.versioning.flavour import words

_FAMILIES = {"linux": {"__unix", "__linux"}, "osx": {"__unix", "__osx"}, "win": {"__win"}}
_FAMILY_PACKAGES = {"__unix", "__linux", "__osx", "__win"}


class CondaDatasource:
    """One view of conda channels: what was read once stays as it was. `new_session` is how a scan gets fresh repodata.

    The cache on disk is that of `bot.relock.SolverPool` with the same settings. `repodata` is what it sees of channels.
    """

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings
        self.repodata = Repodata(settings)
        self._known: defaultdict[tuple[str, tuple[Subdir, ...]], dict[PackageName, tuple[Release, ...]]]
        self._known = defaultdict(dict)

    def new_session(self) -> "CondaDatasource":
        """Return a datasource that reads channels afresh; this one still sees what it saw."""
        return CondaDatasource(self._settings)

    async def releases(
        self,
        channels: Sequence[Channel],
        subdirs: Sequence[Subdir],
        names: Sequence[PackageName],
        priority: ChannelPriority = ChannelPriority.STRICT,
    ) -> Mapping[PackageName, Lookup]:
        """Return for each of *names* what *channels*, in order of priority, offer on *subdirs*.

        Under strict and flexible priority the first channel that has the name answers for it. Where priority is
        disabled all channels do, and `Releases.channel` is the first that has the newest release.
        """
        if priority is ChannelPriority.DISABLED:
            return await self._from_all(channels, subdirs, names)
        return await self._from_first(channels, subdirs, names)

    async def find(self, records: Sequence[Record], channels: Sequence[Channel]) -> tuple[Mismatch, ...]:
        """Compare *records* with *channels* by URL, hashes and size; return those that differ, in order.

        To be asked before anything is committed, and for audits. A channel that does not answer makes its records
        UNKNOWN; nobody may commit those.
        """
        offered: dict[str, rattler.RepoDataRecord] = {}
        problems: dict[str, str] = {}
        for channel in channels:
            try:
                offered = await self._by_url(channel, records) | offered  # a later channel may not speak for an earlier
            except ChannelError as error:
                problems[channel.url] = str(error)
        compared = (_compare(record, offered.get(record.url), channels, problems) for record in records)
        return tuple(mismatch for mismatch in compared if mismatch is not None)

    async def offered(self, question: ChannelQuestion) -> Offered:
        """Return what a channel offers of what is asked for; a subdir that is no conda platform has nothing.

        Raises:
            ChannelError: the channel did not answer, or lists no package at all.

        """
        subdirs = sorted(subdir for subdir in question.subdirs if _is_platform(subdir))
        found = await self._query(question.channel, subdirs, sorted(question.names))
        by_url = self._by_canonical_url(found)
        return Offered(
            records={url: to_record(by_url[url], self.repodata.mirrors) for url in question.urls & by_url.keys()},
            names=frozenset(PackageName(each.name.normalized) for each in found),
        )

    async def _from_first(
        self, channels: Sequence[Channel], subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, Lookup]:
        answers: dict[PackageName, Lookup] = {}
        for channel, mine in _asked(channels, subdirs):
            wanted = [name for name in names if name not in answers]
            try:
                found = await self._offers(channel, mine, wanted)
            except ChannelError as error:
                answers |= {name: Unknown(reason=str(error), channel=channel) for name in wanted}
                break
            answers |= {name: Releases(channel=channel, releases=offer) for name, offer in found.items() if offer}
        return {name: answers.get(name) or _absent(name, channels) for name in names}

    async def _offers(
        self, channel: Channel, subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, tuple[Release, ...]]:
        """Return what *channel* has of each of *names*, empty where it does not have it.

        It is remembered, as every manifest of a scan asks for much the same.
        """
        known = self._known[channel.url, tuple(subdirs)]
        if wanted := [name for name in names if name not in known]:
            found = await self._by_name(channel, subdirs, wanted)
            known |= {name: _releases(found.get(name, ()), subdirs) for name in wanted}
        return {name: known[name] for name in names}

    async def _from_all(
        self, channels: Sequence[Channel], subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, Lookup]:
        found: list[tuple[Channel, Mapping[PackageName, list[rattler.RepoDataRecord]]]] = []
        for channel, mine in _asked(channels, subdirs):
            try:
                found.append((channel, await self._by_name(channel, mine, names)))
            except ChannelError as error:
                return {name: Unknown(reason=str(error), channel=channel) for name in names}
        return {name: _merged(name, found, subdirs) for name in names}

    async def _by_name(
        self, channel: Channel, subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, list[rattler.RepoDataRecord]]:
        found: dict[PackageName, list[rattler.RepoDataRecord]] = defaultdict(list)
        for record in await self._query(channel, subdirs, names):
            found[PackageName(record.name.normalized)].append(record)
        return found

    async def _by_url(self, channel: Channel, records: Sequence[Record]) -> dict[str, rattler.RepoDataRecord]:
        subdirs = sorted({record.subdir for record in records})
        return self._by_canonical_url(await self._query(channel, subdirs, sorted({record.name for record in records})))

    async def _query(
        self, channel: Channel, subdirs: Sequence[str], names: Sequence[PackageName]
    ) -> list[rattler.RepoDataRecord]:
        specs = [spec for spec in map(_spec, names) if spec is not None]
        found = await self.repodata.records(channel.url, subdirs, specs)
        if not found:
            await self.repodata.require_content(channel.url, subdirs)
        return found

    def _by_canonical_url(self, records: Iterable[rattler.RepoDataRecord]) -> dict[str, rattler.RepoDataRecord]:
        return {canonical_url(each.url, self.repodata.mirrors): each for each in records}


def _asked(channels: Iterable[Channel], subdirs: Sequence[Subdir]) -> Iterable[tuple[Channel, Sequence[Subdir]]]:
    """Yield each channel that is asked for any of *subdirs*, and for which."""
    for channel in channels:
        if mine := [each for each in subdirs if channel.is_for(each)]:
            yield channel, mine


def _spec(name: PackageName) -> rattler.MatchSpec | None:
    """Return the spec that every record of *name* matches, or None if no package can have that name."""
    try:
        return rattler.MatchSpec(name)
    except InvalidMatchSpecError:
        return None


def _is_platform(subdir: str) -> bool:
    try:
        to_subdir(subdir)
    except BadInput:
        return False
    return True


def _absent(name: PackageName, channels: Sequence[Channel]) -> Absent:
    asked = ", ".join(channel.name for channel in channels)
    return Absent(reason=f"No package is called {name} in {asked}." if asked else "There is no channel to ask.")


def _merged(
    name: PackageName,
    found: Iterable[tuple[Channel, Mapping[PackageName, list[rattler.RepoDataRecord]]]],
    subdirs: Sequence[Subdir],
) -> Lookup:
    """Return the releases of all channels together; the first channel that has the newest one stands for them."""
    offers = [(channel, offered[name]) for channel, offered in found if name in offered]
    if not offers:
        return _absent(name, [channel for channel, _ in found])
    channel, _ = max(offers, key=lambda offer: max(record.version for record in offer[1]))
    releases = _releases([record for _, offered in offers for record in offered], subdirs)
    return Releases(channel=channel, releases=releases)


def _releases(records: Iterable[rattler.RepoDataRecord], subdirs: Sequence[Subdir]) -> tuple[Release, ...]:
    """Return *records* of one package as releases: one per version, `1.1` and `1.1.0` being the same one."""
    by_text: dict[str, list[rattler.RepoDataRecord]] = defaultdict(list)
    for record in records:
        by_text[str(record.version)].append(record)
    ordered = sorted(((builds[0].version, builds) for builds in by_text.values()), key=itemgetter(0))
    same = groupby(ordered, key=itemgetter(0))
    return tuple(_release([build for _, builds in group for build in builds], subdirs) for _, group in same)


def _release(builds: Sequence[rattler.RepoDataRecord], subdirs: Sequence[Subdir]) -> Release:
    flavours: dict[str, set[tuple[str, ...]]] = {}
    there: dict[str, set[Build]] = {}
    for build in builds:
        text = str(build.build)
        said = words(text, build.depends)
        for subdir in _installable_on(build, subdirs):
            flavours.setdefault(subdir, set()).add(said)
            there.setdefault(subdir, set()).add((text, build.build_number))
    return Release(
        version=str(builds[0].version),
        subdirs=frozenset(flavours),
        built=min(filter(None, (build.timestamp for build in builds)), default=None),
        flavours={subdir: frozenset(found) for subdir, found in flavours.items() if any(found)},
        builds={subdir: frozenset(found) for subdir, found in there.items()},
    )


def _installable_on(record: rattler.RepoDataRecord, subdirs: Sequence[Subdir]) -> Iterable[Subdir]:
    """Yield those of *subdirs* where *record* goes; noarch twins depend on `__win`, `__unix`, `__linux` or `__osx`."""
    if record.subdir != NOARCH:
        return (subdir for subdir in subdirs if subdir == record.subdir)
    needed = {depends.split(" ", 1)[0] for depends in record.depends if depends.startswith("__")} & _FAMILY_PACKAGES
    return (subdir for subdir in subdirs if needed <= _family(subdir))


def _family(subdir: Subdir) -> set[str]:
    """Return the virtual packages of the operating system of *subdir* (CEP 30); all others are some Unix."""
    return _FAMILIES.get(subdir.partition("-")[0], {"__unix"})


def _compare(
    record: Record, offered: rattler.RepoDataRecord | None, channels: Sequence[Channel], problems: Mapping[str, str]
) -> Mismatch | None:
    if offered is None:
        return _missing(record, channels, problems)
    hashes = ((record.sha256, offered.sha256), (record.md5, offered.md5))
    if any(ours and theirs and ours.lower() != theirs.hex() for ours, theirs in hashes):
        sentence = f"{record.url} has another hash in its channel than in the lock."
        return Mismatch(record=record, kind=MismatchKind.HASH, sentence=sentence)
    if None not in (record.size, offered.size) and record.size != offered.size:
        sentence = f"{record.url} is {offered.size} bytes in its channel, but {record.size} in the lock."
        return Mismatch(record=record, kind=MismatchKind.SIZE, sentence=sentence)
    return None


def _missing(record: Record, channels: Sequence[Channel], problems: Mapping[str, str]) -> Mismatch:
    home = next((channel for channel in channels if record.url.startswith(f"{channel.url}/")), None)
    if home is None:
        sentence = f"{record.url} is in none of the channels {', '.join(channel.name for channel in channels)}."
        return Mismatch(record=record, kind=MismatchKind.ELSEWHERE, sentence=sentence)
    if home.url in problems:
        return Mismatch(record=record, kind=MismatchKind.UNKNOWN, sentence=problems[home.url])
    sentence = f"{record.url} is no longer in the channel {home.name}."
    return Mismatch(record=record, kind=MismatchKind.GONE, sentence=sentence)
