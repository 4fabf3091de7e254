"""A request that contradicts itself has no solution, whatever a solver tries (`bot.relock.contradiction`).

Of each package all that the solver may see is taken into account, and sometimes more: under strict priority what the
first channel offers of which anything may be seen, or all channels where a spec names one; what is locked always; and
what is asked for by its file. Of what is refused to be understood nothing is concluded.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain

import rattler

from bot.datasources.records import to_record
from bot.datasources.repodata import NOARCH, Repodata
from bot.model.manifest import ChannelPriority, PackageName
from bot.model.package import Record
from bot.model.solve import SolveRequest
from bot.relock.contradiction import Asked, refuting
from bot.relock.files import Files
from bot.relock.offers import Offer, RecordSet, Seen, name_of, provided, set_of
from bot.relock.overlay import Known, Limits


@dataclass(frozen=True, slots=True)
class _Listed:
    """What channels list of a package, in `batches`; `of_channels` are those, and `places` where each URL is in all.

    `old_enough` are those that limits, by how these read, do not keep out.
    """

    batches: Sequence[Sequence[rattler.RepoDataRecord]]
    offer: Offer
    of_channels: tuple[RecordSet, ...]
    places: Mapping[str, int]
    old_enough: dict[str, RecordSet] = field(default_factory=dict)

    @classmethod
    def of(cls, batches: Sequence[Sequence[rattler.RepoDataRecord]]) -> "_Listed":
        """Put together the records of each channel."""
        records = list(chain.from_iterable(batches))
        whose = [index for index, batch in enumerate(batches) for _ in batch]
        of_channels = tuple(set_of(each == index for each in whose) for index in range(len(batches)))
        return cls(batches, Offer(records), of_channels, {each.url: place for place, each in enumerate(records)})


@dataclass(frozen=True, slots=True)
class Listings:
    """What channels list of packages, kept for all requests that are answered from one view of them."""

    repodata: Repodata
    _records: dict[str, Record] = field(default_factory=dict)
    _known: dict[tuple[tuple[str, ...], str, str], _Listed] = field(default_factory=dict)
    _overlaid: dict[tuple[str, str], Known] = field(default_factory=dict)

    def record(self, found: rattler.RepoDataRecord) -> Record:
        """Return *found*, which is of the channels, as plain data: hundreds of solutions have mostly the same."""
        if found.url not in self._records:
            self._records[found.url] = to_record(found, self.repodata.mirrors)
        return self._records[found.url]

    def overlaid(self, channel: str, limits: Limits) -> Known:
        """Return what overlays of *channel* with *limits* know of its records, to be added to."""
        return self._overlaid.setdefault((channel, repr(limits)), {})

    async def of(self, request: SolveRequest, names: Iterable[str]) -> Mapping[str, _Listed]:
        """Return what the channels of *request* list of *names*; what is there for every platform is read once.

        Raises:
            ChannelError: a channel did not answer.

        """
        own = frozenset[str]().union(*[await self.repodata.names(each, request.subdir) for each in request.channels])
        wanted = frozenset(names)
        return {
            **await self._on(request.subdir, request.channels, wanted & own),
            **await self._on(NOARCH, request.channels, wanted - own),
        }

    async def _on(self, subdir: str, channels: tuple[str, ...], names: AbstractSet[str]) -> Mapping[str, _Listed]:
        """Return what *channels* list of *names* on *subdir* and for every platform."""
        unknown = sorted(name for name in names if (channels, subdir, name) not in self._known)
        found: dict[str, list[list[rattler.RepoDataRecord]]] = {name: [[] for _ in channels] for name in unknown}
        for place, channel in enumerate(channels) if unknown else ():
            for each in await self.repodata.records(channel, [subdir], unknown):
                found[each.name.normalized][place].append(each)
        self._known.update({(channels, subdir, name): _Listed.of(batches) for name, batches in found.items()})
        return {name: self._known[channels, subdir, name] for name in names}


async def refuted(
    listings: Listings, request: SolveRequest, held: Sequence[rattler.RepoDataRecord], files: Files, limits: Limits
) -> tuple[PackageName, ...]:
    """Return the packages of which what *request* asks contradicts itself; none if it does not plainly do so.

    *held* are locked records, which may always be seen; *files* are asked for as they are.

    Raises:
        ChannelError: a channel did not answer.

    """
    sight = _Sight.of(request, held, files, limits)
    steps = refuting(_asked(request, files))
    try:
        names = next(steps)
        while True:
            listed = await listings.of(request, names)
            names = steps.send({name: sight.of_package(name, each) for name, each in listed.items()})
    except StopIteration as stop:
        found: tuple[str, ...] = stop.value
        return tuple(map(PackageName, found))


def _asked(request: SolveRequest, files: Files) -> Asked:
    """Return what *request* asks for by name; what it asks for on a condition need not be there."""
    specs: dict[str, list[str]] = {name: [] for name in sorted(files.names)}
    for text in request.specs:
        spec = rattler.MatchSpec(text)
        if not spec.condition and spec.name is not None:
            specs.setdefault(spec.name.normalized, []).append(text)
    limits: dict[str, list[str]] = {}
    for text in request.constraints:
        if (name := name_of(text)) is not None:
            limits.setdefault(name, []).append(text)
    return Asked(specs=specs, limits=limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sight:
    """What may be seen for one request. `anywhere` are packages that no channel has to itself."""

    request: SolveRequest
    held: Mapping[str, Sequence[str]]
    files: Mapping[str, tuple[rattler.RepoDataRecord, rattler.MatchSpec]]
    limits: Limits
    anywhere: frozenset[str]
    in_words: str

    @classmethod
    def of(
        cls,
        request: SolveRequest,
        held: Iterable[rattler.RepoDataRecord],
        files: Files,
        limits: Limits,
    ) -> "_Sight":
        """Return what may be seen for *request*; the others as for `refuted`."""
        urls: dict[str, list[str]] = {}
        for each in held:
            urls.setdefault(each.name.normalized, []).append(each.url)
        return cls(
            request=request,
            held=urls,
            files={each.name.normalized: (each, spec) for each, spec in zip(files.records, files.specs, strict=True)},
            limits=limits,
            anywhere=_with_a_channel((*request.specs, *request.constraints)),
            in_words=repr(limits),
        )

    def of_package(self, name: str, listed: _Listed) -> Seen:
        """Return what may be seen of *name*, of which that is *listed*."""
        if machine := [provided(each) for each in self.request.virtual_packages if each.name == name]:
            return _alone([*machine, *listed.offer.records])
        if name in self.files:
            record, spec = self.files[name]
            return _alone([record, *filter(spec.matches, listed.offer.records)])
        places = {listed.places[url] for url in self.held.get(name, ()) if url in listed.places}
        return Seen(listed.offer, self._unlocked(name, listed) | sum(1 << each for each in places))

    def _unlocked(self, name: str, listed: _Listed) -> RecordSet:
        if self.in_words not in listed.old_enough:
            listed.old_enough[self.in_words] = self._old_enough(listed)
        there = listed.old_enough[self.in_words]
        if self.request.channel_priority is not ChannelPriority.STRICT or name in self.anywhere:
            return there
        return next((each & there for each in listed.of_channels if each & there), 0)

    def _old_enough(self, listed: _Listed) -> RecordSet:
        batches = zip(listed.batches, self.request.channels, strict=True)
        return set_of(not self.limits.keep_out(each, channel) for batch, channel in batches for each in batch)


def _with_a_channel(texts: Iterable[str]) -> frozenset[str]:
    specs = map(rattler.MatchSpec, texts)
    return frozenset(each.name.normalized for each in specs if each.channel and each.name is not None)


def _alone(records: Iterable[rattler.PackageRecord]) -> Seen:
    offer = Offer(tuple(records))
    return Seen(offer, offer.every)
