"""An HTTP server of conda channels on localhost, one per path, that behaves as a static channel behind a mirror does.

Every repodata answer carries an ETag and honours If-None-Match; the index and the whole documents must be revalidated
each time, so that a release published while the server runs is seen by the next request; a shard never changes. What a
channel does not have (a subdir, a mode, an archive) is a 404. Of archives, parts are served as well. Only the loopback
interface is served.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self

from aiohttp import web

from bot.demo.channel.records import CONDA_FORGE, ChannelData, Record
from bot.demo.channel.repodata import SHARDS, Mode, Subdir
from bot.demo.localhost import LocalServer

ARCHIVES = (".conda", ".tar.bz2")
_REVALIDATE = "public, max-age=0, must-revalidate"
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that a channel answered, with the status it got."""

    method: str
    path: str
    status: int


@dataclass(slots=True, kw_only=True)
class ServedChannel:
    """A channel under one path of the server.

    `modes` are the forms of repodata it publishes. `failures` names the status that every request of a subdir gets
    instead of an answer ("" stands for all subdirs). `archives` are contents by subdir and file. `requests` is the log,
    oldest first. All four may be changed while the server runs. `canonical` is the URL that the channel is a mirror of.
    """

    path: str
    data: ChannelData
    canonical: str
    modes: frozenset[Mode] = frozenset(Mode)
    failures: dict[str, int] = field(default_factory=dict)
    archives: dict[str, bytes] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    _subdirs: dict[str, Subdir] = field(init=False, repr=False, default_factory=dict)

    @classmethod
    def of(cls, path: str, data: ChannelData, *, modes: Iterable[Mode] = Mode) -> Self:
        """Return a channel at /*path* that stands for the channel of that name on anaconda.org."""
        canonical = f"{CONDA_FORGE.removesuffix('conda-forge')}{path}"
        return cls(path=path, data=data, canonical=canonical, modes=frozenset(modes))

    def publish(self, records: Iterable[Record]) -> None:
        """Add *records*: from the next request on they are there."""
        self.replace(self.data.with_records(records))

    def replace(self, data: ChannelData) -> None:
        """Hold *data* from the next request on."""
        self.data = data
        self._subdirs.clear()

    def answer(self, subdir: str, path: str) -> web.Response:
        """Return the answer to a request of the file *path* of *subdir*, to which the client holds no copy."""
        failure = self.failures.get(subdir, self.failures.get(""))
        if failure is not None:
            return web.Response(status=failure)
        if archive := self.archives.get(f"{subdir}/{path}"):
            return web.Response(body=archive, content_type=_content_type(path))
        found = self._subdir(subdir).file(path) if subdir in self.data.subdirs else None
        if found is None or found[0] not in self.modes:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        caching = _FOREVER if path.startswith(SHARDS) else _REVALIDATE
        headers = {"ETag": f'"{hashlib.sha256(found[1]).hexdigest()}"', "Cache-Control": caching}
        return web.Response(body=found[1], headers=headers, content_type=_content_type(path))

    def _subdir(self, name: str) -> Subdir:
        if name not in self._subdirs:
            self._subdirs[name] = Subdir(name, self.data.subdirs[name])
        return self._subdirs[name]


class DemoChannel(LocalServer):
    """The server, which has the channels by their paths; without arguments the package data as `conda-forge`."""

    def __init__(self, *channels: ServedChannel) -> None:
        served = channels or (ServedChannel.of("conda-forge", ChannelData.demo()),)
        self._channels = {channel.path: channel for channel in served}
        super().__init__(channel_application(served))

    def __getitem__(self, path: str) -> ServedChannel:
        return self._channels[path]

    @property
    def mirrors(self) -> dict[str, list[str]]:
        """Canonical channel URL -> URLs here: what py-rattler's `MirrorMiddleware` takes."""
        return {channel.canonical: [f"{self.url}/{path}"] for path, channel in self._channels.items()}


def channel_application(channels: Sequence[ServedChannel]) -> web.Application:
    """Return the application that serves each of *channels* below its path."""
    by_path = {channel.path: channel for channel in channels}

    async def serve(request: web.Request) -> web.Response:
        channel = by_path.get(request.match_info["channel"])
        if channel is None:
            raise web.HTTPNotFound
        response = _conditional(request, channel.answer(request.match_info["subdir"], request.match_info["file"]))
        if request.match_info["file"].endswith(ARCHIVES) and response.status == HTTPStatus.OK:
            response = _part(request, response)
        channel.requests.append(Request(method=request.method, path=request.path, status=response.status))
        return response

    application = web.Application()
    application.router.add_get("/{channel}/{subdir}/{file:.+}", serve)
    return application


def _conditional(request: web.Request, response: web.Response) -> web.Response:
    """Return *response*, or 304 with its headers if the client holds the same content."""
    held = {tag.value for tag in request.if_none_match or ()}
    if response.etag is None or held.isdisjoint({response.etag.value, "*"}):
        return response
    kept = {name: response.headers[name] for name in ("ETag", "Cache-Control")}
    return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=kept)


def _part(request: web.Request, response: web.Response) -> web.Response:
    """Return *response*, or the part of it that is asked for (RFC 9110, section 14)."""
    content, wanted = response.body, request.http_range
    if not isinstance(content, bytes) or (wanted.start is None and wanted.stop is None):
        return response
    start, stop, _ = wanted.indices(len(content))
    headers = {"Content-Range": f"bytes {start}-{stop - 1}/{len(content)}"}
    return web.Response(status=HTTPStatus.PARTIAL_CONTENT, body=content[start:stop], headers=headers)


def _content_type(path: str) -> str:
    return "application/json" if path.endswith(".json") else "application/octet-stream"
