"""Whether what is asked contradicts itself, told from what is offered: mostly no solver is needed to know.

What is left of a package are its records that nothing speaks against so far. Starting from what is asked for:

1. A record is crossed out if nothing is left that meets one of its needs, or if it does not get along with anything
   that is left of a package that must be there.
2. A package that all that is left of one that must be there needs, must be there too.
3. Of a package is crossed out what nothing that is left of one that must be there gets along with.

Where nothing is left of a package that must be there, nothing fulfils what is asked. Each rule crosses out only what is
in no solution, so whatever is refuted here a solver refuses. Of what is not refuted nothing is known.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.relock.offers import Demands, Offer, RecordSet, Seen

Refuting: TypeAlias = Generator[frozenset[str], Mapping[str, Seen], tuple[str, ...]]

Cause: TypeAlias = int
"""Packages of which something is asked: a bit for each."""

MOST_STEPS = 500
"""So often a package is looked at: by then nearly all that can be refuted is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, by the names of packages: `specs` of what must be there, `limits` of what may be there."""

    specs: Mapping[str, Sequence[str]]
    limits: Mapping[str, Sequence[str]]


def refuting(asked: Asked) -> Refuting:
    """Return the names of packages of which what is *asked* contradicts itself; none if it does not plainly do so.

    Yields the names of packages of which it wants to know what may be seen, and is sent that.
    """
    return (yield from _Elimination(asked).run())


@dataclass(slots=True)
class _Left:
    """What is left of a package, and why no more is; if it `must` be there, why that is so."""

    offer: Offer
    records: RecordSet
    why: Cause = 0
    must: Cause | None = None

    def asks(self) -> list[tuple[str, Demands]]:
        """Return of which packages anything that is left asks something, and what."""
        return [(name, each) for name, each in self.offer.demands.items() if each.records & self.records]

    @property
    def is_gone(self) -> bool:
        """Whether it must be there and nothing is left of it."""
        return self.must is not None and not self.records

    @property
    def cause(self) -> Cause:
        """Why what it asks of others counts."""
        return self.why | (self.must or 0)

    def cross_out(self, records: RecordSet, why: Cause) -> bool:
        """Cross *records* out, and tell whether any of them was left."""
        if not self.records & records:
            return False
        self.records &= ~records
        self.why |= why
        return True


class _Elimination:
    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._bits = {name: 1 << place for place, name in enumerate(dict.fromkeys([*asked.specs, *asked.limits]))}
        self._left: dict[str, _Left] = {}
        self._asking: dict[str, dict[str, None]] = {}
        self._waiting: dict[str, None] = {}

    def run(self) -> Refuting:
        yield from self._know(self._asked.specs)
        for name in self._asked.specs:
            self._left[name].must = self._bits[name]
            self._waiting[name] = None
        gone = next((left for name in self._asked.specs if (left := self._left[name]).is_gone), None)
        for _ in range(MOST_STEPS):
            if gone or not self._waiting:
                break
            name = next(iter(self._waiting))
            del self._waiting[name]
            asks = self._left[name].asks()
            yield from self._know(other for other, _ in asks)
            gone = self._look_at(name, asks)
        return tuple(name for name, bit in self._bits.items() if gone and gone.cause & bit)

    def _know(self, names: Iterable[str]) -> Generator[frozenset[str], Mapping[str, Seen], None]:
        """Ask what may be seen of *names*, and cross out what is not asked for."""
        unknown = frozenset(names) - self._left.keys()
        for name, seen in (yield unknown).items() if unknown else ():
            left = _Left(seen.offer, seen.records)
            for text in (*self._asked.specs.get(name, ()), *self._asked.limits.get(name, ())):
                left.cross_out(~seen.offer.matching(text), self._bits[name])
            self._left[name] = left

    def _look_at(self, name: str, asks: Iterable[tuple[str, Demands]]) -> _Left | None:
        """Compare what *name*, which must be there, *asks* of others with what is left of them; return what is gone."""
        own = self._left[name]
        for other_name, demands in asks:
            other = self._left[other_name]
            self._asking.setdefault(other_name, {})[name] = None
            before = own.records
            changes_other = _compare(own, other, demands)
            if own.is_gone or other.is_gone:
                return own if own.is_gone else other
            if own.records != before:
                self._wake(name)
            if changes_other:
                self._wake(other_name)
        return None

    def _wake(self, name: str) -> None:
        """Have everything looked at again to which it matters what is left of *name*."""
        if self._left[name].must is not None:
            self._waiting[name] = None
        self._waiting.update(self._asking.get(name, {}))


def _compare(own: _Left, other: _Left, demands: Demands) -> bool:
    """Go by the rules for *own*, which must be there and has *demands* of *other*; tell whether *other* changed."""
    welcome, is_needed = 0, True
    for demand in demands.each:
        if not demand.records & own.records:
            continue
        fitting = other.records
        for text in demand.specs:
            fitting &= other.offer.matching(text)
        if fitting or not (demand.need or other.must is not None):
            welcome |= fitting
            is_needed = is_needed and demand.need
        else:
            own.cross_out(demand.records, other.why if demand.need else other.cause)
    if own.records & ~demands.records or not own.records:
        return False
    changes = other.cross_out(~welcome, own.cause)
    if is_needed and other.must is None:
        other.must = own.cause
        return True
    return changes
