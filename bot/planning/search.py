"""What of a wanted pull request can be had: solved as it will be committed, on every platform, or not proposed.

All candidates at their newest first. When that does not solve, one open solve per unit tells what can be reached
(solvability is not monotonic, so there is no bisection), the minimum over the units is solved everywhere, again with
a lower ceiling if it must be. A candidate that stays behind gets its reason from `bot.planning.blockers`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from bot.model.environment import SolveUnit
from bot.model.package import PypiPackage, Record
from bot.model.solve import Solution, SolveResult, Unsolvable
from bot.model.update import BranchPlan, HeldBack, Release
from bot.planning.attempts import Attempt, Choice
from bot.planning.baseline import Baseline
from bot.planning.blockers import why_not
from bot.planning.candidates import Candidate
from bot.planning.companions import companions
from bot.planning.groups import Wanted
from bot.planning.minimal_change import keep_near
from bot.planning.programs import Program, together
from bot.planning.questions import exact, open_to
from bot.versioning.conda import sort_versions

ATTEMPTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search came to: the plan as narrowed (without updates if nothing can be had) and its solutions.

    `packages` are the PyPI packages of the units for which they were resolved anew; elsewhere they stay. `not_judged`
    are the reasons why the solver gave no verdict, on everything or on a part.
    """

    plan: BranchPlan
    solutions: Mapping[SolveUnit, tuple[Record, ...]]
    held_back: tuple[HeldBack, ...]
    not_judged: tuple[str, ...] = ()
    packages: Mapping[SolveUnit, tuple[PypiPackage, ...]] = field(default_factory=dict)


_Attempt: TypeAlias = Attempt[Baseline, Solution]


def search(wanted: Wanted) -> Program[Found]:
    """Find what of *wanted* solves, ask why the rest does not, and keep what is forced near where it was."""
    newest = {candidate: candidate.wanted for candidate in wanted.candidates}
    attempt = yield from _attempt(newest)
    if not attempt.solved and not attempt.not_judged:
        attempt = yield from _narrowed(attempt)
    if attempt.not_judged:
        return Found(plan=_plan(wanted, {}), solutions={}, held_back=(), not_judged=attempt.not_judged)
    behind = [each for each in wanted.candidates if attempt.choice.get(each) != each.wanted]
    alone = yield from together([_attempt({each: each.wanted}) for each in behind])
    attempt = yield from _climbed(attempt, behind)
    reasons = [
        _reason(each, attempt, single)
        for each, single in zip(behind, alone, strict=True)
        if attempt.choice.get(each) != each.wanted
    ]
    held_back = yield from together(reasons)
    attempt, held_back = yield from _joined(attempt, held_back, wanted)
    solutions = yield from _near_solutions(attempt)
    unjudged = tuple(dict.fromkeys(reason for each in alone for reason in each.not_judged))
    return Found(plan=_plan(wanted, attempt.choice), solutions=solutions, held_back=held_back, not_judged=unjudged)


def _plan(wanted: Wanted, choice: Choice) -> BranchPlan:
    return BranchPlan(key=wanted.key, updates=tuple(each.update_to(release) for each, release in choice.items()))


def _attempt(choice: Choice, before: _Attempt | None = None) -> Program[_Attempt]:
    """Try *choice* on one unit, then on the others together: what does not solve mostly does not solve on any.

    What solved in the attempt *before* on a unit where nothing else is chosen now is not asked again.
    """
    results = _still_solved(choice, before) if before else []
    told = {id(baseline) for baseline, _ in results}
    baselines = [each for each in _touched(choice) if id(each) not in told]
    for part in filter(None, (baselines[:1], baselines[1:])):
        answers = yield tuple(exact(baseline, choice) for baseline in part)
        results += zip(part, answers, strict=True)
        if isinstance(answers[0], Unsolvable):
            break
    return Attempt(choice=choice, results=tuple(results))


def _still_solved(choice: Choice, before: _Attempt) -> list[tuple[Baseline, SolveResult]]:
    """Return the solutions of *before* on the units of which *choice* chooses the same."""
    moved = [each for each in {**choice, **before.choice} if choice.get(each) != before.choice.get(each)]
    changed = {id(baseline) for baseline in _touched(moved)}
    return [
        (baseline, result)
        for baseline, result in before.results
        if isinstance(result, Solution) and id(baseline) not in changed
    ]


def _touched(choice: Iterable[Candidate]) -> tuple[Baseline, ...]:
    return tuple({id(baseline): baseline for candidate in choice for baseline in candidate.baselines}.values())


def _narrowed(failed: _Attempt) -> Program[_Attempt]:
    """Lower the ceiling of each candidate to what open solves reach, until the result solves exactly."""
    attempt = failed
    for _ in range(ATTEMPTS):
        choice = yield from _reachable(attempt.choice)
        if choice == attempt.choice:
            choice = _one_step_lower(choice)
        attempt = yield from _attempt(choice)
        if attempt.solved or attempt.not_judged:
            return attempt
    return (yield from _one_by_one(failed.choice))


