"""The inbox: what came is expanded once, what is pressed again counts again, and nothing is lost on the way."""

from bot.store.database import Connection, Pool
from bot.store.deliveries import Delivery, mark_expanded, mark_refused, store_delivery, take_deliveries
from tests.turns import asked

STATES = "SELECT guid, state, body, sentence FROM delivery ORDER BY guid"


def delivery(guid: str = "g", body: bytes | None = b"{}") -> Delivery:
    return Delivery(guid=guid, event="push", body=body, installation_id=7, repository_id=70)


async def guids(connection: Connection, limit: int = 200) -> list[str]:
    return [each.guid for each in await take_deliveries(connection, limit=limit)]


async def test_what_comes_twice_before_it_is_expanded_is_there_once(pool: Pool) -> None:
    async with pool.connection() as connection:
        for _ in range(2):
            await store_delivery(connection, delivery())
        assert await guids(connection) == ["g"]


async def test_what_is_expanded_or_refused_is_not_taken_again_and_keeps_no_body(pool: Pool) -> None:
    async with pool.connection() as connection:
        for guid in ("done", "odd"):
            await store_delivery(connection, delivery(guid))
        await mark_expanded(connection, ["done"])
        await mark_refused(connection, "odd", "no JSON")
        assert await guids(connection) == []
        assert await asked(connection, STATES) == [("done", "expanded", None, ""), ("odd", "refused", None, "no JSON")]


async def test_what_is_pressed_again_is_new_again_with_the_body_that_came_now(pool: Pool) -> None:
    async with pool.connection() as connection:
        for settle in ("expanded", "refused"):
            await store_delivery(connection, delivery(body=b"before"))
            await (mark_expanded(connection, ["g"]) if settle == "expanded" else mark_refused(connection, "g", "odd"))
            await store_delivery(connection, delivery(body=b"now"))
            assert await asked(connection, STATES) == [("g", "new", b"now", "")]


async def test_of_what_nobody_waits_for_only_the_ids_are_kept(pool: Pool) -> None:
    async with pool.connection() as connection:
        await store_delivery(connection, delivery(body=None))
        assert await guids(connection) == []
        assert await asked(connection, "SELECT event, installation_id, repository_id, body FROM delivery") == [
            ("push", 7, 70, None)
        ]


async def test_the_oldest_are_taken_first_and_no_more_than_asked_for(pool: Pool) -> None:
    for number in range(5):
        async with pool.connection() as connection:  # each in a transaction, and so at a moment, of its own
            await store_delivery(connection, delivery(str(number)))
    async with pool.connection() as connection:
        assert await guids(connection, limit=3) == ["0", "1", "2"]


async def test_what_another_one_has_taken_is_passed_over_until_that_one_gives_up(pool: Pool) -> None:
    async with pool.connection() as connection:
        for guid in ("a", "b"):
            await store_delivery(connection, delivery(guid))
    async with pool.connection() as first, pool.connection() as second:
        assert await guids(first, limit=1) == ["a"]
        assert await guids(second) == ["b"]
        await first.rollback()
        assert await guids(second) == ["a", "b"]


def test_a_body_does_not_show() -> None:
    assert "hunter2" not in repr(delivery(body=b"hunter2"))
