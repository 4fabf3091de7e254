"""Whose turn it is: what is most urgent, of those the account that was served longest ago."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.store.database import Pool
from bot.store.installations import InstallationFacts, see_installation, suspend_installation
from bot.store.repositories import (
    InstalledRepository,
    RepositoryFacts,
    forget_installation,
    forget_repository,
    know_repositories,
    see_repositories,
)
from bot.store.wants import (
    FIRST_WAIT,
    JITTER,
    LONGEST_WAIT,
    Priority,
    Want,
    scan_done,
    scan_failed,
    scan_later,
    take_turn,
    wait_after,
    want,
    want_at,
    want_unscanned,
)
from tests.turns import (
    DAY,
    INSTALL,
    OTHER,
    PERSON,
    PUSH,
    RELEASE,
    REPOSITORY,
    SCHEDULE,
    THIRD,
    asked,
    begin,
    counts,
    end,
    known,
    pass_time,
    taken,
    turn,
    wanted,
)

ONE = InstalledRepository(installation_id=8, repository_id=8_000_000)


def repositories(count: int, installation: int = 7) -> list[InstalledRepository]:
    first = installation * 1_000_000
    return [InstalledRepository(installation_id=installation, repository_id=first + each) for each in range(count)]


@pytest.mark.parametrize("count", [25, 5000])
async def test_nobody_waits_for_the_repositories_of_another_account(pool: Pool, count: int) -> None:
    async with pool.connection() as connection:
        await wanted(connection, *repositories(count))
        first = await taken(connection, most=5)
        await wanted(connection, ONE)
        assert await taken(connection, most=1) == [ONE.repository_id]
        assert len({*first, *await taken(connection)}) == count


async def test_accounts_take_turns(pool: Pool) -> None:
    async with pool.connection() as connection:
        for installation in (1, 2, 3):
            await wanted(connection, *repositories(3, installation))
        order = [repository_id // 1_000_000 for repository_id in await taken(connection)]
    assert order == [1, 2, 3] * 3


async def test_a_person_is_before_a_push_before_a_release_before_the_daily_look(pool: Pool) -> None:
    wants = [DAY, PUSH, RELEASE, PERSON, INSTALL, SCHEDULE]
    async with pool.connection() as connection:
        for number, why in enumerate(wants):
            await wanted(connection, InstalledRepository(installation_id=number + 1, repository_id=number), why=why)
        turns = [await take_turn(connection) for _ in wants]
    assert [each.priority for each in turns if each] == sorted((each.priority for each in wants), reverse=True)


async def test_within_an_account_the_most_urgent_is_first_and_then_the_one_that_waits_longest(pool: Pool) -> None:
    first, second, third, fourth = repositories(4)
    async with pool.connection() as connection:
        await wanted(connection, second, why=DAY)
        await pass_time(connection, 1)
        await wanted(connection, first, why=DAY)
        await wanted(connection, fourth, why=RELEASE)
        await wanted(connection, third, why=PERSON)
        assert await taken(connection) == [each.repository_id for each in (third, fourth, second, first)]


@pytest.mark.parametrize(
    ("wants", "expected"),
    [
        pytest.param([DAY, PUSH], PUSH, id="a push makes the daily look urgent"),
        pytest.param([PUSH, DAY], PUSH, id="the daily look does not make a push wait"),
        pytest.param([PUSH, PERSON, RELEASE, DAY], PERSON, id="a person counts most"),
        pytest.param([PUSH, Want(priority=Priority.PUSH, reason="another")], PUSH, id="the first of equals is told"),
    ],
)
async def test_what_is_wanted_more_than_once_is_looked_at_once_for_the_most_urgent_reason(
    pool: Pool, wants: Sequence[Want], expected: Want
) -> None:
    async with pool.connection() as connection:
        for why in wants:
            await wanted(connection, REPOSITORY, why=why)
        found = await take_turn(connection)
        assert found
        assert (found.priority, found.reason) == (expected.priority, expected.reason)
        assert await take_turn(connection) is None


async def test_what_is_less_urgent_than_asked_for_waits_and_is_not_lost(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, REPOSITORY, why=INSTALL)
        await wanted(connection, OTHER, THIRD, why=DAY)
        assert await taken(connection, least=Priority.PUSH) == []
        await want(connection, [71], PUSH)
        assert await taken(connection, least=Priority.PUSH) == [71]
        assert await taken(connection) == [70, 80]


async def test_a_want_without_hurry_has_a_moment_of_its_own(pool: Pool) -> None:
    spread = Want(priority=Priority.RELEASE, reason="numpy 2.4", spread=timedelta(hours=1))
    async with pool.connection() as connection:
        await wanted(connection, *repositories(100), why=spread)
        [(moments, last)] = await asked(
            connection, "SELECT count(DISTINCT due_at), max(due_at) <= now() + interval '1 hour' FROM repository"
        )
        early = await taken(connection)
        await pass_time(connection, 60)
        assert (moments, last) == (100, True)
        assert len(early) < 100
        assert len({*early, *await taken(connection)}) == 100


async def test_what_is_wanted_at_once_does_not_keep_the_moment_that_a_release_gave_it(pool: Pool) -> None:
    spread = Want(priority=Priority.RELEASE, reason="numpy 2.4", spread=timedelta(days=1000))
    async with pool.connection() as connection:
        await wanted(connection, REPOSITORY, why=spread)
        assert await taken(connection) == []
        await wanted(connection, REPOSITORY, why=PUSH)
        await wanted(connection, REPOSITORY, why=spread)
        assert await taken(connection) == [70]


async def test_two_who_ask_at_once_are_given_different_repositories(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, REPOSITORY, OTHER, THIRD)
    async with pool.connection() as connection, pool.connection() as second:
        turns = [await take_turn(connection), await take_turn(second), await take_turn(second)]
    assert [each and each.repository for each in turns] == [REPOSITORY, THIRD, None]


async def test_a_repository_that_is_being_scanned_is_passed_over_until_that_has_ended(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, REPOSITORY, why=PERSON)
        assert await taken(connection) == [70]
        await begin(connection, 70)
        await wanted(connection, REPOSITORY, why=PERSON)
        await wanted(connection, OTHER, why=DAY)
        assert await taken(connection) == [71]
        await scan_done(connection, 70)
        assert await taken(connection) == []  # the queue does not know yet that it has ended
        await end(connection, 70)
        assert await taken(connection) == [70]


async def test_a_repository_that_is_being_scanned_makes_no_other_one_late(pool: Pool) -> None:
    async with pool.connection() as connection:
        await begin(connection, 70)
        await wanted(connection, REPOSITORY)
        await known(connection, OTHER)
        await scan_later(connection, turn(OTHER), timedelta(seconds=3))
        assert await taken(connection) == []
        await pass_time(connection, 0.05)
        assert await taken(connection) == [71]


SUSPEND = "UPDATE installation SET suspended = true WHERE installation_id = 7"
SUPPRESSED = [
    pytest.param(SUSPEND, "UPDATE installation SET suspended = false", id="its installation is suspended"),
    pytest.param(
        "UPDATE installation SET paused = true WHERE installation_id = 7",
        "UPDATE installation SET paused = false",
        id="its installation is paused",
    ),
    pytest.param(
        "UPDATE repository SET archived = true WHERE repository_id = 70",
        "UPDATE repository SET archived = false",
        id="it is archived",
    ),
    pytest.param(
        "UPDATE repository SET fork = true WHERE repository_id = 70", "UPDATE repository SET fork = false", id="a fork"
    ),
    pytest.param(
        "UPDATE repository SET archived = true, fork = true WHERE repository_id = 70",
        "UPDATE repository SET ticked = true",
        id="an archived fork, until somebody asks for it",
    ),
    pytest.param(
        "UPDATE repository SET paused = true, ticked = true WHERE repository_id = 70",
        "UPDATE repository SET paused = false",
        id="it is paused, though somebody asked for it",
    ),
]


@pytest.mark.parametrize(("away", "back"), SUPPRESSED)
@pytest.mark.parametrize("before", [True, False], ids=["before it is wanted", "after it was wanted"])
async def test_what_may_not_be_touched_is_not_taken_and_loses_nothing(
    pool: Pool, away: str, back: str, *, before: bool
) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        for step in (away, "wants") if before else ("wants", away):
            await (wanted(connection, REPOSITORY) if step == "wants" else connection.execute(step.encode()))
        await wanted(connection, THIRD)
        assert await taken(connection) == [80]
        await connection.execute(back.encode())
        assert await taken(connection) == [70]


async def test_a_suspended_installation_is_taken_up_where_it_was_left(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, REPOSITORY, OTHER)
        await suspend_installation(connection, 7)
        assert await taken(connection) == []
        await see_installation(connection, InstallationFacts(id=7, account="acme"))
        assert await taken(connection) == [70, 71]


async def test_a_repository_that_moves_to_another_account_takes_its_want_along(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, REPOSITORY, OTHER)
        await know_repositories(connection, [InstalledRepository(installation_id=8, repository_id=70)])
        await see_repositories(connection, 9, [RepositoryFacts(id=71, node_id="R", full_name="other/app")])
        turns = [await take_turn(connection) for _ in range(3)]
    assert [each and each.repository.installation_id for each in turns] == [8, 9, None]


def test_the_wait_doubles_with_each_failure_up_to_a_day_a_fifth_more_or_less() -> None:
    for failures in range(30):
        middle = min(FIRST_WAIT * 2**failures, LONGEST_WAIT)
        waits = {wait_after(failures) for _ in range(50)}
        assert all(abs(wait - middle) <= middle * JITTER for wait in waits)
        assert len(waits) > 1


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        pytest.param(PERSON, [70], id="a person does not wait"),
        pytest.param(PUSH, [], id="a push does"),
        pytest.param(DAY, [], id="so does the daily look"),
    ],
)
@pytest.mark.parametrize("while_it_ran", [True, False], ids=["while it ran", "after it failed"])
async def test_who_waits_for_what_failed(pool: Pool, why: Want, expected: list[int], *, while_it_ran: bool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        if while_it_ran:
            await wanted(connection, REPOSITORY, why=why)
        wait = await scan_failed(connection, turn())
        if not while_it_ran:
            await wanted(connection, REPOSITORY, why=why)
        assert await taken(connection) == expected
        await pass_time(connection, wait / timedelta(minutes=1))
        assert [*expected, *await taken(connection)] == [70]


async def test_what_went_well_forgets_what_failed_before(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        waits = [await scan_failed(connection, turn()) for _ in range(8)]
        assert waits[-1] > FIRST_WAIT * 64
        await scan_done(connection, 70, head="abc", paths=("deps/*.txt",))
        assert await taken(connection) == [70]
        assert await scan_failed(connection, turn()) < FIRST_WAIT * 2
        assert await asked(connection, "SELECT head, paths, failures FROM repository") == [("abc", ["deps/*.txt"], 1)]


async def test_what_nobody_is_to_blame_for_counts_as_no_failure(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        await scan_later(connection, turn(priority=Priority.PERSON), timedelta(minutes=1))
        assert await asked(connection, "SELECT failures, priority, reason FROM repository") == [(0, 60, "person")]


async def test_the_end_of_a_scan_does_not_bring_back_what_was_forgotten(pool: Pool) -> None:
    async with pool.connection() as connection:
        await wanted(connection, REPOSITORY, OTHER)
        await forget_repository(connection, REPOSITORY)
        await forget_installation(connection, 7)
        await scan_later(connection, turn(), timedelta(0))
        await scan_failed(connection, turn())
        await scan_done(connection, 70, head="abc")
        await want(connection, [70, 71], PERSON)
        assert await taken(connection) == []
        assert await counts(connection, "repository", "installation") == [0, 0]


async def test_what_is_wanted_later_is_still_looked_at_daily(pool: Pool) -> None:
    """Whoever waits for Monday is not forgotten until then, and its Monday stays."""
    monday = datetime(2100, 1, 4, 23, 59, tzinfo=UTC)
    opens = Want(priority=Priority.SCHEDULE, reason="its schedule opens")
    async with pool.connection() as connection:
        await know_repositories(connection, [REPOSITORY])
        await want_at(connection, REPOSITORY.repository_id, monday, opens)
        assert await take_turn(connection) is None
        assert await want_unscanned(connection, monday) == 1
        taken = await take_turn(connection)
    assert taken is not None
    assert taken.reason == opens.reason
