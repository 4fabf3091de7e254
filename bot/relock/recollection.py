"""What was answered in a session, so that a question may go out with the answer to one like it."""

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.model.package import Record
from bot.model.solve import Solution, SolveRequest
from bot.relock.protocol import Earlier, as_preferred, encode

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
    """Solutions by what they are solutions to. `like` finds the question that differs least."""

    _answered: dict[bytes, deque[_Answered]] = field(default_factory=OrderedDict)

    def add(self, request: SolveRequest, solution: Solution) -> None:
        """Keep *solution* of *request*."""
        kept = self._answered.setdefault(_frame(request), deque(maxlen=MOST_KEPT))
        kept.append(_Answered.of(request, solution))

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


def _frame(request: SolveRequest) -> bytes:
    """Return all of *request* in which two that are alike do not differ."""
    return encode(replace(request, specs=(), constraints=(), locked=(), is_doubtful=False))


def _urls(records: Iterable[Record]) -> frozenset[str]:
    return frozenset(each.url for each in records)


def _asked(request: SolveRequest) -> frozenset[str]:
    return frozenset((*request.specs, *(f"({each})" for each in request.constraints)))
