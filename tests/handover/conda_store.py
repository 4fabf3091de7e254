"""A conda-store on localhost, as far as environments are handed over to it; the real one is asked in tests/readers."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import yaml
from aiohttp import web

from bot.demo.localhost import LocalServer

TOKEN = secrets.token_hex(20)


@dataclass
class FakeCondaStore(LocalServer):
    """Takes what is registered, unless it `is_down`; `builds` are what it took, the oldest first."""

    builds: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    is_down: bool = False

    def __post_init__(self) -> None:
        application = web.Application()
        application.router.add_get("/conda-store/api/v1/environment/{namespace}/{name}/", self._environment)
        application.router.add_post("/conda-store/api/v1/specification/", self._register)
        super().__init__(application)

    async def _environment(self, request: web.Request) -> web.Response:
        self.requests.append("GET")
        if refused := self._refused(request):
            return refused
        wanted = (request.match_info["namespace"], request.match_info["name"])
        found = [each for each in self.builds if (each["namespace"], each["environment_name"]) == wanted]
        if not found:
            return _error(404, "environment does not exist")
        return web.json_response({"status": "ok", "data": {"description": found[-1]["environment_description"]}})

    async def _register(self, request: web.Request) -> web.Response:
        self.requests.append("POST")
        if refused := self._refused(request):
            return refused
        body = await request.json()
        if not body["is_lockfile"] or "package" not in (yaml.safe_load(body["specification"]) or {}):
            return _error(400, "Unable to parse")
        self.builds.append(body)
        return web.json_response({"status": "ok", "data": {"build_id": len(self.builds)}})

    def _refused(self, request: web.Request) -> web.Response | None:
        if self.is_down:
            return _error(503, "back soon")
        known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        return None if known else _error(403, "request not authenticated")


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"status": "error", "message": message}, status=status)
