"""An HTTP server on localhost that says what conda packages are called on PyPI, in the layout of parselmouth.

https://github.com/prefix-dev/parselmouth: `hash-v0/SHA256` for a package, `compressed-v0/compressed_mapping.json` by
name. Only the loopback interface is served.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeAlias

from aiohttp import web

from bot.demo.localhost import LocalServer

Names: TypeAlias = Sequence[str] | None
"""The names of a package on PyPI; None if it is none of PyPI."""


class DemoMapping(LocalServer):
    """The server. What follows may change while it runs.

    `by_hash` and `by_name` are what it knows. `files` are served below their paths as they are. `failure` is the status
    that every request gets instead of an answer. `requests` are the paths that were asked for, oldest first.
    """

    def __init__(self, by_hash: Mapping[str, Names] | None = None, by_name: Mapping[str, Names] | None = None) -> None:
        self.by_hash = dict(by_hash or {})
        self.by_name = dict(by_name or {})
        self.files: dict[str, bytes] = {}
        self.failure: int | None = None
        self.requests: list[str] = []
        application = web.Application()
        application.router.add_get("/{path:.*}", self._serve)
        super().__init__(application)

    async def _serve(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.requests.append(path)
        body = self._body(path)
        if self.failure is not None or body is None:
            return web.Response(status=self.failure or HTTPStatus.NOT_FOUND)
        etag = hashlib.sha256(body).hexdigest()
        if any(held.value == etag for held in request.if_none_match or ()):
            return web.Response(status=HTTPStatus.NOT_MODIFIED)
        return web.Response(body=body, content_type="application/json", headers={"ETag": f'"{etag}"'})

    def _body(self, path: str) -> bytes | None:
        if path in self.files:
            return self.files[path]
        folder, _, name = path.partition("/")
        if folder == "hash-v0" and name in self.by_hash:
            return _json({"pypi_normalized_names": self.by_hash[name], "conda_name": "", "package_name": name})
        return _json(self.by_name) if path == "compressed-v0/compressed_mapping.json" else None


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
