"""One scan: files in, proposals out. Every step takes what the one before returned."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from bot.model.environment import Workspace
from bot.model.manifest import ChannelPriority, PackageName, Subdir
from bot.model.package import Channel
from bot.model.report import Problem, ScanReport
from bot.model.update import BranchPlan, HeldBack, Lookup, Proposal
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate, Lookups, Outlook, outlook
from bot.planning.cooldown import with_cooldown
from bot.planning.groups import Declined, Wanted, distinct, everything_at_once, group
from bot.planning.holds import Holds, RepositoryFacts, holds_of
from bot.planning.policy import Policy
from bot.planning.pypi import all_pypi_updates, pypi_plans
from bot.planning.search import Found, search
from bot.updating.baselines import stand
from bot.updating.conda_locks import NoCondaLock
from bot.updating.drive import drive
from bot.updating.memory import Memory, key_of
from bot.updating.ports import ChannelIndex, ContentHasher, Progress, Solver
from bot.updating.proposing import propose
from bot.updating.pypi import PypiLookups, PypiSource, PypiSurvey, survey_pypi, with_plans, with_pypi
from bot.updating.reading import Reading, read
from bot.updating.statuses import statuses
from bot.updating.unanswered import unanswered, without_repeats
from bot.workspaces import ResolveChannel, restricted, solve_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """What a scan needs beside the files. `now` is the moment that ages are counted from.

    With `platforms` only those are looked at; nothing may be written then, for a lock is for all of its platforms.
    `unwritable` are patterns of workflow files that may not be written.
    """

    solver: Solver
    index: ChannelIndex
    pypi: PypiSource
    resolve: ResolveChannel
    policy: Policy
    now: datetime
    progress: Progress = field(default=lambda _: None)
    memory: Memory = field(default_factory=Memory)
    platforms: tuple[Subdir, ...] = ()
    facts: RepositoryFacts = field(default_factory=RepositoryFacts)
    hasher: ContentHasher = field(default_factory=NoCondaLock)
    unwritable: tuple[str, ...] = ()

    async def scan(self, files: Mapping[str, bytes], declined: Declined) -> ScanReport:
        """Return what should be proposed for *files*, a pull request each, and what is said of everything else."""
        reading = self._read(files)
        lookups, offers = await self._look_up(reading), await self.pypi.look_up(reading.workspaces)
        key = key_of(files, lookups | {(path,): found for path, found in offers.items()}, declined, self.now)
        if known := self.memory.recall(key):
            return known
        survey = await self._survey(reading, lookups, offers)
        plans = pypi_plans(survey.pypi.candidates, declined)
        wanted = group(survey.candidates, self.policy, declined)
        report = await self._pursue(survey, wanted, plans, files, declined)
        self.memory.remember(key, report)
        return report

    async def scan_at_once(self, files: Mapping[str, bytes], names: Iterable[PackageName]) -> ScanReport:
        """Like `scan`, with a single proposal that moves every package (or only *names*) as far as it solves."""
        reading = self._read(files)
        offers = await self.pypi.look_up(reading.workspaces)
        survey = await self._survey(reading, await self._look_up(reading), offers)
        only = frozenset(names)
        chosen = [each for each in survey.candidates if not only or each.name in only]
        wanted = (everything_at_once(chosen, "all"),) if chosen else ()
        plans = (BranchPlan(key="all", updates=all_pypi_updates(survey.pypi.candidates, only)),)
        return await self._pursue(survey, wanted, plans, files, {})

    def _read(self, files: Mapping[str, bytes]) -> Reading:
        reading = read(files, self.resolve, self.now, self.unwritable)
        if not self.platforms:
            return reading
        return replace(reading, workspaces=tuple(restricted(each, self.platforms) for each in reading.workspaces))

    async def _survey(self, reading: Reading, lookups: Lookups, offers: PypiLookups) -> "Survey":
        """Solve everything as it stands, and see which of the newer releases are worth solving for."""
        reading = await reading.verified(self.hasher)
        standings = await asyncio.gather(
            *(stand(each, self.solver, self.policy, self.now, self.progress) for each in reading.workspaces)
        )
        judged = [
            tuple(with_cooldown(baseline, lookups, self.policy, self.now) for baseline in standing.baselines)
            for standing in standings
        ]
        baselines = tuple(chain.from_iterable(judged))
        unsolved = without_repeats((problem for each in standings for problem in each.problems), lookups)
        facts = replace(self.facts, pre_commit_config=reading.pre_commit_config)
        holds = holds_of(reading.workspaces, facts, self.now)
        outlooks = tuple(each for mine in judged for each in outlook(mine, lookups, self.policy, self.now, holds))
        pypi = survey_pypi(reading.workspaces, baselines, offers, self.policy, self.now, holds)
        return Survey(
            reading=reading,
            baselines=baselines,
            lookups=lookups,
            holds=holds,
            outlooks=outlooks,
            pypi=pypi,
            stale=tuple(baseline for each in standings for baseline in each.stale),
            relocks=tuple(each.relock for each in standings if each.relock),
            problems=(*reading.problems, *unsolved, *unanswered(reading.workspaces, lookups), *pypi.problems),
        )

    async def _look_up(self, reading: Reading) -> dict[tuple[str, ...], Mapping[PackageName, Lookup]]:
        found: dict[tuple[str, ...], Mapping[PackageName, Lookup]] = {}
        for (channels, priority), (subdirs, names) in _questions(reading.workspaces).items():
            self.progress(f"repodata of {', '.join(channel.name for channel in channels)}")
            answers = await self.index.releases(channels, sorted(subdirs), sorted(names), priority)
            found[tuple(channel.url for channel in channels)] = answers
        return found

    async def _pursue(
        self,
        survey: "Survey",
        wanted: Sequence[Wanted],
        plans: Sequence[BranchPlan],
        files: Mapping[str, bytes],
        declined: Declined,
    ) -> ScanReport:
        searched = await asyncio.gather(*(self._search(each) for each in wanted))
        results = (*survey.relocks, *with_plans(searched, plans))
        kept = distinct((found.plan for found in results), declined)
        proposals: list[Proposal] = []
        problems, held_back = list(survey.problems), list(survey.not_now)
        for found in results:
            held_back += found.held_back
            problems += [Problem(path=found.plan.key, sentence=reason) for reason in found.not_judged]
            if found.plan.key not in kept:
                continue
            outcome = await propose(
                found, survey.reading, (*survey.baselines, *survey.stale), files, self.index, self.hasher
            )
            if isinstance(outcome, Proposal):
                not_now = survey.not_now if found.solutions else survey.pypi.not_now
                proposals.append(_with_not_now(outcome, not_now))
            else:
                problems.append(outcome)
        return ScanReport(
            proposals=tuple(proposals),
            held_back=(*survey.left_alone, *held_back, *survey.pypi.not_now),
            statuses=with_pypi(
                statuses(survey.reading, survey.baselines, survey.lookups, proposals, held_back, survey.holds),
                survey.reading,
                survey.pypi,
                proposals,
            ),
            problems=tuple(problems),
            recognised=survey.reading.recognised,
        )

    async def _search(self, wanted: Wanted) -> Found:
        found = await drive(search(wanted), self.solver)
        self.progress(f"{wanted.key}: {', '.join(each.name for each in wanted.candidates)}")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """How a repository stands, before anything is wanted of it."""

    reading: Reading
    baselines: tuple[Baseline, ...]
    lookups: Lookups
    holds: Holds
    outlooks: tuple[Outlook, ...]
    pypi: PypiSurvey
    stale: tuple[Baseline, ...]
    relocks: tuple[Found, ...]
    problems: tuple[Problem, ...]

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Everything that could move."""
        return tuple(candidate for each in self.outlooks for candidate in each.candidates)

    @property
    def not_now(self) -> tuple[HeldBack, ...]:
        """Newer releases that are not for now."""
        return tuple(held for each in self.outlooks for held in each.not_now)

    @property
    def left_alone(self) -> tuple[HeldBack, ...]:
        """Newer releases that a hold keeps out."""
        return tuple(held for each in self.outlooks for held in each.left_alone)


def _with_not_now(proposal: Proposal, not_now: Iterable[HeldBack]) -> Proposal:
    """Say in the proposal why its packages do not go further yet."""
    moving = {update.name for update in proposal.plan.updates}
    waiting = tuple(each for each in dict.fromkeys(not_now) if each.name in moving)
    return replace(proposal, held_back=(*proposal.held_back, *waiting))


def _questions(
    workspaces: Iterable[Workspace],
) -> Mapping[tuple[tuple[Channel, ...], ChannelPriority], tuple[set[Subdir], set[PackageName]]]:
    """Return what to ask: for each list of channels, every name on every platform, once."""
    questions: dict[tuple[tuple[Channel, ...], ChannelPriority], tuple[set[Subdir], set[PackageName]]] = {}
    for unit in (unit for workspace in workspaces for unit in solve_units(workspace)):
        environment = unit.environments[0]
        subdirs, names = questions.setdefault((environment.channels, environment.channel_priority), (set(), set()))
        subdirs.add(unit.subdir)
        names |= {each.dependency.name for each in unit.requirements}
    return questions
