"""What is known of accounts and repositories, and that nothing is left of what is forgotten."""

import pytest

from bot.jobs.queue import build_queue, hand_over, hand_over_look
from bot.store.database import Connection, Pool
from bot.store.installations import (
    InstallationFacts,
    installation_facts,
    known_installations,
    relist_all,
    relist_installation,
    relist_known,
    see_installation,
    suspend_installation,
    take_unlisted,
)
from bot.store.locked import LockedRecord, remember_locked
from bot.store.looks import Look, want_look
from bot.store.names import ChannelName, remember_names
from bot.store.proposals import (
    FAILURES_BEFORE_REST,
    FailedProposal,
    proposal_failed,
    proposal_published,
    proposal_pushed,
    resting_proposals,
    wake_proposals,
)
from bot.store.repositories import (
    InstalledRepository,
    RepositoryFacts,
    forget_installation,
    forget_repository,
    installation_of,
    repositories_of,
    see_repositories,
    watched_paths,
)
from bot.store.runs import start_run
from bot.store.wants import scan_done
from tests.turns import OTHER, REPOSITORY, THIRD, asked, counts, known, turn, wanted

TABLES = ("repository", "run", "proposal", "push", "procrastinate_jobs")
ABOUT = """
SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE column_name = %s AND table_type = 'BASE TABLE' AND table_schema = 'public' AND table_name <> 'delivery'
"""
ACME = InstallationFacts(id=7, account="acme", everything=True, permissions={"checks": "write"})
APP = RepositoryFacts(id=70, node_id="R_70", full_name="acme/app")


async def filled(pool: Pool) -> None:
    """Have everything there that can be there of three repositories of two accounts."""
    queue = build_queue()
    async with queue.open_async(pool), pool.connection() as connection:
        await see_installation(connection, ACME)
        for each in (REPOSITORY, OTHER, THIRD):
            await wanted(connection, each)
            await start_run(connection, each, 1)
            await proposal_failed(connection, each.repository_id, FailedProposal(key="numpy", sentence="no"))
            await proposal_pushed(connection, each.repository_id, "scipy")
            await hand_over(queue, connection, turn(each))
            look = Look(repository=each, number=4)
            await want_look(connection, look)
            await hand_over_look(queue, connection, look)
            name = ChannelName(channel="https://channel.example/x", name="numpy")
            await remember_names(connection, each.repository_id, {name}, ["linux-64"])
            record = LockedRecord(name="numpy", version="2.0", sha256="ab" * 32)
            await remember_locked(connection, each.repository_id, [record])


async def about(connection: Connection, column: str, number: int) -> set[str]:
    """Return the tables that have a row about a repository or an installation; deliveries are kept for a week."""
    tables = [table for (table,) in await asked(connection, ABOUT, column)]
    query = "SELECT 1 FROM {} WHERE {} = {} LIMIT 1"
    return {table for table in tables if await asked(connection, query.format(table, column, number))}


async def test_nothing_is_left_of_a_repository_that_is_forgotten(pool: Pool) -> None:
    await filled(pool)
    async with pool.connection() as connection:
        assert len(before := await about(connection, "repository_id", 70)) >= len(TABLES)
        await forget_repository(connection, REPOSITORY)
        assert await about(connection, "repository_id", 70) == set()
        assert await about(connection, "repository_id", 71) == before
        assert await counts(connection, *TABLES) == [2] * 4 + [4]
        assert await repositories_of(connection, 7) == {71}


async def test_nothing_is_left_of_an_installation_that_is_forgotten(pool: Pool) -> None:
    await filled(pool)
    async with pool.connection() as connection:
        await forget_installation(connection, 7)
        assert await about(connection, "installation_id", 7) == set()
        assert await counts(connection, *TABLES) == [1] * 4 + [2]
        assert await known_installations(connection) == {8}


async def test_a_repository_that_another_account_has_by_now_is_not_forgotten_with_the_first(pool: Pool) -> None:
    await filled(pool)
    async with pool.connection() as connection:
        await known(connection, InstalledRepository(installation_id=8, repository_id=70))
        await forget_repository(connection, REPOSITORY)
        await forget_installation(connection, 7)
        assert await repositories_of(connection, 8) == {70, 80}
        assert [await installation_of(connection, each) for each in (70, 71)] == [8, None]


async def test_an_installation_is_known_as_it_was_seen_last(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        assert await installation_facts(connection, 7) == InstallationFacts(id=7)
        await see_installation(connection, ACME)
        assert await installation_facts(connection, 7) == ACME
        await see_installation(connection, InstallationFacts(id=7, account="acme-inc", permissions={}))
        assert await installation_facts(connection, 7) == InstallationFacts(id=7, account="acme-inc", permissions={})
        assert await installation_facts(connection, 8) is None


async def test_each_installation_is_listed_once_when_it_is_new_and_whenever_it_is_asked_for(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY, THIRD)
        assert sorted(await take_unlisted(connection)) == [7, 8]
        assert await take_unlisted(connection) == ()
        await relist_installation(connection, 9)
        await relist_known(connection, 7)
        await relist_known(connection, 10)
        assert sorted(await take_unlisted(connection)) == [7, 9]
        await relist_all(connection)
        await suspend_installation(connection, 8)
        assert sorted(await take_unlisted(connection)) == [7, 9]
        await see_installation(connection, InstallationFacts(id=8))
        assert await take_unlisted(connection) == (8,)


async def test_a_repository_that_is_seen_keeps_what_is_known_of_its_scans(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        await scan_done(connection, 70, head="abc", paths=("deps/*.txt",))
        await see_repositories(connection, 7, [APP])
        assert await watched_paths(connection, 70) == ("deps/*.txt",)
        assert await asked(connection, "SELECT node_id, full_name, head FROM repository") == [
            ("R_70", "acme/app", "abc")
        ]


async def test_a_list_that_names_a_repository_twice_is_no_harm(pool: Pool) -> None:
    async with pool.connection() as connection:
        await see_repositories(connection, 7, [APP, APP])
        await known(connection, REPOSITORY, REPOSITORY)
        assert await repositories_of(connection, 7) == {70}


async def test_of_a_repository_that_nobody_knows_nothing_is_watched(pool: Pool) -> None:
    async with pool.connection() as connection:
        assert await watched_paths(connection, 70) == ()


@pytest.mark.parametrize(
    ("failures", "rests"), [(0, False), (FAILURES_BEFORE_REST - 1, False), (FAILURES_BEFORE_REST, True), (9, True)]
)
async def test_a_proposal_rests_after_some_failures_with_the_last_reason(
    pool: Pool, failures: int, *, rests: bool
) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY, OTHER)
        for number in range(failures):
            await proposal_failed(connection, 70, FailedProposal(key="numpy", sentence=f"no {number}"))
        await proposal_failed(connection, 71, FailedProposal(key="numpy", sentence="no"))
        assert await resting_proposals(connection, 70) == ({"numpy": f"no {failures - 1}"} if rests else {})
        await wake_proposals(connection, [70])
        assert await resting_proposals(connection, 70) == {}


async def test_what_could_be_published_has_no_failures(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        for _ in range(FAILURES_BEFORE_REST):
            await proposal_failed(connection, 70, FailedProposal(key="numpy", sentence="no"))
        await proposal_published(connection, 70, "numpy")
        assert await resting_proposals(connection, 70) == {}
