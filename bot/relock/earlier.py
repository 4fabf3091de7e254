"""What was answered before may answer what is asked now, but for few packages: then nothing is solved.

A search asks about the same environment again and again, each time with a few words changed. The solution of such a
question is taken for that of this one where a solver that prefers the same records would come to it again:

1. Whatever is asked of a package now lets in what it has then and nothing that was not let in before. Or it is
   preferred now as it is locked. Or one version of it is let in, of which one build fits what stays
   (`bot.relock.kept`). By the last two few packages are exchanged.
2. Of what else is not as it is locked, neither an exchanged one nor what was asked kept anything out that a solver
   would take now: what is locked, or what is as new or newer than what it took.

As there, whatever might mean more than it says is left to the solver, and so is what is exchanged by choice. That what
comes of it is a solution is looked at anew, whatever was said before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import rattler

from bot.model.manifest import SolveStrategy
from bot.model.solve import SolveRequest
from bot.relock.kept import MOST_EXCHANGED, by_name, checked, offered, one_that_fits, virtual
from bot.relock.offers import Offer, RecordSet, name_of
from bot.relock.overlay import Limits
from bot.relock.protocol import Earlier
from bot.relock.refuted import Listings

Records = Mapping[str, rattler.RepoDataRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Then:
    """What there was then, `found`, and what a solver `prefers` now; `now` and `then` are what was asked, by name."""

    found: Records
    prefers: Records
    now: Mapping[str, frozenset[str]]
    then: Mapping[str, frozenset[str]]
    unlike: frozenset[str]

    @property
    def changed(self) -> list[str]:
        """The packages of which something else is asked, or another record is preferred."""
        return sorted(
            each
            for each in {*self.now, *self.then, *self.unlike}
            if each in self.unlike or self.now.get(each) != self.then.get(each)
        )

    def is_as_preferred(self, name: str) -> bool:
        """Tell whether *name* is there as it is locked."""
        return name in self.prefers and self.found[name].url == self.prefers[name].url


async def as_before(
    listings: Listings,
    request: SolveRequest,
    earlier: Earlier,
    held: Sequence[rattler.RepoDataRecord],
    found: Sequence[rattler.RepoDataRecord],
) -> list[rattler.RepoDataRecord] | None:
    """Return the solution of *request* that *found*, what an *earlier* question came to, is; None if that is not plain.

    Both are asked of the same channels, machine and moment. *held* are the locked records.

    Raises:
        ChannelError: a channel did not answer.

    """
    then = _then(request, earlier, held, found)
    if then is None or request.files or request.strategy is not SolveStrategy.HIGHEST:
        return None
    offers = await _offers(listings, request, [*then.changed, *then.found])
    exchanged = await _exchanged(listings, request, then, offers)
    if exchanged is None or len(exchanged) > MOST_EXCHANGED or not _stay(then, exchanged, offers):
        return None
    return await checked(listings.repodata, request, {**then.found, **exchanged}, frozenset())


def _then(
    request: SolveRequest,
    earlier: Earlier,
    held: Sequence[rattler.RepoDataRecord],
    found: Sequence[rattler.RepoDataRecord],
) -> _Then | None:
    """Return what there was then; None where a record is gone, or something is asked that is not plain."""
    specs, before = by_name(request.specs), by_name(earlier.specs)
    limits, limits_before = by_name(request.constraints), by_name(earlier.constraints)
    if specs is None or before is None or limits is None or limits_before is None:
        return None
    there = {each.name.normalized: each for each in found}
    prefers = {each.name.normalized: each for each in held}
    is_whole = len(there) == len(earlier.solution) and len(prefers) == len(held)
    if not is_whole or before.keys() - specs.keys() or specs.keys() - there.keys() - _virtual_names(request):
        return None
    return _Then(
        found=there,
        prefers=prefers,
        now=_texts((*request.specs, *request.constraints)),
        then=_texts((*earlier.specs, *earlier.constraints)),
        unlike=frozenset(earlier.unlike),
    )


def _virtual_names(request: SolveRequest) -> frozenset[str]:
    return frozenset(each.name for each in request.virtual_packages)


def _texts(specs: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return what *specs*, which are plain, ask of each package."""
    texts: dict[str, set[str]] = {}
    for each in specs:
        texts.setdefault(name_of(each) or "", set()).add(each)
    return {name: frozenset(each) for name, each in texts.items()}


async def _offers(listings: Listings, request: SolveRequest, names: Iterable[str]) -> Mapping[str, Offer]:
    """Return what there is of *names*, as far as it may be in play."""
    real = [each for each in names if not each.startswith("__")]
    return {name: each.offer for name, each in (await listings.of(request, real)).items()}


