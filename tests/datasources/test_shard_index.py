"""What changed in a channel: asked conditionally, read within bounds, and a sentence for whatever is no index."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
import pytest
import zstandard
from aiohttp import web

from bot.datasources import shard_index, whole_repodata
from bot.datasources.channel_hashes import ChannelHashes, Form, SubdirState
from bot.datasources.shard_index import NotAnIndex, read_index
from bot.demo.channel import ChannelData, Mode, record
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.localhost import LocalServer
from bot.errors import ChannelError, EgressRefused
from bot.settings import ChannelSettings, Mirror
from tests.channels import ALIAS, SilentChannel, settings_for

CHANNEL = f"{ALIAS}/a"
HASH = bytes(range(32))


def packed(shards: object) -> bytes:
    return zstandard.compress(msgspec.msgpack.encode({"version": 1, "info": {"subdir": "noarch"}, "shards": shards}))


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def asker(http: httpx.AsyncClient, settings: ChannelSettings) -> ChannelHashes:
    return ChannelHashes(http, settings, check_url=lambda _: None)


def state(answer: SubdirState | None) -> SubdirState:
    assert answer is not None
    return answer


def test_an_index_is_the_hashes_by_name() -> None:
    assert read_index(packed({"numpy": HASH, "_libgcc_mutex": HASH})) == {"numpy": HASH, "_libgcc_mutex": HASH}


@pytest.mark.parametrize("name", ["", "-x", "Ünicode", "a\x00b", "a b", "../x", "a" * 129])
def test_what_no_package_can_be_called_is_left_out(name: str) -> None:
    assert read_index(packed({name: HASH, "numpy": HASH})) == {"numpy": HASH}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>", id="a page"),
        pytest.param(zstandard.compress(b"\xc1"), id="no msgpack"),
        pytest.param(zstandard.compress(b"\x81\xa1\xff\x01"), id="text that is none"),
        pytest.param(zstandard.compress(msgspec.msgpack.encode([])), id="a list"),
        pytest.param(zstandard.compress(msgspec.msgpack.encode({"info": {}})), id="no shards"),
        pytest.param(zstandard.compress(b"\x91" * 5000), id="lists in lists"),
        pytest.param(packed({"numpy": "text"}), id="a hash that is text"),
        pytest.param(packed({"numpy": b"short"}), id="a short hash"),
        pytest.param(packed({"numpy": HASH})[:-4], id="half of one"),
    ],
)
def test_what_is_no_index_is_said(content: bytes) -> None:
    with pytest.raises(NotAnIndex, match="is not an index of shards"):
        read_index(content)


def test_no_more_comes_out_of_the_compression_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zstandard.compress(bytes(shard_index.LARGEST_INDEX * 4))
    assert len(bomb) < 20_000
    with pytest.raises(NotAnIndex, match="more than 16 MB"):
        read_index(bomb)
    monkeypatch.setattr(shard_index, "MOST_NAMES", 1)
    with pytest.raises(NotAnIndex, match="more than 1 packages"):
        read_index(packed({"a": HASH, "b": HASH}))


def files_below(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_release_changes_the_hash_of_its_name_alone(
    mode: Mode, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    served = ServedChannel.of("a", ChannelData.of(record("tool", "1"), record("other", "1")), modes=[mode])
    async with DemoChannel(served) as server:
        channels = asker(http, settings_for(server, tmp_path))
        before = state(await channels.newer(CHANNEL, "noarch", None))
        served.publish([record("tool", "2")])
        after = state(await channels.newer(CHANNEL, "noarch", before.seen))
    assert set(before.hashes) == {"tool", "other"}
    assert before.hashes["tool"] != after.hashes["tool"]
    assert before.hashes["other"] == after.hashes["other"]
    assert before.seen.form.endswith(mode.replace("sharded", "msgpack.zst"))
    assert files_below(tmp_path) == []


async def test_nothing_new_is_one_answer_without_content(http: httpx.AsyncClient, tmp_path: Path) -> None:
    served = ServedChannel.of("a", ChannelData.of(record("tool", "1")))
    async with DemoChannel(served) as server:
        channels = asker(http, settings_for(server, tmp_path))
        seen = state(await channels.newer(CHANNEL, "noarch", None)).seen
        assert await channels.newer(CHANNEL, "noarch", seen) is None
    assert [each.status for each in served.requests] == [200, 304]


async def test_a_channel_that_has_shards_by_now_is_asked_for_them(http: httpx.AsyncClient, tmp_path: Path) -> None:
    served = ServedChannel.of("a", ChannelData.of(record("tool", "1")), modes=[Mode.JSON])
    async with DemoChannel(served) as server:
        channels = asker(http, settings_for(server, tmp_path))
        seen = state(await channels.newer(CHANNEL, "noarch", None)).seen
        served.modes = frozenset(Mode)
        assert state(await channels.newer(CHANNEL, "noarch", seen)).seen.form is Form.SHARDS


@dataclass(slots=True, kw_only=True)
class Answers:
    """What a server answers by file, and the conditions under which it was asked."""

    content: Mapping[str, bytes | int]
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: list[str | None] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append(request.headers.get("If-Modified-Since"))
        found = self.content.get(request.match_info["file"], 404)
        if isinstance(found, int):
            return web.Response(status=found)
        if self.asked[-1] and self.asked[-1] == self.headers.get("Last-Modified"):
            return web.Response(status=304)
        return web.Response(body=found, headers=dict(self.headers))

    def server(self) -> LocalServer:
        application = web.Application()
        application.router.add_get("/a/noarch/{file}", self.serve)
        return LocalServer(application)


def settings_of(server: LocalServer, cache_dir: Path) -> ChannelSettings:
    return ChannelSettings(mirrors=(Mirror(canonical=CHANNEL, url=f"{server.url}/a"),), cache_dir=cache_dir, timeout=60)


async def test_without_an_etag_it_is_asked_by_its_date(http: httpx.AsyncClient, tmp_path: Path) -> None:
    date = "Mon, 30 Nov 2026 12:00:00 GMT"
    answers = Answers(content={Form.SHARDS: packed({"tool": HASH})}, headers={"Last-Modified": date})
    async with answers.server() as server:
        channels = asker(http, settings_of(server, tmp_path))
        seen = state(await channels.newer(CHANNEL, "noarch", None)).seen
        assert await channels.newer(CHANNEL, "noarch", seen) is None
    assert answers.asked == [None, date]


DATED = {"Last-Modified": "Mon, 30 Nov 2026 12:00:00 GMT"}


@pytest.mark.parametrize(
    ("content", "headers", "sentence"),
    [
        ({}, {}, "has no noarch"),
        ({Form.SHARDS: 401}, {}, "answered 401: it needs credentials"),
        ({Form.SHARDS: 500}, {}, "answered 500: that is its own trouble"),
        ({Form.SHARDS: 304}, {}, "answered 304"),
        ({Form.SHARDS: b"<html>"}, {}, "is not an index of shards"),
        ({Form.ZST: b"<html>"}, DATED, "is not zstd"),
        ({Form.JSON: b"<html>"}, DATED, "is not repodata"),
        ({Form.JSON: b"[" * 5000}, DATED, "is not repodata"),
        ({Form.JSON: b'{"packages": {"a-1-0.conda": 3}}'}, DATED, "is not repodata"),
        ({Form.JSON: 503}, DATED, "answered 503"),
        ({Form.JSON: b"{}"}, {}, "does not say when its repodata change"),
    ],
)
async def test_what_cannot_be_watched_says_why(
    content: Mapping[str, bytes | int],
    headers: Mapping[str, str],
    sentence: str,
    http: httpx.AsyncClient,
    tmp_path: Path,
) -> None:
    async with Answers(content=content, headers=headers).server() as server:
        with pytest.raises(ChannelError, match=f"Channel {CHANNEL} .*{sentence}") as raised:
            await asker(http, settings_of(server, tmp_path)).newer(CHANNEL, "noarch", None)
    assert server.url not in str(raised.value)


async def test_a_whole_document_has_its_bounds(
    http: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = zstandard.compress(bytes(10_000_000))
    monkeypatch.setattr(whole_repodata, "LARGEST_DOCUMENT", 5_000_000)
    async with Answers(content={Form.ZST: bomb}, headers=DATED).server() as server:
        with pytest.raises(ChannelError, match="has repodata of more than 5 MB"):
            await asker(http, settings_of(server, tmp_path)).newer(CHANNEL, "noarch", None)
        monkeypatch.setattr("bot.datasources.channel_hashes.LARGEST_ANSWER", 100)
        with pytest.raises(ChannelError, match="answered with more than 0 MB"):
            await asker(http, settings_of(server, tmp_path)).newer(CHANNEL, "noarch", None)


async def test_who_does_not_answer_is_asked_again_by_the_next_poll_only(
    http: httpx.AsyncClient, tmp_path: Path
) -> None:
    async with SilentChannel() as silent:
        settings = ChannelSettings(mirrors=(silent.as_mirror_of("a"),), cache_dir=tmp_path, timeout=1)
        channels = asker(http, settings)
        with pytest.raises(ChannelError, match="did not answer in time"):
            await channels.newer(CHANNEL, "noarch", None)
        silent.asked.clear()
        with pytest.raises(ChannelError, match="did not answer in time"):
            await channels.newer(CHANNEL, "linux-64", None)
        assert not silent.asked.is_set()
        with pytest.raises(ChannelError, match="did not answer in time"):
            await channels.new_session().newer(CHANNEL, "noarch", None)
        assert silent.asked.is_set()


async def test_a_channel_that_may_not_be_called_is_not(http: httpx.AsyncClient, tmp_path: Path) -> None:
    def refuse(url: str) -> None:
        raise EgressRefused(f"{url} is not allowed.")

    channels = ChannelHashes(http, ChannelSettings(cache_dir=tmp_path), check_url=refuse)
    with pytest.raises(ChannelError, match="leads where condabot must not go"):
        await channels.newer(CHANNEL, "noarch", None)
