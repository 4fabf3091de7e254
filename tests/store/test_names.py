"""What a scan asked for tells whom a release concerns; only differences are written."""

from collections.abc import AsyncIterator, Iterable

import pytest

from bot.store.database import Connection, Pool
from bot.store.names import MOST_NAMES, NOARCH, ChannelName, forget_unused_names, remember_names
from bot.store.repositories import InstalledRepository, forget_repositories, know_repositories
from bot.store.subdirs import State, WatchedSubdir, first_seen, see_state, subdirs_in_use
from bot.store.waves import ids_of_names, raise_waves, roll, waves, who_asks

FORGE, OTHER = "https://conda.anaconda.org/conda-forge", "https://conda.anaconda.org/other"
LINUX = "linux-64"


def names(*of_forge: str) -> list[ChannelName]:
    return [ChannelName(channel=FORGE, name=name) for name in of_forge]


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """A connection to a database that knows the repositories 1 to 9."""
    async with pool.connection() as connection:
        await know_repositories(
            connection, [InstalledRepository(installation_id=7, repository_id=n) for n in range(1, 10)]
        )
        yield connection


async def one(connection: Connection, query: str) -> object:
    row = await (await connection.execute(query.encode())).fetchone()
    assert row is not None
    return row[0]


async def asking(connection: Connection, name: str, subdir: str = LINUX, channel: str = FORGE) -> set[int]:
    """Return who asks for *name* of *channel* on *subdir*."""
    here = {each.channel: each.channel_id for each in await subdirs_in_use(connection)}
    found = await ids_of_names(connection, here[channel], [name])
    return {each for name_id, _ in found for each in await who_asks(connection, name_id, subdir, limit=10)}


async def test_a_release_concerns_who_asked_for_the_name_in_that_channel_on_that_subdir(connection: Connection) -> None:
    await remember_names(connection, 1, names("numpy", "scipy"), [LINUX])
    await remember_names(connection, 2, names("numpy"), ["win-64"])
    await remember_names(connection, 3, [ChannelName(channel=OTHER, name="numpy")], [LINUX])

    assert await asking(connection, "numpy") == {1}
    assert await asking(connection, "numpy", NOARCH) == {1, 2}
    assert await asking(connection, "numpy", channel=OTHER) == {3}
    assert await asking(connection, "polars") == set()
    in_use = {(each.channel, each.subdir) for each in await subdirs_in_use(connection)}
    assert in_use == {(FORGE, LINUX), (FORGE, NOARCH), (FORGE, "win-64"), (OTHER, LINUX), (OTHER, NOARCH)}


async def test_the_last_scan_replaces_what_the_one_before_asked_for(connection: Connection) -> None:
    await remember_names(connection, 1, names("numpy", "scipy"), [LINUX])
    await remember_names(connection, 1, names("scipy", "polars"), [LINUX])
    assert [await asking(connection, name) for name in ("numpy", "scipy", "polars")] == [set(), {1}, {1}]
    await remember_names(connection, 1, [], [LINUX])
    assert await asking(connection, "polars") == set()


async def test_what_is_known_already_is_not_written(connection: Connection) -> None:
    await remember_names(connection, 1, names("numpy", "scipy"), [LINUX])
    stands = "SELECT concat(asked.ctid, asked.xmax, channel.ctid, channel.xmax) FROM asked, channel"
    before = await one(connection, stands)
    await remember_names(connection, 1, names("scipy", "numpy", "numpy"), [LINUX, LINUX])
    assert await one(connection, stands) == before
    assert await one(connection, "SELECT max(name_id) FROM channel_name") == 2


async def test_who_is_gone_asks_for_nothing(connection: Connection) -> None:
    await remember_names(connection, 1, names("numpy"), [LINUX])
    await forget_repositories(connection, [1])
    await remember_names(connection, 1, names("numpy"), [LINUX])
    assert await one(connection, "SELECT count(*) FROM asked") == 0


async def test_a_repository_that_asks_for_everything_is_bounded(connection: Connection) -> None:
    await remember_names(connection, 1, names(*map(str, range(MOST_NAMES + 10))), [LINUX])
    assert await one(connection, "SELECT cardinality(names) FROM asked") == MOST_NAMES


async def test_names_and_channels_that_nobody_asks_for_are_forgotten_after_a_day(connection: Connection) -> None:
    await remember_names(connection, 1, [*names("numpy"), ChannelName(channel=OTHER, name="tool")], [LINUX])
    await remember_names(connection, 1, names("numpy"), [LINUX])
    await forget_unused_names(connection)
    assert await one(connection, "SELECT count(*) FROM channel_name") == 2
    await connection.execute("UPDATE channel_name SET known_at = known_at - interval '2 days'")
    await forget_unused_names(connection)
    assert {each.channel for each in await subdirs_in_use(connection)} == {FORGE}
    assert await asking(connection, "numpy") == {1}


