"""What a scan shows elsewhere than in pull requests, and which of people's pull requests are to be looked at again.

That is the dashboard, the dependency graph, code scanning, what is handed over, and the check beside the head of the
default branch.
"""

from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.errors import GitHubError, GitHubUnavailable, InspectionStopped
from bot.github.access import Access
from bot.github.ours import MarkerKeys
from bot.github.overview import mergeable_states
from bot.github.permissions import PROPOSED, PUSH, SCANNED, TELL
from bot.github.snapshots import Commit
from bot.github.throttle import Budget
from bot.handover import Targets
from bot.jobs.alerting import NOT_TOLD, Alerted, alerted
from bot.jobs.contested import compared, informed, is_unknown, touching_locks
from bot.jobs.dashboard import Dashboards, SeenDashboard
from bot.jobs.gate import Gate
from bot.jobs.handing_over import Courier, Handed
from bot.jobs.reading import ReadRepository
from bot.jobs.report import Assignment, RunReport
from bot.jobs.submitting import MOST_AT_ONCE, Submitted, due_snapshots, submitted
from bot.jobs.telling import digest_of, tell
from bot.rendering.dashboard import DashboardView
from bot.rendering.repository_report import RepositoryReport
from bot.updating.inspection import Inspected, Publishable


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A look at a repository of which others are told: what was `read` there, and what an `inspection` made of it."""

    assignment: Assignment
    read: ReadRepository
    inspected: Inspected
    inspection: Publishable
    budget: Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What the dependency graph, code scanning and the operator's targets were told; each None if they were not."""

    graph: Submitted | None
    alerted: Alerted | None
    handed: Handed | None

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be told, and why."""
        sentences = (each.sentence for each in (self.graph, self.alerted) if each and each.sentence)
        return (*sentences, *(self.handed.problems if self.handed else ()))

    @property
    def done(self) -> tuple[str, ...]:
        """What was handed over."""
        return self.handed.done if self.handed else ()

    def on(self, report: RunReport) -> RunReport:
        """Return *report* with all that is to be remembered of this."""
        return replace(
            report,
            snapshots=self.graph.digests if self.graph else None,
            alerts=self.alerted.told if self.alerted else None,
            handed=self.handed.state if self.handed else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcer:
    """Shows at GitHub and to `targets` what a scan came to, where the `gate` is open."""

    app: Access
    keys: MarkerKeys
    clock: Clock
    gate: Gate
    targets: Targets

    async def board(self, assignment: Assignment, read: ReadRepository, budget: Budget) -> SeenDashboard | None:
        """Return the dashboard of a repository that wants one; close that of one that wants none any more.

        Of further branches nothing is shown there.
        """
        if read.repository.onto is not None:
            return None
        boards, bot = Dashboards(app=self.app, keys=self.keys), read.repository.overview.bot
        if read.manners.dashboard and read.manners.enabled:
            return await boards.seen(assignment, bot, budget)
        if assignment.dashboard and not await self.gate.why_not(assignment.repository):
            await boards.close(assignment, bot, budget)
        return None

    async def on_board(
        self, assignment: Assignment, board: SeenDashboard | None, view: DashboardView, budget: Budget
    ) -> tuple[int | None, tuple[str, ...]]:
        """Have the dashboard show *view*; return its number, if it is known, and what else is to be said of it."""
        if board is None:
            return no_board(assignment), ()
        if board.sentence or not board.is_kept_up or await self.gate.why_not(assignment.repository):
            return None, board.lines
        try:
            return await Dashboards(app=self.app, keys=self.keys).shown(assignment, board, view, budget), ()
        except GitHubError as error:
            return None, (f"the dashboard could not be written: {error}",)

    async def elsewhere(self, announced: Announced) -> Elsewhere:
        """Tell everybody else what the default branch has locked, where that is wanted."""
        return Elsewhere(
            graph=await self._submitted(announced),
            alerted=await self._alerted(announced),
            handed=await self._handed_over(announced),
        )

    async def _submitted(self, announced: Announced) -> Submitted | None:
        """Tell the dependency graph what locks of the default branch hold, where that is wanted, or was.

        Where nobody remembers what it was told, it is told everything at once.
        """
        assignment, read = announced.assignment, announced.read
        before, most = assignment.snapshots or {}, None if assignment.snapshots is None else MOST_AT_ONCE
        if read.repository.onto is not None or not (read.manners.snapshots or before):
            return None
        if not assignment.may("contents") or await self.gate.why_not(assignment.repository):
            return None
        due = due_snapshots(announced.inspected.snapshots, before, forgets=announced.inspected.complete)
        if not due:
            return None
        async with assignment.client(self.app, PUSH, announced.budget) as client:
            return await submitted(client, announced.inspection, due, before, self._commit(announced), most)

    async def _alerted(self, announced: Announced) -> Alerted | None:
        """Tell code scanning what is wrong with the locks of the default branch, where that is wanted, or was."""
        assignment, read = announced.assignment, announced.read
        before, alerts = assignment.alerts, announced.inspected.alerts
        if read.repository.onto is not None or not (read.manners.alerts or before):
            return None
        if await self.gate.why_not(assignment.repository):
            return None
        if missing := assignment.missing(SCANNED):
            return Alerted(told=before or "", sentence=f"{NOT_TOLD}: {'; '.join(missing)}" if alerts else "")
        if alerts and alerts.why_not:
            return Alerted(told=before or "", sentence=f"{NOT_TOLD}: {alerts.why_not}")
        try:
            async with assignment.client(self.app, SCANNED, announced.budget) as client:
                return await alerted(client, announced.inspection, alerts, before, self._commit(announced))
        except (GitHubError, GitHubUnavailable, InspectionStopped) as error:
            return Alerted(told=before or "", sentence=f"{NOT_TOLD}: {error}")

    async def _handed_over(self, announced: Announced) -> Handed | None:
        """Hand over what the default branch has locked, where that is wanted and remembered."""
        before = announced.assignment.handed
        if before is None or announced.read.repository.onto is not None or not (announced.inspected.bundles or before):
            return None
        if await self.gate.why_not(announced.assignment.repository):
            return None
        courier = Courier(
            targets=self.targets,
            inspection=announced.inspection,
            repository=announced.read.repository.overview.repository,
            commit=announced.read.base.head.oid,
            now=self.clock.now(),
        )
        return await courier.handed(announced.inspected.bundles, before, forgets=announced.inspected.complete)

    def _commit(self, announced: Announced) -> Commit:
        base = announced.read.base
        return Commit(oid=base.head.oid, branch=base.name, at=self.clock.now())

    async def told(
        self, assignment: Assignment, read: ReadRepository, report: RunReport, said: RepositoryReport, budget: Budget
    ) -> RunReport:
        """Show what there is to say beside the head of the default branch, unless it stands there already."""
        where, head = assignment.repository, read.base.head.oid
        digest = digest_of(said, head)
        if digest == assignment.told or not assignment.may("checks"):
            return report
        if await self.gate.why_not(where):
            return report
        try:
            async with assignment.client(self.app, TELL, budget) as client:
                if not client.may("checks", "write"):
                    return report
                await tell(client, said, head)
        except GitHubError as error:
            return replace(report, outcomes=(*report.outcomes, f"could not be shown beside the commit: {error}"))
        return replace(report, told=digest)

    async def contested(
        self, assignment: Assignment, read: ReadRepository, report: RunReport, budget: Budget
    ) -> RunReport:
        """Say which pull requests of people are to be looked at again, since their branch moved away from them."""
        pulls, known = touching_locks(read.repository.overview.foreign), assignment.conflicting
        if known is None or not (pulls or known):
            return report
        try:
            if is_unknown(pulls):
                async with assignment.client(self.app, PROPOSED, budget) as client:
                    pulls = informed(pulls, await mergeable_states(client))
        except GitHubError as error:
            sentence = f"whether pull requests of people can be merged is not known: {error}"
            report = replace(report, outcomes=(*report.outcomes, sentence))
        found = compared(pulls, known)
        return replace(report, looks=found.looks, conflicting=found.conflicting)


def no_board(assignment: Assignment) -> int | None:
    """Return that there is no dashboard, where that is something new."""
    return 0 if assignment.dashboard else None
