"""What is locked may fulfil a request as it is, or but for few packages: then it is the answer, and nothing is solved.

A solver that prefers the locked records would come to the same, for no record of another package is needed. A package
of which another version is asked for is exchanged where its channel has one build of it that fits what stays; a solver
might take another build of it and move more. Where anything that is read here might mean more than it says (conditions,
extras, channels of single specs, two records of a name, files), and where there is a choice, the solver is asked.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

import rattler

from bot.datasources.mirrors import canonical_url
from bot.datasources.repodata import NOARCH, Repodata
from bot.model.manifest import ChannelPriority, SolveStrategy, VirtualPackage
from bot.model.solve import SolveRequest
from bot.relock.offers import plain, provided
from bot.relock.overlay import Limits

Packages: TypeAlias = Mapping[str, rattler.PackageRecord]
Specs: TypeAlias = Mapping[str, Sequence[rattler.MatchSpec]]

MOST_EXCHANGED = 4
"""So many packages are exchanged at most: of more, some will need what is not there."""


async def kept(
    repodata: Repodata,
    request: SolveRequest,
    held: Sequence[rattler.RepoDataRecord],
    fixed: Sequence[rattler.RepoDataRecord],
    limits: Limits,
) -> list[rattler.RepoDataRecord] | None:
    """Return the solution of *request* that the locked records *held* make; None if that is not plain.

    The *fixed* ones are part of it, and nothing else of their names is. What *limits* keep out is not let in.
    """
    fixed_names = {each.name.normalized for each in fixed}
    loose = [each for each in held if each.name.normalized not in fixed_names]
    packages = {each.name.normalized: each for each in (*loose, *fixed)}
    specs = by_name(request.specs)
    if specs is None or not held or request.strategy is not SolveStrategy.HIGHEST:
        return None
    missing = [name for name, asked in specs.items() if not _is_asked_for(packages.get(name), asked)]
    is_ambiguous = len(packages) < len(loose) + len(fixed)
    if is_ambiguous or len(missing) > MOST_EXCHANGED or not fixed_names.isdisjoint(missing):
        return None
    rest: Packages = {
        **{name: each for name, each in packages.items() if name not in missing},
        **virtual(request.virtual_packages),
    }
    for name in missing:
        exchanged = one_that_fits(await offered(repodata, request, name, limits), specs[name], rest)
        if exchanged is None:
            return None
        packages[name] = exchanged
    return await checked(repodata, request, packages, fixed_names)


async def checked(
    repodata: Repodata,
    request: SolveRequest,
    packages: Mapping[str, rattler.RepoDataRecord],
    fixed: AbstractSet[str],
) -> list[rattler.RepoDataRecord] | None:
    """Return what *request* and what is *fixed* need of *packages*, if that is whole and allowed."""
    there: Packages = {**packages, **virtual(request.virtual_packages)}
    needed = _needed((*request.specs, *fixed), there)
    if needed is None or not _is_allowed(needed, there, request.constraints):
        return None
    records = [packages[name] for name in needed if name in packages]
    loose = [each for each in records if each.name.normalized not in fixed]
    return records if await _first_have_them(repodata, request, loose) else None


def by_name(specs: Iterable[str]) -> Specs | None:
    """Return *specs* by the name of the package; None if one is not plain."""
    found: dict[str, list[rattler.MatchSpec]] = {}
    for each in map(plain, specs):
        if each is None or each.name is None:
            return None
        found.setdefault(each.name.normalized, []).append(each)
    return found


def _is_asked_for(record: rattler.PackageRecord | None, specs: Iterable[rattler.MatchSpec]) -> bool:
    return record is not None and all(each.matches(record) for each in specs)


async def offered(
    repodata: Repodata, request: SolveRequest, name: str, limits: Limits
) -> Sequence[rattler.RepoDataRecord]:
    """Return what the first channel that has *name* offers of it; nothing where others may offer it too."""
    if request.channel_priority is not ChannelPriority.STRICT and len(request.channels) > 1:
        return ()
    for channel in request.channels:
        found = await repodata.records(channel, [request.subdir], [name])
        if found:
            return [each for each in found if not limits.keep_out(each, channel)]
    return ()


def one_that_fits(
    offered: Iterable[rattler.RepoDataRecord], asked: Sequence[rattler.MatchSpec], rest: Packages
) -> rattler.RepoDataRecord | None:
    """Return the one of *offered* that is *asked* for, in one version, and needs nothing but the *rest*.

    The best builds alone count, of the highest number: a solver tries them first.
    """
    found = [each for each in offered if _is_asked_for(each, asked)]
    if len({str(each.version) for each in found}) != 1:
        return None
    best = max((-len(each.track_features), each.build_number) for each in found)
    fitting = [
        each
        for each in found
        if (-len(each.track_features), each.build_number) == best and _has_all(each.depends, rest)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _has_all(depends: Iterable[str], rest: Packages) -> bool:
    specs = by_name(depends)
    return specs is not None and all(_is_asked_for(rest.get(name), asked) for name, asked in specs.items())


def _needed(specs: Iterable[str], there: Packages) -> list[str] | None:
    """Return the names of what *specs* need of *there*, and what that needs in turn; None if something is not there."""
    waiting = deque(specs)
    needed: dict[str, None] = {}
    while waiting:
        spec = plain(waiting.popleft())
        name = spec.name.normalized if spec is not None and spec.name is not None else ""
        if spec is None or name not in there or not spec.matches(there[name]):
            return None
        if name not in needed:
            needed[name] = None
            waiting.extend(there[name].depends)
    return list(needed)


def _is_allowed(needed: Sequence[str], there: Packages, constraints: Iterable[str]) -> bool:
    """Tell whether what is *needed* is within *constraints* and within those of its own records."""
    among = frozenset(needed) | {name for name in there if name.startswith("__")}
    for text in (*constraints, *(each for name in needed for each in there[name].constrains)):
        spec = plain(text)
        if spec is None or spec.name is None:
            return False
        if spec.name.normalized in among and not spec.matches(there[spec.name.normalized]):
            return False
    return True


async def _first_have_them(
    repodata: Repodata, request: SolveRequest, records: Iterable[rattler.RepoDataRecord]
) -> bool:
    """Tell whether every one of *records* is of the first channel that has its name, as strict priority wants it."""
    if request.channel_priority is ChannelPriority.DISABLED or len(request.channels) == 1:
        return True
    for each in records:
        first = await _first_channel_of(repodata, request, each.name.normalized)
        if not canonical_url(each.url, repodata.mirrors).startswith(f"{first}/"):
            return False
    return True


async def _first_channel_of(repodata: Repodata, request: SolveRequest, name: str) -> str | None:
    for channel in request.channels:
        for subdir in (request.subdir, NOARCH):
            if name in await repodata.names(channel, subdir):
                return channel
    return None


def virtual(packages: Iterable[VirtualPackage]) -> Packages:
    """Return the records of virtual *packages*, by name."""
    return {each.name: provided(each) for each in packages}
