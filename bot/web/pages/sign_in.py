"""How one gets in: with the operator's token, or by GitHub, which says who it is.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app#using-the-web-application-flow-to-generate-a-user-access-token
The way by GitHub is bound to the browser that began it, by a state and a verifier (PKCE) in a cookie: nobody is signed
in as somebody else by a link.
"""

import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from bot.errors import GitHubError
from bot.github.people import People
from bot.web.pages.desk import Desk, Visit, read_form
from bot.web.pages.rendering import redirect
from bot.web.pages.sessions import OPERATOR_SPAN, SIGN_IN_SPAN, Started, new_session

log = logging.getLogger(__name__)

CALLBACK = "/sign-in/github/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The routes."""

    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/sign-in", self.show),
            web.post("/sign-in", self.by_token),
            web.get("/sign-in/github", self.start),
            web.get(CALLBACK, self.come_back),
            web.post("/sign-out", self.desk.button(self.leave)),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Show the ways in."""
        del request
        return self._shown(HTTPStatus.OK)

    async def by_token(self, request: web.Request) -> web.Response:
        """Let in who has the operator's token."""
        setup = self.desk.setup
        if not is_same_site(request):
            return self.desk.message(HTTPStatus.FORBIDDEN, "This form is not from these pages.")
        given = str((await read_form(request)).get("token", "")).encode("utf-8", "surrogateescape")
        if not setup.operator_token or not hmac.compare_digest(given, setup.operator_token.encode()):
            log.warning("somebody with a wrong token was not let in")
            return self._shown(HTTPStatus.FORBIDDEN, "That is not the operator's token.")
        now = setup.clock.now()
        response = redirect("/")
        self.desk.sessions.begin(response, new_session(now + OPERATOR_SPAN), now)
        log.info("the operator signed in")
        return response

    async def start(self, request: web.Request) -> web.StreamResponse:
        """Send a person to GitHub."""
        del request
        people, now = self._people(), self.desk.setup.clock.now()
        started = Started(state=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48), until=now + SIGN_IN_SPAN)
        url = people.sign_in_url(state=started.state, verifier=started.verifier, callback=self._callback)
        response = redirect(url)
        self.desk.sessions.start(response, started, now)
        return response

    async def come_back(self, request: web.Request) -> web.StreamResponse:
        """Let a person in who comes back from GitHub to where they began."""
        people, now = self._people(), self.desk.setup.clock.now()
        started = self.desk.sessions.started(request, now)
        state = request.query.get("state", "").encode("utf-8", "surrogateescape")
        if started is None or not hmac.compare_digest(state, started.state.encode()):
            return self.desk.message(HTTPStatus.FORBIDDEN, "This sign-in did not begin in this browser. Begin again.")
        try:
            response = await self._entered(people, request.query.get("code", ""), started)
        except GitHubError as error:
            log.warning("somebody was not let in: %s", error)
            response = self.desk.message(HTTPStatus.FORBIDDEN, "GitHub did not say who you are. Begin again.")
        self.desk.sessions.finish(response)
        return response

    async def _entered(self, people: People, code: str, started: Started) -> web.Response:
        token = await people.token(code=code, verifier=started.verifier, callback=self._callback)
        login = await people.login(token.value)
        now = self.desk.setup.clock.now()
        session = new_session(now + timedelta(seconds=token.seconds), login=login, token=token.value)
        # A page and not a redirect: what GitHub's page leads to, redirects included, comes without a Strict cookie.
        values = {"title": "Signed in", "viewer": None, "form": "", "login": login}
        response = self.desk.templates.page("signed_in.html", values)
        response.headers["Refresh"] = "0; url=/"
        self.desk.sessions.begin(response, session, now)
        return response

    async def leave(self, visit: Visit) -> web.StreamResponse:
        """Let somebody out."""
        del visit
        response = redirect("/sign-in")
        self.desk.sessions.end(response)
        return response

    def _shown(self, status: HTTPStatus, problem: str = "") -> web.Response:
        setup = self.desk.setup
        values = {
            "title": "Sign in",
            "viewer": None,
            "form": "",
            "problem": problem,
            "by_token": bool(setup.operator_token),
            "by_github": setup.people is not None,
        }
        return self.desk.templates.page("sign_in.html", values, status)

    def _people(self) -> People:
        if self.desk.setup.people is None:
            raise web.HTTPNotFound
        return self.desk.setup.people

    @property
    def _callback(self) -> str:
        """Where GitHub sends people back to; empty for the one that the App is registered with."""
        url = self.desk.setup.url
        return f"{url}{CALLBACK}" if url else ""


def is_same_site(request: web.Request) -> bool:
    """Tell whether a form without a session was on one of our pages, as far as the browser says.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin is None or urlsplit(origin).netloc == request.host
