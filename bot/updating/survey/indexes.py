"""PyPI packages in a scan: which indexes are asked, and the outlook of what they answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from bot.errors import EgressRefused
from bot.model.environment import Environment, Workspace
from bot.model.manifest import Datasource, PackageName, Subdir
from bot.model.package import Channel, LockedPypi
from bot.model.report import Problem
from bot.model.update import Lookup, Unknown
from bot.planning.holds import Unjudged, unknown_channels
from bot.planning.pypi_indexes import IndexOrder, index_order, index_orders
from bot.updating.contained import contained
from bot.updating.survey.index_lookups import PypiIndex, ask_indexes

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

    async def offered(self, workspace: Workspace, names: Iterable[PackageName]) -> Mapping[PackageName, Lookup]:
        """Return the answers for *names*; what no line of *workspace* asks for is looked for where it usually looks."""
        orders, usual = index_orders(workspace), index_order(workspace, workspace.environments[0])
        return await self._answers(workspace, {name: orders.get(name, usual) for name in names})

    async def _look_up(self, workspace: Workspace) -> Mapping[PackageName, Lookup]:
        return await self._answers(workspace, index_orders(workspace))

    async def _answers(
        self, workspace: Workspace, orders: Mapping[PackageName, IndexOrder]
    ) -> Mapping[PackageName, Lookup]:
        found: dict[PackageName, Lookup] = {}
        subdirs = sorted({platform.subdir for each in workspace.environments for platform in each.platforms})
        for order in dict.fromkeys(orders.values()):
            names = sorted(name for name, its in orders.items() if its == order)
            answers = await contained(workspace.path, partial(self._ask, order, subdirs, names))
            if isinstance(answers, Problem):
                answers = dict.fromkeys(names, Unknown(reason=answers.sentence, channel=Channel(name="", url="")))
            found |= answers
        return found

    async def _ask(
        self, order: IndexOrder, subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, Lookup]:
        return await ask_indexes(self.index, self._resolved(order), order, subdirs, names)

    def indexes(self, workspace: Workspace, environment: Environment) -> tuple[Channel, ...]:
        """Return the indexes that *environment* of *workspace* names, the one that counts first in front.

        Raises:
            EgressRefused: one of them may not be asked, or packages come from something that is no index.

        """
        return self._resolved(index_order(workspace, environment))

    def _resolved(self, order: IndexOrder) -> tuple[Channel, ...]:
        if order.problem:
            raise EgressRefused(order.problem)
        return tuple(dict.fromkeys(map(self.resolve, order.urls)))


def is_looked_up(workspace: Workspace) -> bool:
    """Tell whether the PyPI packages of *workspace* can move: without a solve, or in a lock that keeps them."""
    return workspace.lock is None or workspace.lock.format.pypi is not LockedPypi.NOTHING


def unanswered_indexes(workspaces: Iterable[Workspace], lookups: PypiLookups) -> tuple[Problem, ...]:
    """Return a problem for each reason for which PyPI packages are unknown, and each workspace that asks for them."""
    return tuple(
        problem for each in workspaces if each.path in lookups for problem in _unanswered(each, lookups[each.path])
    )


def _unanswered(workspace: Workspace, answers: Mapping[PackageName, Lookup]) -> Iterable[Problem]:
    """Return a problem for each reason for which packages of *workspace* are unknown."""
    unjudged = (
        Unjudged(reason=answer.reason, environment=environment.name, dependency=each.dependency.name)
        for environment in workspace.environments
        for each in environment.requirements
        if each.dependency.datasource is Datasource.PYPI
        and isinstance(answer := answers.get(each.dependency.name), Unknown)
    )
    return (Problem(path=workspace.path, sentence=str(hold)) for hold in unknown_channels(unjudged))
