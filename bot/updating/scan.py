"""One scan: files in, proposals out. Every step takes what the one before returned."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from bot.config import Configuration
from bot.model.environment import Workspace
from bot.model.manifest import ChannelPriority, PackageName, Subdir
from bot.model.package import Channel
from bot.model.report import DependencyStatus, Problem, ScanReport
from bot.model.update import HeldBack, Lookup, Proposal
from bot.planning.cooldown import with_cooldown
from bot.planning.groups import Declined, at_once, distinct, group, only, plan_at_once, plans
from bot.planning.holds import RepositoryFacts, holds_of
from bot.planning.lock_refresh import is_refresh
from bot.planning.mentions import mentions_of
from bot.planning.migration import migrate
from bot.planning.outlook import Lookups, conda_outlooks, library_names
from bot.planning.policy import PYTHON, Policy
from bot.planning.search import Found
from bot.updating.baselines import stand
from bot.updating.drive import drive
from bot.updating.hashing import NoCondaLock
from bot.updating.library import survey_library, with_library
from bot.updating.maintaining import LockAuditor, Maintainer, NoAuditor
from bot.updating.memory import Memory, key_of
from bot.updating.ports import ChannelIndex, ContentHasher, Progress, PurlIndex, PypiSolver, Solver
from bot.updating.proposing import propose
from bot.updating.purls import Naming, NoMapping
from bot.updating.pursuing import Pursuit
from bot.updating.pypi import PypiLookups, PypiSource, survey_pypi, unanswered_indexes, with_plans
from bot.updating.pypi_locks import NoResolver, pypi_locks
from bot.updating.reading import Reading, read
from bot.updating.statuses import statuses
from bot.updating.survey import Survey, Wishes
from bot.updating.unanswered import unanswered, without_repeats
from bot.workspaces import ResolveChannel, restricted, solve_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """What a scan needs beside the files. `now` is the moment that ages are counted from.

    With `platforms` only those are looked at; nothing may be written then, for a lock is for all of its platforms.
    `unwritable` are patterns of workflow files that may not be written, `lock_sources` what explicit lists are made
    from, as far as it is configured.
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
    purls: PurlIndex = field(default_factory=NoMapping)
    resolver: PypiSolver = field(default_factory=NoResolver)
    auditor: LockAuditor = field(default_factory=NoAuditor)
    unwritable: tuple[str, ...] = ()
    lock_sources: Mapping[str, str] = field(default_factory=dict)

    def configured(self, configuration: Configuration) -> "Scanner":
        """Return this scanner as *configuration*, that of a repository, wants it."""
        facts = replace(self.facts, ignored=configuration.ignore_deps)
        policy = self.policy.configured(configuration)
        return replace(self, policy=policy, facts=facts, lock_sources=configuration.lock_sources)

    async def scan(
        self, files: Mapping[str, bytes], declined: Declined, open_keys: AbstractSet[str] = frozenset()
    ) -> ScanReport:
        """Return what should be proposed for *files*, a pull request each, and what is said of everything else.

        *open_keys* are those of the pull requests that are open already.
        """
        reading = self._read(files)
        lookups, offers = await self._look_up(reading), await self.pypi.look_up(reading.workspaces)
        open_refreshes = frozenset(filter(is_refresh, open_keys))
        answers = lookups | {(path,): found for path, found in offers.items()}
        key = key_of(files, answers, declined, open_refreshes, self.facts, self.now)
        if known := self.memory.recall(key):
            return known
        survey = await self._with_migrations(await self._survey(reading, lookups, offers))
        due = await self._maintainer.due(survey.standings(files), open_refreshes, declined.keys())
        survey = replace(survey, refreshes=due)
        wishes = Wishes(
            wanted=group(survey.candidates, self.policy, declined),
            packages=plans(survey.candidates, self.policy, declined),
            library=plans(survey.library_candidates, self.policy, declined),
        )
        report = await self._pursue(survey, wishes, files, declined)
        self.memory.remember(key, report)
        return report

    async def scan_at_once(self, files: Mapping[str, bytes], names: Iterable[PackageName]) -> ScanReport:
        """Like `scan`, with a single proposal that moves every package (or only *names*) as far as it solves.

        Who names python wants a minor of it as well, as soon as one solves.
        """
        reading = self._read(files)
        offers = await self.pypi.look_up(reading.workspaces)
        survey = await self._survey(reading, await self._look_up(reading), offers)
        named = frozenset(names)
        survey = survey if named else await self._with_migrations(survey)
        minors = survey.minors if named else ()
        chosen = only((*survey.candidates, *minors), named)
        wishes = Wishes(
            wanted=(at_once(chosen, "all"),),
            packages=(plan_at_once(chosen, "all"),),
            library=(plan_at_once(only(survey.library_candidates, named), "all"),),
        )
        return await self._pursue(survey, wishes, files, {})

    async def refresh(self, files: Mapping[str, bytes]) -> ScanReport:
        """Return proposals that solve every lock afresh, one for each in which anything moves; manifests stay."""
        reading = self._read(files)
        survey = await self._survey(reading, await self._look_up(reading), {})
        refreshes = await self._maintainer.asked(survey.standings(files))
        return await self._pursue(replace(survey, refreshes=refreshes), Wishes(), files, {})

    @property
    def _maintainer(self) -> Maintainer:
        return Maintainer(solver=self.solver, auditor=self.auditor, policy=self.policy, now=self.now)

    async def _with_migrations(self, survey: Survey) -> Survey:
        """Return *survey* with what is known of newer minors of python, wherever there is one."""
        programs = [migrate(each.minors, self.policy, self.now) for each in survey.outlooks if each.minors]
        judged = await asyncio.gather(*(drive(program, self.solver.solve) for program in programs))
        return replace(survey, migrations=tuple(chain.from_iterable(judged)))

    def _read(self, files: Mapping[str, bytes]) -> Reading:
        reading = read(files, self.resolve, self.now, self.unwritable, self.lock_sources)
        if not self.platforms:
            return reading
        return replace(reading, workspaces=tuple(restricted(each, self.platforms) for each in reading.workspaces))

    async def _survey(self, reading: Reading, lookups: Lookups, offers: PypiLookups) -> Survey:
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
        outlooks = [conda_outlooks(mine, lookups, self.policy, self.now, holds) for mine in judged]
        return Survey(
            reading=reading,
            baselines=baselines,
            lookups=lookups,
            holds=holds,
            outlooks=tuple(chain.from_iterable(outlooks)),
            packages=survey_pypi(reading.workspaces, baselines, offers, self.policy, self.now, holds),
            library=survey_library(reading.workspaces, lookups, offers, self.policy, self.now, holds),
            stale=tuple(
                with_cooldown(baseline, lookups, self.policy, self.now) for each in standings for baseline in each.stale
            ),
            relocks=tuple(each.relock for each in standings if each.relock),
            problems=(
                *reading.problems,
                *unsolved,
                *unanswered(reading.workspaces, lookups),
                *unanswered_indexes(reading.workspaces, offers),
            ),
        )

    async def _look_up(self, reading: Reading) -> dict[tuple[str, ...], Mapping[PackageName, Lookup]]:
        found: dict[tuple[str, ...], Mapping[PackageName, Lookup]] = {}
        for (channels, priority), (subdirs, names) in _questions(reading.workspaces).items():
            self.progress(f"repodata of {', '.join(channel.name for channel in channels)}")
            answers = await self.index.releases(channels, sorted(subdirs), sorted(names), priority)
            found[tuple(channel.url for channel in channels)] = answers
        return found

    async def _pursue(
        self, survey: Survey, wishes: Wishes, files: Mapping[str, bytes], declined: Declined
    ) -> ScanReport:
        """Return what becomes of *wishes*: proposals, and a word on everything else."""
        solved = with_plans(await self._searched(survey, wishes, files), wishes.packages)
        results = with_library(solved, wishes.library)
        kept = distinct((found.plan for found in results), declined)
        wanted = [each for each in results if each.plan.key in kept and (each.plan.updates or each.solutions)]
        outcomes = [await self._proposed(found, survey, files) for found in wanted]
        proposals = tuple(each for each in outcomes if isinstance(each, Proposal))
        refused = tuple(each for each in outcomes if isinstance(each, Problem))
        unjudged = (Problem(path=each.plan.key, sentence=why) for each in results for why in each.not_judged)
        held_back = (*survey.not_now, *(held for each in results for held in each.held_back))
        lines = statuses(survey, proposals, held_back)
        return ScanReport(
            proposals=tuple(_with_mentions(each, lines, survey.reading) for each in proposals),
            held_back=(*survey.left_alone, *held_back, *survey.not_without_solving),
            statuses=lines,
            problems=(*survey.problems, *survey.unjudged, *unjudged, *refused),
            recognised=survey.reading.recognised,
            migrations=tuple(each.migration for each in survey.migrations),
        )

    async def _proposed(self, found: Found, survey: Survey, files: Mapping[str, bytes]) -> Proposal | Problem:
        baselines = (*survey.baselines, *survey.stale)
        outcome = await propose(found, survey.reading, baselines, files, self.index, self.hasher)
        if isinstance(outcome, Problem):
            return outcome
        return _with_not_now(outcome, (*survey.not_now, *survey.not_without_solving))

    async def _searched(self, survey: Survey, wishes: Wishes, files: Mapping[str, bytes]) -> tuple[Found, ...]:
        """Search for everything that must be solved, side by side: locks to bring in step, then what is wished for."""
        baselines = (*survey.baselines, *survey.stale)
        locks = pypi_locks(survey.reading.workspaces, self.pypi, self.resolver)
        naming = Naming(index=self.purls, workspaces=survey.reading.workspaces, files=files, resolve=self.resolve)
        pursuit = Pursuit(solver=self.solver, naming=naming, locks=locks, baselines=baselines, progress=self.progress)
        return tuple(
            await asyncio.gather(
                *(pursuit.settle(each) for each in survey.locks),
                *(pursuit.pursue(each) for each in wishes.wanted),
            )
        )


