"""Looks: wanted, taken fairly, kept until they are done, given up after five failures."""

import pytest

from bot.store.database import Connection, Pool
from bot.store.looks import (
    ATTEMPTS,
    Look,
    forget_lost_looks,
    look_done,
    look_failed,
    look_later,
    take_look,
    want_look,
)
from bot.store.repositories import InstalledRepository
from tests.turns import OTHER, REPOSITORY, THIRD, asked, known

HEAD, BASE = "a" * 40, "b" * 40
PULL = Look(repository=REPOSITORY, number=4)
GROUP = Look(repository=REPOSITORY, head=HEAD, base=BASE)


async def wanted(connection: Connection, *looks: Look) -> None:
    for each in looks:
        await known(connection, each.repository)
        await want_look(connection, each)


async def taken(connection: Connection) -> list[Look]:
    found: list[Look] = []
    while look := await take_look(connection):
        found.append(look)
    return found


def of(repository: InstalledRepository, number: int) -> Look:
    return Look(repository=repository, number=number)


async def test_a_look_is_taken_once_as_it_was_wanted(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, PULL, PULL, GROUP)
        assert await taken(connection) == [GROUP, PULL]


def test_looks_are_called_and_locked_by_what_they_are_about() -> None:
    assert [(each.words, each.lock) for each in (PULL, GROUP)] == [
        ("pull request #4", "pull:70:4"),
        ("merge group aaaaaaa", f"pull:70:{HEAD}"),
    ]


async def test_accounts_have_their_turns(pool: Pool) -> None:
    """Not two of one account in a row while another one waits."""
    async with pool.connection() as connection:
        await wanted(connection, of(REPOSITORY, 1), of(OTHER, 2), of(REPOSITORY, 3), of(THIRD, 4), of(THIRD, 5))
        found = [each.repository.installation_id for each in await taken(connection)]
    assert found == [7, 8, 7, 8, 7]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE installation SET suspended = true",
        "UPDATE installation SET paused = true",
        "UPDATE repository SET paused = true",
        "UPDATE repository SET archived = true",
        "UPDATE repository SET fork = true",
    ],
)
async def test_who_is_left_alone_keeps_what_is_wanted(pool: Pool, statement: str) -> None:
    async with pool.connection() as connection:
        await wanted(connection, PULL)
        await connection.execute(statement.encode())
        assert await taken(connection) == []
        await connection.execute(statement.replace("true", "false").encode())
        assert await taken(connection) == [PULL]


async def test_one_that_is_looked_at_is_not_taken_again_until_that_has_ended(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, PULL)
        await taken(connection)
        await connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status) "
            "VALUES ('repository', 'look', 'pull:70:4', 'doing')"
        )
        await wanted(connection, PULL, of(REPOSITORY, 5))
        assert await taken(connection) == [of(REPOSITORY, 5)]
        await look_done(connection, PULL)
        await connection.execute("DELETE FROM procrastinate_jobs")
        assert await taken(connection) == [PULL]


async def test_what_failed_comes_again_five_times_at_most(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, PULL)
        waits = []
        for _ in range(ATTEMPTS):
            assert await taken(connection) == [PULL]
            waits.append(await look_failed(connection, PULL))
            assert await taken(connection) == []
            await connection.execute("UPDATE look SET next_try_at = now() - interval '1 second'")
        assert await asked(connection, "SELECT 1 FROM look") == []
    assert waits[-1] is None
    assert [each is not None and each > 0 for each in waits[:-1]] == [True] * (ATTEMPTS - 1)
    assert waits[0] < waits[-2]  # type: ignore[operator]  # none of these is None


async def test_a_push_waits_for_no_failure_before_it(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, PULL)
        await taken(connection)
        await look_failed(connection, PULL)
        await wanted(connection, PULL)
        assert await taken(connection) == [PULL]
        assert await asked(connection, "SELECT failures FROM look") == [(0,)]


async def test_what_could_not_be_done_now_is_nobodys_failure(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, PULL)
        await taken(connection)
        await look_later(connection, PULL, 60)
        assert await taken(connection) == []
        assert await asked(connection, "SELECT failures, next_try_at > now() FROM look") == [(0, True)]


async def test_what_is_done_is_forgotten_and_what_was_lost(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, PULL, GROUP)
        await taken(connection)
        await look_done(connection, PULL)
        assert await asked(connection, "SELECT number FROM look") == [(0,)]
        await forget_lost_looks(connection)
        assert await asked(connection, "SELECT number FROM look") == []
