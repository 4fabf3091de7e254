"""The dashboard, one issue for people who want one: read before a scan for what they asked for, written after it.

It makes no noise: it is changed only where it has to say something else. One that a person closed stays closed.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from bot.errors import GitHubError, GitHubUnavailable
from bot.github.access import Access
from bot.github.dashboards import (
    Dashboard,
    DashboardMarker,
    close_dashboard,
    dashboard,
    open_dashboard,
    say_in_dashboard,
    signed,
    without_marker,
)
from bot.github.model import BotIdentity
from bot.github.ours import MarkerKeys
from bot.github.permissions import CHANGE_ISSUES, SEE_ISSUES
from bot.github.throttle import Budget
from bot.jobs.report import Assignment, CommandAssignment, Reached, RunReport
from bot.jobs.writing import Work
from bot.model.command import Verb
from bot.model.dashboard import box_of
from bot.rendering.dashboard import TITLE, DashboardView, Wait, dashboard_text, shown_keys
from bot.store.wants import Priority, Want

OF_DASHBOARD: Final = frozenset({Verb.OPEN, Verb.LOOK})
"""What is asked for by ticking it there."""

NO_DASHBOARD: Final = "not done: the dashboard is not there any more"
TICKED: Final = Want(priority=Priority.PERSON, reason="a box of the dashboard was ticked")
STAYS_CLOSED: Final = "the dashboard (#{}) was closed, and stays so; opened again it goes on"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDashboard:
    """What was found: the issue, None if there is none yet, or in a `sentence` why it cannot be had."""

    found: Dashboard | None = None
    sentence: str = ""

    @property
    def asked(self) -> frozenset[str]:
        """The keys of what people asked for."""
        return frozenset(self.found.marker.asked) if self.found and self.is_kept_up else frozenset()

    @property
    def is_kept_up(self) -> bool:
        """Whether it is to be written: not one that a person closed."""
        return self.found is None or self.found.is_open or self.found.marker.ours

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said of it elsewhere."""
        closed = "" if self.found is None or self.is_kept_up else STAYS_CLOSED.format(self.found.number)
        return tuple(filter(None, (self.sentence, closed)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboards:
    """Reads and writes dashboards."""

    app: Access
    keys: MarkerKeys

    async def noted(self, assignment: CommandAssignment, bot: BotIdentity) -> RunReport:
        """Note in the dashboard what somebody ticked there, who may: the scan that follows reads it there.

        Raises:
            GitHubError: GitHub refused.

        """
        asked, seen = assignment.command, await self.seen(assignment, bot)
        found = seen.found
        if found is None or not found.is_open or found.number != asked.number:
            return RunReport(outcomes=(seen.sentence or NO_DASHBOARD,))
        key = next((each for each in found.marker.keys if box_of(each).about == asked.command.argument), None)
        if asked.command.verb is Verb.LOOK or key is None:
            return RunReport(outcomes=(f"{asked.command.verb} was ticked: everything is looked at",), wants=TICKED)
        marker = replace(found.marker, asked=tuple(sorted({*found.marker.asked, key})))
        where = assignment.repository
        body = signed(without_marker(found.body), marker, where.repository_id, self.keys)
        async with assignment.client(self.app, CHANGE_ISSUES) as client:
            await say_in_dashboard(client, found, body)
        return RunReport(outcomes=(f"{key} was ticked: it is opened now",), wants=TICKED)

    async def seen(self, assignment: Reached, bot: BotIdentity, budget: Budget | None = None) -> SeenDashboard:
        """Return the dashboard of a repository that wants one.

        Raises:
            GitHubUnavailable: GitHub did not answer.

        """
        if lacks := assignment.missing({"issues": "write"}):
            return SeenDashboard(sentence=f"there is no dashboard: {lacks[0]}")
        try:
            async with assignment.client(self.app, SEE_ISSUES, budget) as client:
                return SeenDashboard(found=await dashboard(client, self.keys, bot))
        except GitHubUnavailable:
            raise
        except GitHubError as error:
            return SeenDashboard(sentence=f"there is no dashboard: {error}")

    async def shown(self, assignment: Assignment, seen: SeenDashboard, view: DashboardView, budget: Budget) -> int:
        """Have the dashboard say what *view* has; return its number.

        Raises:
            GitHubError: GitHub refused.

        """
        found, where = seen.found, assignment.repository
        marker = DashboardMarker(keys=shown_keys(view), asked=tuple(sorted(view.asked)))
        body = signed(dashboard_text(view), marker, where.repository_id, self.keys)
        if found and found.is_open and found.body.replace("\r\n", "\n") == body:
            return found.number
        async with assignment.client(self.app, CHANGE_ISSUES, budget) as client:
            if found is None:
                return await open_dashboard(client, TITLE, body)
            await say_in_dashboard(client, found, body)
            return found.number

    async def close(self, assignment: Assignment, bot: BotIdentity, budget: Budget) -> None:
        """Close the dashboard of a repository that wants none any more.

        Raises:
            GitHubError: GitHub refused.

        """
        seen = await self.seen(assignment, bot, budget)
        if seen.found is None or not seen.found.is_open:
            return
        async with assignment.client(self.app, CHANGE_ISSUES, budget) as client:
            await close_dashboard(client, seen.found, self.keys)


def view_of(work: Work, opened: Iterable[str], lines: Iterable[str], asked: AbstractSet[str]) -> DashboardView:
    """Return what the dashboard shows of *work*: *opened* are lines of pull requests, *lines* what else is said."""
    waits = [Wait(key=each.decision.draft.key, words=each.words) for each in work.waiting if not each.decision.pull]
    waits += [Wait(key=each.key, words=work.words_of(each)) for each in work.unsolved]
    return DashboardView(
        open=tuple(opened),
        waits=tuple(waits),
        else_=(*work.untouched_unopened, *lines),
        asked=asked & {each.key for each in waits},
    )
