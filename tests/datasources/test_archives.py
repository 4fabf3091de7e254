"""Archives are read over real HTTP, as little of them as will do, and whatever they are nothing breaks."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.datasources.archives import LARGEST_FILE, LARGEST_INFO, LARGEST_LIST, MOST_PARTS, ArchiveReader
from bot.datasources.provenance import ProvenanceDatasource
from bot.demo.channel import ChannelData
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.settings import ChannelSettings, Mirror
from tests.archives import bzip2_archive_of, compressed, conda_archive_of, tarred, zipped

CHANNEL = "https://conda.anaconda.org/conda-forge"
FILES = {"info/about.json": b"{}", "info/link.json": b"{}"}


def served(**archives: bytes) -> DemoChannel:
    channel = ServedChannel.of("conda-forge", ChannelData.of())
    channel.archives = {f"noarch/{name.replace('__', '.')}": content for name, content in archives.items()}
    return DemoChannel(channel)


@asynccontextmanager
async def reading(channel: DemoChannel, folder: Path) -> AsyncIterator[ArchiveReader]:
    async with channel as running, httpx.AsyncClient() as http:
        (mirror,) = running.mirrors[CHANNEL]
        settings = ChannelSettings(mirrors=(Mirror(canonical=CHANNEL, url=mirror),), cache_dir=folder)
        yield ArchiveReader(http, settings, check_url=lambda _: None)


async def read(channel: DemoChannel, folder: Path, name: str) -> Mapping[str, bytes] | None:
    async with reading(channel, folder) as reader:
        return await reader.read(f"{CHANNEL}/noarch/{name}")


async def test_a_conda_archive_is_read_with_one_request_and_kept(tmp_path: Path) -> None:
    channel = served(a__conda=conda_archive_of(FILES, payload=1_000_000))

    assert await read(channel, tmp_path, "a.conda") == FILES
    assert await read(served(), tmp_path, "a.conda") == FILES
    assert [each.status for each in channel["conda-forge"].requests] == [206]


async def test_a_long_info_part_is_read_in_parts_and_a_longer_one_not_at_all(tmp_path: Path) -> None:
    noise = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(LARGEST_INFO // 32))
    long, longer = ({**FILES, "info/licenses/LICENSE": noise[:size]} for size in (150_000, None))
    channel = served(long__conda=conda_archive_of(long), longer__conda=conda_archive_of(longer))

    async with reading(channel, tmp_path) as reader:
        found = await reader.read(f"{CHANNEL}/noarch/long.conda")
        assert found == {**FILES, "info/licenses/LICENSE": b""}
        assert len(channel["conda-forge"].requests) == MOST_PARTS
        assert await reader.read(f"{CHANNEL}/noarch/longer.conda") is None
        assert len(channel["conda-forge"].requests) == MOST_PARTS + 1


async def test_of_licences_the_names_are_read(tmp_path: Path) -> None:
    channel = served(a__conda=conda_archive_of({**FILES, "info/licenses/LICENSE": b"All rights" * 100_000}))

    assert await read(channel, tmp_path, "a.conda") == {**FILES, "info/licenses/LICENSE": b""}


async def test_of_an_older_archive_the_beginning_is_read(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 8_000
    channel = served(a__tar__bz2=bzip2_archive_of({**FILES, "info/files": b"lib"}, payload=noise))

    assert await read(channel, tmp_path, "a.tar.bz2") == FILES


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"no archive",
        zipped({"info-a.tar.zst": b"no zstd"}),
        zipped({"info-a.tar.zst": compressed(b"no tar" * 1_000)}),
        zipped({"info-a.tar.zst": bytes(LARGEST_INFO + 1)}),
        zipped({"other": b""}),
    ],
)
@pytest.mark.parametrize("name", ["a.conda", "a.tar.bz2"])
async def test_what_is_no_archive_is_not_known(tmp_path: Path, name: str, content: bytes) -> None:
    assert not await read(served(**{name.replace(".", "__"): content}), tmp_path, name)


async def test_bombs_are_cut_and_large_files_left_out(tmp_path: Path) -> None:
    large = {**FILES, "info/recipe/meta.yaml": bytes(LARGEST_FILE + 1), "info/paths.json": bytes(LARGEST_LIST + 1)}
    bomb = zipped({"info-a.tar.zst": compressed(tarred(FILES) + bytes(200_000_000))})

    assert await read(served(a__conda=conda_archive_of(large)), tmp_path, "a.conda") == FILES
    assert await read(served(b__conda=bomb), tmp_path, "b.conda") == FILES


async def test_where_packages_come_from_is_told_in_their_order(tmp_path: Path) -> None:
    recipe = b"source: {url: https://files.example/a.tar.gz, sha256: aa}"
    channel = served(a__conda=conda_archive_of({**FILES, "info/recipe/meta.yaml": recipe}))

    async with reading(channel, tmp_path) as reader:
        unknown, known = await ProvenanceDatasource(reader).provenances(
            [f"{CHANNEL}/noarch/b.conda", f"{CHANNEL}/noarch/a.conda"]
        )

    assert unknown is None
    assert known is not None
    assert [each.url for each in known.sources] == ["https://files.example/a.tar.gz"]
