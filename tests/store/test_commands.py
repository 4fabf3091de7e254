"""Commands: wanted once each, taken fairly, kept until they are done, given up after three failures."""

import pytest

from bot.model.command import Command, Verb
from bot.store.commands import (
    ATTEMPTS,
    MOST_WAITING,
    PullCommand,
    command_done,
    command_failed,
    command_later,
    forget_lost_commands,
    take_command,
    want_command,
)
from bot.store.database import Connection, Pool
from bot.store.looks import Look, take_look, want_look
from bot.store.repositories import InstalledRepository
from tests.turns import REPOSITORY, THIRD, asked, known


def of(repository: InstalledRepository, number: int, source: str = "comment-1") -> PullCommand:
    command = Command(verb=Verb.IGNORE, argument="line")
    return PullCommand(
        repository=repository, number=number, source=source, command=command, login="alice", user_id=2**40
    )


ONE = of(REPOSITORY, 4)


async def wanted(connection: Connection, *commands: PullCommand) -> None:
    for each in commands:
        await known(connection, each.repository)
        await want_command(connection, each)


async def taken(connection: Connection) -> list[PullCommand]:
    found: list[PullCommand] = []
    while command := await take_command(connection):
        found.append(command)
    return found


async def test_a_command_is_taken_once_as_it_was_given(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, ONE, ONE, of(REPOSITORY, 4, "box"))
        assert await taken(connection) == [of(REPOSITORY, 4, "box"), ONE]


def test_a_command_is_called_by_what_it_does() -> None:
    assert (ONE.words, ONE.comment_id, of(REPOSITORY, 4, "box").comment_id) == ("ignore in pull request #4", 1, None)


async def test_accounts_have_their_turns(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, of(REPOSITORY, 1), of(REPOSITORY, 2), of(THIRD, 3))
        found = [each.repository.installation_id for each in await taken(connection)]
    assert found == [7, 8, 7]


async def test_a_flood_of_comments_is_not_taken_note_of(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, *(of(REPOSITORY, 4, f"comment-{number}") for number in range(MOST_WAITING + 5)))
        assert len(await taken(connection)) == MOST_WAITING


@pytest.mark.parametrize("flag", ["UPDATE installation SET suspended = true", "UPDATE repository SET paused = true"])
async def test_who_is_left_alone_keeps_what_is_wanted(pool: Pool, flag: str) -> None:
    async with pool.connection() as connection:
        await wanted(connection, ONE)
        await connection.execute(flag.encode())
        assert await taken(connection) == []
        await connection.execute(flag.replace("true", "false").encode())
        assert await taken(connection) == [ONE]


async def test_one_at_a_time_is_at_a_pull_request(pool: Pool) -> None:
    """A look and a command share the lock of the queue: what nobody could begin takes no slot."""
    async with pool.connection() as connection:
        await wanted(connection, ONE, of(REPOSITORY, 5))
        await want_look(connection, Look(repository=REPOSITORY, number=4))
        await connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status) "
            "VALUES ('repository', 'command', 'pull:70:4', 'command:70:4:comment-9', 'doing')"
        )
        assert await taken(connection) == [of(REPOSITORY, 5)]
        assert await take_look(connection) is None


async def test_what_failed_comes_again_and_is_given_up(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, ONE)
        waits = []
        for _ in range(ATTEMPTS):
            assert await taken(connection) == [ONE]
            waits.append(await command_failed(connection, ONE))
            assert await taken(connection) == []
            await connection.execute("UPDATE command SET next_try_at = now() - interval '1 second'")
        assert await asked(connection, "SELECT 1 FROM command") == []
    assert [each is None for each in waits] == [False, False, True]


async def test_what_could_not_be_done_now_is_nobodys_failure(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, ONE)
        await taken(connection)
        await command_later(connection, ONE, 60)
        assert await taken(connection) == []
        assert await asked(connection, "SELECT failures, next_try_at > now() FROM command") == [(0, True)]


async def test_what_is_done_is_forgotten_and_what_was_lost(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, ONE, of(REPOSITORY, 5))
        await taken(connection)
        await command_done(connection, ONE)
        assert await asked(connection, "SELECT number FROM command") == [(5,)]
        await forget_lost_commands(connection)
        assert await asked(connection, "SELECT number FROM command") == []
