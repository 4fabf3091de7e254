"""Looks everything up that a repository names, and solves every unit as it stands."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import TypeAlias

from bot.model.environment import Workspace
from bot.model.manifest import ChannelPriority, PackageName, Subdir
from bot.model.package import Channel
from bot.model.report import Asked, Problem
from bot.model.update import Lookup, Unknown
from bot.planning.baseline import Baseline
from bot.planning.cooldown import with_cooldown
from bot.planning.groups import Declined
from bot.planning.holds import Holds, RepositoryFacts, holds_of, holds_outside
from bot.planning.migration import Judged, migrate
from bot.planning.offers import Lookups, channels_for
from bot.planning.outlook import Outlook, conda_outlooks, library_names
from bot.planning.policy import PYTHON, Policy
from bot.rendering.sizes import counted
from bot.updating.agreement import units_of
from bot.updating.contained import contained, parted
from bot.updating.drive import drive
from bot.updating.ports import ChannelIndex, Progress, Solver
from bot.updating.read import Reading
from bot.updating.survey.baselines import BaselineStanding, stand
from bot.updating.survey.indexes import PypiLookups, PypiSource, unanswered_indexes
from bot.updating.survey.lock_refresh import LockAuditor, Refresher
from bot.updating.survey.repair import Repairer
from bot.updating.survey.survey import Survey
from bot.updating.survey.unanswered import unanswered, without_repeats
from bot.updating.survey.unsolved_lines import survey_library, survey_pypi
from bot.updating.survey.view import View, survey_of
from bot.workspaces import solve_units

Standings: TypeAlias = Sequence[BaselineStanding | Problem]
"""How each workspace of a reading stands, in their order, or why that could not be seen."""


def obstacles(standings: Standings) -> tuple[Problem, ...]:
    """Return why locks that are out of step cannot be brought in step, by environment."""
    return tuple(
        problem for each in standings for problem in ((each,) if isinstance(each, Problem) else each.obstacles)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What channels answered for conda packages, and indexes for those of PyPI, and where asking them failed.

    `asked` is what channels were asked for.
    """

    conda: Lookups
    pypi: PypiLookups
    asked: tuple[Asked, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def all(self) -> Lookups:
        """Both, the answers of indexes by the path of the workspace."""
        return {**self.conda, **{(path,): found for path, found in self.pypi.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyor:
    """What a survey needs of the world, and of the repository's wishes; `now` is the moment ages are counted from."""

    solver: Solver
    index: ChannelIndex
    pypi: PypiSource
    auditor: LockAuditor
    policy: Policy
    facts: RepositoryFacts
    now: datetime
    progress: Progress
    stage: Progress

    async def look_up(self, reading: Reading) -> Offers:
        """Return what there is of everything that *reading* names."""
        found: dict[tuple[str, ...], Mapping[PackageName, Lookup]] = {}
        failures: list[Problem] = []
        questions = _questions(reading.workspaces)
        if urls := {channel.url for channels, _ in questions for channel in channels}:
            self.stage(f"repodata of {counted(len(urls), 'channel')}")
        for (channels, priority), (subdirs, names) in questions.items():
            listed = ", ".join(channel.name for channel in channels)
            self.progress(f"repodata of {listed}")
            question = partial(self.index.releases, channels, sorted(subdirs), sorted(names), priority)
            answers = await contained(listed, question)
            if isinstance(answers, Problem):
                failures.append(answers)
                answers = dict.fromkeys(names, Unknown(reason=f"Nobody knows what {listed} has.", channel=channels[0]))
            key = tuple(channel.url for channel in channels)
            found[key] = {**found.get(key, {}), **answers}
        asked = tuple(
            Asked(
                channels=tuple(channel.url for channel in channels),
                subdirs=tuple(sorted(subdirs)),
                names=tuple(sorted(names)),
            )
            for (channels, _), (subdirs, names) in questions.items()
        )
        packages = await self.pypi.look_up(reading.workspaces)
        return Offers(conda=found, pypi=packages, asked=asked, problems=tuple(failures))

    async def stand(self, reading: Reading) -> Standings:
        """Solve every workspace of *reading* as it stands; what goes wrong with one keeps nothing from the others."""
        workspaces = reading.workspaces
        if units := sum(len(units_of(each)) for each in workspaces):
            stands = "it stands" if units == 1 else "they stand, each platform counted"
            self.stage(f"solving {counted(units, 'environment')} as {stands}")
        return await asyncio.gather(*(contained(each.path, partial(self._stand, each)) for each in workspaces))

    async def survey(self, reading: Reading, offers: Offers, standings: Standings) -> Survey:
        """See which of the newer releases are worth solving for, by how each workspace of *reading* stands.

        What goes wrong with one workspace keeps nothing from the others. Where pins are gone a workspace is judged as
        it is once they have moved.
        """
        workspaces = reading.workspaces
        looked_at = await asyncio.gather(
            *(
                contained(workspace.path, partial(self._view, workspace, standing, reading, offers))
                for workspace, standing in zip(workspaces, standings, strict=True)
            )
        )
        views, failures = parted(looked_at)
        facts = replace(self.facts, pre_commit_config=reading.pre_commit_config)
        silent = unanswered(workspaces, offers.conda)
        unsolved = without_repeats(chain.from_iterable(each.standing.problems for each in views), silent, offers.conda)
        return survey_of(
            reading,
            offers.conda,
            views,
            outside=holds_outside((each for each in reading.manifests if each.path in reading.unmade), facts, self.now),
            problems=(
                *reading.problems,
                *offers.problems,
                *unsolved,
                *silent,
                *unanswered_indexes(workspaces, offers.pypi),
                *failures,
            ),
        )

    async def _stand(self, workspace: Workspace) -> BaselineStanding:
        return await stand(workspace, self.solver, self.policy, self.now, self.progress)

    async def _view(
        self, workspace: Workspace, standing: BaselineStanding | Problem, reading: Reading, offers: Offers
    ) -> View | Problem:
        """Return how *workspace* stands, and what may become of it; else what is said of why nobody saw."""
        if isinstance(standing, Problem):
            return standing
        lookups = offers.conda
        holds = holds_of((workspace,), replace(self.facts, pre_commit_config=reading.pre_commit_config), self.now)
        standing, repair = await self._repairer(lookups, holds).repaired(workspace, standing)
        workspace = repair.workspace if repair else workspace
        cooled = self._cooled(lookups, (*standing.baselines, *standing.stale))
        baselines = tuple(map(cooled, standing.baselines))
        return View(
            workspace=workspace,
            standing=standing,
            repair=repair,
            baselines=baselines,
            stale=tuple(map(cooled, standing.stale)),
            holds=holds,
            outlooks=conda_outlooks(baselines, lookups, self.policy, self.now, holds),
            packages=survey_pypi((workspace,), baselines, offers.pypi, self.policy, self.now, holds),
            library=survey_library((workspace,), lookups, offers.pypi, self.policy, self.now, holds),
        )

    async def with_migrations(self, survey: Survey) -> Survey:
        """Return *survey* with what is known of newer minors of python, wherever there is one."""
        asked = [each for each in survey.outlooks if each.minors]
        judged = await asyncio.gather(*(self._migrations(each) for each in asked))
        found, failures = parted(judged)
        return replace(survey, migrations=tuple(chain.from_iterable(found)), problems=(*survey.problems, *failures))

    async def _migrations(self, outlook: Outlook) -> tuple[Judged, ...] | Problem:
        path = outlook.minors[0].candidate.baselines[0].unit.workspace
        return await contained(path, partial(drive, migrate(outlook.minors, self.policy, self.now), self.solver.solve))

    async def with_due_refreshes(self, survey: Survey, open_keys: AbstractSet[str], declined: Declined) -> Survey:
        """Return *survey* with the locks that it is time to solve afresh."""
        due, failures = await self._refresher.due(survey.lock_states, open_keys, declined.keys())
        return replace(survey, refreshes=due, problems=(*survey.problems, *failures))

    async def with_all_refreshes(self, survey: Survey) -> Survey:
        """Return *survey* with every lock solved afresh."""
        refreshes, failures = await self._refresher.asked(survey.lock_states)
        return replace(survey, refreshes=refreshes, problems=(*survey.problems, *failures))

    def _repairer(self, lookups: Lookups, holds: Holds) -> Repairer:
        return Repairer(
            lookups=lookups,
            holds=holds,
            solver=self.solver,
            policy=self.policy,
            now=self.now,
            progress=self.progress,
        )

    @property
    def _refresher(self) -> Refresher:
        return Refresher(solver=self.solver, auditor=self.auditor, policy=self.policy, now=self.now)

    def _cooled(self, lookups: Lookups, every: tuple[Baseline, ...]) -> Callable[[Baseline], Baseline]:
        return lambda baseline: with_cooldown(baseline, lookups, self.policy, self.now, every)


def _questions(
    workspaces: Sequence[Workspace],
) -> Mapping[tuple[tuple[Channel, ...], ChannelPriority], tuple[set[Subdir], set[PackageName]]]:
    """Return what to ask: for each list of channels, every name on every platform, once.

    A line may name its channel. A lock may hold python though no line asks for it.
    """
    questions: dict[tuple[tuple[Channel, ...], ChannelPriority], tuple[set[Subdir], set[PackageName]]] = {}
    for workspace, unit in ((each, unit) for each in workspaces for unit in solve_units(each)):
        every = {each.dependency.name for each in (*unit.requirements, *unit.constraints)}
        for name in every | ({PYTHON} if workspace.lock else set()):
            key = (channels_for(unit, name), unit.environments[0].channel_priority)
            subdirs, names = questions.setdefault(key, (set(), set()))
            subdirs.add(unit.subdir)
            names.add(name)
    for key, (of_library, asked) in library_names(workspaces).items():
        subdirs, names = questions.setdefault(key, (set(), set()))
        subdirs |= of_library
        names |= asked
    return questions
