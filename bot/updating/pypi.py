"""PyPI packages in a scan: which indexes are asked, and the outlook of what they answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from bot.errors import EgressRefused
from bot.model.environment import Workspace
from bot.model.manifest import PackageName
from bot.model.package import Channel, LockedPypi
from bot.model.report import Problem
from bot.model.update import BranchPlan, Lookup, Releases, Unknown
from bot.planning.baseline import Baseline, Place
from bot.planning.holds import Holds, Unjudged, unknown_channels
from bot.planning.outlook import Outlook, PypiUse, pypi_outlook, unknown, uses
from bot.planning.policy import Policy
from bot.planning.pypi_indexes import IndexOrder, index_order, index_orders
from bot.planning.search import Found
from bot.updating.pypi_lookups import PypiIndex, ask_indexes
from bot.workspaces import solve_units

PypiLookups: TypeAlias = Mapping[str, Mapping[PackageName, Lookup]]
"""What the indexes answered for each package, by workspace."""

ResolveIndex: TypeAlias = Callable[[str | None], Channel]
"""The URL of an index as a manifest names it -> the index; None is the default one. Raises EgressRefused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiSource:
    """Where PyPI packages are looked up."""

    index: PypiIndex
    resolve: ResolveIndex

    async def look_up(self, workspaces: Iterable[Workspace]) -> PypiLookups:
        """Return the answers for everything that *workspaces* ask PyPI for."""
        found: dict[str, dict[PackageName, Lookup]] = {}
        for workspace in filter(is_looked_up, workspaces):
            found.setdefault(workspace.path, {}).update(await self._look_up(workspace))
        return found

    async def _look_up(self, workspace: Workspace) -> Mapping[PackageName, Lookup]:
        orders, found = index_orders(workspace), dict[PackageName, Lookup]()
        subdirs = sorted({subdir for each in workspace.environments for subdir in each.platforms})
        for order in dict.fromkeys(orders.values()):
            names = sorted(name for name, its in orders.items() if its == order)
            try:
                found |= await ask_indexes(self.index, self._resolved(order), order, subdirs, names)
            except EgressRefused as error:
                found |= dict.fromkeys(names, Unknown(reason=str(error), channel=Channel(name="", url="")))
        return found

    def indexes(self, workspace: Workspace) -> tuple[Channel, ...]:
        """Return the indexes that *workspace* names, the one that counts first in front.

        Raises:
            EgressRefused: one of them may not be asked, or packages come from something that is no index.

        """
        return self._resolved(index_order(workspace, workspace.environments[0]))

    def _resolved(self, order: IndexOrder) -> tuple[Channel, ...]:
        if order.problem:
            raise EgressRefused(order.problem)
        return tuple(dict.fromkeys(map(self.resolve, order.urls)))


def is_looked_up(workspace: Workspace) -> bool:
    """Tell whether the PyPI packages of *workspace* can move: without a solve, or in a lock that keeps them."""
    return workspace.lock is None or workspace.lock.format.pypi is not LockedPypi.NOTHING


def survey_pypi(
    workspaces: Sequence[Workspace],
    baselines: Iterable[Baseline],
    lookups: PypiLookups,
    policy: Policy,
    now: datetime,
    holds: Holds,
) -> Mapping[Place, Outlook]:
    """Return the outlooks of the PyPI packages whose *lookups* there are, by the places of the lines about them."""
    judged = list(baselines)
    outlooks: dict[Place, Outlook] = {}
    for workspace in (each for each in workspaces if each.path in lookups):
        answers = lookups[workspace.path]
        for use in uses(_baselines(workspace, judged, now)):
            outlook = _outlook(use, answers[use.name], policy, now, holds)
            outlooks |= dict.fromkeys(outlook.places, outlook)
    return outlooks


def unanswered_indexes(workspaces: Iterable[Workspace], lookups: PypiLookups) -> tuple[Problem, ...]:
    """Return a problem for each reason for which PyPI packages are unknown, and each workspace that asks for them."""
    return tuple(
        problem for each in workspaces if each.path in lookups for problem in _unanswered(each, lookups[each.path])
    )


def _baselines(workspace: Workspace, judged: Iterable[Baseline], now: datetime) -> Iterable[Baseline]:
    """Return the units of *workspace* as solved; an annotated line of PyPI is in one that nothing is solved for."""
    if workspace.manifests[0].format.is_line_by_line:
        return [Baseline(unit=unit, records={}, locked=False, newest_record=now) for unit in solve_units(workspace)]
    return [each for each in judged if each.unit.workspace == workspace.path]


def with_plans(found: Iterable[Found], plans: Iterable[BranchPlan]) -> tuple[Found, ...]:
    """Return *found* with *plans*, which need no solution: in the plan of the same key, or on their own."""
    by_key = {each.plan.key: each for each in found}
    for plan in plans:
        known = by_key.get(plan.key) or Found(plan=BranchPlan(key=plan.key, updates=()), solutions={}, held_back=())
        updates = (*known.plan.updates, *plan.updates)
        by_key[plan.key] = replace(known, plan=BranchPlan(key=plan.key, updates=updates))
    return tuple(by_key.values())


def _outlook(use: PypiUse, lookup: Lookup, policy: Policy, now: datetime, holds: Holds) -> Outlook:
    if not isinstance(lookup, Releases):
        return unknown(use, lookup.reason)
    return pypi_outlook(use, lookup, policy, now, holds)


def _unanswered(workspace: Workspace, answers: Mapping[PackageName, Lookup]) -> Iterable[Problem]:
    """Return a problem for each reason for which packages of *workspace* are unknown."""
    unjudged = (
        Unjudged(reason=answer.reason, environment=workspace.environments[0].name, dependency=name)
        for name, answer in answers.items()
        if isinstance(answer, Unknown)
    )
    return (Problem(path=workspace.path, sentence=str(hold)) for hold in unknown_channels(unjudged))
