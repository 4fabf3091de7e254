"""Looks everything up that a repository names, and solves every unit as it stands."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from bot.model.environment import Workspace
from bot.model.manifest import ChannelPriority, PackageName, Subdir
from bot.model.package import Channel
from bot.model.update import Lookup
from bot.planning.baseline import Baseline
from bot.planning.cooldown import with_cooldown
from bot.planning.groups import Declined
from bot.planning.holds import Holds, RepositoryFacts, holds_of
from bot.planning.migration import migrate
from bot.planning.offers import Lookups, channels_for
from bot.planning.outlook import conda_outlooks, library_names
from bot.planning.policy import PYTHON, Policy
from bot.rendering.sizes import counted
from bot.updating.drive import drive
from bot.updating.ports import ChannelIndex, Progress, Solver
from bot.updating.read import Reading
from bot.updating.survey.baselines import BaselineStanding, units_of
from bot.updating.survey.indexes import PypiLookups, PypiSource, unanswered_indexes
from bot.updating.survey.lines import survey_library, survey_pypi
from bot.updating.survey.lock_refresh import LockAuditor, Refresher
from bot.updating.survey.repair import Repair, Repairer
from bot.updating.survey.survey import Survey
from bot.updating.survey.unanswered import unanswered, without_repeats
from bot.workspaces import solve_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What channels answered for conda packages, and indexes for those of PyPI."""

    conda: Lookups
    pypi: PypiLookups

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
        questions = _questions(reading.workspaces)
        if urls := {channel.url for channels, _ in questions for channel in channels}:
            self.stage(f"repodata of {counted(len(urls), 'channel')}")
        for (channels, priority), (subdirs, names) in questions.items():
            self.progress(f"repodata of {', '.join(channel.name for channel in channels)}")
            answers = await self.index.releases(channels, sorted(subdirs), sorted(names), priority)
            key = tuple(channel.url for channel in channels)
            found[key] = {**found.get(key, {}), **answers}
        return Offers(conda=found, pypi=await self.pypi.look_up(reading.workspaces))

    async def survey(self, reading: Reading, offers: Offers) -> Survey:
        """Solve everything as it stands, and see which of the newer releases are worth solving for.

        Where pins are gone a workspace is judged as it is once they have moved.
        """
        lookups = offers.conda
        facts = replace(self.facts, pre_commit_config=reading.pre_commit_config)
        holds = holds_of(reading.workspaces, facts, self.now)
        standings, repairs = await self._stand(reading, lookups, holds)
        workspaces = tuple(_repaired(each, repairs) for each in reading.workspaces)
        judged = [tuple(map(self._cooled(lookups), each.baselines)) for each in standings]
        baselines = tuple(chain.from_iterable(judged))
        unsolved = without_repeats((problem for each in standings for problem in each.problems), lookups)
        outlooks = [conda_outlooks(mine, lookups, self.policy, self.now, holds) for mine in judged]
        return Survey(
            reading=replace(reading, workspaces=workspaces),
            repairs=repairs,
            baselines=baselines,
            lookups=lookups,
            holds=holds,
            outlooks=tuple(chain.from_iterable(outlooks)),
            packages=survey_pypi(workspaces, baselines, offers.pypi, self.policy, self.now, holds),
            library=survey_library(workspaces, lookups, offers.pypi, self.policy, self.now, holds),
            stale=tuple(map(self._cooled(lookups), chain.from_iterable(each.stale for each in standings))),
            relocks=tuple(each.relock for each in standings if each.relock),
            corrections=tuple(each.correction for each in standings if each.correction),
            unconfirmed=frozenset(
                workspace.path
                for workspace, each in zip(workspaces, standings, strict=True)
                if each.stale or not each.is_confirmed
            ),
            problems=(
                *reading.problems,
                *unsolved,
                *unanswered(workspaces, lookups),
                *unanswered_indexes(workspaces, offers.pypi),
            ),
        )

    async def with_migrations(self, survey: Survey) -> Survey:
        """Return *survey* with what is known of newer minors of python, wherever there is one."""
        programs = [migrate(each.minors, self.policy, self.now) for each in survey.outlooks if each.minors]
        judged = await asyncio.gather(*(drive(program, self.solver.solve) for program in programs))
        return replace(survey, migrations=tuple(chain.from_iterable(judged)))

    async def with_due_refreshes(self, survey: Survey, open_keys: AbstractSet[str], declined: Declined) -> Survey:
        """Return *survey* with the locks that it is time to solve afresh."""
        due = await self._refresher.due(survey.lock_states, open_keys, declined.keys())
        return replace(survey, refreshes=due)

    async def with_all_refreshes(self, survey: Survey) -> Survey:
        """Return *survey* with every lock solved afresh."""
        return replace(survey, refreshes=await self._refresher.asked(survey.lock_states))

    async def _stand(
        self, reading: Reading, lookups: Lookups, holds: Holds
    ) -> tuple[tuple[BaselineStanding, ...], Mapping[str, Repair]]:
        """Return how each workspace stands, and the repairs with which some do, by their paths."""
        if units := sum(len(units_of(each)) for each in reading.workspaces):
            stands = "it stands" if units == 1 else "they stand, each platform counted"
            self.stage(f"solving {counted(units, 'environment')} as {stands}")
        repairer = Repairer(
            lookups=lookups,
            holds=holds,
            solver=self.solver,
            policy=self.policy,
            now=self.now,
            progress=self.progress,
        )
        stood = await asyncio.gather(*(repairer.stand(each) for each in reading.workspaces))
        repairs = {repair.workspace.path: repair for _, repair in stood if repair}
        return tuple(standing for standing, _ in stood), repairs

    @property
    def _refresher(self) -> Refresher:
        return Refresher(solver=self.solver, auditor=self.auditor, policy=self.policy, now=self.now)

    def _cooled(self, lookups: Lookups) -> Callable[[Baseline], Baseline]:
        return lambda baseline: with_cooldown(baseline, lookups, self.policy, self.now)


def _repaired(workspace: Workspace, repairs: Mapping[str, Repair]) -> Workspace:
    repair = repairs.get(workspace.path)
    return repair.workspace if repair else workspace


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
