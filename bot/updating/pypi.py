"""PyPI packages in a scan: what indexes are asked, and where each line that asks for one stands."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeAlias

from bot.errors import EgressRefused
from bot.model.environment import Workspace
from bot.model.manifest import Datasource, Dependency, Manifest, PackageName
from bot.model.package import Channel, LockFormat
from bot.model.report import DependencyStatus, Problem, Standing
from bot.model.update import BranchPlan, HeldBack, Lookup, Proposal, Releases, Unknown
from bot.planning.baseline import Baseline, Place
from bot.planning.holds import Holds, Unjudged, unknown_channels
from bot.planning.policy import Policy
from bot.planning.pypi import PypiCandidate, PypiOutlook, PypiUse, pypi_outlook, uses
from bot.planning.pypi_indexes import IndexOrder, index_order, index_orders
from bot.planning.search import Found
from bot.updating.pypi_lookups import PypiIndex, ask_indexes
from bot.updating.reading import Reading
from bot.updating.statuses import SOLVED_ROLES
from bot.versioning.pep440 import newest
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiSurvey:
    """How the PyPI packages of a repository stand; `workspaces` by path, `outlooks` by the places of their lines."""

    workspaces: Mapping[str, Workspace] = field(default_factory=dict)
    outlooks: Mapping[Place, PypiOutlook] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def candidates(self) -> tuple[PypiCandidate, ...]:
        """Everything that could move."""
        return tuple(candidate for each in self._each() for candidate in each.candidates)

    @property
    def not_now(self) -> tuple[HeldBack, ...]:
        """Newer releases that are not for now."""
        return tuple(held for each in self._each() for held in each.not_now)

    def _each(self) -> Iterable[PypiOutlook]:
        return {id(outlook): outlook for outlook in self.outlooks.values()}.values()


_RESOLVED: Final = frozenset({LockFormat.PIXI_LOCK, LockFormat.CONDA_LOCK})


def is_looked_up(workspace: Workspace) -> bool:
    """Tell whether the PyPI packages of *workspace* can move: without a solve, or in a lock that keeps them."""
    return workspace.lock is None or workspace.lock.format in _RESOLVED


def survey_pypi(
    workspaces: Sequence[Workspace],
    baselines: Iterable[Baseline],
    lookups: PypiLookups,
    policy: Policy,
    now: datetime,
    holds: Holds,
) -> PypiSurvey:
    """Return how the PyPI packages stand whose *lookups* there are, in the environments as solved."""
    looked_up = [each for each in workspaces if each.path in lookups]
    by_path = {each.path: each for each in workspaces}
    judged = list(baselines)
    outlooks: dict[Place, PypiOutlook] = {}
    for workspace in looked_up:
        answers = lookups[workspace.path]
        for use in uses(_baselines(workspace, judged, now)):
            outlooks |= dict.fromkeys(use.places, _outlook(use, answers[use.name], policy, now, holds))
    problems = tuple(_unanswered(each, lookups[each.path]) for each in looked_up)
    return PypiSurvey(workspaces=by_path, outlooks=outlooks, problems=tuple(p for each in problems for p in each))


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


def with_pypi(
    found: Iterable[DependencyStatus],
    reading: Reading,
    survey: PypiSurvey,
    proposals: Sequence[Proposal],
    held_back: Iterable[HeldBack],
) -> tuple[DependencyStatus, ...]:
    """Return *found*, the statuses of all dependencies in the order of the files, with what is known of PyPI's."""
    lines = ((manifest, dependency) for manifest in reading.manifests for dependency in manifest.dependencies)
    findings = _Findings(
        survey=survey,
        proposals=proposals,
        reasons={(each.workspace, each.name, each.release): each.sentence for each in held_back},
    )
    return tuple(
        _status(manifest, dependency, findings) if _is_in_an_environment(dependency) else status
        for status, (manifest, dependency) in zip(found, lines, strict=True)
    )


