"""Lines that are left alone: whether what they ask for is known, so that a solution is one of the whole environment.

A line of which a program makes something else before anybody reads it, a package that is built from source, or text
that no tool reads says nothing to a solver. What solves without it need not solve with it, so nothing is said to.
"""

from collections.abc import Sequence
from typing import Final

from bot.model.environment import Requirement, SolveUnit
from bot.model.manifest import SkipReason

MOST_NAMED = 3
_BUILT: Final = frozenset({SkipReason.PATH, SkipReason.GIT, SkipReason.EDITABLE, SkipReason.EXPLICIT_URL})


def not_known(unit: SolveUnit) -> str:
    """Return why *unit* cannot be judged, as a sentence without subject; empty if all its lines can be told."""
    unknown = [each for each in unit.standing if not each.dependency.is_known]
    if not unknown:
        return ""
    built = [each for each in unknown if _is_built(each)]
    if not built:
        return f"is not judged: nobody can tell what is asked for by {_several(unknown, with_skip=True)}"
    return f"is not judged: nobody can say before it is installed what {_several(built)} will ask for"


def _is_built(requirement: Requirement) -> bool:
    skip = requirement.dependency.skip
    return skip is not None and skip.reason in _BUILT


def _several(requirements: Sequence[Requirement], *, with_skip: bool = False) -> str:
    named = [_named(each, with_skip=with_skip) for each in requirements[:MOST_NAMED]]
    further = f" and {len(requirements) - MOST_NAMED} more" if len(requirements) > MOST_NAMED else ""
    return f"{', '.join(named)}{further}"


def _named(requirement: Requirement, *, with_skip: bool) -> str:
    dependency = requirement.dependency
    why = f" ({dependency.skip.reason}: {dependency.skip.detail})" if with_skip and dependency.skip else ""
    return f"{requirement.manifest}:{dependency.line} {dependency.name}{why}"
