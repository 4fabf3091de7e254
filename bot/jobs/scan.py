"""Scan one repository: read the world, and make the bot's pull requests what they should be.

Level-triggered: nothing is taken from the event that asked for it. With nothing to do it makes four requests to
GitHub (a token, the overview, the tree, the files), and one more for a configuration that is new; a token that may
write is only asked for when something is written.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, TypeVar

from bot.clock import Clock
from bot.errors import GitHubError, GitHubUnavailable, InspectionStopped
from bot.github import contents
from bot.github.access import Access
from bot.github.client import Client
from bot.github.contents import BlobCache
from bot.github.model import ABSENT, Branch, FileMode, RepositoryOverview, TreeEntry
from bot.github.ours import MarkerKeys
from bot.github.overview import branches_below, overview
from bot.github.permissions import READ, SOURCE, WITHDRAW, WRITE
from bot.github.releases import Releases
from bot.github.throttle import Budget, Priority
from bot.handover import Targets
from bot.jobs.announcing import Announced, Announcer, no_board
from bot.jobs.base_branches import NO_OTHERS, base_branches, said_with_branch, with_branch
from bot.jobs.bases import of_branch
from bot.jobs.calm import Calm, Situation
from bot.jobs.commit_style import is_semantic, wants_sign_off
from bot.jobs.dashboard import view_of
from bot.jobs.decide import SeenRepository, closed_again, declined, open_keys
from bot.jobs.gate import Gate, OpenGate
from bot.jobs.giving import give
from bot.jobs.meanwhile import configuration_of, last_valid, with_configuration
from bot.jobs.merging import Merger, OpenClient
from bot.jobs.neighbours import Neighbours, NoNeighbours
from bot.jobs.onboarding import (
    NOTHING_TO_ASK,
    NOTHING_YET,
    Question,
    Standing,
    asking,
    is_invited,
    looked_up,
    outlook,
)
from bot.jobs.publish import Publisher
from bot.jobs.reading import ReadRepository, default_branch, left_alone
from bot.jobs.rehearsal import Rehearsal
from bot.jobs.report import UNNAMED_WAIT, Assignment, RunReport
from bot.jobs.writing import Work, Written, again_at, decided, to_merge, write
from bot.planning.holds import RepositoryFacts, of_other_bots
from bot.rendering.repository_report import RepositoryReport, meanwhile
from bot.updating.inspection import Circumstances, Inspected, Inspection, Inspections, Manners, Publishable
from bot.updating.read.relevance import WORKFLOWS, is_configured

WRITES_OF_A_PROPOSAL = 6
"""Tree, commit, branch, check run, pull request, and one to spare."""

INDISPENSABLE = ("contents", "pull_requests")
"""Without these permissions nothing can be proposed."""

SWITCHED_OFF = "nothing is proposed: the configuration says `enabled: false`"
UNINVITED = (
    "waits to be asked: the App is on all repositories of this account, and this one has no `.github/condabot.yml`"
)

AnyAccess = TypeVar("AnyAccess", bound=Access)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryScan(Generic[AnyAccess]):
    """The use case; called with an assignment.

    It reads nothing of what files hold: that is for `inspections`. Where the gate is shut, one that `rehearses` tells
    the words that it would have written. One that nobody tells of ticks `reads_boxes` itself.
    """

    app: AnyAccess
    inspections: Inspections
    keys: MarkerKeys
    prefix: str
    clock: Clock
    calm: Calm = field(default_factory=Calm)
    blobs: BlobCache = field(default_factory=BlobCache)
    releases: Releases = field(default_factory=Releases)
    gate: Gate = field(default_factory=OpenGate)
    neighbours: Neighbours = field(default_factory=NoNeighbours)
    targets: Targets = field(default_factory=Targets)
    rehearses: bool = False
    reads_boxes: bool = False

    async def __call__(self, assignment: Assignment) -> RunReport:
        """Scan the repository and publish what it came to; a bound that is met on the way is an outcome.

        What is to be written is reserved before anything is solved: whoever may not write now solves later.
        """
        where = assignment.repository
        priority = Priority.PERSON if assignment.is_waited_for else Priority.SWEEP
        async with self.app.reserved(where.installation_id, priority, writes=WRITES_OF_A_PROPOSAL) as budget:
            async with self.inspections.open(where.installation_id, where.repository_id) as inspection:
                try:
                    read = await self._read(assignment, inspection, budget)
                except InspectionStopped as error:
                    return RunReport(outcomes=(f"nothing is proposed: {error}",), complete=False)
                if isinstance(read, str):
                    return RunReport(outcomes=(read,))
                report, said = await self._scan(assignment, read, inspection, budget)
            for base in read.others.branches:
                report, said = await self._also(assignment, read, base, report, said, budget)
            report = await self._announcer.told(assignment, read, report, said, budget)
            return await self._announcer.contested(assignment, read, report, budget)

    async def _also(
        self,
        assignment: Assignment,
        read: ReadRepository,
        base: Branch,
        report: RunReport,
        said: RepositoryReport,
        budget: Budget,
    ) -> tuple[RunReport, RepositoryReport]:
        """Do the same for the further branch *base*; return that together with what there is so far."""
        where, into = assignment.repository, base.name
        if report.again_after is not None or report.rejected:
            return report, said  # nothing more can be written now
        pushed = (*assignment.pushed, *(self.clock.now() for _ in report.pushed))
        theirs = replace(assignment, pushed=pushed, resting=of_branch(into, assignment.resting))
        async with self.inspections.open(where.installation_id, where.repository_id) as inspection:
            try:
                there = await self._read_base(theirs, replace(read, opened=report.opened), base, inspection, budget)
                other, also = await self._scan(theirs, there, inspection, budget)
            except (InspectionStopped, GitHubError) as error:
                sentence = f"nothing is proposed: {error}"
                other, also = RunReport(outcomes=(sentence,), complete=False), RepositoryReport(else_=(sentence,))
        return with_branch(report, other, into), said_with_branch(said, also, into)

    async def _read_base(
        self, assignment: Assignment, read: ReadRepository, base: Branch, inspection: Inspection, budget: Budget
    ) -> ReadRepository:
        """Have *inspection* given the files of *base*, under the configuration of the default branch."""
        async with assignment.client(self.app, SOURCE, budget) as client:
            tree = await contents.tree(client, base.head.tree)
            counts = (read.valid.entry,) if read.valid else configuration_of(read.tree)
            neighbour = self.neighbours.of(assignment.repository.installation_id, budget)
            wrong = await give(client, with_configuration(tree, counts), inspection, self.blobs, neighbour)
        repository = replace(read.repository, onto=base)
        return replace(read, repository=repository, base=base, tree=tree, wrong=wrong, valid=None, others=NO_OTHERS)

    async def _scan(
        self, assignment: Assignment, read: ReadRepository, inspection: Inspection, budget: Budget
    ) -> tuple[RunReport, RepositoryReport]:
        """Return what was done, and what there is to say about the repository."""
        if read.wrong and not read.valid:
            outcomes = tuple(f"nothing is proposed: {each}" for each in read.wrong)
            report = RunReport(outcomes=outcomes, head=read.base.head.oid, complete=False)
            return report, RepositoryReport(wrong=read.wrong)
        try:
            if not read.manners.enabled:
                await self._announcer.board(assignment, read, budget)
                off = RunReport(outcomes=(SWITCHED_OFF,), head=read.base.head.oid, dashboard=no_board(assignment))
                return off, RepositoryReport(else_=(SWITCHED_OFF,))
            if sentence := read.onboarding.sentence:
                return RunReport(outcomes=(sentence,), head=read.base.head.oid), read.onboarding.report
            board = await self._announcer.board(assignment, read, budget)
            situation = Situation(
                repository=read.repository,
                now=self.clock.now(),
                pushed=assignment.pushed,
                manners=read.manners,
                calm=self.calm,
                opened=read.opened,
                asked=board.asked if board else frozenset(),
            )
            if read.onboarding.standing is Standing.UNASKED:
                return await self._ask(assignment, read, situation, inspection, budget)
            inspected = await self._inspected(assignment, situation, read, inspection)
        except InspectionStopped as error:
            stopped = f"nothing is proposed: {error}"
            return RunReport(outcomes=(stopped,), complete=False), RepositoryReport(else_=(stopped,))
        work = decided(situation, inspected, assignment.resting)
        report = await self._write(assignment, read, work, inspection, budget)
        kept, lines = tuple(work.kept), tuple(work.lines)
        failed = tuple(f"could not be published: {each.sentence}" for each in report.failed)
        said = (*failed, *report.merging, *work.merging, *read.others.lines, *inspected.lines)
        opened = work.open_lines(report.open)
        view = view_of(work, opened, said, situation.asked)
        number, boarded = await self._announcer.on_board(assignment, board, view, budget)
        announced = Announced(
            assignment=assignment, read=read, inspected=inspected, inspection=inspection, budget=budget
        )
        elsewhere = await self._announcer.elsewhere(announced)
        boarded = (*boarded, *elsewhere.problems)
        told = RepositoryReport(
            open=opened,
            waits=tuple(work.lines_of_unopened),
            else_=(*said, *boarded),
            wrong=read.wrong,
            meanwhile=read.valid.commit if read.valid else "",
            affected=inspected.affected,
        )
        wrong = (*(f"wrong in the configuration: {each}" for each in read.wrong), *meanwhile(told))
        report = replace(
            report,
            outcomes=(
                *wrong,
                *report.outcomes,
                *(f"up to date {each}" for each in kept),
                *lines,
                *work.merging,
                *inspected.lines,
                *boarded,
                *elsewhere.done,
            ),
            dashboard=number,
            log=inspected.log,
            head=read.base.head.oid,
            paths=inspected.paths,
            again_at=again_at(work, report, self.clock.now()),
            asked=inspected.asked,
            held=inspected.held,
            complete=report.complete and inspected.complete,
        )
        return elsewhere.on(report), told

    async def _inspected(
        self, assignment: Assignment, situation: Situation, read: ReadRepository, inspection: Inspection
    ) -> Inspected:
        """Return what there is to propose. What people closed and would be closed again gives its place to the next."""
        circumstances, known = self._circumstances(situation, {each.path for each in read.tree}), frozenset[str]()
        if assignment.handed is not None and read.repository.onto is None:
            circumstances = replace(circumstances, targets=self.targets.kinds(assignment.repository.installation_id))
        inspected = await inspection.scan(circumstances)
        while inspected.waiting and (closed := closed_again(situation.repository, inspected.drafts)).keys() - known:
            before, known = circumstances.declined, known | closed.keys()
            more = {key: {**before.get(key, {}), **versions} for key, versions in closed.items()}
            circumstances = replace(circumstances, declined={**before, **more})
            inspected = await inspection.scan(circumstances)
        return inspected

    async def _ask(
        self, assignment: Assignment, read: ReadRepository, situation: Situation, inspection: Inspection, budget: Budget
    ) -> tuple[RunReport, RepositoryReport]:
        """Ask whether the bot may begin, if there is anything to do; return what was done, and what there is to say."""
        circumstances = replace(self._circumstances(situation, {each.path for each in read.tree}), free=0)
        inspected = await inspection.scan(circumstances)
        found = RunReport(
            outcomes=(NOTHING_YET, *inspected.lines),
            log=inspected.log,
            head=read.base.head.oid,
            paths=inspected.paths,
            asked=inspected.asked,
            held=inspected.held,
        )
        if not inspected.drafts and not inspected.waiting:
            return found, RepositoryReport(else_=found.outcomes)
        introduction = await inspection.introduce(circumstances)
        work = asking(situation, introduction, assignment.resting)
        question = Question(introduction=introduction, outlook=outlook(situation, inspected))
        tree = (*read.tree, TreeEntry(path=introduction.path, mode=FileMode.REGULAR, oid=ABSENT, size=0))
        report = await self._write(assignment, replace(read, tree=tree), work, question, budget)
        lines = (*work.lines, *inspected.lines)
        failed = tuple(f"could not be published: {each.sentence}" for each in report.failed)
        return replace(
            report,
            outcomes=(*report.outcomes, *lines),
            log=found.log,
            head=found.head,
            paths=found.paths,
            asked=() if report.published else found.asked,  # no release matters before people have answered
            held=found.held,
        ), RepositoryReport(open=report.open, else_=(*failed, *lines))

    async def _read(self, assignment: Assignment, inspection: Inspection, budget: Budget) -> ReadRepository | str:
        """Have *inspection* given the files that it wants; return the repository, or why it is left alone."""
        where = assignment.repository
        async with assignment.client(self.app, READ, budget) as client:
            seen = await overview(client, prefix=self.prefix)
            if reason := left_alone(seen, is_asked=assignment.ticked):
                return reason
            base = default_branch(seen)
            tree = await contents.tree(client, base.head.tree)
            neighbour = self.neighbours.of(where.installation_id, budget)
            configured = is_configured(entry.path for entry in tree)
            if assignment.uninvited and not configured and not await is_invited(client, inspection, neighbour):
                return UNINVITED
            given = partial(give, client, inspection=inspection, blobs=self.blobs, neighbour=neighbour)
            wrong = await given(tree)
            valid = await last_valid(client, base.head.oid, tree, given) if wrong else None
            manners = await inspection.manners() if valid or not wrong else Manners()
            repository = await self._seen(client, seen, manners)
            is_asked_for = configured or assignment.ticked or not (self.calm.onboarding and manners.onboarding)
            onboarding = NOTHING_TO_ASK if is_asked_for or wrong else await looked_up(client, repository)
            bases = manners.base_branches if manners.enabled and onboarding is NOTHING_TO_ASK else ()
            others = await base_branches(client, bases, base.name) if bases else NO_OTHERS
        return ReadRepository(
            repository=repository,
            base=base,
            tree=tree,
            manners=manners,
            wrong=wrong,
            valid=valid,
            onboarding=onboarding,
            others=others,
        )

    @property
    def _announcer(self) -> Announcer:
        return Announcer(app=self.app, keys=self.keys, clock=self.clock, gate=self.gate, targets=self.targets)

    async def _seen(self, client: Client, seen: RepositoryOverview, manners: Manners) -> SeenRepository:
        """Return the repository with what in it is the bot's, whose branches its *manners* may name otherwise."""
        prefix = manners.branch_prefix or self.prefix
        if prefix != self.prefix:
            seen = replace(seen, branches=(*seen.branches, *await branches_below(client, prefix)))
        return SeenRepository(
            overview=seen,
            keys=self.keys,
            prefix=prefix,
            ignored_authors=manners.ignored_authors,
            bases=manners.base_branches,
            reads_boxes=self.reads_boxes,
        )

    def _circumstances(self, situation: Situation, paths: Collection[str]) -> Circumstances:
        repository, seen = situation.repository, situation.repository.overview
        return Circumstances(
            now=situation.now,
            free=situation.free,
            declined=declined(repository.markers),
            open_keys=open_keys(repository.markers) | situation.asked,
            facts=RepositoryFacts(open_pull_requests=of_other_bots(repository.overview.others)),
            unwritable=(WORKFLOWS,),
            semantic=is_semantic(seen.latest, seen.bot),
            only_patches=bool(repository.into),
            signature=seen.bot.signature if wants_sign_off(seen.latest, seen.bot, paths) else "",
        )

    async def _write(
        self, assignment: Assignment, read: ReadRepository, work: Work, inspection: Publishable, budget: Budget
    ) -> RunReport:
        """Publish and withdraw. What was done stays done, and is told, where GitHub or the inspection ends it."""
        written = Written()
        if not work.to_publish and not work.to_withdraw and not work.to_merge:
            return written.report()
        if sentence := await self.gate.why_not(assignment.repository):
            return await self._unwritten(assignment, read, work, inspection, sentence)
        written.outcomes += assignment.missing(WRITE if work.to_publish else WITHDRAW)
        if not all(map(assignment.may, INDISPENSABLE)):
            return replace(written.report(), complete=False)
        client = partial(assignment.client, self.app, budget=budget)
        try:
            if work.to_publish or work.to_withdraw:
                await self._published(read, work, inspection, client, written)
            merger = Merger(
                client=client,
                repository=read.repository,
                base=read.base.name,
                strategy=read.manners.automerge_strategy,
                now=self.clock.now(),
            )
            written.merging += await merger.go_on(to_merge(work, written))
        except GitHubUnavailable as error:
            if not written.pushed and not written.published:
                raise
            return written.report(error, again_after=UNNAMED_WAIT if error.retry_after is None else error.retry_after)
        except InspectionStopped as error:
            return written.report(error)
        return written.report()

    async def _unwritten(
        self, assignment: Assignment, read: ReadRepository, work: Work, inspection: Publishable, sentence: str
    ) -> RunReport:
        """Return what would be written, if it were not for *sentence*."""
        if not self.rehearses:
            return RunReport(outcomes=tuple(work.held_lines(sentence)))
        async with assignment.client(self.app, READ) as client:
            rehearsal = Rehearsal(
                client=client,
                repository=read.repository,
                base=read.base,
                inspection=inspection,
                releases=self.releases,
                sentence=sentence,
            )
            return await rehearsal(work)

    async def _published(
        self, read: ReadRepository, work: Work, inspection: Publishable, client: OpenClient, written: Written
    ) -> None:
        async with client(WRITE if work.to_publish else WITHDRAW) as writing:
            publisher = Publisher(
                client=writing,
                base=read.base,
                tree=read.tree,
                keys=self.keys,
                inspection=inspection,
                releases=self.releases,
                into=read.repository.into,
                on_push=written.pushed.append,
            )
            await write(publisher, read.repository, work, written)
