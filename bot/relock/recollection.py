"""What was answered in a session, so that a question may go out with the answer to one like it."""

import hashlib
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.model.manifest import VirtualPackage
from bot.model.package import Record
from bot.model.solve import Solution, SolveRequest
from bot.relock.protocol import Earlier, Elsewhere, as_preferred, encode

MOST_KEPT = 64
"""So many answers are kept of what is asked of the same channels, machine and moment: those of the last round."""
MOST_UNLIKE = 8
"""Of so many packages other records may be locked: beyond that two questions are about different environments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    request: SolveRequest
    solution: Solution
    locked: frozenset[str]
    asked: frozenset[str]

    @classmethod
    def of(cls, request: SolveRequest, solution: Solution) -> "_Answered":
        return cls(request=request, solution=solution, locked=_urls(request.locked), asked=_asked(request))


@dataclass(frozen=True, slots=True)
class Recollection:
    """Solutions by what they are solutions to: `like` finds the one that differs least, `elsewhere` the same one."""

    _answered: dict[bytes, deque[_Answered]] = field(default_factory=OrderedDict)
    _anywhere: dict[bytes, tuple[tuple[VirtualPackage, ...], Solution]] = field(default_factory=dict)

    def add(self, request: SolveRequest, solution: Solution) -> None:
        """Keep *solution* of *request*."""
        kept = self._answered.setdefault(_frame(request), deque(maxlen=MOST_KEPT))
        kept.append(_Answered.of(request, solution))
        self._anywhere[_same(request)] = (request.virtual_packages, solution)

    def like(self, request: SolveRequest) -> Earlier | None:
        """Return what was answered before and is most like *request*, the latest first; None if nothing is."""
        locked, asked = _urls(request.locked), _asked(request)
        near = [
            (len(each.locked ^ locked), len(each.asked ^ asked), -place, each)
            for place, each in enumerate(self._answered.get(_frame(request), ()))
        ]
        unlike, *_, found = min(near, key=lambda each: each[:3], default=(MOST_UNLIKE * 2 + 1, None))
        if found is None or unlike > MOST_UNLIKE * 2:
            return None
        before, differing = found.request, found.locked ^ locked
        names = {each.name for each in (*request.locked, *before.locked) if each.url in differing}
        return Earlier(
            specs=before.specs,
            constraints=before.constraints,
            unlike=tuple(sorted(names)),
            solution=as_preferred(found.solution.records),
        )

    def elsewhere(self, request: SolveRequest) -> Elsewhere | None:
        """Return what *request* came to last on a machine with other virtual packages; None if it was not asked."""
        found = self._anywhere.get(_same(request))
        if found is None:
            return None
        machine, solution = found
        names = {each.name for each in frozenset(machine) ^ frozenset(request.virtual_packages)}
        return Elsewhere(differing=tuple(sorted(names)), solution=as_preferred(solution.records))


def _same(request: SolveRequest) -> bytes:
    """Return what tells *request* from all others, but for the machine: hundreds of records are not kept for that."""
    asked = replace(request, virtual_packages=(), locked=(), is_doubtful=False)
    return hashlib.sha256(encode((asked, as_preferred(request.locked)))).digest()


def _frame(request: SolveRequest) -> bytes:
    """Return all of *request* in which two that are alike do not differ."""
    return encode(replace(request, specs=(), constraints=(), locked=(), is_doubtful=False))


def _urls(records: Iterable[Record]) -> frozenset[str]:
    return frozenset(each.url for each in records)


def _asked(request: SolveRequest) -> frozenset[str]:
    return frozenset((*request.specs, *(f"({each})" for each in request.constraints)))
