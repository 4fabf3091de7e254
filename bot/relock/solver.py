"""A `SolveRequest` -> a `SolveResult`, with py-rattler. Runs in the child process.

Rules:
1. Every record of a `Solution` is the channel's own, URL, hashes and metadata. `locked` says which records to prefer,
   never what they contain: a locked record that its channel no longer has under the same URL and hash is not preferred
   and so cannot come back, neither one that was removed nor one that was forged (threats: tampered lock). A lockfile
   that is to stay as it is where nothing moved must keep its own text for records of the same URL and hash.
2. Under strict priority the bare name stands beside each spec. The Gateway answers a direct spec with matching records
   only, so that without it a lower channel may satisfy what the first channel that has the name cannot.
   A spec that names its channel is not joined: it says itself where to look.
3. What is asked for by its file, or stands as it is locked, is a source before all channels (`bot.relock.files`).
4. `exclude_newer` hides young records, but never locked ones: py-rattler's own cut-off would downgrade them, so as soon
   as one of them is younger an overlay hides records in its place; so it does where a manifest has cut-offs of single
   channels and packages (`cut_offs`), which py-rattler does not know. A record without a time is too young,
   unless `undated` ones will do. What is asked for by its file is never too young.
5. A channel that does not answer, or lists nothing at all, gives no verdict: `NotSolved`, never `Unsolvable`.
6. Locked records that fulfil the request, as they are or with few exchanged for the one build that fits, are its
   solution (`bot.relock.kept`): py-rattler comes to the same, and takes several times as long.
7. So does what a request like it came to before (`bot.relock.earlier`), or the same one about another machine
   (`bot.relock.elsewhere`).
8. A doubtful request that plainly contradicts itself has no solution (`bot.relock.refuted`): py-rattler comes to the
   same, and takes several times as long. Others are not looked at for that, which would be for nothing mostly.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Literal, TypeAlias

import rattler
from rattler.exceptions import (
    GatewayError,
    InvalidChannelError,
    InvalidMatchSpecError,
    InvalidPackageNameError,
    InvalidVersionError,
    SolverError,
)

from bot.datasources.mirrors import canonical_url
from bot.datasources.repodata import NOARCH, Repodata, to_subdir
from bot.errors import BadInput, ChannelError
from bot.model.manifest import ChannelPriority, SolveStrategy, VirtualPackage
from bot.model.package import Record
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.relock.earlier import as_before
from bot.relock.elsewhere import as_elsewhere
from bot.relock.files import Files, find_files
from bot.relock.kept import kept
from bot.relock.overlay import Limits, Overlay
from bot.relock.protocol import Earlier, Elsewhere, Preferred
from bot.relock.refuted import Listings, refuted

Source: TypeAlias = rattler.Channel | Overlay | rattler.SparseRepoData

_PRIORITIES = {
    ChannelPriority.STRICT: rattler.ChannelPriority.Strict,
    ChannelPriority.FLEXIBLE: rattler.ChannelPriority.Flexible,
    ChannelPriority.DISABLED: rattler.ChannelPriority.Disabled,
}
_STRATEGIES: Mapping[SolveStrategy, Literal["highest", "lowest", "lowest-direct"]] = {
    SolveStrategy.HIGHEST: "highest",
    SolveStrategy.LOWEST: "lowest",
    SolveStrategy.LOWEST_DIRECT: "lowest-direct",
}
_BAD_REQUEST = (InvalidMatchSpecError, InvalidChannelError, InvalidPackageNameError, InvalidVersionError, ValueError)


async def solve(
    repodata: Repodata,
    request: SolveRequest,
    listings: Listings | None = None,
    earlier: Earlier | None = None,
    elsewhere: Elsewhere | None = None,
) -> SolveResult:
    """Solve *request* with what *repodata* sees. Nothing is raised for a request or a channel that is wrong.

    *listings* of the same repodata spare questions to come what this one reads; *earlier* is a question like it, and
    *elsewhere* the same one about another machine.
    """
    try:
        return await _solve(repodata, request, listings or Listings(repodata), earlier, elsewhere)
    except SolverError as error:
        return Unsolvable(text=await _with_notes(repodata, request, str(error)))
    except GatewayError as error:
        return NotSolved(reason=str(repodata.problem(error, request.channels)))
    except (ChannelError, BadInput) as error:
        return NotSolved(reason=str(error))
    except _BAD_REQUEST as error:
        return NotSolved(reason=f"The environment cannot be solved as it is written: {error}.")


async def _solve(
    repodata: Repodata,
    request: SolveRequest,
    listings: Listings,
    earlier: Earlier | None,
    elsewhere: Elsewhere | None,
) -> Solution | Unsolvable:
    if not request.channels:
        raise BadInput("The environment names no channel, so there is nothing to solve it from.")
    for channel in request.channels:
        await repodata.require_content(channel, [request.subdir])
    held = await _still_offered(repodata, request, request.locked)
    limits = Limits.of(request)
    files = await find_files(repodata, request)
    if (records := await kept(repodata, request, held, files.records, limits)) is not None:
        return _solution(files.as_locked(map(listings.record, records)))
    if (records := await _as_elsewhere(listings, request, elsewhere)) is not None:
        return _solution(map(listings.record, records))
    if (records := await _as_before(listings, request, earlier, held)) is not None:
        return _solution(map(listings.record, records))
    if request.is_doubtful and (because := await refuted(listings, request, held, files, limits)):
        return Unsolvable(text="", because=because)
    young = any(map(limits.keep_out, [*held, *files.records], repeat("")))
    private = any(map(repodata.is_private, request.channels))  # which py-rattler's one gateway does not read
    overlaid = not files.are_unmistakable or limits.need_an_overlay or young or private
    plain: list[Source] = [*files.sources(), *map(rattler.Channel, request.channels)]
    found = await rattler.solve(
        await _sources(listings, request, held, limits, files) if overlaid else plain,
        [*_specs(request), *files.specs],
        gateway=repodata.gateway,
        platforms=[to_subdir(request.subdir), to_subdir(NOARCH)],
        locked_packages=held,
        virtual_packages=[_virtual_package(each) for each in request.virtual_packages],
        channel_priority=_PRIORITIES[request.channel_priority],
        exclude_newer=None if overlaid else limits.single,
        strategy=_STRATEGIES[request.strategy],
        constraints=request.constraints,
        channel_relations="disabled",
        timestamp_policy="allow-missing" if request.undated else "require-timestamp",
    )
    return _solution(files.as_locked(map(listings.record, files.as_they_are(found))))


async def _as_elsewhere(
    listings: Listings, request: SolveRequest, elsewhere: Elsewhere | None
) -> list[rattler.RepoDataRecord] | None:
    if elsewhere is None:
        return None
    found = await _still_offered(listings.repodata, request, elsewhere.solution)
    return await as_elsewhere(listings, request, elsewhere, found)


async def _as_before(
    listings: Listings, request: SolveRequest, earlier: Earlier | None, held: Sequence[rattler.RepoDataRecord]
) -> list[rattler.RepoDataRecord] | None:
    if earlier is None:
        return None
    found = await _still_offered(listings.repodata, request, earlier.solution)
    return await as_before(listings, request, earlier, held, found)


def _solution(records: Iterable[Record]) -> Solution:
    return Solution(records=tuple(sorted(records, key=lambda record: record.name)))


async def _still_offered(
    repodata: Repodata, request: SolveRequest, records: Iterable[Record | Preferred]
) -> list[rattler.RepoDataRecord]:
    """Return what the channels of *request* themselves have of *records*, by URL and hash."""
    below = _below(request.channels)
    locked = {each.url: each for each in records if each.url.startswith(below)}
    unseen = [each for each in locked.values() if each.url not in repodata.seen]
    specs = [spec for spec in map(_locked_spec, unseen) if spec is not None]
    for channel in request.channels if specs else ():
        for found in await repodata.records(channel, [request.subdir], specs):
            repodata.seen[canonical_url(found.url, repodata.mirrors)] = found
    known = ((each, repodata.seen.get(url)) for url, each in locked.items())
    return [found for each, found in known if found is not None and _has_hash_of(found, each)]


def _below(channels: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{each}/" for each in channels)


def _locked_spec(record: Record | Preferred) -> rattler.MatchSpec | None:
    """Return a spec that finds *record* and little else: by hash where it has one, which keeps the answer small."""
    try:
        return rattler.MatchSpec(f"{record.name}[sha256={record.sha256}]" if record.sha256 else record.name)
    except InvalidMatchSpecError:
        return None


def _has_hash_of(found: rattler.RepoDataRecord, locked: Record | Preferred) -> bool:
    pairs = ((found.sha256, locked.sha256), (found.md5, locked.md5))
    return all(theirs is None or not ours or theirs.hex() == ours.lower() for theirs, ours in pairs)


def _specs(request: SolveRequest) -> Iterable[rattler.MatchSpec]:
    for text in request.specs:
        spec = rattler.MatchSpec(text)
        yield spec
        if request.channel_priority is ChannelPriority.STRICT and spec.channel is None and spec.name is not None:
            name, condition = spec.name.normalized, spec.condition
            yield rattler.MatchSpec(f"{name}[when='{condition}']" if condition else name)


async def _sources(
    listings: Listings, request: SolveRequest, held: Sequence[rattler.RepoDataRecord], limits: Limits, files: Files
) -> list[Source]:
    """Return *files*, and the channels as overlays that keep *held*.

    Nobody offers what *files* have, and under strict each channel leaves the names of those before it alone.
    """
    urls = frozenset(record.url for record in held)
    claimed = files.names
    overlays: list[Source] = [*files.sources()]
    for channel in request.channels:
        names = {subdir: await listings.repodata.names(channel, subdir) for subdir in (request.subdir, NOARCH)}
        overlays.append(
            Overlay(
                repodata=listings.repodata,
                channel=channel,
                names=names,
                claimed=claimed,
                held=urls,
                limits=limits,
                known=listings.overlaid(channel, limits),
            )
        )
        if request.channel_priority is ChannelPriority.STRICT:
            claimed = claimed.union(*names.values()) - _channel_named(request.specs)
    return overlays


def _channel_named(specs: Iterable[str]) -> frozenset[str]:
    """Return the names that a spec itself looks for in a channel of its own choice."""
    parsed = map(rattler.MatchSpec, specs)
    return frozenset(spec.name.normalized for spec in parsed if spec.channel is not None and spec.name is not None)


def _virtual_package(package: VirtualPackage) -> rattler.GenericVirtualPackage:
    name, version = rattler.PackageName(package.name), rattler.Version(package.version)
    return rattler.GenericVirtualPackage(name, version, rattler.BuildString(package.build))


async def _with_notes(repodata: Repodata, request: SolveRequest, text: str) -> str:
    """Add which channels have nothing for the platform: the solver's text does not tell that from a missing package."""
    notes = [
        f"Channel {channel} lists no package for this platform."
        for channel in request.channels
        if not await repodata.names(channel, request.subdir)
    ]
    return "\n".join([text.strip(), *notes])
