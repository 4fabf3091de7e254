"""What libraries ask of their users' environments, in a scan: which lines are widened, and in which pull request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.model.environment import Workspace
from bot.model.update import BranchPlan, Update
from bot.planning.baseline import Place
from bot.planning.holds import Holds
from bot.planning.outlook import Lookups, Outlook, library_outlooks
from bot.planning.policy import Policy
from bot.planning.search import Found
from bot.updating.pypi import PypiLookups
from bot.versioning.ecosystem import ECOSYSTEMS


def survey_library(
    workspaces: Iterable[Workspace],
    lookups: Lookups,
    offers: PypiLookups,
    policy: Policy,
    now: datetime,
    holds: Holds,
) -> Mapping[Place, Outlook]:
    """Return the outlook of every line by which *workspaces* ask something of their users, by its place."""
    return {
        place: outlook
        for each in workspaces
        for outlook in library_outlooks(each, lookups, offers.get(each.path, {}), policy, now, holds)
        for place in outlook.places
    }


def with_library(found: Iterable[Found], plans: Iterable[BranchPlan]) -> tuple[Found, ...]:
    """Return *found* with *plans*, which need no solution: beside the update of the same package and version line.

    Where there is none they are in the plan of the same key, or on their own.
    """
    results = list(found)
    for plan in plans:
        for update in plan.updates:
            at = _home(results, plan.key, update)
            if at is None:
                results.append(Found(plan=BranchPlan(key=plan.key, updates=(update,)), solutions={}, held_back=()))
            else:
                mine = results[at].plan
                results[at] = replace(results[at], plan=replace(mine, updates=(*mine.updates, update)))
    return tuple(results)


def _home(results: Sequence[Found], key: str, update: Update) -> int | None:
    """Return the place of the plan that *update* joins, None if it is to stand alone."""
    akin = (index for index, each in enumerate(results) if any(_is_akin(it, update) for it in each.plan.updates))
    same = (index for index, each in enumerate(results) if each.plan.key == key)
    return next(akin, next(same, None))


def _is_akin(one: Update, other: Update) -> bool:
    if (one.datasource, one.name) != (other.datasource, other.name):
        return False
    line = ECOSYSTEMS[one.datasource].version_line
    return line(one.target.version) == line(other.target.version)
