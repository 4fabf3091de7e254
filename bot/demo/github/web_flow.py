"""The pages that people are sent to: to sign in to the App, and to register it. They agree at once.

`FakeGitHub.signed_in` is who sits in front of the browser; None is somebody who says no.
"""

import json
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from bot.demo.github import app_manifests, sign_in
from bot.demo.github.state import State


class WebFlow:
    """What is asked for with a browser."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve the pages; they must be added before the API, which takes every other path."""
        router.add_get("/login/oauth/authorize", self.authorize)
        router.add_post("/login/oauth/access_token", self.exchange)
        router.add_post("/settings/apps/new", self.register)
        router.add_post("/organizations/{organization}/settings/apps/new", self.register)

    async def authorize(self, request: web.Request) -> web.Response:
        """Ask the person whether the App may know them, and send them back with the answer.

        https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app#using-the-web-application-flow-to-generate-a-user-access-token
        """
        query, app = request.query, self._state.app
        if query.get("client_id") != app.client_id or not app.callback_urls:
            raise web.HTTPNotFound
        redirect, state = query.get("redirect_uri", app.callback_urls[0]), query.get("state", "")
        if not sign_in.is_registered(app, redirect):
            raise _back(app.callback_urls[0], error="redirect_uri_mismatch", state=state)
        if self._state.signed_in is None:
            raise _back(redirect, error="access_denied", state=state)
        challenge = query.get("code_challenge", "")
        code = self._state.sign_ins.code(self._state.signed_in.login, redirect, challenge, self._state.now())
        raise _back(redirect, code=code, state=state)

    async def exchange(self, request: web.Request) -> web.Response:
        """Give tokens for a code; a refusal has status 200, too.

        https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
        """
        text = await request.text()
        body = json.loads(text) if request.content_type == "application/json" else dict(parse_qsl(text))
        try:
            answer = self._state.sign_ins.exchange(self._state.app, {**request.query, **body}, self._state.now())
        except sign_in.SignInRefusedError as error:
            answer = {"error": str(error), "error_description": "See the documentation of this error."}
        if "application/json" in request.headers.get("Accept", ""):
            return web.json_response(answer)
        return web.Response(text=urlencode(answer), content_type="application/x-www-form-urlencoded")

    async def register(self, request: web.Request) -> web.Response:
        """Show a person the manifest of an App, and send them back with a code.

        https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest#implementing-the-github-app-manifest-flow
        """
        form = await request.post()
        try:
            manifest = json.loads(str(form.get("manifest", "")))
        except ValueError:
            manifest = None
        if wrong := app_manifests.problems(manifest):
            raise web.HTTPUnprocessableEntity(text="; ".join(wrong))
        code = self._state.manifests.agree(manifest, self._state.now())
        raise _back(str(manifest["redirect_url"]), code=code, state=request.query.get("state", ""))


def _back(address: str, **answer: str) -> web.HTTPFound:
    joint = "&" if "?" in address else "?"
    return web.HTTPFound(address + joint + urlencode({name: each for name, each in answer.items() if each}))
