"""Whether an advisory is about a version: OSV's ranges, in the order of the ecosystem's own versions.

The evaluation is OSV's own: https://ossf.github.io/osv-schema/#evaluation. A version is affected if it is listed, or
stands in any range. PyPI's versions are ordered by PEP 440; one that is none, as conda may have, is unknown. Of a
repository its tags are listed; its ranges are of commits, which no release tells.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain

from packaging.version import InvalidVersion, Version

from bot.errors import SpecError
from bot.model.advisory import Affected, EventKind, Exposure, Judged, RangeEvent
from bot.versioning import conda
from bot.versioning.upstream import release_of

EVERY = "*"
BEFORE_ALL = "0"


def judge(affected: Iterable[Affected], version: str) -> Judged:
    """Return where *version* stands towards an advisory that says *affected* of its package."""
    every = tuple(affected)
    if not every:
        return Judged(exposure=Exposure.NOT_AFFECTED)
    if any(each.is_repository for each in every):
        return _judge_release(every, version)
    found = _version(version)
    if found is None:
        return Judged(exposure=Exposure.UNKNOWN)
    fixed_in = _fixed_in(every, found)
    if any(_is_affected(each, found) for each in every):
        return Judged(exposure=Exposure.AFFECTED, fixed_in=fixed_in)
    if any(_is_unreadable(each) for each in every):
        return Judged(exposure=Exposure.UNKNOWN)
    was = any(_was_affected(events, found) for each in every for events in each.ranges)
    return Judged(exposure=Exposure.FIXED if was else Exposure.NOT_AFFECTED)


def _judge_release(every: Sequence[Affected], version: str) -> Judged:
    """Return where *version* stands towards what is said of the tags of a repository, in conda's order of versions.

    Of what lies between two tags that are named, and of ranges of commits without any tag, nobody knows.
    """
    named = {release_of(tag) for each in every for tag in each.versions} - {""}
    ours = release_of(version)
    try:
        return Judged(exposure=_among_releases(ours, conda.sort_versions(named), ends=all(map(_ends, every))))
    except SpecError:
        return Judged(exposure=Exposure.UNKNOWN)


def _among_releases(ours: str, named: Sequence[str], *, ends: bool) -> Exposure:
    if any(conda.same_version(ours, each) for each in named):
        return Exposure.AFFECTED
    if named and conda.is_newer(named[0], ours):
        return Exposure.NOT_AFFECTED
    return Exposure.FIXED if named and ends and conda.is_newer(ours, named[-1]) else Exposure.UNKNOWN


def _ends(affected: Affected) -> bool:
    """Tell whether each of its ranges has a fix."""
    return all(any(event.kind is EventKind.FIXED for event in events) for events in affected.ranges)


def _is_affected(affected: Affected, version: Version) -> bool:
    listed = (_version(each) for each in affected.versions)
    return version in listed or any(_is_in(events, version) for events in affected.ranges)


def _is_in(events: Sequence[RangeEvent], version: Version) -> bool:
    """Tell whether *version* stands in the range; events that cannot be read count for nothing."""
    limits = [each.version for each in events if each.kind is EventKind.LIMIT and each.version != EVERY]
    if limits and not any(limit is not None and version < limit for limit in map(_version, limits)):
        return False
    inside = False
    for event, at in _ordered(events):
        match event.kind:
            case EventKind.INTRODUCED if at is None or version >= at:
                inside = True
            case EventKind.FIXED if at is not None and version >= at:
                inside = False
            case EventKind.LAST_AFFECTED if at is not None and version > at:
                inside = False
            case _:
                pass
    return inside


def _ordered(events: Iterable[RangeEvent]) -> list[tuple[RangeEvent, Version | None]]:
    """Return *events* by version, what is introduced before all first; at one version a fix comes last."""
    read = ((each, None if each.version == BEFORE_ALL else _version(each.version)) for each in events)
    known = [(event, at) for event, at in read if at is not None or event.version == BEFORE_ALL]
    return sorted(known, key=lambda each: (each[1] or _LOWEST, each[0].kind is not EventKind.INTRODUCED))


def _was_affected(events: Sequence[RangeEvent], version: Version) -> bool:
    """Tell whether a fix of the range is at or before *version*."""
    return any(event.kind is EventKind.FIXED and at is not None and at <= version for event, at in _ordered(events))


def _fixed_in(every: Iterable[Affected], version: Version) -> tuple[str, ...]:
    events = chain.from_iterable(chain.from_iterable(each.ranges for each in every))
    fixes = {event.version: at for event, at in _ordered(events) if event.kind is EventKind.FIXED and at}
    return tuple(text for text, at in sorted(fixes.items(), key=lambda each: each[1]) if at > version)


def _is_unreadable(affected: Affected) -> bool:
    """Tell whether part of what is affected cannot be compared with anything."""
    events = chain.from_iterable(affected.ranges)
    named = [*affected.versions, *(each.version for each in events if each.version not in (EVERY, BEFORE_ALL))]
    return any(_version(each) is None for each in named)


@lru_cache(maxsize=16_384)
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


_LOWEST = Version("0.dev0")
