"""A Nebi server on localhost, as far as `nebi push` uses one; its answers are those of its handlers (August 2026)."""

import secrets
from typing import Any

from aiohttp import web

from bot.demo.localhost import LocalServer

USER, PASSWORD, TOKEN = "me", secrets.token_hex(20), secrets.token_hex(20)


class FakeNebi(LocalServer):
    """Keeps `workspaces`, each with the `pushed` contents of its versions; one that is made new has this `status`."""

    def __init__(self, status: str = "ready") -> None:
        self.status = status
        self.workspaces: list[dict[str, Any]] = []
        self.pushed: dict[str, list[tuple[str, str]]] = {}
        application = web.Application()
        application.router.add_post("/api/v1/auth/login", self._login)
        application.router.add_get("/api/v1/workspaces", self._list)
        application.router.add_post("/api/v1/workspaces", self._create)
        application.router.add_post("/api/v1/workspaces/{id}/push", self._push)
        super().__init__(application)

    async def _login(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body != {"username": USER, "password": PASSWORD}:
            return web.json_response({"error": "Invalid credentials"}, status=401)
        return web.json_response({"token": TOKEN, "user": {"username": USER}})

    async def _list(self, request: web.Request) -> web.Response:
        _require_known(request)
        return web.json_response(self.workspaces)

    async def _create(self, request: web.Request) -> web.Response:
        _require_known(request)
        body = await request.json()
        made = {"id": str(len(self.workspaces)), "name": body["name"], "status": self.status}
        self.workspaces.append(made)
        return web.json_response(made, status=201)

    async def _push(self, request: web.Request) -> web.Response:
        _require_known(request)
        identity, body = request.match_info["id"], await request.json()
        versions = self.pushed.setdefault(identity, [])
        content = (body["pixi_toml"], body["pixi_lock"])
        known = content in versions
        if not known:
            versions.append(content)
        return web.json_response(
            {"version_number": versions.index(content) + 1, "tags": ["latest"], "deduplicated": known}, status=201
        )


def _require_known(request: web.Request) -> None:
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        raise web.HTTPUnauthorized(text='{"error": "Invalid token"}')
