"""What libraries ask of their users' environments, in a scan: what is proposed, and where each line stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.model.environment import Workspace
from bot.model.manifest import Datasource
from bot.model.report import DependencyStatus, Standing
from bot.model.update import BranchPlan, Proposal, Update
from bot.planning.baseline import Place
from bot.planning.candidates import Lookups
from bot.planning.holds import Holds
from bot.planning.policy import Policy
from bot.planning.promises import Promise, places, promises
from bot.planning.search import Found
from bot.updating.pypi import PypiLookups
from bot.updating.reading import Reading
from bot.versioning import conda, pep440


def survey_promises(
    workspaces: Iterable[Workspace],
    lookups: Lookups,
    offers: PypiLookups,
    policy: Policy,
    now: datetime,
    holds: Holds,
) -> tuple[Promise, ...]:
    """Return how every line stands that *workspaces* promise something by."""
    return tuple(
        promise
        for each in workspaces
        for promise in promises(each, lookups, offers.get(each.path, {}), policy, now, holds)
    )


def with_promises(found: Iterable[Found], plans: Iterable[BranchPlan]) -> tuple[Found, ...]:
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


def promise_statuses(
    found: Iterable[DependencyStatus], reading: Reading, stands: Iterable[Promise], proposals: Sequence[Proposal]
) -> tuple[DependencyStatus, ...]:
    """Return *found*, the statuses of all dependencies in the order of the files, with how promises stand."""
    by_place: Mapping[Place, Promise] = places(stands)
    reached = {
        (change.manifest, change.at): update.target.version
        for proposal in proposals
        for update in proposal.plan.updates
        for change in update.changes
    }
    lines = [(manifest.path, each.at) for manifest in reading.manifests for each in manifest.dependencies]
    return tuple(
        _status(status, by_place[line], reached.get(line)) if line in by_place else status
        for status, line in zip(found, lines, strict=True)
    )


def _home(results: Sequence[Found], key: str, update: Update) -> int | None:
    """Return the place of the plan that *update* joins, None if it is to stand alone."""
    akin = (index for index, each in enumerate(results) if any(_is_akin(it, update) for it in each.plan.updates))
    same = (index for index, each in enumerate(results) if each.plan.key == key)
    return next(akin, next(same, None))


def _is_akin(one: Update, other: Update) -> bool:
    if (one.datasource, one.name) != (other.datasource, other.name):
        return False
    line = conda.version_line if one.datasource is Datasource.CONDA else pep440.version_line
    return line(one.target.version) == line(other.target.version)


def _status(status: DependencyStatus, promise: Promise, reached: str | None) -> DependencyStatus:
    standing = _standing(promise, reached)
    return replace(
        status,
        standing=standing,
        current=promise.current,
        newest=promise.newest,
        reachable=reached or promise.current,
        reason="" if standing is Standing.UP_TO_DATE else promise.reason,
    )


def _standing(promise: Promise, reached: str | None) -> Standing:
    if promise.is_unknown:
        return Standing.UNKNOWN
    if promise.is_held:
        return Standing.LEFT_ALONE
    if reached:
        return Standing.UPDATE
    return Standing.HELD_BACK if promise.reason or promise.target else Standing.UP_TO_DATE
