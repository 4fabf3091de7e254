"""An HTTP server of a simple index on localhost, that behaves as PyPI's does.

Every page carries an ETag and honours If-None-Match. A project that the index does not have is a 404. Below `files/`
there is the core metadata of each file (PEP 658) and nothing else. Only the loopback interface is served.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from bot.demo.index.files import IndexFile, normalised, page
from bot.demo.localhost import LocalServer

JSON = "application/vnd.pypi.simple.v1+json"
FILES_URL = "https://files.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that the index answered, with the status it got."""

    method: str
    path: str
    status: int


class DemoIndex(LocalServer):
    """The server. What follows may change while it runs.

    `failures` names the status that requests of a project get instead of an answer ("" stands for all projects),
    `in_html` the projects that are answered in the old form. `requests` is the log, oldest first.
    *files_url* is where pages say that the files are; `../../files` is this server.
    """

    def __init__(self, *files: IndexFile, files_url: str = FILES_URL) -> None:
        self.failures: dict[str, int] = {}
        self.in_html: set[str] = set()
        self.requests: list[Request] = []
        self._files_url = files_url
        self._projects: defaultdict[str, dict[str, IndexFile]] = defaultdict(dict)
        super().__init__(self._application())
        self.publish(files)

    def publish(self, files: Iterable[IndexFile]) -> None:
        """Add *files*, each in place of one of the same name: from the next request on they are there."""
        for file in files:
            self._projects[normalised(file.project)][file.name] = file

    @property
    def url(self) -> str:
        """The URL below which the projects are, without a slash at its end."""
        return f"{super().url}/simple"

    @property
    def files_url(self) -> str:
        """The URL below which the core metadata of files is."""
        return f"{super().url}/files"

    def _application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/simple/{project}/", self._serve_page)
        application.router.add_get("/files/{file}.metadata", self._serve_metadata)
        return application

    async def _serve_page(self, request: web.Request) -> web.Response:
        response = _conditional(request, self._page(request.match_info["project"]))
        self.requests.append(Request(method=request.method, path=request.path, status=response.status))
        return response

    async def _serve_metadata(self, request: web.Request) -> web.Response:
        every = {file.name: file for files in self._projects.values() for file in files.values()}
        file = every.get(request.match_info["file"])
        return web.Response(status=HTTPStatus.NOT_FOUND) if file is None else web.Response(body=file.metadata)

    def _page(self, project: str) -> web.Response:
        failure = self.failures.get(project, self.failures.get(""))
        if failure is not None:
            return web.Response(status=failure)
        if project in self.in_html:
            return web.Response(text="<!DOCTYPE html>", content_type="text/html")
        if project not in self._projects:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        body = json.dumps(page(project, self._projects[project].values(), self._files_url)).encode()
        return web.Response(body=body, headers={"Content-Type": JSON, "ETag": f'"{hashlib.sha256(body).hexdigest()}"'})


def _conditional(request: web.Request, response: web.Response) -> web.Response:
    """Return *response*, or 304 with its ETag if the client holds the same content."""
    held = {tag.value for tag in request.if_none_match or ()}
    if response.etag is None or held.isdisjoint({response.etag.value, "*"}):
        return response
    return web.Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": response.headers["ETag"]})
