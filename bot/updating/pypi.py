"""PyPI packages in a scan: what indexes are asked, and where each line of pip stands.

Only lines of an `environment.yml` without a lock, and annotated ones, are looked up: nothing has to be solved to move
them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from bot.errors import EgressRefused
from bot.model.environment import Workspace
from bot.model.manifest import Datasource, Dependency, Manifest, ManifestFormat, PackageName, Subdir
from bot.model.package import Channel
from bot.model.report import DependencyStatus, Problem, Standing
from bot.model.update import BranchPlan, HeldBack, Lookup, Proposal, Releases, Unknown
from bot.planning.baseline import Baseline, Place
from bot.planning.holds import Holds, Unjudged, unknown_channels
from bot.planning.pip_indexes import pip_indexes
from bot.planning.policy import Policy
from bot.planning.pypi import PypiCandidate, PypiOutlook, PypiUse, pypi_outlook, uses
from bot.planning.search import Found
from bot.updating.reading import Reading
from bot.updating.statuses import SOLVED_ROLES
from bot.versioning.pep440 import newest
from bot.workspaces import solve_units

PypiLookups: TypeAlias = Mapping[str, Mapping[PackageName, Lookup]]
"""What the indexes answered for each package, by workspace."""

ResolveIndex: TypeAlias = Callable[[str | None], Channel]
"""The URL of an index as a manifest names it -> the index; None is the default one. Raises EgressRefused."""


class PypiIndex(Protocol):
    """Knows what package indexes offer."""

    async def releases(
        self, indexes: Sequence[Channel], subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, Lookup]:
        """Return what the first of *indexes* that has it offers of each of *names*, with wheels for *subdirs*."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiSource:
    """Where PyPI packages are looked up."""

    index: PypiIndex
    resolve: ResolveIndex

    async def look_up(self, workspaces: Iterable[Workspace]) -> PypiLookups:
        """Return the answers for everything that *workspaces* ask PyPI for and that nothing locks."""
        found: dict[str, dict[PackageName, Lookup]] = {}
        for workspace in filter(is_looked_up, workspaces):
            found.setdefault(workspace.path, {}).update(await self._look_up(workspace))
        return found

    async def _look_up(self, workspace: Workspace) -> Mapping[PackageName, Lookup]:
        subdirs, names = _asked(workspace)
        if not names:
            return {}
        try:
            indexes = self._indexes(workspace.manifests[0])
        except EgressRefused as error:
            unknown = Unknown(reason=str(error), channel=Channel(name="", url=""))
            return dict.fromkeys(names, unknown)
        return await self.index.releases(indexes, subdirs, names)

    def _indexes(self, manifest: Manifest) -> tuple[Channel, ...]:
        named = pip_indexes(manifest)
        if named.elsewhere:
            raise EgressRefused(
                f"pip is told to look elsewhere than in an index ({named.elsewhere}); that is not read."
            )
        return tuple(dict.fromkeys(map(self.resolve, (named.main, *named.extra))))


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


_LOOKED_UP: Final = frozenset({ManifestFormat.ENVIRONMENT_YML, ManifestFormat.ANNOTATED})


def is_looked_up(workspace: Workspace) -> bool:
    """Tell whether the PyPI packages of *workspace* can move without a solve."""
    return workspace.lock is None and workspace.manifests[0].format in _LOOKED_UP


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
    problems = tuple(_unanswered(by_path[path], answers) for path, answers in lookups.items())
    return PypiSurvey(workspaces=by_path, outlooks=outlooks, problems=tuple(p for each in problems for p in each))


def _baselines(workspace: Workspace, judged: Iterable[Baseline], now: datetime) -> Iterable[Baseline]:
    """Return the units of *workspace* as solved; an annotated line of PyPI is in one that nothing is solved for."""
    if workspace.manifests[0].format is ManifestFormat.ANNOTATED:
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
    found: Iterable[DependencyStatus], reading: Reading, survey: PypiSurvey, proposals: Sequence[Proposal]
) -> tuple[DependencyStatus, ...]:
    """Return *found*, the statuses of all dependencies in the order of the files, with what is known of PyPI's."""
    lines = ((manifest, dependency) for manifest in reading.manifests for dependency in manifest.dependencies)
    return tuple(
        _status(manifest, dependency, survey, proposals) if _is_in_an_environment(dependency) else status
        for status, (manifest, dependency) in zip(found, lines, strict=True)
    )


def _is_in_an_environment(dependency: Dependency) -> bool:
    is_from_pypi = dependency.datasource is Datasource.PYPI and dependency.skip is None
    return is_from_pypi and dependency.role in SOLVED_ROLES


def _status(
    manifest: Manifest, dependency: Dependency, survey: PypiSurvey, proposals: Iterable[Proposal]
) -> DependencyStatus:
    outlook = survey.outlooks.get((manifest.path, dependency.at))
    reached = _reached(manifest, dependency.name, proposals)
    standing, reason = (
        _standing(outlook, reached) if outlook else _without_outlook(dependency, survey.workspaces.get(manifest.path))
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


def _asked(workspace: Workspace) -> tuple[list[Subdir], list[PackageName]]:
    units = solve_units(workspace)
    names = {
        requirement.dependency.name
        for unit in units
        for environment in unit.environments
        for requirement in environment.requires(unit.subdir, Datasource.PYPI)
    }
    return sorted({unit.subdir for unit in units}), sorted(names)


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


def _standing(outlook: PypiOutlook, reached: str | None) -> tuple[Standing, str]:
    if outlook.unknown:
        return Standing.UNKNOWN, outlook.unknown
    if outlook.hold:
        return Standing.LEFT_ALONE, outlook.hold
    reason = next((held.sentence for held in outlook.not_now), "")
    if reached:
        return Standing.UPDATE, reason
    return (Standing.UP_TO_DATE, "") if outlook.newest == outlook.current else (Standing.HELD_BACK, reason)


def _without_outlook(dependency: Dependency, workspace: Workspace | None) -> tuple[Standing, str]:
    if workspace and workspace.lock:
        return Standing.LEFT_ALONE, f"a PyPI package in {workspace.lock.path}, of which only conda packages are updated"
    if workspace is None or not is_looked_up(workspace):
        return Standing.LEFT_ALONE, "a PyPI package: not looked up here"
    if dependency.marker:
        return Standing.LEFT_ALONE, f"its marker ({dependency.marker}) holds in no environment that was judged"
    return Standing.UNKNOWN, "its environments could not be judged"
