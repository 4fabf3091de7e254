"""What archives say of their projects is read out of them, over real HTTP, a piece at a time, and is never believed."""

import io
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.datasources import archives
from bot.datasources.archives import READ_AT_ONCE, ArchiveReader
from bot.datasources.exchange import FilePart
from bot.datasources.projects import MOST_READ, ProjectDatasource
from bot.datasources.sparse import SparseFile
from bot.demo.channel import ChannelData
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.errors import ChannelError, EgressRefused
from bot.model.package import CoreMetadata, PypiFile
from bot.model.project import Project
from bot.settings import ChannelSettings, Mirror
from tests.archives import add, compressed, conda_archive, zipped

CHANNEL = "https://conda.anaconda.org/conda-forge"
PLACE = "noarch/tool-1.0-0.conda"
URL = f"{CHANNEL}/{PLACE}"
OF_THE_CHANNEL = Project(page="https://anaconda.org/conda-forge/tool")
ABOUT = {"home": "https://tool.example", "dev_url": "https://github.com/tool/tool.git", "summary": "A tool"}


def served(*archives: bytes) -> DemoChannel:
    channel = ServedChannel.of("conda-forge", ChannelData.of())
    channel.archives = dict.fromkeys([PLACE], archives[0]) if archives else {}
    return DemoChannel(channel)


def nothing_to_say(_: str) -> None:
    pass


@asynccontextmanager
async def reading(
    channel: DemoChannel, folder: Path, *, check_url: Callable[[str], None] = nothing_to_say, offline: bool = False
) -> AsyncIterator[ProjectDatasource]:
    async with channel as running, httpx.AsyncClient() as http:
        (mirror,) = running.mirrors[CHANNEL]
        settings = ChannelSettings(mirrors=(Mirror(canonical=CHANNEL, url=mirror),), cache_dir=folder, offline=offline)
        yield ProjectDatasource(ArchiveReader(http, settings, check_url=check_url))


async def read(channel: DemoChannel, folder: Path, **options: Any) -> Project:
    async with reading(channel, folder, **options) as datasource:
        (found,) = await datasource.projects([URL])
        return found


async def test_home_and_sources_are_read_with_one_request(tmp_path: Path) -> None:
    channel = served(conda_archive(ABOUT, payload=5 * READ_AT_ONCE))

    found = await read(channel, tmp_path)

    assert found == Project(page="https://tool.example", repository="https://github.com/tool/tool")
    assert [each.status for each in channel["conda-forge"].requests] == [206]


async def test_what_was_read_once_is_not_asked_for_again(tmp_path: Path) -> None:
    before = await read(served(conda_archive(ABOUT)), tmp_path)
    channel = served()

    after = await read(channel, tmp_path)

    assert after == before
    assert channel["conda-forge"].requests == []


async def test_no_more_are_read_than_that(tmp_path: Path) -> None:
    channel = served()

    async with reading(channel, tmp_path) as datasource:
        found = await datasource.projects([URL.replace("1.0", f"1.{number}") for number in range(MOST_READ + 5)])

    assert found == [OF_THE_CHANNEL] * (MOST_READ + 5)
    assert len(channel["conda-forge"].requests) == MOST_READ


async def test_an_info_part_in_the_middle_is_found_by_more_requests(tmp_path: Path) -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as opened:
        add(opened, "info/about.json", b'{"home": "https://tool.example"}')
    archive = zipped({"info-tool-1.0-0.tar.zst": compressed(tar.getvalue()), "pkg-x.tar.zst": bytes(3 * READ_AT_ONCE)})
    channel = served(archive)

    found = await read(channel, tmp_path)

    assert found.page == "https://tool.example"
    assert [each.status for each in channel["conda-forge"].requests] == [206, 206]


@pytest.mark.parametrize(
    "archive",
    [
        pytest.param(conda_archive(None), id="says nothing"),
        pytest.param(conda_archive(b"[]"), id="no object"),
        pytest.param(conda_archive(b"{'"), id="no JSON"),
        pytest.param(conda_archive(b"[" * 100_000), id="deep"),
        pytest.param(conda_archive({"home": 1}), id="a number"),
        pytest.param(conda_archive({"home": ["javascript:alert(1)", "http://tool.example"]}), id="no https"),
        pytest.param(conda_archive(b" " * 300_000), id="too long"),
        pytest.param(b"no zip", id="no zip"),
        pytest.param(zipped({}), id="no info"),
        pytest.param(zipped({"info-x.tar.zst": b"no zstd"}), id="no zstd"),
        pytest.param(zipped({"info-x.tar.zst": compressed(b"no tar")}), id="no tar"),
        pytest.param(zipped({"info-x.tar.zst": compressed(bytes(60_000_000))}), id="a bomb"),
        pytest.param(zipped({"info-x.tar.zst": bytes(500_000)}), id="too large"),
    ],
)
async def test_an_archive_that_says_nothing_to_be_used_leaves_the_page_of_the_channel(
    tmp_path: Path, archive: bytes
) -> None:
    assert await read(served(archive), tmp_path) == OF_THE_CHANNEL


