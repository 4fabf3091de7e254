"""What every page goes through: who asks, may they, read within bounds, what is answered where something is wrong."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

import psycopg
from aiohttp import web
from psycopg_pool import PoolTimeout

from bot.errors import GitHubError
from bot.store.database import Connection
from bot.store.overview import RepositoryRow, repository
from bot.web.pages.ports import PagesSetup
from bot.web.pages.rendering import Templates, redirect
from bot.web.pages.sessions import Session, Sessions
from bot.web.pages.viewers import Operator, Person, Right, Viewer, number

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a page waits for the database or a form for its sender."""

LONGEST_QUERY = 2000
"""Milliseconds."""

LARGEST_FORM = 4096
"""Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request of somebody who signed in."""

    request: web.Request
    session: Session
    viewer: Viewer

    def number(self, name: str) -> int:
        """Return the number at *name* in the path."""
        return number(self.request.match_info[name])

    def asked(self, name: str) -> str:
        """Return what the query says of *name*, empty if nothing; without what PostgreSQL cannot hold."""
        return self.request.query.get(name, "").replace("\0", "")[:200]


Page: TypeAlias = Callable[[Visit], Awaitable[web.StreamResponse]]
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Lets in who may come in."""

    setup: PagesSetup
    sessions: Sessions
    templates: Templates

    def page(self, page: Page, *, operator: bool = False) -> Handler:
        """Return the handler that shows *page* to whoever signed in, or to the operator alone."""

        async def handle(request: web.Request) -> web.StreamResponse:
            visit = self._visit(request)
            if visit is None:
                return redirect("/sign-in")
            if operator and not visit.viewer.is_operator:
                return self.message(HTTPStatus.NOT_FOUND, "There is no such page.", visit)
            return await self._answered(page, visit)

        return handle

    def button(self, press: Page, *, operator: bool = False) -> Handler:
        """Return the handler of a form on a page of whoever signed in; a form from elsewhere changes nothing."""

        async def handle(request: web.Request) -> web.StreamResponse:
            visit = self._visit(request)
            if visit is None:
                return self.message(HTTPStatus.FORBIDDEN, "Sign in first.")
            form = await read_form(request)
            if not visit.session.owns(form.get("form", "")):
                return self.message(HTTPStatus.FORBIDDEN, "This form is not from one of your pages.", visit)
            if operator and not visit.viewer.is_operator:
                return self.message(HTTPStatus.NOT_FOUND, "There is no such page.", visit)
            return await self._answered(press, visit)

        return handle

    def show(self, visit: Visit, template: str, **values: object) -> web.Response:
        """Return a page for *visit*."""
        return self.templates.page(template, values | {"viewer": visit.viewer, "form": visit.session.form})

    def message(self, status: HTTPStatus, sentence: str, visit: Visit | None = None) -> web.Response:
        """Return a page that says one sentence."""
        values = {
            "title": sentence,
            "viewer": visit.viewer if visit else None,
            "form": visit.session.form if visit else "",
        }
        return self.templates.page("message.html", values, status)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Give a connection that writes nothing, and whose queries end in time."""
        async with self.setup.reading.connection(timeout=PATIENCE) as connection:
            await connection.execute("SET TRANSACTION READ ONLY")
            await connection.execute(f"SET LOCAL statement_timeout = {LONGEST_QUERY:d}".encode())
            yield connection

    async def seen(self, visit: Visit, *, least: Right = Right.SEE) -> tuple[RepositoryRow, Right]:
        """Return the repository that *visit* names; one that may not be seen is not there, for all they know.

        Raises:
            HTTPNotFound: there is none, or it may not be seen.
            HTTPForbidden: it may be seen, and no more than that.

        """
        async with self.reading() as connection:
            found = await repository(connection, visit.number("repository"))
        right = await visit.viewer.right(found) if found else Right.NOTHING
        if found is None or right is Right.NOTHING:
            raise web.HTTPNotFound(text="There is no such repository.")
        if right < least:
            raise web.HTTPForbidden(text="Only who may write to the repository may do that.")
        return found, right

    def _visit(self, request: web.Request) -> Visit | None:
        session = self.sessions.session(request, self.setup.clock.now())
        if session is None:
            return None
        viewer = self._viewer(session)
        return Visit(request=request, session=session, viewer=viewer) if viewer else None

    def _viewer(self, session: Session) -> Viewer | None:
        """Return who that is; a way to sign in that is closed now lets nobody stay."""
        if not session.token:
            return Operator() if self.setup.operator_token else None
        return Person(people=self.setup.people, token=session.token, name=session.login) if self.setup.people else None

    async def _answered(self, page: Page, visit: Visit) -> web.StreamResponse:
        try:
            return await page(visit)
        except (web.HTTPNotFound, web.HTTPForbidden) as error:
            return self.message(HTTPStatus(error.status), error.text or "", visit)
        except GitHubError as error:
            return self._not_known(error, visit)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("a page was not shown: %s", type(error).__name__)
            return self.message(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer.", visit)

    def _not_known(self, error: GitHubError, visit: Visit) -> web.Response:
        if error.status == HTTPStatus.UNAUTHORIZED:
            response = self.message(HTTPStatus.FORBIDDEN, "GitHub does not know this sign-in any more. Sign in again.")
            self.sessions.end(response)
            return response
        log.warning("a page was not shown: %s", error)
        return self.message(HTTPStatus.BAD_GATEWAY, "GitHub does not say what you may see. Try again later.", visit)


async def read_form(request: web.Request) -> Mapping[str, str]:
    """Return the fields of a small form.

    Raises:
        HTTPRequestEntityTooLarge: it is not small, or does not say how large it is.
        HTTPUnsupportedMediaType: it is not a form without files.
        HTTPRequestTimeout: it does not come.

    """
    if request.content_length is None or request.content_length > LARGEST_FORM:
        raise web.HTTPRequestEntityTooLarge(LARGEST_FORM, request.content_length or 0)
    if request.content_type != "application/x-www-form-urlencoded" or "Content-Encoding" in request.headers:
        raise web.HTTPUnsupportedMediaType
    try:
        async with asyncio.timeout(PATIENCE):
            fields = await request.post()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    return {name: value for name, value in fields.items() if isinstance(value, str)}
