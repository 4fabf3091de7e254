"""Channels that did not answer, said once for each workspace and not for each of its lines."""

from collections.abc import Iterable, Iterator

from bot.model.environment import Workspace
from bot.model.report import Problem
from bot.model.update import Unknown
from bot.planning.holds import Unjudged, unknown_channels
from bot.planning.offers import Lookups, lookup_for
from bot.workspaces import solve_units


def unanswered(workspaces: Iterable[Workspace], lookups: Lookups) -> tuple[Problem, ...]:
    """Return a problem for each file and channel: what could not be judged, and what can be done about it."""
    by_path: dict[str, list[Unjudged]] = {}
    for workspace in workspaces:
        by_path.setdefault(workspace.path, []).extend(_unjudged(workspace, lookups))
    return tuple(
        Problem(path=path, sentence=str(hold))
        for path, unjudged in by_path.items()
        for hold in unknown_channels(unjudged)
    )


def without_repeats(problems: Iterable[Problem], told: Iterable[Problem], lookups: Lookups) -> tuple[Problem, ...]:
    """Return *problems* without those of solves that failed because of a channel that is *told* of for their file.

    A solve asks all channels, and what a file names may be in those before that one: then nothing else tells of it.
    """
    unknown = (each.reason for found in lookups.values() for each in found.values() if isinstance(each, Unknown))
    # Of an empty channel the reason goes on with the subdirs, which are others where one platform is solved.
    reasons = {each.partition(" at all in ")[0] for each in unknown}
    what = {reason: reason.rstrip(".").partition(": ")[0] for reason in reasons}
    known = {(each.path, reason) for each in told for reason in reasons if what[reason] in each.sentence}
    return tuple(
        each
        for each in problems
        if not any(reason in each.sentence and (each.path, reason) in known for reason in reasons)
    )


def _unjudged(workspace: Workspace, lookups: Lookups) -> Iterator[Unjudged]:
    """Yield every line of a unit that has a silent channel: without it nothing of the unit can be solved."""
    for unit in solve_units(workspace):
        found = [(each, lookup_for(lookups, unit, each.dependency.name)) for each in unit.requirements]
        reasons = [lookup.reason for _, lookup in found if isinstance(lookup, Unknown)]
        for requirement, lookup in found if reasons else ():
            line = f"{requirement.manifest}:{requirement.dependency.at}"
            reason = lookup.reason if isinstance(lookup, Unknown) else reasons[0]
            yield Unjudged(reason=reason, environment=unit.name, dependency=line)
