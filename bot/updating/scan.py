"""One scan: files in, proposals out. Five steps, and each takes what the one before returned.

read -> survey -> wish -> search -> propose
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import starmap

from bot.config import Configuration
from bot.config.tables import Export
from bot.model.lock_verdict import LockVerdict
from bot.model.manifest import PackageName, Subdir, VirtualPackage
from bot.model.report import Held, Problem, ScanReport, Unsolved
from bot.planning.advisories import packages_of
from bot.planning.groups import Declined
from bot.planning.holds import HoldRule, RepositoryFacts
from bot.planning.lock_refresh import is_refresh
from bot.planning.minimums import minimums
from bot.planning.policy import Policy
from bot.planning.search import Found
from bot.planning.statements import Statements
from bot.rendering.sizes import counted
from bot.updating.advisories import AdvisoryAuditor
from bot.updating.contained import contained
from bot.updating.drive import drive
from bot.updating.locked import judge_locks
from bot.updating.memory import Memory, key_of
from bot.updating.origins import Origins
from bot.updating.ports import (
    ChannelIndex,
    ContentHasher,
    Progress,
    ProjectIndex,
    PurlIndex,
    PypiSolver,
    Remembering,
    Solver,
)
from bot.updating.projects import NoProjects
from bot.updating.propose import CapAppraiser, Proposer
from bot.updating.read import Reader, Reading
from bot.updating.read.hashing import NoCondaLock
from bot.updating.read.statements import statements_of
from bot.updating.search import Searcher
from bot.updating.search.naming import NoMapping
from bot.updating.search.pypi_locks import NoResolver
from bot.updating.survey import Standings, Survey, Surveyor, obstacles
from bot.updating.survey.indexes import PypiLookups, PypiSource
from bot.updating.survey.lock_refresh import LockAuditor, NoAuditor
from bot.updating.survey.security import Guard
from bot.updating.turns import ANYWHERE, Places, Turns, opened_by, turns
from bot.updating.wish import Wishes, nothing, wish, wish_everything, wish_only, with_all_minors
from bot.workspaces import ResolveChannel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """What a scan needs beside the files. `now` is the moment that ages are counted from.

    `stage` is told what begins, with numbers, `progress` what is being done in it.
    `usual_platforms` are what is configured where neither a lock nor a manifest names any.
    With `platforms` only those are looked at; nothing may be written then, for a lock is for all of its platforms.
    `unwritable` are patterns of workflow files that may not be written, `lock_sources` what explicit lists are made
    from, as far as it is configured, `virtual_packages` what is configured of the machines, and `exports` what locks
    are exported as. `stand_in` is the index that an operator has in place of PyPI's own. Without `advisories` nothing
    is known of vulnerabilities; `knows` is the configuration, for what it says of those.
    """

    solver: Solver
    index: ChannelIndex
    pypi: PypiSource
    resolve: ResolveChannel
    policy: Policy
    now: datetime
    progress: Progress = field(default=lambda _: None)
    stage: Progress = field(default=lambda _: None)
    memory: Remembering = field(default_factory=Memory)
    platforms: tuple[Subdir, ...] = ()
    usual_platforms: tuple[Subdir, ...] = ()
    facts: RepositoryFacts = field(default_factory=RepositoryFacts)
    hasher: ContentHasher = field(default_factory=NoCondaLock)
    purls: PurlIndex = field(default_factory=NoMapping)
    resolver: PypiSolver = field(default_factory=NoResolver)
    auditor: LockAuditor = field(default_factory=NoAuditor)
    unwritable: tuple[str, ...] = ()
    lock_sources: Mapping[str, str] = field(default_factory=dict)
    virtual_packages: tuple[VirtualPackage, ...] = ()
    exports: tuple[Export, ...] = ()
    stand_in: str | None = None
    advisories: AdvisoryAuditor | None = None
    knows: Configuration = field(default_factory=Configuration)
    projects: ProjectIndex = field(default_factory=NoProjects)
    origins: Origins = field(default_factory=Origins)

    def configured(self, configuration: Configuration) -> "Scanner":
        """Return this scanner as *configuration*, that of a repository, wants it."""
        policy = self.policy.configured(configuration)
        facts = replace(
            self.facts,
            ignored=configuration.ignore_deps,
            reasons=dict(configuration.holds.packages),
            off=frozenset(map(HoldRule, configuration.holds.without)),
            rules=policy.rules,
        )
        return replace(
            self,
            policy=policy,
            facts=facts,
            knows=configuration,
            lock_sources=dict(configuration.lock_sources),
            usual_platforms=configuration.platforms,
            virtual_packages=tuple(starmap(_virtual_package, configuration.virtual_packages.items())),
            exports=configuration.exports,
        )

    async def scan(self, files: Mapping[str, bytes], declined: Declined, places: Places = ANYWHERE) -> ScanReport:
        """Return what should be proposed for *files*, a pull request each, and what is said of everything else.

        What has no place is not solved for, and waits. What was asked before is remembered.
        """
        surveyor, open_refreshes = self._surveyor, frozenset(filter(is_refresh, places.taken))
        reading = self._read(files)
        offers = await surveyor.look_up(reading)
        matters = Places(taken=open_refreshes) if places.free is None else places
        said = self.said(files)
        configured = (self._configured, await self._known_advisories(reading), said.in_force)
        key = key_of(files, offers.all, declined, matters, self.facts, self.now, configured=configured)
        if known := await self.memory.recall(key):
            return known
        reading, standings = await self._stood(reading)
        survey = await surveyor.survey(reading, offers, standings)
        survey = await surveyor.with_migrations(survey)
        survey = await surveyor.with_due_refreshes(survey, open_refreshes, declined)
        survey = await self._secured(survey, offers.pypi, said, declined)
        report = await self._come_to_in_turn(survey, turns(wish(survey, self.policy, declined), places), places)
        report = replace(report, asked=offers.asked, held=held(reading))
        await self.memory.remember(key, report)
        return report

    async def scan_at_once(self, files: Mapping[str, bytes], names: Iterable[PackageName]) -> ScanReport:
        """Like `scan`, with a single proposal that moves every package (or only *names*) as far as it solves.

        Who names python wants a minor of it as well, as soon as one solves.
        """
        survey = await self._survey(files)
        if named := frozenset(names):
            return await self._come_to(survey, wish_only(survey, named))
        survey = with_all_minors(await self._surveyor.with_migrations(survey))
        return await self._come_to(survey, wish_everything(survey))

    async def refresh(self, files: Mapping[str, bytes]) -> ScanReport:
        """Return proposals that solve every lock afresh, one for each in which anything moves; manifests stay."""
        survey = await self._surveyor.with_all_refreshes(await self._survey(files))
        return await self._come_to(survey, nothing())

    def said(self, files: Mapping[str, bytes]) -> Statements:
        """Return what *files* and the configuration say of vulnerabilities."""
        return statements_of(files, self.knows, self.now)

    def locks(self, files: Mapping[str, bytes]) -> tuple[LockVerdict, ...]:
        """Return where each lock among *files* stands, without solving and without asking anybody."""
        return judge_locks(files, self.reader)

    async def relock(self, files: Mapping[str, bytes], path: str) -> ScanReport:
        """Return the proposal that brings the lock at *path* in step with its manifests, if it is not, or why not."""
        reading = self._read(files)
        workspaces = tuple(each for each in reading.workspaces if each.lock and each.lock.path == path)
        reading = await self.reader.verified(replace(reading, workspaces=workspaces))
        surveyor = self._surveyor
        offers, standings = await asyncio.gather(surveyor.look_up(reading), surveyor.stand(reading))
        survey = await surveyor.survey(reading, offers, standings)
        report = await self._come_to(replace(survey, corrections=(), repairs={}), nothing())
        if report.proposals:
            return report
        moved = (Problem(path=path, sentence=why) for each in survey.repairs.values() for why in each.reasons)
        later = (each for each in report.problems if each not in survey.problems)
        return replace(report, problems=(*obstacles(standings), *later, *moved) or report.problems)

    async def caps(self, files: Mapping[str, bytes]) -> ScanReport:
        """Return what every cap in *files* costs, and what could not be judged; nothing is proposed."""
        survey = await self._survey(files)
        caps = await self._appraiser.every(survey)
        return ScanReport(proposals=(), held_back=(), statuses=(), problems=survey.problems, caps=caps)

    async def minimums(self, files: Mapping[str, bytes]) -> ScanReport:
        """Return whether the minimums that *files* write are true, and what could not be judged."""
        survey = await self._survey(files)
        found = await drive(minimums(survey.baselines, survey.lookups), self.solver.solve)
        return ScanReport(proposals=(), held_back=(), statuses=(), problems=survey.problems, minimums=found)

    def _read(self, files: Mapping[str, bytes]) -> Reading:
        self.stage(f"reading {counted(len(files), 'file')}")
        return self.reader.read(files)

    async def _known_advisories(self, reading: Reading) -> object:
        """Return what advisories say, as far as a report depends on it; where they are not to be had, that."""
        return (
            await contained("advisories", partial(self.advisories.known, reading.workspaces))
            if self.advisories
            else None
        )

    async def _secured(self, survey: Survey, offers: PypiLookups, said: Statements, declined: Declined) -> Survey:
        """Return *survey* with what mends vulnerabilities, where somebody named advisories and nothing is *said*."""
        if self.advisories is None:
            return survey
        self.stage("advisories")
        guard = Guard(
            auditor=self.advisories, index=self.index, pypi=self.pypi, policy=self.policy, now=self.now, said=said
        )
        survey = replace(survey, problems=(*survey.problems, *said.problems))
        return await guard.secured(survey, offers, declined)

    async def _survey(self, files: Mapping[str, bytes]) -> Survey:
        surveyor, found = self._surveyor, self._read(files)
        offers, (reading, standings) = await asyncio.gather(surveyor.look_up(found), self._stood(found))
        return await surveyor.survey(reading, offers, standings)

    async def _stood(self, reading: Reading) -> tuple[Reading, Standings]:
        """Return *reading* as far as its locks are up to date, and how its workspaces stand."""
        verified = await self.reader.verified(reading)
        return verified, await self._surveyor.stand(verified)

    async def _come_to_in_turn(self, survey: Survey, order: Turns, places: Places) -> ScanReport:
        """Return what the wishes come to whose turn it is: a wish that comes to nothing gives its turn to the next."""
        keys, waiting = set(order.taken), list(order.others)
        found, failures = await self._searcher.search(survey, order.of(keys))
        while waiting and (free := (places.free or 0) - opened_by(found, places.taken)) > 0:
            batch, waiting = frozenset(waiting[:free]), waiting[free:]
            more, problems = await self._searcher.search(survey, order.of(batch), with_locks=False)
            found, failures, keys = (*found, *more), (*failures, *problems), keys | batch
        survey = replace(survey, problems=(*survey.problems, *failures))
        report = await self._told(survey, order.of(keys), found)
        return replace(report, waiting=tuple(Unsolved(key=key, words=order.words(key)) for key in waiting))

    async def _come_to(self, survey: Survey, wishes: Wishes) -> ScanReport:
        """Return what *wishes* come to."""
        found, failures = await self._searcher.search(survey, wishes)
        return await self._told(replace(survey, problems=(*survey.problems, *failures)), wishes, found)

    async def _told(self, survey: Survey, wishes: Wishes, found: Sequence[Found]) -> ScanReport:
        report = await self._proposer.propose(survey, wishes, found)
        for problem in report.problems:
            if problem.defect:
                log.error("%s\n%s", problem, problem.defect)
        return report

    @property
    def _configured(self) -> object:
        """What a configuration came to: it may stand on those of other repositories, which are no files here."""
        return self.policy, self.lock_sources, self.virtual_packages, self.usual_platforms, self.exports

    @property
    def reader(self) -> Reader:
        """What reads the files of a repository."""
        return Reader(
            resolve=self.resolve,
            hasher=self.hasher,
            now=self.now,
            unwritable=self.unwritable,
            lock_sources=self.lock_sources,
            virtual_packages=self.virtual_packages,
            platforms=self.platforms,
            usual_platforms=self.usual_platforms,
            exports=self.exports,
            stand_in=self.stand_in,
        )

    @property
    def _surveyor(self) -> Surveyor:
        return Surveyor(
            solver=self.solver,
            index=self.index,
            pypi=self.pypi,
            auditor=self.auditor,
            policy=self.policy,
            facts=self.facts,
            now=self.now,
            progress=self.progress,
            stage=self.stage,
        )

    @property
    def _searcher(self) -> Searcher:
        return Searcher(
            solver=self.solver,
            resolver=self.resolver,
            pypi=self.pypi,
            purls=self.purls,
            resolve=self.resolve,
            progress=self.progress,
            stage=self.stage,
        )

    @property
    def _proposer(self) -> Proposer:
        return Proposer(
            index=self.index,
            hasher=self.hasher,
            appraiser=self._appraiser,
            denied_licences=self.policy.denied_licences,
            all_origins=self.policy.all_origins,
        )

    @property
    def _appraiser(self) -> CapAppraiser:
        return CapAppraiser(solver=self.solver, policy=self.policy, now=self.now)


def held(reading: Reading) -> tuple[Held, ...]:
    """Return every package that the locks of *reading* hold, of conda and of PyPI, each once."""
    locks = [packages_of(each.lock) for each in reading.workspaces if each.lock]
    conda = (Held(name=each.name, version=each.version, sha256=each.sha256) for mine, _ in locks for each in mine)
    packages = (each for _, mine in locks for each in mine if each.version)
    pypi = (Held(name=each.name, version=each.version, sha256=each.sha256) for each in packages)
    return tuple(dict.fromkeys((*conda, *pypi)))


def _virtual_package(name: PackageName, version: str) -> VirtualPackage:
    return VirtualPackage(name=name, version=version)