async def linux(connection: Connection) -> WatchedSubdir:
    return next(each for each in await subdirs_in_use(connection) if each.subdir == LINUX)


def hashes(**by_name: str) -> dict[str, bytes]:
    return {name: text.encode() * 32 for name, text in by_name.items()}


async def test_the_first_state_is_a_baseline_and_later_ones_are_compared_with_the_last(connection: Connection) -> None:
    await remember_names(connection, 1, names("numpy"), [LINUX])
    shards = State(form="shards", etag='"1"')

    assert await see_state(connection, await linux(connection), shards, hashes(numpy="a", scipy="a")) == ()
    assert await first_seen(connection, FORGE, "numpy") is None
    changed = await see_state(connection, await linux(connection), shards, hashes(numpy="b", scipy="a", polars="a"))
    assert set(changed) == {"numpy", "polars"}
    assert await first_seen(connection, FORGE, "numpy") is not None
    assert await first_seen(connection, FORGE, "scipy") is None
    assert await first_seen(connection, OTHER, "numpy") is None
    assert (await linux(connection)).seen == shards


async def test_a_name_that_is_gone_is_no_change_and_is_one_when_it_comes_back(connection: Connection) -> None:
    await remember_names(connection, 1, names("numpy"), [LINUX])
    state = State(form="shards")
    await see_state(connection, await linux(connection), state, hashes(numpy="a", scipy="a"))
    assert await see_state(connection, await linux(connection), state, hashes(scipy="a")) == []
    assert await see_state(connection, await linux(connection), state, hashes(numpy="a", scipy="a")) == ["numpy"]


async def test_another_form_is_another_baseline_and_forgets_no_date(connection: Connection) -> None:
    await remember_names(connection, 1, names("numpy"), [LINUX])
    await see_state(connection, await linux(connection), State(form="json"), hashes(numpy="a"))
    await see_state(connection, await linux(connection), State(form="json"), hashes(numpy="b"))
    since = await first_seen(connection, FORGE, "numpy")
    assert await see_state(connection, await linux(connection), State(form="shards"), hashes(numpy="c")) == ()
    assert await first_seen(connection, FORGE, "numpy") == since
    assert since is not None


async def rolled(connection: Connection, limit: int) -> list[tuple[int, ...]]:
    """Return what the one wave reaches, step by step, until it is through."""
    steps = []
    while rolling := await waves(connection, limit=10):
        steps.append(await roll(connection, rolling[0], limit=limit))
    return steps


async def ask_one_after_another(connection: Connection, repository_ids: Iterable[int]) -> None:
    for repository_id in repository_ids:
        await remember_names(connection, repository_id, names("numpy"), [LINUX])
    await connection.execute("UPDATE asked SET changed_at = now() + repository_id * interval '1 hour'")


async def test_a_wave_reaches_everybody_once_and_the_latest_first(connection: Connection) -> None:
    await ask_one_after_another(connection, range(1, 6))
    await raise_waves(connection, [1], LINUX)
    assert await rolled(connection, 2) == [(5, 4), (3, 2), (1,)]


async def test_a_wave_passes_over_who_does_not_look_at_the_subdir(connection: Connection) -> None:
    await ask_one_after_another(connection, range(1, 6))
    await remember_names(connection, 3, names("numpy"), ["win-64"])
    await raise_waves(connection, [1], LINUX)
    assert await rolled(connection, 10) == [(5, 4, 2, 1)]


async def test_a_release_during_a_wave_lets_it_begin_again_when_it_is_through(
    connection: Connection,
) -> None:
    await ask_one_after_another(connection, range(1, 6))
    await raise_waves(connection, [1], LINUX)
    await connection.commit()
    first, *_ = await waves(connection, limit=1)
    assert await roll(connection, first, limit=3) == (5, 4, 3)
    await raise_waves(connection, [1], "noarch")
    await connection.commit()
    assert await rolled(connection, 3) == [(2, 1), (5, 4, 3), (2, 1)]


@pytest.mark.parametrize("name", ["", "a\x00b", "a" * 3000, "../x"])
async def test_what_no_package_can_be_called_is_not_asked_for(name: str, connection: Connection) -> None:
    await remember_names(connection, 1, names(name, "numpy"), [LINUX])
    await remember_names(connection, 2, [ChannelName(channel="https://a.org/" + "x" * 3000, name="numpy")], [LINUX])
    assert await one(connection, "SELECT count(*) FROM channel_name") == 1
