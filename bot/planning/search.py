"""What of a wanted pull request can be had: solved as it will be committed, on every platform, or not proposed.

All candidates at their newest first. When that does not solve, one open solve per unit tells what can be reached
(solvability is not monotonic, so there is no bisection), the minimum over the units is solved everywhere, again with
a lower ceiling if it must be. A candidate that stays behind gets its reason from `bot.planning.blockers`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.model.environment import SolveUnit
from bot.model.package import PypiPackage, Record
from bot.model.report import Problem
from bot.model.solve import Solution, Unsolvable
from bot.model.update import BranchPlan, HeldBack, Release
from bot.planning.attempts import Choice
from bot.planning.baseline import Baseline
from bot.planning.blockers import why_not
from bot.planning.candidates import Candidate
from bot.planning.companions import companions
from bot.planning.groups import Wanted
from bot.planning.minimal_change import keep_near
from bot.planning.programs import Program, together
from bot.planning.questions import exact, open_to
from bot.planning.trials import Trial, Trouble, growing, led_by, probed, touched, tried, troubled, widest
from bot.versioning.conda import sort_versions

ATTEMPTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search came to: the plan as narrowed (without updates if nothing can be had) and its solutions.

    `packages` are the PyPI packages of the units for which they were resolved anew; elsewhere they stay. `not_judged`
    are the reasons why the solver gave no verdict, on everything or on a part. `about` is the workspace that all of it
    is about, where nothing is left that tells. `remarks` say of files what does not count.
    """

    plan: BranchPlan
    solutions: Mapping[SolveUnit, tuple[Record, ...]]
    held_back: tuple[HeldBack, ...]
    not_judged: tuple[str, ...] = ()
    packages: Mapping[SolveUnit, tuple[PypiPackage, ...]] = field(default_factory=dict)
    about: str = ""
    remarks: tuple[Problem, ...] = ()


def search(wanted: Wanted) -> Program[Found]:
    """Find what of *wanted* solves, ask why the rest does not, and keep what is forced near where it was."""
    newest = {candidate: candidate.wanted for candidate in wanted.candidates}
    trial, trouble = yield from _narrowed((yield from tried(newest)))
    if trial.not_judged:
        return (yield from _without_the_silent(wanted, trial))
    trial, trouble = yield from _climbed(trial, _behind(wanted, trial), trouble)
    trial = yield from _led(trial, _behind(wanted, trial), trouble)
    behind = _behind(wanted, trial)
    alone = yield from together([probed({each: each.wanted}, first=trouble.get(each)) for each in behind])
    trouble = {**trouble, **troubled(zip(behind, alone, strict=True))}
    reasons = yield from together([_reason(each, trial, one) for each, one in zip(behind, alone, strict=True)])
    trial, held = yield from _joined(trial, dict(zip(behind, reasons, strict=True)), wanted.others, trouble)
    if wanted.is_told and trial.choice:
        held = yield from _in_words(held, dict(zip(behind, alone, strict=True)))
    solutions = yield from near_solutions(trial)
    unjudged = tuple(dict.fromkeys(reason for each in alone for reason in each.not_judged))
    return Found(
        plan=_plan(wanted, trial.choice), solutions=solutions, held_back=tuple(held.values()), not_judged=unjudged
    )


def _without_the_silent(wanted: Wanted, failed: Trial) -> Program[Found]:
    """Find what solves without the candidates on which, each alone, there is no verdict either; those are named.

    Where each alone gets one, or none does, nothing can be left out: there is no verdict on anything.
    """
    alone = yield from together([probed({each: each.wanted}) for each in wanted.candidates])
    silent = {each: one for each, one in zip(wanted.candidates, alone, strict=True) if one.not_judged}
    others = tuple(each for each in wanted.candidates if each not in silent)
    if not silent or not others:
        return Found(plan=_plan(wanted, {}), solutions={}, held_back=(), not_judged=failed.not_judged)
    found = yield from search(replace(wanted, candidates=others))
    told = tuple(each.held_back(one.without_verdict(each)) for each, one in silent.items())
    reasons = (reason for one in silent.values() for reason in one.not_judged)
    not_judged = tuple(dict.fromkeys((*reasons, *found.not_judged)))
    return replace(found, held_back=(*told, *found.held_back), not_judged=not_judged)


def _plan(wanted: Wanted, choice: Choice) -> BranchPlan:
    return BranchPlan(key=wanted.key, updates=tuple(each.update_to(release) for each, release in choice.items()))


def _behind(wanted: Wanted, trial: Trial) -> list[Candidate]:
    return [each for each in wanted.candidates if trial.choice.get(each) != each.wanted]


