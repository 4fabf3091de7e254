"""The demo's own tool: real archives, a lock that is the channel's, and an environment of it that runs elsewhere."""

import sys
from pathlib import Path

import pytest
import rattler

from bot import lockfiles
from bot.demo.our_tool import CHANNEL, COMMAND, demo_channels, repository_files
from bot.demo.packed import run_packed
from bot.settings import ChannelSettings, Mirror

LOCK = repository_files()["pixi.lock"].decode()


def test_it_is_the_same_each_time() -> None:
    assert repository_files()["pixi.lock"].decode() == LOCK
    assert demo_channels()["acme"].archives == demo_channels()["acme"].archives


def test_the_lock_is_read_by_others_and_is_what_the_channel_lists(tmp_path: Path) -> None:
    (tmp_path / "pixi.lock").write_text(LOCK)
    rattler.LockFile.from_path(tmp_path / "pixi.lock")

    listed = {f"{CHANNEL}/{each.subdir}/{each.fn}": each for each in demo_channels()["acme"].data.records()}
    (environment,) = lockfiles.parse("pixi.lock", LOCK.encode()).environments
    (records,) = environment.conda.values()

    assert [each.version for each in records if each.name == COMMAND] == ["1.0"]
    assert all((each.sha256, each.size) == (listed[each.url].sha256, listed[each.url].size) for each in records)


async def ran(folder: Path) -> str | None:
    async with demo_channels() as channel:
        mirrors = tuple(Mirror(canonical=name, url=url) for name, urls in channel.mirrors.items() for url in urls)
        settings = ChannelSettings(mirrors=mirrors, cache_dir=folder / "cache")
        return await run_packed(LOCK, COMMAND, settings=settings, folder=folder, progress=lambda _: None)


async def test_its_environment_is_packed_and_its_command_runs_elsewhere(tmp_path: Path) -> None:
    assert await ran(tmp_path) == f"acme-tool 1.0 in {tmp_path}/unpacked"


async def test_where_what_packs_is_not_installed_nothing_is_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "bot.packing.packer", raising=False)
    monkeypatch.delitem(sys.modules, "bot.packing.archive", raising=False)
    monkeypatch.setitem(sys.modules, "conda_pack", None)

    assert await ran(tmp_path) is None