def _reachable(ceilings: Choice) -> Program[Choice]:
    """Return, for each candidate, the newest of its releases that open solves reach on every unit, up to its ceiling.

    In an open solve the lines of the candidates are lifted: any version from the current one to the ceiling will do.
    """
    baselines = _touched(ceilings)
    results = yield tuple(open_to(baseline, ceilings) for baseline in baselines)
    solved = [(baseline, r.records) for baseline, r in zip(baselines, results, strict=True) if isinstance(r, Solution)]
    choice: dict[Candidate, Release] = {}
    for candidate in ceilings:
        mine = [records for baseline, records in solved if baseline in candidate.baselines]
        reached = [each.version for records in mine for each in records if each.name == candidate.name]
        lowest = sort_versions(reached or [candidate.current])[0]
        if release := candidate.up_to(lowest):
            choice[candidate] = release
    return choice


def _one_step_lower(choice: Choice) -> Choice:
    """Every candidate at the release before; those without one are left out."""
    lower: dict[Candidate, Release] = {}
    for candidate, release in choice.items():
        index = candidate.releases.index(release)
        if index > 0:
            lower[candidate] = candidate.releases[index - 1]
    return lower


def _one_by_one(choice: Choice) -> Program[_Attempt]:
    """Take the candidates up one at a time, each only if everything still solves with it."""
    taken = yield from _attempt({})
    for candidate, release in choice.items():
        attempt = yield from _attempt({**taken.choice, candidate: release}, taken)
        if attempt.solved:
            taken = attempt
    return taken


def _climbed(attempt: _Attempt, behind: Sequence[Candidate]) -> Program[_Attempt]:
    """Take in what solves beside the others now that they have moved, until nothing more does.

    What kept a candidate back may have moved on itself.
    """
    beside = yield from together([_attempt({**attempt.choice, each: each.wanted}, attempt) for each in behind])
    ready = [each for each, one in zip(behind, beside, strict=True) if one.solved]
    for candidate in ready:
        higher = yield from _attempt({**attempt.choice, candidate: candidate.wanted}, attempt)
        attempt = higher if higher.solved else attempt
    rest = [each for each in behind if attempt.choice.get(each) != each.wanted]
    return (yield from _climbed(attempt, rest)) if ready and rest else attempt


def _reason(candidate: Candidate, attempt: _Attempt, alone: _Attempt) -> Program[HeldBack]:
    """Return why *candidate* stays behind its wanted release in *attempt*; *alone* is the attempt at nothing else."""
    reached = attempt.choice.get(candidate)
    if alone.failure is None and alone.not_judged:
        return candidate.held_back(alone.without_verdict(candidate), stays=reached)
    if alone.failure is None:
        sentence = f"{candidate.name} {candidate.wanted.version} solves alone, but not together with this pull request"
        return candidate.held_back(sentence, stays=reached)
    baseline, solver_text = alone.failure
    sentence, blockers = yield from why_not(candidate, baseline, _records(attempt, baseline))
    return replace(candidate.held_back(sentence, stays=reached), blockers=blockers, solver_text=solver_text)


def _records(attempt: _Attempt, baseline: Baseline) -> tuple[Record, ...]:
    """Return what *attempt* solves to on *baseline*; nothing where it was not tried."""
    found = (result for where, result in attempt.results if where is baseline and isinstance(result, Solution))
    return next((result.records for result in found), ())


def _joined(
    attempt: _Attempt, held_back: tuple[HeldBack, ...], wanted: Wanted
) -> Program[tuple[_Attempt, tuple[HeldBack, ...]]]:
    """Take in what cannot move alone at all together with what must move for it, if that cannot move without it."""
    told: list[HeldBack] = []
    for held in held_back:
        candidate = next(each for each in wanted.candidates if each.name == held.name)
        others = [each for each in wanted.others if each.name != candidate.name and each not in attempt.choice]
        moves_alone = candidate in attempt.choice
        choice = None if moves_alone and held.blockers else (yield from companions(candidate, others))
        if choice is None:
            told.append(held)
            continue
        joined = None if moves_alone else (yield from _only_together(attempt.choice, candidate, choice))
        if joined is None:
            told.append(replace(held, sentence=f"{held.sentence}; {_together_with(choice)}"))
        attempt = joined or attempt
    return attempt, tuple(told)


def _only_together(taken: Choice, candidate: Candidate, others: Choice) -> Program[_Attempt | None]:
    """Return *candidate* and *others* on top of *taken* if that solves; None if not, or if *others* move without it."""
    follows = yield from _attempt(others)
    if follows.solved:
        return None
    both = yield from _attempt({**taken, **others, candidate: candidate.wanted})
    return both if both.solved else None


def _together_with(choice: Choice) -> str:
    names = [f"{candidate.name} {release.version}" for candidate, release in choice.items()]
    return f"it solves together with {', '.join(names)}"


def _near_solutions(attempt: _Attempt) -> Program[Mapping[SolveUnit, tuple[Record, ...]]]:
    moving = frozenset(candidate.name for candidate in attempt.choice)
    solved = [(baseline, result) for baseline, result in attempt.results if isinstance(result, Solution)]
    programs = [keep_near(baseline, exact(baseline, attempt.choice), result, moving) for baseline, result in solved]
    records = yield from together(programs)
    return {baseline.unit: each for (baseline, _), each in zip(solved, records, strict=True)}
