"""What condabot makes of the cases, found out once in a process for all laws that are about it."""

from fixtures.case import Case, Outcome, outcome_of

_found: dict[str, Outcome] = {}


async def known_outcome(case: Case) -> Outcome:
    """Return what came of *case* when it was first asked for."""
    if case.name not in _found:
        _found[case.name] = await outcome_of(case)
    return _found[case.name]
