"""Lines that are left alone: whether what they ask for is known, so that a solution is one of the whole environment.

A line of which a program makes something else before anybody reads it, a package that is built from source, or text
that no tool reads says nothing to a solver. What solves without it need not solve with it, so nothing is said to.
"""

from bot.model.environment import Requirement, SolveUnit

MOST_NAMED = 3


def not_known(unit: SolveUnit) -> str:
    """Return why *unit* cannot be judged, as a sentence without subject; empty if all its lines can be told."""
    unknown = [each for each in unit.standing if not each.dependency.is_known]
    if not unknown:
        return ""
    named = [_named(each) for each in unknown[:MOST_NAMED]]
    further = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
    return f"is not judged: nobody can say before it is installed what {', '.join(named)}{further} will ask for"


def _named(requirement: Requirement) -> str:
    dependency = requirement.dependency
    return f"{requirement.manifest}:{dependency.line} {dependency.name}"