async def test_what_cannot_be_had_leaves_the_page_of_the_channel_and_is_asked_for_again(tmp_path: Path) -> None:
    assert await read(served(), tmp_path) == OF_THE_CHANNEL
    assert (await read(served(conda_archive(ABOUT)), tmp_path)).page == "https://tool.example"


async def test_nothing_is_asked_offline_nor_where_it_may_not_be(tmp_path: Path) -> None:
    def refuse(url: str) -> None:
        raise EgressRefused(url)

    channels = [served(conda_archive(ABOUT)), served(conda_archive(ABOUT))]

    assert await read(channels[0], tmp_path, offline=True) == OF_THE_CHANNEL
    assert await read(channels[1], tmp_path, check_url=refuse) == OF_THE_CHANNEL
    assert [each["conda-forge"].requests for each in channels] == [[], []]


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://conda.anaconda.org/bioconda/noarch/a-tool-1.0-0.tar.bz2", "https://anaconda.org/bioconda/a-tool"),
        ("https://conda.anaconda.org/pytorch/label/x/noarch/t-1-0.conda", "https://anaconda.org/pytorch/t"),
        ("https://prefix.dev/mine/noarch/t-1-0.conda", "https://prefix.dev/channels/mine/packages/t"),
        ("https://channel.example/mine/noarch/t-1-0.conda", ""),
    ],
)
async def test_pages_of_channels(tmp_path: Path, url: str, page: str) -> None:
    async with reading(served(), tmp_path) as datasource:
        assert await datasource.projects([url]) == [Project(page=page)]


@pytest.mark.parametrize(
    ("about", "repository"),
    [
        ({"dev_url": "https://github.com/a/b"}, "https://github.com/a/b"),
        ({"dev_url": ["https://docs.example", "http://www.github.com/a/b/tree/main"]}, "https://github.com/a/b"),
        ({"home": "https://github.acme.example/a/b.git"}, "https://github.acme.example/a/b"),
        ({"source_url": "https://gitlab.com/a/b"}, ""),
        ({"home": "https://github.com.evil.example/a/b"}, "https://github.com.evil.example/a/b"),
        ({"home": "https://x@github.com/a/b"}, ""),
        ({"home": "https://github.com/a"}, ""),
        ({"home": "https://github.com/a/../b"}, "https://github.com/a/.."),
    ],
)
async def test_repositories(tmp_path: Path, about: dict[str, Any], repository: str) -> None:
    """Whether one is on a GitHub that may be asked is for whoever asks."""
    assert (await read(served(conda_archive(about)), tmp_path)).repository == repository


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_archive_raises_anything_unexpected(noise: bytes, at: int) -> None:
    content = bytearray(conda_archive(ABOUT))
    content[at : at + len(noise)] = noise
    with suppress(*archives.BAD_TAR):
        archives._of_zip(SparseFile(FilePart(content=bytes(content), start=0, size=len(content))))


def _archives(http: httpx.AsyncClient) -> ArchiveReader:
    return ArchiveReader(http, ChannelSettings(cache_dir=Path("unused"), offline=True), check_url=nothing_to_say)


class Told:
    """Tells the same of each wheel; `fails` for one."""

    def __init__(self, *urls: tuple[str, str]) -> None:
        self.urls = urls

    async def about(self, file: PypiFile) -> CoreMetadata:
        if file.name == "gone":
            raise ChannelError("It is gone.", channel="x")
        return CoreMetadata(requires_dist=(), requires_python="", urls=self.urls)


@pytest.mark.parametrize(
    ("urls", "page", "repository"),
    [
        ([("homepage", "https://a.example/")], "https://a.example/", ""),
        ([("Home-Page", "https://a.example/"), ("Source", "https://github.com/a/b")], "https://a.example/", "a/b"),
        ([("Repository", "https://github.com/a/b.git")], "https://github.com/a/b.git", "a/b"),
        ([("Bug Tracker", "https://github.com/a/b/issues")], "", "a/b"),
        ([("Funding", "https://github.com/sponsors/a"), ("Chat", "https://github.com/x/y")], "", ""),
        ([("homepage", "http://a.example/"), ("Source", "javascript:alert(1)")], "", ""),
        ([], "", ""),
    ],
)
async def test_what_a_wheel_says_of_its_project(urls: list[tuple[str, str]], page: str, repository: str) -> None:
    async with httpx.AsyncClient() as http:
        datasource = ProjectDatasource(_archives(http), Told(*urls))
        found = await datasource.of_wheels([PypiFile(name="a", url="x")])

    assert found == [Project(page=page, repository=f"https://github.com/{repository}" if repository else "")]


async def test_a_wheel_that_says_nothing_or_that_nobody_reads_is_a_link_less() -> None:
    gone = [PypiFile(name="gone", url="x")]
    async with httpx.AsyncClient() as http:
        assert await ProjectDatasource(_archives(http), Told()).of_wheels(gone) == [Project()]
        assert await ProjectDatasource(_archives(http)).of_wheels(gone * (MOST_READ + 2)) == [Project()] * (
            MOST_READ + 2
        )