async def _exchanged(
    listings: Listings, request: SolveRequest, then: _Then, offers: Mapping[str, Offer]
) -> dict[str, rattler.RepoDataRecord] | None:
    """Return what is to be had of packages instead of what was found; None if that is not plain."""
    exchanged: dict[str, rattler.RepoDataRecord] = {}
    open_to_one: list[str] = []
    for name in then.changed:
        if name.startswith("__"):
            return None
        if name in then.found and _is_let_in(then.prefers.get(name), then.now.get(name, ())):
            exchanged[name] = then.prefers[name]
        elif not _is_narrower(name, then, offers[name]):
            open_to_one.append(name)
    if len(open_to_one) > MOST_EXCHANGED or not then.found.keys() >= set(open_to_one):
        return None
    settled = {**{name: each for name, each in then.found.items() if name not in open_to_one}, **exchanged}
    rest: Mapping[str, rattler.PackageRecord] = {**settled, **virtual(request.virtual_packages)}
    limits = Limits.of(request)
    for name in open_to_one:
        asked = [rattler.MatchSpec(text) for text in then.now.get(name, ())]
        one = one_that_fits(await offered(listings.repodata, request, name, limits), asked, rest)
        if one is None:
            return None
        exchanged[name] = one
    return {name: each for name, each in exchanged.items() if each.url != then.found[name].url}


def _is_let_in(record: rattler.RepoDataRecord | None, texts: Iterable[str]) -> bool:
    return record is not None and all(rattler.MatchSpec(each).matches(record) for each in texts)


def _is_narrower(name: str, then: _Then, offer: Offer) -> bool:
    """Tell whether of *name*, of which the same is preferred, what is let in now was let in then."""
    if name in then.unlike:
        return False
    here = name not in then.found or _is_let_in(then.found[name], then.now.get(name, ()))
    return here and not _let_in_now(name, then, offer)


def _is(record: rattler.PackageRecord, found: rattler.RepoDataRecord) -> bool:
    return isinstance(record, rattler.RepoDataRecord) and record.url == found.url


def _let_in(offer: Offer, texts: Iterable[str]) -> RecordSet:
    every = offer.every
    for each in texts:
        every &= offer.matching(each)
    return every


def _stay(then: _Then, exchanged: Records, offers: Mapping[str, Offer]) -> bool:
    """Tell whether a solver would leave what is not *exchanged* as it was found."""
    loose = [each for each in then.found if each not in exchanged and not then.is_as_preferred(each)]
    widened = {each: more for each in then.changed if (more := _let_in_now(each, then, offers[each]))}
    return not any(
        _is_drawn(name, _let_in(offers[name], then.now.get(name, ())) & freed, then, offers[name])
        for name in loose
        for freed in (*_freed(name, then, exchanged, offers[name]), *_let_go(name, then, widened, offers))
    )


def _freed(name: str, then: _Then, exchanged: Records, offer: Offer) -> Iterable[RecordSet]:
    """Yield the records of *name* that get along with what was *exchanged* and did not with what was there before."""
    for other, new in exchanged.items():
        old = then.found[other]
        yield _let_in(offer, _asked_of(name, new)) & ~_let_in(offer, _asked_of(name, old))
        demands = offer.demands.get(other)
        for each in demands.each if demands else ():
            if _all_match(each.specs, new) and not _all_match(each.specs, old):
                yield each.records


def _let_go(
    name: str, then: _Then, widened: Mapping[str, RecordSet], offers: Mapping[str, Offer]
) -> Iterable[RecordSet]:
    """Yield the records of *name* that get along with what is let in now, of what is *widened*, and did not before."""
    for other, more in widened.items():
        if other in then.found:
            yield ~_let_in(offers[name], _asked_of(name, then.found[other]))
        demands = offers[name].demands.get(other)
        for each in demands.each if demands else ():
            welcome = _let_in(offers[other], each.specs)
            if welcome & more and not (other in then.found and _all_match(each.specs, then.found[other])):
                yield each.records


def _let_in_now(name: str, then: _Then, offer: Offer) -> RecordSet:
    """Return what is let in of *name* now, and was not then."""
    now, before = (_let_in(offer, each.get(name, ())) for each in (then.now, then.then))
    return now & ~before


def _is_drawn(name: str, records: RecordSet, then: _Then, offer: Offer) -> bool:
    """Tell whether a solver might take one of *records* for what was found of *name*: the locked or no lower one."""
    found = then.found[name]
    of_interest = (each for place, each in enumerate(offer.records) if records >> place & 1 and not _is(each, found))
    locked = then.prefers.get(name)
    return any(each.version >= found.version or (locked is not None and _is(each, locked)) for each in of_interest)


def _asked_of(name: str, record: rattler.RepoDataRecord) -> list[str]:
    """Return what *record* asks of *name*."""
    return [each for each in (*record.depends, *record.constrains) if name_of(each) == name]


def _all_match(texts: Iterable[str], record: rattler.RepoDataRecord) -> bool:
    return all(rattler.MatchSpec(each).matches(record) for each in texts)
