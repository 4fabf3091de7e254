"""Packages that only move together: the smallest set that lets a release in, found by one solve for each unit.

Every line of the manifest that has somewhere to go is lifted while the locked records are still preferred, and the
release is asked for: what then leaves its place has to move with it, and nothing else does.
"""

from collections.abc import Iterable, Iterator, Sequence

from bot.model.manifest import PackageName
from bot.model.solve import Solution
from bot.model.update import Release
from bot.planning.attempts import Choice
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate
from bot.planning.programs import Program
from bot.planning.questions import lifted
from bot.planning.trials import led_by, until_one_fails, widest
from bot.versioning.conda import same_version, sort_versions


def companions(
    candidate: Candidate, others: Sequence[Candidate], first: Baseline | None = None
) -> Program[Choice | None]:
    """Return what of *others* must move for *candidate* to reach its wanted release, and to which releases.

    None if no set of them lets it in, or if one would have to go where no release of its candidate is. The unit *first*
    is asked before the others.
    """
    asked = [(baseline, lifted(baseline, candidate, others)) for baseline in candidate.baselines]
    answers = yield from until_one_fails(led_by(first, widest(asked, (candidate, *others))))
    solved = [(baseline, result) for baseline, result in answers if isinstance(result, Solution)]
    if len(solved) < len(answers):
        return None
    leaving = set(_leaving(solved))
    moved = {other: _reached(other, solved) for other in others if other.name in leaving}
    choice = {other: release for other, release in moved.items() if release is not None}
    return choice if choice and len(choice) == len(moved) else None


def _leaving(solved: Iterable[tuple[Baseline, Solution]]) -> Iterator[PackageName]:
    """Yield the packages that leave the version in use on any unit."""
    for baseline, solution in solved:
        for record in solution.records:
            before = baseline.version(record.name)
            if before is not None and not same_version(record.version, before):
                yield record.name


def _reached(candidate: Candidate, solved: Iterable[tuple[Baseline, Solution]]) -> Release | None:
    """Return the newest of its releases that every unit reaches."""
    versions = [record.version for _, each in solved for record in each.records if record.name == candidate.name]
    lowest = sort_versions(versions)[0]
    return next((each for each in candidate.releases if same_version(each.version, lowest)), None)
