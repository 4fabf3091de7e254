"""What moves without being solved for joins what was: in which pull request it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.model.update import BranchPlan, Update
from bot.planning.search import Found
from bot.versioning.ecosystem import ECOSYSTEMS


def with_plans(found: Iterable[Found], plans: Iterable[BranchPlan]) -> tuple[Found, ...]:
    """Return *found* with *plans*, which need no solution: in the plan of the same key, or on their own."""
    by_key = {each.plan.key: each for each in found}
    for plan in plans:
        known = by_key.get(plan.key) or Found(plan=BranchPlan(key=plan.key, updates=()), solutions={}, held_back=())
        updates = (*known.plan.updates, *plan.updates)
        by_key[plan.key] = replace(known, plan=BranchPlan(key=plan.key, updates=updates))
    return tuple(by_key.values())


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