def _with_mentions(proposal: Proposal, lines: Iterable[DependencyStatus], reading: Reading) -> Proposal:
    """Say in the proposal where else its packages are named."""
    return replace(proposal, mentions=mentions_of(proposal.plan, lines, reading.recipes))


def _with_not_now(proposal: Proposal, not_now: Iterable[HeldBack]) -> Proposal:
    """Say in the proposal why its packages do not go further yet."""
    moving = {update.name for update in proposal.plan.updates}
    waiting = tuple(each for each in dict.fromkeys(not_now) if each.name in moving)
    return replace(proposal, held_back=(*proposal.held_back, *waiting))


def _questions(
    workspaces: Sequence[Workspace],
) -> Mapping[tuple[tuple[Channel, ...], ChannelPriority], tuple[set[Subdir], set[PackageName]]]:
    """Return what to ask: for each list of channels, every name on every platform, once.

    A lock may hold python though no line asks for it.
    """
    questions: dict[tuple[tuple[Channel, ...], ChannelPriority], tuple[set[Subdir], set[PackageName]]] = {}
    for workspace, unit in ((each, unit) for each in workspaces for unit in solve_units(each)):
        environment = unit.environments[0]
        subdirs, names = questions.setdefault((environment.channels, environment.channel_priority), (set(), set()))
        subdirs.add(unit.subdir)
        names |= {each.dependency.name for each in (*unit.requirements, *unit.constraints)}
        names |= {PYTHON} if workspace.lock else set()
    for key, (of_library, asked) in library_names(workspaces).items():
        subdirs, names = questions.setdefault(key, (set(), set()))
        subdirs |= of_library
        names |= asked
    return questions