def _narrowed(failed: Trial) -> Program[tuple[Trial, Trouble]]:
    """Lower the ceiling of each candidate to what open solves reach, until the result solves exactly."""
    trial, trouble = failed, dict[Candidate, Baseline]()
    for _ in range(ATTEMPTS):
        if trial.solved or trial.not_judged:
            return trial, trouble
        first = trial.failure[0] if trial.failure else None
        choice, low = yield from _reachable(trial, first)
        trouble |= low
        if choice == trial.choice:
            choice = _one_step_lower(choice)
        trial = yield from tried(choice, first=first)
    if trial.solved or trial.not_judged:
        return trial, trouble
    return (yield from _one_by_one(failed.choice, trouble)), trouble


def _reachable(failed: Trial, first: Baseline | None) -> Program[tuple[Choice, Trouble]]:
    """Return, for each candidate, the newest of its releases that open solves reach on every unit, up to its ceiling.

    The ceilings are what was chosen in the trial that *failed*: where it solves they are reached, and nothing is asked.
    In an open solve the lines of the candidates are lifted: any version from the current one to the ceiling will do.
    Of those that do not get that far it is said where that is so. The unit *first* is asked before the others, and no
    other one if nothing moves there.
    """
    ceilings = failed.choice
    reached = {id(baseline) for baseline, result in failed.results if isinstance(result, Solution)}
    every = widest([(baseline, open_to(baseline, ceilings)) for baseline in touched(ceilings)], ceilings)
    asked = [(baseline, request) for baseline, request in every if id(baseline) not in reached]
    solved = [(baseline, each.records) for baseline, each in failed.results if isinstance(each, Solution)]
    choice, trouble = _reached(ceilings, solved)
    for part in growing(led_by(first, asked)):
        results = yield tuple(request for _, request in part)
        answers = zip(part, results, strict=True)
        solved += ((baseline, each.records) for (baseline, _), each in answers if isinstance(each, Solution))
        choice, trouble = _reached(ceilings, solved)
        if not choice and len(trouble) == len(ceilings):
            break
    return choice, trouble


def _reached(ceilings: Choice, solved: Sequence[tuple[Baseline, Sequence[Record]]]) -> tuple[Choice, Trouble]:
    """Return what is reached wherever something is *solved*, and where those are that stay behind."""
    choice: dict[Candidate, Release] = {}
    trouble: dict[Candidate, Baseline] = {}
    for candidate, ceiling in ceilings.items():
        lowest, where = _lowest(candidate, solved)
        release = candidate.up_to(lowest) if where else None
        if release:
            choice[candidate] = release
        if where and release != ceiling:
            trouble[candidate] = where
    return choice, trouble


def _lowest(candidate: Candidate, solved: Iterable[tuple[Baseline, Sequence[Record]]]) -> tuple[str, Baseline | None]:
    """Return the lowest version of *candidate* in what is *solved*, and where that is; its current one if nowhere."""
    reached = {
        each.version: baseline
        for baseline, records in solved
        if baseline in candidate.baselines
        for each in records
        if each.name == candidate.name
    }
    lowest = sort_versions(reached or [candidate.current])[0]
    return lowest, reached.get(lowest)


def _one_step_lower(choice: Choice) -> Choice:
    """Every candidate at the release before; those without one are left out."""
    lower: dict[Candidate, Release] = {}
    for candidate, release in choice.items():
        index = candidate.releases.index(release)
        if index > 0:
            lower[candidate] = candidate.releases[index - 1]
    return lower


def _one_by_one(choice: Choice, trouble: Trouble) -> Program[Trial]:
    """Take the candidates up one at a time, each only if everything still solves with it."""
    taken = yield from tried({})
    for candidate, release in choice.items():
        trial = yield from tried({**taken.choice, candidate: release}, taken, trouble.get(candidate))
        if trial.solved:
            taken = trial
    return taken


def _climbed(trial: Trial, behind: Sequence[Candidate], trouble: Trouble) -> Program[tuple[Trial, Trouble]]:
    """Take in what solves beside the others now that they have moved, until nothing more does.

    What kept a candidate back may have moved on itself.
    """
    probes = [probed({**trial.choice, each: each.wanted}, trial, trouble.get(each)) for each in behind]
    beside = yield from together(probes)
    trouble = {**trouble, **troubled(zip(behind, beside, strict=True))}
    ready = [each for each, one in zip(behind, beside, strict=True) if one.solved]
    for candidate in ready:
        higher = yield from tried({**trial.choice, candidate: candidate.wanted}, trial)
        trial = higher if higher.solved else trial
    rest = [each for each in behind if trial.choice.get(each) != each.wanted]
    return (yield from _climbed(trial, rest, trouble)) if ready and rest else (trial, trouble)


