"""A solver takes a pre-release where a range lets one in: it is asked again without those that nobody asked for."""

from collections.abc import Callable
from dataclasses import replace

from bot.model.package import Record
from bot.model.solve import Solution, SolveRequest, SolveResult, Unsolvable
from bot.planning.programs import Program, ask
from bot.versioning.conda import is_prerelease

ATTEMPTS = 8
"""So often a solve is repeated for pre-releases that it came to."""


def with_final_releases(request: SolveRequest, is_wanted: Callable[[Record], bool]) -> Program[SolveResult]:
    """Answer *request* without the pre-releases that are not wanted, unless nothing else solves."""
    result = yield from ask(request)
    for _ in range(ATTEMPTS):
        barred = _barred(result, is_wanted)
        request = replace(request, constraints=(*request.constraints, *barred))
        without = (yield from ask(request)) if barred else result
        if without is result or isinstance(without, Unsolvable):
            break
        result = without
    return result


def _barred(result: SolveResult, is_wanted: Callable[[Record], bool]) -> tuple[str, ...]:
    """Return constraints that bar the pre-releases in *result* that are not wanted."""
    records = result.records if isinstance(result, Solution) else ()
    return tuple(
        f"{each.name} !={each.version}" for each in records if is_prerelease(each.version) and not is_wanted(each)
    )
