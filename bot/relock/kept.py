"""What is locked may fulfil a request as it is: then it is the answer, and nothing has to be solved.

A solver that prefers the locked records would come to the same, for no record of another is needed. Where anything
that is read here might mean more than it says (conditions, extras, channels of single specs, two records of a name,
files), nobody is told that it does, and the solver is asked.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import rattler
from rattler.exceptions import InvalidMatchSpecError

from bot.datasources.mirrors import canonical_url
from bot.datasources.repodata import NOARCH, Repodata
from bot.model.manifest import ChannelPriority, SolveStrategy, VirtualPackage
from bot.model.solve import SolveRequest

Packages = Mapping[str, rattler.PackageRecord]


async def kept_as_it_is(
    repodata: Repodata, request: SolveRequest, held: Sequence[rattler.RepoDataRecord]
) -> list[rattler.RepoDataRecord] | None:
    """Return those of the locked records *held* that *request* needs, if they fulfil it; None if that is not plain."""
    packages = {each.name.normalized: each for each in held}
    if len(packages) < len(held) or request.files or request.strategy is not SolveStrategy.HIGHEST:
        return None
    there: Packages = {**packages, **_virtual(request.virtual_packages)}
    needed = _needed(request.specs, there)
    if needed is None or not _is_allowed(needed, there, request.constraints):
        return None
    records = [packages[name] for name in needed if name in packages]
    return records if await _first_have_them(repodata, request, records) else None


def _needed(specs: Iterable[str], there: Packages) -> list[str] | None:
    """Return the names of what *specs* need of *there*, and what that needs in turn; None if something is not there."""
    waiting = deque(specs)
    needed: dict[str, None] = {}
    while waiting:
        spec = _plain(waiting.popleft())
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
        spec = _plain(text)
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
    first: dict[str, str] = {}
    for channel in request.channels:
        for subdir in (request.subdir, NOARCH):
            for name in await repodata.names(channel, subdir):
                first.setdefault(name, channel)
    return all(
        canonical_url(each.url, repodata.mirrors).startswith(f"{first.get(each.name.normalized)}/") for each in records
    )


def _virtual(packages: Iterable[VirtualPackage]) -> Packages:
    return {
        each.name: rattler.PackageRecord(each.name, each.version, rattler.BuildString(each.build), 0, NOARCH)
        for each in packages
    }


@lru_cache(maxsize=65_536)
def _plain(text: str) -> rattler.MatchSpec | None:
    """Return *text* as a match spec; None if it says more than name, version, build and hashes."""
    try:
        spec = rattler.MatchSpec(text)
    except InvalidMatchSpecError:
        return None
    beyond = (spec.channel, spec.namespace, spec.condition, spec.extras, spec.subdir, spec.file_name)
    return None if any(beyond) else spec