def _led(trial: Trial, behind: Sequence[Candidate], trouble: Trouble) -> Program[Trial]:
    """Take in what solves where others go further, on its units, than they can go everywhere.

    A lock may hold several versions of what one line asks for. Were it left out, the next scan would find it.
    """
    for candidate in behind:
        moving = {id(each) for each in touched(trial.choice)}
        if any(each.locked and id(each) in moving for each in candidate.baselines):
            choice = {**trial.choice, candidate: candidate.wanted}
            led = yield from tried(choice, trial, trouble.get(candidate), trial.leading | {candidate})
            trial = led if led.solved else trial
    return trial


def _reason(candidate: Candidate, trial: Trial, alone: Trial) -> Program[HeldBack]:
    """Return why *candidate* stays behind its wanted release in *trial*; *alone* is the attempt at nothing else."""
    reached = trial.choice.get(candidate)
    if alone.failure is None and alone.not_judged:
        return candidate.held_back(alone.without_verdict(candidate), stays=reached)
    if alone.failure is None:
        sentence = f"{candidate.name} {candidate.wanted.version} solves alone, but not together with what moves here"
        return candidate.held_back(sentence, stays=reached)
    baseline, solver_text = alone.failure
    sentence, blockers = yield from why_not(candidate, baseline, _records(trial, baseline))
    return replace(candidate.held_back(sentence, stays=reached), blockers=blockers, solver_text=solver_text)


def _records(trial: Trial, baseline: Baseline) -> tuple[Record, ...]:
    """Return what *trial* solves to on *baseline*; nothing where it was not tried."""
    found = (result for where, result in trial.results if where is baseline and isinstance(result, Solution))
    return next((result.records for result in found), ())


def _joined(
    trial: Trial, behind: Mapping[Candidate, HeldBack], beside: Iterable[Candidate], trouble: Trouble
) -> Program[tuple[Trial, Mapping[Candidate, HeldBack]]]:
    """Take in what cannot move alone at all together with what must move for it, if that cannot move without it.

    *behind* is held back for the reasons it has, *beside* are those that could move too.
    """
    told: dict[Candidate, HeldBack] = {}
    for candidate, held in behind.items():
        others = [each for each in beside if each.name != candidate.name and each not in trial.choice]
        moves_alone = candidate in trial.choice
        settled = moves_alone and held.blockers
        choice = None if settled else (yield from companions(candidate, others, trouble.get(candidate)))
        if choice is None:
            told[candidate] = held
            continue
        joined = None if moves_alone else (yield from _only_together(trial, candidate, choice))
        if joined is None:
            told[candidate] = replace(held, sentence=f"{held.sentence}; {_together_with(choice)}")
        trial = joined or trial
    return trial, told


def _in_words(
    behind: Mapping[Candidate, HeldBack], alone: Mapping[Candidate, Trial]
) -> Program[Mapping[Candidate, HeldBack]]:
    """Return what is held *behind* with the solver's own words, where it refused what failed *alone* without a word."""
    silent = {
        candidate: exact(failure[0], alone[candidate].choice)
        for candidate in behind
        if (failure := alone[candidate].failure) and not failure[1]
    }
    results = (yield tuple(silent.values())) if silent else ()
    words = {each: got.text for each, got in zip(silent, results, strict=True) if isinstance(got, Unsolvable)}
    return {each: replace(held, solver_text=words.get(each, held.solver_text)) for each, held in behind.items()}


def _only_together(taken: Trial, candidate: Candidate, others: Choice) -> Program[Trial | None]:
    """Return *candidate* and *others* on top of *taken* if that solves; None if not, or if *others* move without it."""
    follows = yield from tried(others)
    if follows.solved:
        return None
    choice = {**taken.choice, **others, candidate: candidate.wanted}
    both = yield from tried(choice, leading=taken.leading)
    return both if both.solved else None


def _together_with(choice: Choice) -> str:
    names = [f"{candidate.name} {release.version}" for candidate, release in choice.items()]
    return f"it solves together with {', '.join(names)}"


def near_solutions(trial: Trial) -> Program[Mapping[SolveUnit, tuple[Record, ...]]]:
    """Return the solutions of *trial*, with what is only forced to move kept near where it was."""
    moving = frozenset(candidate.name for candidate in trial.choice)
    solved = [(baseline, result) for baseline, result in trial.results if isinstance(result, Solution)]
    programs = [
        keep_near(baseline, exact(baseline, trial.choice, leading=trial.leading), result, moving)
        for baseline, result in solved
    ]
    records = yield from together(programs)
    return {baseline.unit: each for (baseline, _), each in zip(solved, records, strict=True)}