def _is_in_an_environment(dependency: Dependency) -> bool:
    is_from_pypi = dependency.datasource is Datasource.PYPI and dependency.skip is None
    return is_from_pypi and dependency.role in SOLVED_ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """What a scan found of PyPI packages; `reasons` are by workspace, package and release."""

    survey: PypiSurvey
    proposals: Sequence[Proposal]
    reasons: Mapping[tuple[str, PackageName, str], str]

    def reason(self, outlook: PypiOutlook) -> str:
        """Return why the newest release of a package is not taken, empty if nothing keeps it out."""
        workspaces = {each.unit.workspace for each in outlook.use.baselines}
        found = (self.reasons.get((each, outlook.use.name, outlook.newest or "")) for each in sorted(workspaces))
        return next((held.sentence for held in outlook.not_now), next(filter(None, found), ""))


def _status(manifest: Manifest, dependency: Dependency, findings: _Findings) -> DependencyStatus:
    outlook = findings.survey.outlooks.get((manifest.path, dependency.at))
    reached = _reached(manifest, dependency.name, findings.proposals)
    standing, reason = (
        _standing(outlook, reached, findings.reason(outlook))
        if outlook
        else _without_outlook(dependency, findings.survey.workspaces.get(manifest.path))
    )
    current = outlook.current if outlook else None
    units = [baseline.unit for baseline in outlook.use.baselines] if outlook else []
    return DependencyStatus(
        manifest=manifest.path,
        line=dependency.line,
        environments=tuple(sorted({each.name for unit in units for each in unit.environments})),
        name=dependency.name,
        spec=dependency.version,
        standing=standing,
        current=current,
        newest=outlook.newest if outlook else None,
        reachable=reached or current,
        reason=reason,
    )


def _outlook(use: PypiUse, lookup: Lookup, policy: Policy, now: datetime, holds: Holds) -> PypiOutlook:
    if not isinstance(lookup, Releases):
        return PypiOutlook(use=use, unknown=lookup.reason)
    return pypi_outlook(use, lookup, policy, now, holds)


def _unanswered(workspace: Workspace, answers: Mapping[PackageName, Lookup]) -> Iterable[Problem]:
    """Return a problem for each reason for which packages of *workspace* are unknown."""
    unjudged = (
        Unjudged(reason=answer.reason, environment=workspace.environments[0].name, dependency=name)
        for name, answer in answers.items()
        if isinstance(answer, Unknown)
    )
    return (Problem(path=workspace.path, sentence=str(hold)) for hold in unknown_channels(unjudged))


def _reached(manifest: Manifest, name: PackageName, proposals: Iterable[Proposal]) -> str | None:
    versions = [
        update.target.version
        for proposal in proposals
        for update in proposal.plan.updates
        if (update.datasource, update.name) == (Datasource.PYPI, name) and manifest.path in update.workspaces
    ]
    return newest(versions) if versions else None


def _standing(outlook: PypiOutlook, reached: str | None, reason: str) -> tuple[Standing, str]:
    if outlook.unknown:
        return Standing.UNKNOWN, outlook.unknown
    if outlook.hold:
        return Standing.LEFT_ALONE, outlook.hold
    if reached:
        return Standing.UPDATE, reason
    return (Standing.UP_TO_DATE, "") if outlook.newest == outlook.current else (Standing.HELD_BACK, reason)


def _without_outlook(dependency: Dependency, workspace: Workspace | None) -> tuple[Standing, str]:
    if workspace and workspace.lock and not is_looked_up(workspace):
        return Standing.LEFT_ALONE, f"a PyPI package, and {workspace.lock.path} keeps conda packages alone"
    if workspace is None or not is_looked_up(workspace):
        return Standing.LEFT_ALONE, "a PyPI package: not looked up here"
    if dependency.marker:
        return Standing.LEFT_ALONE, f"its marker ({dependency.marker}) holds in no environment that was judged"
    return Standing.UNKNOWN, "its environments could not be judged"
