"""`GET /setup`: register the App at GitHub, for the one browser that brought the token which was printed at the start.

The page is there until the App is registered, and for nobody else: whatever is not in order is answered with 404. The
token counts once; the browser that brought it gets a cookie that no script can read. GitHub sends it back with a code
and the `state` of this page, and both must be this browser's. What the code is exchanged for is never shown.
https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from bot.errors import AnswerLost, CondabotError
from bot.github.registration import Form, Registration

log = logging.getLogger(__name__)

PATH: Final = "/setup"
BACK: Final = "/setup/registered"
COOKIE: Final = "condabot-setup"
SECONDS: Final = 3600
"""That a browser has: as long as GitHub's code lives."""

PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>condabot: {title}</title></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""
ASK: Final = """<p>GitHub shows what the App may do and what it is called, and asks you. Its key and secrets
go from GitHub to a file on this machine, and nowhere else.</p>
<form action="{address}?state={state}" method="post"><input type="hidden" name="manifest" value="{manifest}">
<button>Register the App at {host}</button></form>"""
DONE: Final = """<p>What it needs to run is in <code>{file}</code>. <a href="{install}">Install it</a> on
repositories as soon as condabot runs with that.</p>"""
AGAIN: Final = """<p>{sentence}. <a href="{path}">Begin again</a>.</p>"""
LOST: Final = """<p>{sentence}. If GitHub lists the new App all the same, delete it there, for nobody knows its secrets;
then <a href="{path}">begin again</a>.</p>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """What registers: `convert` exchanges a code, `keep` writes down what came of it and returns where.

    Both raise a `CondabotError` where they cannot.
    """

    convert: Callable[[str], Awaitable[Registration]]
    keep: Callable[[Registration], Path]


class SetupPage:
    """The page, which is at *url*; `done` is set when the App is registered."""

    def __init__(self, form: Form, registrar: Registrar, *, url: str, token: str) -> None:
        self.done = asyncio.Event()
        self._form = form
        self._url = url
        self._registrar = registrar
        self._token = token
        self._session = ""
        self._state = ""

    def routes(self) -> list[web.RouteDef]:
        """Return what is served. A preview that asks for the head of a link does not use up the token."""
        return [web.get(PATH, self.ask, allow_head=False), web.get(BACK, self.come_back, allow_head=False)]

    async def ask(self, request: web.Request) -> web.Response:
        """Take the token for a cookie; show the form to whoever has that."""
        if _same(request.query.get("token", ""), self._token):
            self._token, self._session = "", secrets.token_urlsafe(32)
            answer = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": PATH, **self._headers()})
            secure = urlsplit(self._url).scheme == "https"
            answer.set_cookie(
                COOKIE, self._session, max_age=SECONDS, path=PATH, secure=secure, httponly=True, samesite="Lax"
            )
            return answer
        self._check_cookie(request)
        self._state = secrets.token_urlsafe(32)
        host = urlsplit(self._form.address).netloc
        body = ASK.format(
            address=escape(self._form.address),
            state=self._state,
            manifest=escape(self._form.manifest),
            host=escape(host),
        )
        return self._page("Register the App", body)

    async def come_back(self, request: web.Request) -> web.Response:
        """Exchange the code that GitHub sent the browser back with; a state counts once."""
        self._check_cookie(request)
        if not _same(request.query.get("state", ""), self._state):
            raise web.HTTPNotFound
        self._state = ""
        try:
            registration = await self._registrar.convert(request.query.get("code", ""))
        except AnswerLost as error:
            return self._failed(LOST, error)
        except CondabotError as error:
            return self._failed(AGAIN, error)
        try:
            file = await asyncio.to_thread(self._registrar.keep, registration)
        except CondabotError as error:
            return self._failed(LOST, error)
        self._session = ""
        self.done.set()
        install = f"{registration.html_url}/installations/new"
        return self._page("The App is registered", DONE.format(file=escape(str(file)), install=escape(install)))

    def _failed(self, template: str, error: CondabotError) -> web.Response:
        log.warning("the App was not registered: %s", error)
        return self._page("The App is not registered", template.format(sentence=escape(str(error)), path=PATH))

    def _check_cookie(self, request: web.Request) -> None:
        if not _same(request.cookies.get(COOKIE, ""), self._session):
            raise web.HTTPNotFound

    def _page(self, title: str, body: str) -> web.Response:
        text = PAGE.format(title=title, body=body)
        return web.Response(text=text, content_type="text/html", headers=self._headers())

    def _headers(self) -> dict[str, str]:
        """Return headers by which a page runs nothing, is kept nowhere, and sends nothing but the form, to GitHub."""
        parts = urlsplit(self._form.address)
        return {
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action {parts.scheme}://{parts.netloc}",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }


def _same(given: str, wanted: str) -> bool:
    """Compare in constant time; what is not there is the same as nothing."""
    return bool(wanted) and hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())
