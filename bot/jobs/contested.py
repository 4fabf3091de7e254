"""Pull requests of people that came into conflict, or out of it, only because the branch moved that they are for.

The overview of a scan says of all of them at once what GitHub knows. GitHub looks again only after somebody asked, so
what it did not know then is asked for once more at the end of the scan, for all of them in one call. What is said
beside those of which that has changed is to be renewed; nothing is pushed to them. Pure.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from bot.github.model import ForeignPull, MergeableState, Oid
from bot.github.overview import MOST_FILES
from bot.updating.read.relevance import is_lockfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """The numbers of the pull requests that are to be looked at again, and which are `conflicting`, to be remembered.

    These are `NUMBER:HEAD`: what somebody pushes is looked at anyway.
    """

    looks: tuple[int, ...] = ()
    conflicting: frozenset[str] = frozenset()


def touching_locks(pulls: Iterable[ForeignPull]) -> tuple[ForeignPull, ...]:
    """Return those of *pulls* that change a lock, or so many files that nobody listed all of them."""
    return tuple(each for each in pulls if len(each.paths) >= MOST_FILES or any(map(is_lockfile, each.paths)))


def is_unknown(pulls: Iterable[ForeignPull]) -> bool:
    """Tell whether GitHub did not know of one of *pulls* whether it can be merged."""
    return any(each.merges is MergeableState.UNKNOWN for each in pulls)


def informed(pulls: Iterable[ForeignPull], states: Mapping[tuple[int, Oid], MergeableState]) -> tuple[ForeignPull, ...]:
    """Return *pulls* with what GitHub knows by now, by number and head."""
    return tuple(replace(each, merges=states.get((each.number, each.head), each.merges)) for each in pulls)


def compared(pulls: Iterable[ForeignPull], known: AbstractSet[str]) -> Contested:
    """Return what of *pulls*, which change locks, is not as it was *known*; what GitHub does not know stays so."""
    told = {f"{each.number}:{each.head}": each for each in pulls}
    conflicting = frozenset(
        key
        for key, each in told.items()
        if each.merges is MergeableState.CONFLICTING or (each.merges is MergeableState.UNKNOWN and key in known)
    )
    changed = (key for key in told if (key in conflicting) != (key in known))
    return Contested(looks=tuple(sorted(told[key].number for key in changed)), conflicting=conflicting)
