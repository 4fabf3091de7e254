"""A release wakes who asked for its name, and nobody else; with a real channel and a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psycopg
import pytest

from bot.datasources.channel_hashes import ChannelHashes
from bot.demo.channel import ChannelData, Mode, record
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.jobs import watch
from bot.jobs.watch import Watched, watch_channels
from bot.store.database import Pool
from bot.store.names import ChannelName, remember_names
from bot.store.repositories import InstalledRepository, know_repositories
from bot.store.subdirs import subdir_problems
from bot.store.wants import Priority, Want, want
from tests.channels import ALIAS, settings_for

LINUX = "linux-64"
NAMES = ("numpy", "scipy", "tool")


@pytest.fixture
async def server() -> AsyncIterator[DemoChannel]:
    """Two channels that have each of `NAMES` once on linux-64."""
    data = ChannelData.of(record("python", "3"), *(record(name, "1", subdir=LINUX) for name in NAMES))
    async with DemoChannel(ServedChannel.of("a", data), ServedChannel.of("b", data)) as server:
        yield server


@pytest.fixture
async def channels(server: DemoChannel, tmp_path: Path) -> AsyncIterator[ChannelHashes]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield ChannelHashes(http, settings_for(server, tmp_path), check_url=lambda _: None)


async def ask(pool: Pool, repository_id: int, *names: str, channel: str = "a") -> None:
    """Have a repository ask *channel* for *names*, as its scan would."""
    asked = [ChannelName(channel=f"{ALIAS}/{channel}", name=name) for name in names]
    async with pool.connection() as connection:
        await know_repositories(connection, [InstalledRepository(installation_id=7, repository_id=repository_id)])
        await remember_names(connection, repository_id, asked, [LINUX])


async def wanted(pool: Pool) -> dict[int, str]:
    """Return why repositories are wanted, and want none of them any more, as if all had been scanned."""
    query = "SELECT repository_id, reason FROM repository WHERE wanted_at IS NOT NULL ORDER BY repository_id"
    async with pool.connection() as connection:
        rows = await (await connection.execute(query)).fetchall()
        await connection.execute(
            "UPDATE repository SET wanted_at = NULL, scanned_at = now() WHERE wanted_at IS NOT NULL"
        )
    return dict(rows)


def release(server: DemoChannel, *names: str, version: str = "2", subdir: str = LINUX, channel: str = "a") -> None:
    server[channel].publish([record(name, version, subdir=subdir) for name in names])


async def test_the_first_sight_wakes_nobody(pool: Pool, channels: ChannelHashes) -> None:
    await ask(pool, 1, "numpy")
    assert await watch_channels(pool, channels) == Watched(looked_at=2)
    assert await wanted(pool) == {}


async def test_a_release_wakes_who_asked_for_it_within_one_poll(
    pool: Pool, channels: ChannelHashes, server: DemoChannel
) -> None:
    await ask(pool, 1, "numpy", "scipy")
    await ask(pool, 2, "tool")
    await ask(pool, 3, "numpy", channel="b")
    await watch_channels(pool, channels)
    release(server, "numpy")
    assert await watch_channels(pool, channels) == Watched(looked_at=4, changed=1, woken=1)
    assert await wanted(pool) == {1: "a release of numpy in a"}


async def test_several_releases_are_one_want(pool: Pool, channels: ChannelHashes, server: DemoChannel) -> None:
    await ask(pool, 1, "numpy", "scipy", "tool")
    await watch_channels(pool, channels)
    release(server, "numpy", "scipy", "tool")
    await watch_channels(pool, channels)
    assert await wanted(pool) == {1: "a release of numpy and 2 more in a"}


async def test_a_release_for_a_platform_that_nobody_has_wakes_nobody(
    pool: Pool, channels: ChannelHashes, server: DemoChannel
) -> None:
    await ask(pool, 1, "numpy")
    await watch_channels(pool, channels)
    release(server, "numpy", subdir="win-64")
    await watch_channels(pool, channels)
    assert await wanted(pool) == {}


async def test_a_quiet_poll_writes_nothing_and_is_answered_without_content(
    pool: Pool, channels: ChannelHashes, server: DemoChannel
) -> None:
    await ask(pool, 1, "numpy")
    await watch_channels(pool, channels)
    server["a"].requests.clear()
    written = "SELECT string_agg(concat(ctid, xmin, xmax), ' ') FROM channel_subdir"
    async with pool.connection() as connection:
        before = await (await connection.execute(written)).fetchall()
        assert await watch_channels(pool, channels) == Watched(looked_at=2)
        assert await (await connection.execute(written)).fetchall() == before
    assert [each.status for each in server["a"].requests] == [304, 304]


async def test_a_poll_that_dies_is_repeated_by_the_next_one(
    pool: Pool, channels: ChannelHashes, server: DemoChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(pool, 1, "numpy")
    await watch_channels(pool, channels)
    release(server, "numpy")

    async def die(*_: object) -> None:
        raise psycopg.OperationalError("the server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(watch, "want", die)
        with pytest.raises(ExceptionGroup):
            await watch_channels(pool, channels)
    assert await wanted(pool) == {}
    await watch_channels(pool, channels)
    assert await wanted(pool) == {1: "a release of numpy in a"}


@pytest.mark.parametrize("status", [401, 404, 500])
async def test_a_channel_that_fails_is_remembered_and_asked_later_while_others_go_on(
    status: int, pool: Pool, channels: ChannelHashes, server: DemoChannel
) -> None:
    await ask(pool, 1, "numpy")
    await ask(pool, 2, "numpy", channel="b")
    await watch_channels(pool, channels)
    server["a"].failures[LINUX] = status
    release(server, "numpy")
    release(server, "numpy", channel="b")
    assert await watch_channels(pool, channels) == Watched(looked_at=4, failed=1, changed=1, woken=1)
    assert await wanted(pool) == {2: "a release of numpy in b"}
    async with pool.connection() as connection:
        assert [(each.channel, each.subdir) for each in await subdir_problems(connection)] == [(f"{ALIAS}/a", LINUX)]
    server["a"].failures.clear()
    assert (await watch_channels(pool, channels)).looked_at == 3
    await let_time_pass(pool)
    assert await watch_channels(pool, channels) == Watched(looked_at=4, changed=1, woken=1)
    assert await wanted(pool) == {1: "a release of numpy in a"}
    async with pool.connection() as connection:
        assert await subdir_problems(connection) == ()


async def test_a_channel_that_answers_again_with_what_it_had_is_no_problem_any_more(
    pool: Pool, channels: ChannelHashes, server: DemoChannel
) -> None:
    await ask(pool, 1, "numpy")
    await watch_channels(pool, channels)
    server["a"].failures[""] = 500
    await watch_channels(pool, channels)
    server["a"].failures.clear()
    await let_time_pass(pool)
    assert await watch_channels(pool, channels) == Watched(looked_at=2)
    async with pool.connection() as connection:
        assert await subdir_problems(connection) == ()


async def let_time_pass(pool: Pool) -> None:
    """Let the wait after a failure be over."""
    async with pool.connection() as connection:
        await connection.execute("UPDATE channel_subdir SET next_at = now()")


async def test_a_channel_that_lists_nothing_more_is_broken_and_not_empty(
    pool: Pool, channels: ChannelHashes, server: DemoChannel
) -> None:
    await ask(pool, 1, "numpy")
    await watch_channels(pool, channels)
    whole = server["a"].data
    server["a"].replace(whole.without(lambda _: True))
    assert (await watch_channels(pool, channels)).failed == 2
    server["a"].replace(whole)
    await let_time_pass(pool)
    assert await watch_channels(pool, channels) == Watched(looked_at=2)


async def test_another_form_of_the_same_repodata_wakes_nobody(
    pool: Pool, channels: ChannelHashes, server: DemoChannel
) -> None:
    server["a"].modes = frozenset({Mode.JSON})
    await ask(pool, 1, "numpy")
    await watch_channels(pool, channels)
    server["a"].modes = frozenset(Mode)
    assert await watch_channels(pool, channels) == Watched(looked_at=2)
    release(server, "numpy")
    assert (await watch_channels(pool, channels)).woken == 1


async def test_what_many_ask_for_comes_in_waves_after_what_few_do(
    pool: Pool, channels: ChannelHashes, server: DemoChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "RARE", 2)
    monkeypatch.setattr(watch, "SMALLEST_SHARE", 1)
    for repository_id in range(1, 8):
        await ask(pool, repository_id, "numpy")
    await ask(pool, 9, "tool")
    await watch_channels(pool, channels)
    release(server, "numpy", "tool")
    assert (await watch_channels(pool, channels, batch=4)).woken == 4
    assert await wanted(pool) == dict.fromkeys((5, 6, 7), "a release of numpy in a") | {9: "a release of tool in a"}
    assert (await watch_channels(pool, channels, batch=4)).woken == 4
    assert set(await wanted(pool)) == {1, 2, 3, 4}
    assert (await watch_channels(pool, channels, batch=4)).woken == 0


async def test_a_wave_passes_over_who_is_wanted_anyway_or_was_scanned_since(
    pool: Pool, channels: ChannelHashes, server: DemoChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "RARE", 0)
    for repository_id in range(1, 5):
        await ask(pool, repository_id, "numpy", "scipy")
    await watch_channels(pool, channels)
    async with pool.connection() as connection:
        await want(connection, [1], Want(priority=Priority.PUSH, reason="a push"))
        await want(connection, [2], Want(priority=Priority.DAY, reason="the daily look"))
        await connection.execute("UPDATE repository SET scanned_at = now() + interval '1 hour' WHERE repository_id = 3")
    release(server, "numpy", "scipy")
    assert (await watch_channels(pool, channels)).woken == 2
    reasons = await wanted(pool)
    assert set(reasons) == {1, 2, 4}
    assert reasons[1] == "a push"
    assert reasons[2].startswith("a release of")


async def test_more_rare_names_than_a_batch_holds_come_in_waves_too(
    pool: Pool, channels: ChannelHashes, server: DemoChannel
) -> None:
    await ask(pool, 1, "numpy")
    await ask(pool, 2, "scipy")
    await ask(pool, 3, "tool")
    await watch_channels(pool, channels)
    release(server, *NAMES)
    assert (await watch_channels(pool, channels, batch=2)).woken == 3
    assert len(await wanted(pool)) == 3
