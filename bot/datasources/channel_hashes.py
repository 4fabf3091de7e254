"""What changed in a subdir of a channel since it was seen last, asked so that "nothing" costs next to nothing.

The shard index is asked for first (CEP 16), then the whole repodata, in zstd and plain. The form that answered last
time is asked for on the condition that it is another state (RFC 9110, section 13.1). Bytes come by the mirrors and
within the bounds of `Exchange`; credentials are not sent.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import BinaryIO

import httpx

from bot.datasources.exchange import CheckUrl, Exchange, Source, bounded
from bot.datasources.shard_index import FILE, NameHashes, NotAnIndex, read_index
from bot.datasources.whole_repodata import LARGEST_ANSWER, read_repodata
from bot.settings import ChannelSettings

LARGEST_ANSWERED_INDEX = 16_000_000


class Form(StrEnum):
    """A form in which a channel publishes what it has, and the file below the subdir."""

    SHARDS = FILE
    ZST = "repodata.json.zst"
    JSON = "repodata.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Which state of a subdir was seen, as HTTP tells states apart."""

    form: Form
    etag: str = ""
    modified: str = ""

    @property
    def condition(self) -> Mapping[str, str]:
        """The headers that ask for another state only."""
        if self.etag:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.modified} if self.modified else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubdirState:
    """A state of a subdir: how to know it again, and the hash of each name's records."""

    seen: Seen
    hashes: NameHashes


class ChannelHashes:
    """One view of channels: who cannot be reached is not asked again. `new_session` is how a poll asks afresh."""

    def __init__(self, http: httpx.AsyncClient, settings: ChannelSettings, *, check_url: CheckUrl) -> None:
        self._http = http
        self._settings = settings
        self._check_url = check_url
        self._exchange = Exchange(http, check_url=check_url, timeout=settings.timeout, mirrors=settings.mirrors)
        self._one_document = asyncio.Semaphore(1)

    def new_session(self) -> "ChannelHashes":
        """Return a view that asks everybody again."""
        return ChannelHashes(self._http, self._settings, check_url=self._check_url)

    async def newer(self, channel: str, subdir: str, seen: Seen | None) -> SubdirState | None:
        """Return the state of *subdir* of the channel at the URL *channel*; None if it is the one that was *seen*.

        Raises:
            ChannelError: it did not answer, has no such subdir, or nothing that can be read.

        """
        source = Source(words=f"Channel {channel}", url=channel)
        for form in Form:
            known = seen if seen and seen.form is form else Seen(form=form)
            url = f"{channel}/{subdir}/{form}"
            async with self._exchange.get(source, url, {"Accept": "*/*"} | dict(known.condition)) as response:
                if response.status_code == HTTPStatus.NOT_FOUND:
                    continue
                if response.status_code == HTTPStatus.NOT_MODIFIED and known.condition:
                    return None
                return await self._state(source, subdir, form, response)
        return source.fail(f"has no {subdir}")

    async def _state(self, source: Source, subdir: str, form: Form, response: httpx.Response) -> SubdirState:
        seen = Seen(form=form, etag=_text(response, "etag"), modified=_text(response, "last-modified"))
        try:
            if form is Form.SHARDS:
                content = await bounded(source, response, LARGEST_ANSWERED_INDEX)
                return SubdirState(seen=seen, hashes=await asyncio.to_thread(read_index, content))
            if response.status_code == HTTPStatus.OK and not seen.condition:
                source.fail("does not say when its repodata change (ETag, Last-Modified), so they are not watched")
            async with self._one_document:
                return SubdirState(seen=seen, hashes=await self._whole(source, subdir, form, response))
        except NotAnIndex as error:
            raise source.problem(str(error)) from error

    async def _whole(self, source: Source, subdir: str, form: Form, response: httpx.Response) -> NameHashes:
        directory = self._settings.cache_dir / "watched"
        with TemporaryFile() as file:
            await _save(source, response, file)
            return await asyncio.to_thread(
                read_repodata, file, subdir, compressed=form is Form.ZST, directory=directory
            )


async def _save(source: Source, response: httpx.Response, file: BinaryIO) -> None:
    """Write the content of *response* to *file*, piece by piece."""
    if response.status_code != HTTPStatus.OK:
        await bounded(source, response, 0)  # says which status it is
    size = 0
    async for piece in response.aiter_raw():
        size += file.write(piece)
        if size > LARGEST_ANSWER:
            source.fail(f"answered with more than {LARGEST_ANSWER // 1_000_000} MB")
    file.seek(0)


def _text(response: httpx.Response, header: str) -> str:
    text: str = response.headers.get(header, "")
    return text if text.isascii() and text.isprintable() else ""
