"""What wheels need is read from beside them or out of them, over real HTTP, and never more than that."""

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.datasources import wheels
from bot.datasources.exchange import FilePart
from bot.datasources.index_client import IndexClient
from bot.datasources.sparse import UNREADABLE, SparseFile
from bot.datasources.wheels import WheelReader, _core_metadata
from bot.egress import resolve_index
from bot.errors import ChannelError
from bot.model.package import Channel, CoreMetadata, PypiFile
from bot.settings import PypiSettings

NAME = "my_tool-1.0-py3-none-any.whl"
METADATA = b"""\
Metadata-Version: 2.1
Name: My.Tool
Version: 1.0
Requires-Python: >=3.6.*
Requires-Dist: other[x]>=2; python_version < "4"
Requires-Dist: old (<3)

The words about it.
"""
NEEDS = CoreMetadata(requires_dist=('other[x]>=2; python_version < "4"', "old (<3)"), requires_python=">=3.6.*")


def wheel(metadata: bytes = METADATA, *, big: int = 0, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("my_tool/data", bytes(range(256)) * (big // 256), zipfile.ZIP_STORED)
        archive.writestr("my_tool-1.0.dist-info/METADATA", metadata)
        archive.writestr("my_tool-1.0.dist-info/RECORD", "")
    return buffer.getvalue()


@dataclass
class Server:
    """Serves files from memory, in parts if it `ranges`; `asked` are the ranges, None for a whole file.

    With `always` it serves that part, whatever it is asked for.
    """

    files: dict[str, bytes]
    ranges: bool = True
    always: slice | None = None
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str | None] = field(default_factory=list)
    url: str = ""

    async def serve(self, request: web.Request) -> web.Response:
        content = self.files.get(request.path.removeprefix("/"))
        self.asked.append(request.headers.get("Range"))
        if content is None:
            return web.Response(status=404)
        if not self.ranges or not self.asked[-1]:
            return web.Response(body=content)
        part = request.http_range
        start, stop, _ = (self.always or slice(part.start, part.stop)).indices(len(content))
        named = {"Content-Range": f"bytes {start}-{stop - 1}/{len(content)}"} | self.headers
        return web.Response(status=206, body=content[start:stop], headers=named)

    @property
    def index(self) -> Channel:
        return resolve_index(self.url)

    def file(self, **fields: Any) -> PypiFile:
        return PypiFile(**({"name": NAME, "url": f"{self.url}/{NAME}"} | fields))


@asynccontextmanager
async def serving(files: dict[str, bytes], **options: Any) -> AsyncIterator[Server]:
    server = Server(files=files, **options)
    application = web.Application()
    application.router.add_get("/{path:.*}", server.serve)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[WheelReader]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield WheelReader(IndexClient(http, PypiSettings(cache_dir=tmp_path), check_url=lambda _: None))


class TestBesideTheWheel:
    async def test_metadata_that_the_index_vouches_for_are_taken(self, reader: WheelReader) -> None:
        async with serving({f"{NAME}.metadata": METADATA}) as server:
            file = server.file(metadata_sha256=hashlib.sha256(METADATA).hexdigest())

            assert await reader.core_metadata(server.index, file) == NEEDS

    async def test_others_are_not(self, reader: WheelReader) -> None:
        async with serving({f"{NAME}.metadata": METADATA}) as server:
            with pytest.raises(ChannelError, match=r"The metadata of my_tool.* its hash differs"):
                await reader.core_metadata(server.index, server.file(metadata_sha256="0" * 64))

    async def test_what_is_not_there_is_said(self, reader: WheelReader) -> None:
        async with serving({}) as server:
            with pytest.raises(ChannelError, match="answered 404"):
                await reader.core_metadata(server.index, server.file(metadata_sha256="0" * 64))

    async def test_offline_nothing_is_asked(self, tmp_path: Path) -> None:
        async with httpx.AsyncClient() as http, serving({NAME: wheel()}) as server:
            settings = PypiSettings(cache_dir=tmp_path, offline=True)
            reader = WheelReader(IndexClient(http, settings, check_url=lambda _: None))

            for file in (server.file(), server.file(metadata_sha256="0" * 64)):
                with pytest.raises(ChannelError, match="is not asked, as condabot is offline"):
                    await reader.core_metadata(server.index, file)
            assert server.asked == []


class TestInTheWheel:
    async def test_of_a_small_wheel_one_part_is_read(self, reader: WheelReader) -> None:
        async with serving({NAME: wheel()}) as server:
            assert await reader.core_metadata(server.index, server.file()) == NEEDS
            assert server.asked == ["bytes=-65536"]

    @pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
    async def test_of_a_big_wheel_only_what_is_needed_is_read(self, compression: int, reader: WheelReader) -> None:
        noise = b"".join(hashlib.sha256(bytes([n, m])).digest() for n in range(80) for m in range(80))
        content = wheel(METADATA + noise.hex().encode(), big=2_000_000, compression=compression)
        async with serving({NAME: content}) as server:
            assert await reader.core_metadata(server.index, server.file()) == NEEDS
            assert None not in server.asked
            assert len(server.asked) < 9

    async def test_a_server_without_parts_sends_the_whole_wheel_which_must_be_the_right_one(
        self, reader: WheelReader
    ) -> None:
        content = wheel(big=200_000)
        async with serving({NAME: content}, ranges=False) as server:
            right = server.file(sha256=hashlib.sha256(content).hexdigest())

            assert await reader.core_metadata(server.index, right) == NEEDS
            with pytest.raises(ChannelError, match=r"The wheel my_tool.* its hash differs"):
                await reader.core_metadata(server.index, server.file(sha256="0" * 64))

    async def test_a_wheel_that_is_too_large_is_not_read_whole(
        self, reader: WheelReader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wheels, "LARGEST_WHEEL", 100_000)
        async with serving({NAME: wheel(big=200_000)}, ranges=False) as server:
            with pytest.raises(ChannelError, match="answered with more than"):
                await reader.core_metadata(server.index, server.file())

    @pytest.mark.parametrize(
        "named",
        ["", "bytes 0-1/2", "bytes 5-1/9", "bytes */9", "lines 1-2/3", f"bytes 0-{'9' * 5000}/{'9' * 5000}"],
    )
    async def test_a_part_is_the_one_that_it_says(self, named: str, reader: WheelReader) -> None:
        async with serving({NAME: wheel()}, headers={"Content-Range": named}) as server:
            with pytest.raises(ChannelError, match="another part of a file than it says"):
                await reader.core_metadata(server.index, server.file())

    async def test_a_server_that_serves_the_same_part_again_and_again_is_left(self, reader: WheelReader) -> None:
        """The directory of the archive says that the metadata begin before what was read."""
        content = wheel(METADATA + b"x" * 200_000, compression=zipfile.ZIP_STORED)
        async with serving({NAME: content}, always=slice(len(content) - 65536, len(content))) as server:
            with pytest.raises(ChannelError, match="is not a wheel"):
                await reader.core_metadata(server.index, server.file())
            assert len(server.asked) == 2

    async def test_there_is_an_end_to_what_is_read(self, reader: WheelReader, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wheels, "MOST_PARTS", 2)
        content = wheel(METADATA + b"x" * 200_000, compression=zipfile.ZIP_STORED)
        async with serving({NAME: content}) as server:
            with pytest.raises(ChannelError, match="is not a wheel"):
                await reader.core_metadata(server.index, server.file())

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"", id="nothing"),
            pytest.param(b"no archive", id="no archive"),
            pytest.param(wheel()[:-5], id="cut at its end"),
            pytest.param(wheel()[200:], id="cut at its start"),
            pytest.param(wheel(b"x" * 2_000_001), id="metadata like a bomb"),
            pytest.param(wheel().replace(b"METADATA", b"METADATE"), id="no metadata"),
            pytest.param(wheel(compression=zipfile.ZIP_STORED).replace(b"My.Tool", b"My.Toll"), id="a damaged file"),
            pytest.param(wheel(b"Name: other\n\n"), id="metadata of another project"),
            pytest.param(wheel(b""), id="empty metadata"),
        ],
    )
    async def test_what_is_no_wheel_is_said(self, content: bytes, reader: WheelReader) -> None:
        async with serving({NAME: content}, ranges=False) as server:
            with pytest.raises(ChannelError, match=r"that is not a wheel|that are none"):
                await reader.core_metadata(server.index, server.file())


@given(st.binary() | st.text().map(lambda text: f"Name: my-tool\nRequires-Dist: {text}\n\n".encode()))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(ChannelError):
        _core_metadata(content, Channel(name="a", url="a"), PypiFile(name=NAME, url="x"))


@given(st.binary(max_size=300))
def test_no_archive_raises_anything_else(noise: bytes) -> None:
    content = bytearray(wheel())
    content[40 : 40 + len(noise)] = noise
    archive = SparseFile(FilePart(content=bytes(content), start=0, size=len(content)))
    with suppress(*UNREADABLE):
        wheels._metadata_in(archive)
