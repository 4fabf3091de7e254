"""The same question about another machine has the same answer, if nothing that may be in play asks for what differs.

An environment for machines with and without a CUDA, or with another libc, is asked about once for each. Whatever a
solver looks at, it gets to from what is asked for, by what records ask of others: where none of these names a virtual
package in which the machines differ, it cannot tell one machine from the other.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

import rattler

from bot.model.solve import SolveRequest
from bot.relock.kept import by_name, checked
from bot.relock.protocol import Elsewhere
from bot.relock.refuted import Listings


async def as_elsewhere(
    listings: Listings, request: SolveRequest, elsewhere: Elsewhere, found: Sequence[rattler.RepoDataRecord]
) -> list[rattler.RepoDataRecord] | None:
    """Return the solution of *request* that *found*, the one *elsewhere*, is; None if that is not plain.

    Raises:
        ChannelError: a channel did not answer.

    """
    packages = {each.name.normalized: each for each in found}
    asked = by_name((*request.specs, *request.constraints))
    if asked is None or request.files or len(packages) != len(elsewhere.solution):
        return None
    if not await _is_out_of_sight(listings, request, asked, frozenset(elsewhere.differing)):
        return None
    return await checked(listings.repodata, request, packages, frozenset())


async def _is_out_of_sight(
    listings: Listings, request: SolveRequest, asked: Iterable[str], differing: AbstractSet[str]
) -> bool:
    """Tell whether nothing that is *asked* for, or that this may ask for in turn, names a package in *differing*."""
    waiting, seen = set(asked), set[str]()
    while waiting:
        if waiting & differing:
            return False
        seen |= waiting
        real = [each for each in waiting if not each.startswith("__")]
        offers = [each.offer for each in (await listings.of(request, real)).values()]
        if not all(each.is_plain for each in offers):
            return False
        waiting = {name for each in offers for name in each.demands} - seen
    return True
