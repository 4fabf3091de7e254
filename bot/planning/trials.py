"""A choice of releases is tried on every unit that it touches, with as few solves as will do.

Where it fails is mostly known: where it failed before, or where an open solve did not get as far. That unit is asked
first, then ever more of them at once, until one says no. And a unit that asks for nothing that another of its workspace
and platform does not ask for as well solves where the other one does: for a verdict only the widest are asked, and the
others once their records are wanted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeAlias

from bot.model.solve import Solution, SolveRequest, SolveResult, Unsolvable
from bot.planning.attempts import Attempt, Choice
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate
from bot.planning.programs import Program
from bot.planning.questions import exact

Trial: TypeAlias = Attempt[Baseline, Solution]
Question: TypeAlias = tuple[Baseline, SolveRequest]
Answer: TypeAlias = tuple[Baseline, SolveResult]

NOBODY: frozenset[Candidate] = frozenset()

Trouble: TypeAlias = Mapping[Candidate, Baseline]
"""Where a candidate was last seen not to get as far as it wants to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What is asked about a unit, and all else in which two questions may differ."""

    baseline: Baseline
    demands: frozenset[object]
    frame: SolveRequest


def tried(
    choice: Choice,
    before: Trial | None = None,
    first: Baseline | None = None,
    leading: frozenset[Candidate] = NOBODY,
) -> Program[Trial]:
    """Try *choice*, with *leading* candidates in it, everywhere, up to where it does not solve.

    The unit *first* is asked before the others. What solved in the trial *before* on a unit where nothing else is
    chosen now is not asked again.
    """
    verdict = yield from _asked_widely(choice, before, first, leading, is_doubtful=False)
    if not verdict.solved:
        return verdict
    told = {id(baseline) for baseline, _ in verdict.results}
    rest = [(each, exact(each, choice, leading=leading)) for each in touched(choice) if id(each) not in told]
    answers = yield from until_one_fails(rest)
    return replace(verdict, results=(*verdict.results, *answers))


def probed(
    choice: Choice,
    before: Trial | None = None,
    first: Baseline | None = None,
    leading: frozenset[Candidate] = NOBODY,
) -> Program[Trial]:
    """Like `tried`, for the verdict alone, where that is doubtful: why it fails may be left unsaid.

    Of units that ask for less than others nothing is known then.
    """
    return (yield from _asked_widely(choice, before, first, leading, is_doubtful=True))


def _asked_widely(
    choice: Choice, before: Trial | None, first: Baseline | None, leading: frozenset[Candidate], *, is_doubtful: bool
) -> Program[Trial]:
    """Try *choice* on the units that ask for the most."""
    results = _still_solved(choice, leading, before) if before else []
    told = {id(baseline) for baseline, _ in results}
    asked = [(each, exact(each, choice, leading=leading)) for each in touched(choice) if id(each) not in told]
    widely = [(each, replace(request, is_doubtful=is_doubtful)) for each, request in widest(asked, choice)]
    answers = yield from until_one_fails(led_by(first, widely))
    return Attempt(choice=choice, results=(*results, *answers), leading=leading)


def touched(choice: Iterable[Candidate]) -> tuple[Baseline, ...]:
    """Return the units that *choice* is felt in."""
    return tuple({id(baseline): baseline for candidate in choice for baseline in candidate.baselines}.values())


def troubled(trials: Iterable[tuple[Candidate, Trial]]) -> Trouble:
    """Return where the *trials* of candidates fail, of those that do."""
    return {candidate: trial.failure[0] for candidate, trial in trials if trial.failure}


def led_by(first: Baseline | None, asked: Sequence[Question]) -> Sequence[Question]:
    """Return *asked* with what is about the unit *first*, or about one of its platform that asks for more, ahead."""
    if first is None:
        return asked
    here = _platform(first)
    return sorted(asked, key=lambda each: (each[0] is not first, _platform(each[0]) != here))


def widest(asked: Sequence[Question], choice: Iterable[Candidate]) -> list[Question]:
    """Return those of *asked* than which no other asks for more, or for the same before it.

    *choice* are the candidates that are asked about; what is about one of them is not covered by what is not.
    """
    about: dict[int, list[Candidate]] = {}
    for candidate in choice:
        for baseline in candidate.baselines:
            about.setdefault(id(baseline), []).append(candidate)
    groups: dict[tuple[str, str], list[_Wish]] = {}
    for baseline, request in asked:
        demands = frozenset((*request.specs, *((each,) for each in request.constraints), *about.get(id(baseline), ())))
        frame = replace(request, specs=(), constraints=(), locked=())
        groups.setdefault(_platform(baseline), []).append(_Wish(baseline=baseline, demands=demands, frame=frame))
    covered = {id(each) for group in groups.values() for each in _covered(group)}
    return [(baseline, request) for baseline, request in asked if id(baseline) not in covered]


def until_one_fails(asked: Sequence[Question]) -> Program[list[Answer]]:
    """Answer *asked* in turn, ever more at once, and stop where one does not solve."""
    answers: list[Answer] = []
    for part in growing(asked):
        results = yield tuple(request for _, request in part)
        answers += ((baseline, result) for (baseline, _), result in zip(part, results, strict=True))
        if any(isinstance(each, Unsolvable) for each in results):
            break
    return answers


def growing(asked: Sequence[Question]) -> Iterator[Sequence[Question]]:
    """Yield *asked* in order: one, then two, then four at once, and so on."""
    size, rest = 1, asked
    while rest:
        yield rest[:size]
        size, rest = size * 2, rest[size:]


def _covered(wishes: Sequence[_Wish]) -> Iterator[Baseline]:
    """Yield what any other of *wishes*, which are of one workspace and platform, asks for as well."""
    for index, wish in enumerate(wishes):
        earlier = (each for each in wishes[:index] if each.demands == wish.demands)
        wider = (each for each in wishes if each.demands > wish.demands)
        if any(each.frame == wish.frame for each in chain(earlier, wider)):
            yield wish.baseline


def _platform(baseline: Baseline) -> tuple[str, str]:
    return (baseline.unit.workspace, baseline.unit.platform.name)


def _still_solved(choice: Choice, leading: frozenset[Candidate], before: Trial) -> list[Answer]:
    """Return the solutions of *before* on the units of which *choice* chooses the same, led by the same."""
    moved = [each for each in {**choice, **before.choice} if choice.get(each) != before.choice.get(each)]
    changed = {id(baseline) for baseline in touched([*moved, *(leading ^ before.leading)])}
    return [
        (baseline, result)
        for baseline, result in before.results
        if isinstance(result, Solution) and id(baseline) not in changed
    ]
