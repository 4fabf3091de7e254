"""The server over real HTTP: plain clients, then py-rattler's Gateway through its mirror middleware."""

from collections import Counter
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from rattler import Channel, Client, Gateway
from rattler.exceptions import GatewayError
from rattler.networking.middleware import MirrorMiddleware

from bot.demo.channel import ChannelData, DemoChannel, Mode, ServedChannel, record

INDEX = "conda-forge/linux-64/repodata_shards.msgpack.zst"
TOOL = record("tool", "1.0", subdir="linux-64")


@pytest.fixture
async def server() -> AsyncIterator[DemoChannel]:
    main = ServedChannel.of("conda-forge", ChannelData.of(TOOL, record("tool", "0.9")))
    other = ServedChannel.of("other", ChannelData.of(record("tool", "9.0")))
    async with DemoChannel(main, other) as started:
        yield started


def gateway(server: DemoChannel, cache: Path) -> Gateway:
    return Gateway(cache_dir=cache, client=Client([MirrorMiddleware(server.mirrors)]))


async def versions(source: Gateway, channel: str = "conda-forge") -> set[str]:
    batches = await source.query([Channel(channel)], ["linux-64", "noarch"], ["tool"], recursive=False)
    return {str(each.version) for batch in batches for each in batch}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param(INDEX, 200, id="the index of a subdir is there"),
        pytest.param("conda-forge/noarch/repodata.json", 200, id="noarch is there"),
        pytest.param("conda-forge/win-64/repodata.json", 404, id="a subdir that the channel lacks is not found"),
        pytest.param("conda-forge/linux-64/tool-1.0-h0000000_0.conda", 404, id="no package archive is served"),
        pytest.param("nobody/noarch/repodata.json", 404, id="a channel that the server lacks is not found"),
        pytest.param("", 404, id="the server has no front page"),
    ],
)
async def test_what_is_there(server: DemoChannel, path: str, status: int) -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{server.url}/{path}")).status_code == status


async def test_a_client_that_holds_the_content_gets_304_until_a_release_is_published(server: DemoChannel) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        first = await client.get(INDEX)
        held = {"If-None-Match": first.headers["etag"]}
        again = await client.get(INDEX, headers=held)
        assert (again.status_code, again.headers["etag"]) == (HTTPStatus.NOT_MODIFIED, first.headers["etag"])
        server["conda-forge"].publish([record("tool", "1.1", subdir="linux-64")])
        assert (await client.get(INDEX, headers=held)).status_code == HTTPStatus.OK


async def test_whole_documents_are_revalidated_and_shards_are_kept(server: DemoChannel, tmp_path: Path) -> None:
    await versions(gateway(server, tmp_path))
    [shard] = [each.path for each in server["conda-forge"].requests if "linux-64/shards/" in each.path]
    async with httpx.AsyncClient(base_url=server.url) as client:
        assert "immutable" in (await client.get(shard)).headers["cache-control"]
        assert "must-revalidate" in (await client.get(INDEX)).headers["cache-control"]


async def test_requests_are_logged_per_channel(server: DemoChannel) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        await client.head("other/noarch/repodata.json")
        await client.get("other/linux-64/repodata.json")
    log = [(each.method, each.path, each.status) for each in server["other"].requests]
    assert log == [("HEAD", "/other/noarch/repodata.json", 200), ("GET", "/other/linux-64/repodata.json", 404)]
    assert server["conda-forge"].requests == []


@pytest.mark.parametrize("mode", Mode)
async def test_a_gateway_reads_every_mode_and_sees_the_canonical_url(
    server: DemoChannel, tmp_path: Path, mode: Mode
) -> None:
    server["conda-forge"].modes = frozenset({mode})
    batches = await gateway(server, tmp_path).query([Channel("conda-forge")], ["linux-64"], ["tool"], recursive=False)
    [found] = [each for batch in batches for each in batch]
    assert found.url == f"https://conda.anaconda.org/conda-forge/linux-64/{TOOL.fn}"
    hashes = (bytes.fromhex(TOOL.sha256), bytes.fromhex(TOOL.md5))
    assert (found.sha256, found.md5, found.size) == (*hashes, TOOL.size)


@pytest.mark.parametrize("mode", Mode)
async def test_a_release_published_meanwhile_is_seen_by_a_gateway_that_forgets(
    server: DemoChannel, tmp_path: Path, mode: Mode
) -> None:
    server["conda-forge"].modes = frozenset({mode})
    source = gateway(server, tmp_path)
    assert await versions(source) == {"0.9", "1.0"}
    server["conda-forge"].publish([record("tool", "2.0")])
    assert await versions(source) == {"0.9", "1.0"}
    source.clear_repodata_cache(Channel("conda-forge"))
    assert await versions(source) == {"0.9", "1.0", "2.0"}


async def test_a_second_gateway_revalidates_the_disk_cache_and_reads_no_shard_again(
    server: DemoChannel, tmp_path: Path
) -> None:
    await versions(gateway(server, tmp_path))
    server["conda-forge"].requests.clear()
    assert await versions(gateway(server, tmp_path)) == {"0.9", "1.0"}
    assert Counter(each.status for each in server["conda-forge"].requests) == {304: 2}


async def test_channels_of_one_server_are_apart(server: DemoChannel, tmp_path: Path) -> None:
    assert await versions(gateway(server, tmp_path), "other") == {"9.0"}


@pytest.mark.parametrize("status", [401, 500])
@pytest.mark.parametrize("subdir", ["linux-64", "noarch", ""])
async def test_a_failing_subdir_is_an_error_of_the_gateway_until_it_recovers(
    server: DemoChannel, tmp_path: Path, subdir: str, status: int
) -> None:
    source = gateway(server, tmp_path)
    server["conda-forge"].failures[subdir] = status
    with pytest.raises(GatewayError, match=str(status)):
        await versions(source)
    server["conda-forge"].failures.clear()
    assert await versions(source) == {"0.9", "1.0"}


async def test_a_missing_platform_is_empty_for_the_gateway(server: DemoChannel, tmp_path: Path) -> None:
    server["conda-forge"].failures["linux-64"] = 404
    assert await versions(gateway(server, tmp_path)) == {"0.9"}


async def test_a_missing_noarch_is_a_missing_channel_for_the_gateway(server: DemoChannel, tmp_path: Path) -> None:
    server["conda-forge"].failures["noarch"] = 404
    with pytest.raises(GatewayError, match="could not find subdir 'noarch'"):
        await versions(gateway(server, tmp_path))


async def test_without_arguments_the_slice_is_served_on_the_loopback_interface() -> None:
    server = DemoChannel()
    assert server.url == ""
    await server.start()
    try:
        assert server.url.startswith("http://127.0.0.1:")
        assert server["conda-forge"].data == ChannelData.demo()
    finally:
        await server.stop()
