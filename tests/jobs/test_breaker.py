"""When writes stop for the whole App, whom that cannot be used against, and how they go on."""

from dataclasses import replace

import pytest

from bot.jobs.breaker import lock_rejected, pull_became, too_many_closed
from bot.jobs.gate import OpenGate
from bot.jobs.stored_gate import SWITCHED_OFF, StoreGate
from bot.metrics import PullState
from bot.store.database import Pool
from bot.store.halts import Cause, go_on, halt, halts, pause_account, pause_repository, why_no_writes
from bot.store.installations import InstallationFacts, see_installation, suspend_installation
from bot.store.pulls import PullsOfADay
from bot.store.repositories import InstalledRepository, RepositoryFacts, see_repositories

HERE = InstalledRepository(installation_id=1, repository_id=10)
DAY = PullsOfADay(opened=50, closed=10, accounts=3)


@pytest.fixture
async def installed(pool: Pool) -> Pool:
    """Four accounts with a repository each: the first with number 10, the second 20."""
    async with pool.connection() as connection:
        for account in range(1, 5):
            await see_installation(connection, InstallationFacts(id=account, account=f"Acme{account}"))
            facts = RepositoryFacts(id=account * 10, node_id="", full_name=f"Acme{account}/app")
            await see_repositories(connection, account, (facts,))
    return pool


@pytest.mark.parametrize(
    ("day", "trips"),
    [
        pytest.param(DAY, True, id="a fifth, by several"),
        pytest.param(replace(DAY, opened=51), False, id="less than a fifth"),
        pytest.param(replace(DAY, closed=9, opened=9), False, id="all, but few"),
        pytest.param(replace(DAY, accounts=2, closed=50), False, id="all, by two accounts"),
        pytest.param(PullsOfADay(opened=2, closed=1, accounts=1), False, id="one of two"),
        pytest.param(PullsOfADay(opened=0, closed=0, accounts=0), False, id="a quiet day"),
    ],
)
def test_it_takes_many_on_several_accounts(day: PullsOfADay, trips: bool) -> None:  # noqa: FBT001
    assert bool(too_many_closed(day)) is trips


async def close_many(pool: Pool, number: int, accounts: int) -> None:
    async with pool.connection() as connection:
        for count in range(number):
            account = count % accounts + 1
            where = InstalledRepository(installation_id=account, repository_id=account * 10)
            await pull_became(connection, where, count + 1, PullState.OPENED)
            await pull_became(connection, where, count + 1, PullState.CLOSED)


async def test_closed_pull_requests_stop_writes_until_a_person_looks(installed: Pool) -> None:
    await close_many(installed, 9, 4)
    async with installed.connection() as connection:
        assert await halts(connection) == ()
    await close_many(installed, 10, 4)

    async with installed.connection() as connection:
        (stopped,) = await go_on(connection)
        assert stopped.cause is Cause.CLOSED_UNMERGED
        assert stopped.sentence == "of 10 pull requests opened within a day, 10 were closed unmerged"
        assert await halts(connection) == ()
    async with installed.connection() as connection:
        # The ones that stopped it do not stop it again.
        await pull_became(connection, HERE, 1, PullState.CLOSED)
        assert await halts(connection) == ()


async def test_one_account_cannot_stop_the_others(installed: Pool) -> None:
    await close_many(installed, 60, 2)
    async with installed.connection() as connection:
        assert await halts(connection) == ()


async def test_merged_and_reopened_ones_count_for_the_bot(installed: Pool) -> None:
    async with installed.connection() as connection:
        for number in range(40):
            where = InstalledRepository(installation_id=number % 4 + 1, repository_id=(number % 4 + 1) * 10)
            await pull_became(connection, where, number, PullState.OPENED)
            await pull_became(connection, where, number, PullState.MERGED if number % 2 else PullState.CLOSED)
            await pull_became(connection, where, number, PullState.OPENED)
        assert await halts(connection) == ()


async def test_a_rejected_lock_stops_writes_at_once_and_the_first_sentence_stays(installed: Pool) -> None:
    async with installed.connection() as connection:
        await lock_rejected(connection, HERE, "numpy 2: another hash")
        await lock_rejected(connection, HERE, "scipy 1: another hash")
        (stopped,) = await halts(connection)
        assert stopped.cause is Cause.REJECTED_LOCK
        assert "numpy 2: another hash" in stopped.sentence
        assert "numpy 2" in await why_no_writes(connection, HERE)


async def test_everything_that_stops_writes_is_asked_with_one_query(installed: Pool) -> None:
    async with installed.connection() as connection:
        assert await why_no_writes(connection, HERE) == ""
        assert await pause_repository(connection, "acme1/APP", paused=True) == 1
        assert await why_no_writes(connection, HERE) == "this repository is paused"
        assert await pause_account(connection, "ACME1", paused=True) == 1
        assert await why_no_writes(connection, HERE) == "this account is paused"
        await suspend_installation(connection, 1)
        assert await why_no_writes(connection, HERE) == "the App is suspended for this account"
        await halt(connection, Cause.PERSON, "the operator paused it")
        assert await why_no_writes(connection, HERE) == "nothing is written by the whole App: the operator paused it"


async def test_what_was_looked_at_meanwhile_is_wanted_once_more(installed: Pool) -> None:
    async with installed.connection() as connection:
        await connection.execute(
            "UPDATE repository SET scanned_at = now() - interval '1 hour' WHERE repository_id = 10"
        )
        await halt(connection, Cause.PERSON, "x")
    async with installed.connection() as connection:
        await connection.execute("UPDATE repository SET scanned_at = now() WHERE repository_id = 20")
        await go_on(connection)
        cursor = await connection.execute("SELECT repository_id, reason FROM repository WHERE wanted_at IS NOT NULL")
        assert await cursor.fetchall() == [(20, "writes go on")]


async def test_a_gate_is_shut_by_this_process_or_by_the_database(installed: Pool) -> None:
    assert await OpenGate().why_not(HERE) == ""
    assert await StoreGate(pool=installed).why_not(HERE) == ""
    assert await StoreGate(pool=installed, writes=False).why_not(HERE) == SWITCHED_OFF
    async with installed.connection() as connection:
        await pause_repository(connection, "Acme1/app", paused=True)
    assert await StoreGate(pool=installed).why_not(HERE) == "this repository is paused"
