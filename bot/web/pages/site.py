"""The routes of the pages that show something."""

from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from bot.errors import SpecError
from bot.store import overview
from bot.store.backlog import budgets, queue
from bot.store.halts import halts
from bot.store.overview import PAGE, Place
from bot.store.proposals import FAILURES_BEFORE_REST
from bot.store.wants import Priority
from bot.web.pages.actions import Actions, offered
from bot.web.pages.desk import Desk, Visit
from bot.web.pages.packages import Locked, locked_by
from bot.web.pages.ports import PagesSetup
from bot.web.pages.rendering import Templates, redirect, style
from bot.web.pages.sessions import Sealer, Sessions
from bot.web.pages.sign_in import SignIn
from bot.web.pages.viewers import Right, number
from bot.web.pages.why import advisories, held, reasons

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


def routes(setup: PagesSetup) -> list[web.RouteDef]:
    """Return all routes of the pages."""
    sessions = Sessions(
        sealer=Sealer(setup.webhook_secrets, setup.operator_token), secure=setup.url.startswith("https:")
    )
    desk = Desk(setup=setup, sessions=sessions, templates=Templates(setup.clock.now))
    return [*Site(desk=desk).routes(), *Actions(desk=desk).routes(), *SignIn(desk=desk).routes()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The routes. A repository is looked up before anything of it is shown, and who may not see it sees nothing."""

    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        page = self.desk.page
        return [
            web.get("/", page(self.installations)),
            web.get(r"/installations/{installation:\d+}", page(self.installation)),
            web.get("/repositories", page(self.find)),
            web.get(r"/repositories/{repository:\d+}", page(self.repository)),
            web.get(r"/repositories/{repository:\d+}/runs", page(self.runs_of)),
            web.get(r"/repositories/{repository:\d+}/runs/{run:\d+}", page(self.run)),
            web.get("/runs", page(self.runs, operator=True)),
            web.get("/queue", page(self.queue, operator=True)),
            web.get("/budgets", page(self.budgets, operator=True)),
            web.get("/packages", page(self.packages, operator=True)),
            web.get("/style.css", self.style),
        ]

    async def style(self, request: web.Request) -> web.Response:
        """Serve the style sheet."""
        del request
        return style()

    async def installations(self, visit: Visit) -> web.StreamResponse:
        """Show the accounts that the App is installed on."""
        only = await visit.viewer.accounts()
        identity, _, name = visit.asked("after").partition(":")
        place = Place(name=name, id=number(identity))
        async with self.desk.reading() as connection:
            rows = await overview.installations(connection, only=only, after=place, limit=PAGE + 1)
            stopped = await halts(connection)
        last = rows[PAGE - 1].place if len(rows) > PAGE else None
        after = f"{last.id}:{last.name}" if last else ""
        return self.desk.show(
            visit, "installations.html", title="Installations", rows=rows[:PAGE], after=after, halts=stopped
        )

    async def installation(self, visit: Visit) -> web.StreamResponse:
        """Show the repositories of an account, as many as the person may see."""
        identity, only = visit.number("installation"), await visit.viewer.accounts()
        async with self.desk.reading() as connection:
            found = await overview.installation(connection, identity)
        if found is None or (only is not None and identity not in only):
            raise web.HTTPNotFound(text="There is no such installation.")
        async with self.desk.reading() as connection:
            listing = await visit.viewer.repositories(connection, identity, visit.asked("after"))
        title = found.account or f"installation {found.id}"
        return self.desk.show(visit, "installation.html", title=title, installation=found, listing=listing)

    async def find(self, visit: Visit) -> web.StreamResponse:
        """Lead to the repository of a name; whoever may not see it is told the same as of one that is not there."""
        async with self.desk.reading() as connection:
            identity = await overview.repository_named(connection, visit.asked("name").strip())
            found = None if identity is None else await overview.repository(connection, identity)
        if found is None or await visit.viewer.right(found) is Right.NOTHING:
            raise web.HTTPNotFound(text="There is no such repository.")
        return redirect(f"/repositories/{found.id}")

    async def repository(self, visit: Visit) -> web.StreamResponse:
        """Show on one screen what became of a repository, and why it got nothing if it did."""
        found, right = await self.desk.seen(visit)
        async with self.desk.reading() as connection:
            seen = await overview.overview(connection, found)
            stopped = await halts(connection)
        return self.desk.show(
            visit,
            "repository.html",
            title=found.name,
            seen=seen,
            repository=found,
            reasons=reasons(seen, stopped, self.desk.setup.clock.now()),
            held=held(seen),
            advisories=advisories(seen),
            rest=FAILURES_BEFORE_REST,
            buttons=offered(found, right),
            priority=_priority(found.priority),
            github=self.desk.setup.github,
        )

    async def runs_of(self, visit: Visit) -> web.StreamResponse:
        """Show the runs of a repository."""
        found, _ = await self.desk.seen(visit)
        before = number(visit.asked("before")) or overview.LAST_RUN
        async with self.desk.reading() as connection:
            rows = await overview.runs_of(connection, found.id, before=before, limit=PAGE + 1)
        after = f"before={rows[PAGE - 1].id}" if len(rows) > PAGE else ""
        return self.desk.show(visit, "runs.html", title=f"Runs of {found.name}", rows=rows[:PAGE], after=after)

    async def run(self, visit: Visit) -> web.StreamResponse:
        """Show one run: its steps, seconds, requests and what it came to."""
        found, _ = await self.desk.seen(visit)
        async with self.desk.reading() as connection:
            run = await overview.run(connection, visit.number("run"))
        if run is None or run.repository_id != found.id:
            raise web.HTTPNotFound(text="There is no such run; they are kept for 30 days.")
        return self.desk.show(visit, "run.html", title=f"Run {run.id} of {found.name}", run=run, repository=found)

    async def runs(self, visit: Visit) -> web.StreamResponse:
        """Show the latest runs of all repositories."""
        before = _moment(visit.asked("before"))
        async with self.desk.reading() as connection:
            rows = await overview.recent_runs(connection, before, limit=PAGE + 1)
        after = f"before={rows[PAGE - 1].started.timestamp():f}" if len(rows) > PAGE else ""
        return self.desk.show(visit, "runs.html", title="Runs", rows=rows[:PAGE], after=after)

    async def queue(self, visit: Visit) -> web.StreamResponse:
        """Show what waits for its turn, by priority, with those that have waited longest."""
        async with self.desk.reading() as connection:
            waiting = await queue(connection)
            longest = {
                each.priority: await overview.waiting(connection, each.priority) for each in waiting if each.number
            }
            stopped = await halts(connection)
        return self.desk.show(visit, "queue.html", title="Queue", waiting=waiting, oldest=longest, halts=stopped)

    async def budgets(self, visit: Visit) -> web.StreamResponse:
        """Show what may still be asked of GitHub."""
        async with self.desk.reading() as connection:
            rows = await budgets(connection)
        return self.desk.show(visit, "budgets.html", title="Budgets", rows=rows, now=self.desk.setup.clock.now())

    async def packages(self, visit: Visit) -> web.StreamResponse:
        """Show who locks a package."""
        asked, problem, locked = visit.asked("asked").strip(), "", Locked()
        if asked:
            try:
                async with self.desk.reading() as connection:
                    locked = await locked_by(connection, asked)
            except SpecError as error:
                problem = str(error)
        return self.desk.show(
            visit,
            "packages.html",
            title="Who locks a package",
            asked=asked,
            problem=problem,
            locked=locked,
        )


def _priority(value: int) -> str:
    return next((each.name.lower() for each in Priority if each == value), "")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC) if text else END_OF_TIME
    except (ValueError, OverflowError, OSError):
        return END_OF_TIME
