"""However many repositories there are, a page reads a bounded number of rows: asked of PostgreSQL, not of a clock."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.store import backlog, overview
from bot.store.database import Connection, Pool
from bot.store.halts import WHY_NOT
from bot.store.wants import Priority

ACCOUNTS, ACTIVE, EACH, SHARE = 100, 20, 200, 3
MANY = ACCOUNTS * EACH
FILL = (
    "COPY installation (installation_id, account, next_at, suspended) FROM STDIN",
    "COPY repository (repository_id, installation_id, full_name, wanted_at, priority, reason, scanned_at) FROM STDIN",
    "COPY run (job_id, installation_id, repository_id, started_at) FROM STDIN",
)
MOST_ROWS = 1500
"""That a query may touch: what it shows, and some; not a part of the table."""

LATE = datetime(9999, 1, 1, tzinfo=UTC)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


def rows() -> Iterable[Iterable[tuple[object, ...]]]:
    yield ((number, f"account-{number:05}", BEFORE, number > ACTIVE) for number in range(1, ACCOUNTS + 1))
    yield (
        (
            number,
            number % ACCOUNTS + 1,
            f"account-{number % ACCOUNTS + 1:05}/repository-{number:07}",
            BEFORE if number % SHARE else None,
            10 * (number % 6 + 1),
            "a push",
            BEFORE,
        )
        for number in range(1, MANY + 1)
    )
    yield ((number, 1, number, BEFORE) for number in range(1, MANY + 1))


@pytest.fixture
async def full(pool: Pool) -> Pool:
    async with pool.connection() as connection:
        for statement, each in zip(FILL, rows(), strict=True):
            async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
                for row in each:
                    await copy.write_row(row)
    async with pool.connection() as connection:
        for table in ("installation", "repository", "run"):
            await connection.execute(f"ANALYZE {table}".encode())
    return pool


PLACE = {"only": None, "name": "account-00050", "id": 50, "limit": 51}
WITHIN = {"installation": 7, "name": "account-00007/r", "id": 0, "limit": 51}
QUERIES: Mapping[str, tuple[str, Any]] = {
    "installations": (overview.INSTALLATIONS, PLACE),
    "repositories": (overview.REPOSITORIES, WITHIN),
    "chosen": (overview.CHOSEN, (7, list(range(6, 10_000, 100)))),
    "repository": (overview.REPOSITORY, (77,)),
    "named": (overview.NAMED, ("Account-00007/Repository-0000006",)),
    "waiting": (overview.WAITING, (int(Priority.PUSH), 10)),
    "runs of one": (overview.RUNS_OF, (77, overview.LAST_RUN, 51)),
    "the last scan": (overview.LAST_SCAN, (77,)),
    "runs": (overview.RUNS, (LATE, 51)),
    "run": (overview.RUN, (77,)),
    "proposals": (overview.PROPOSALS, (77, 50)),
    "pushes": (overview.PUSHES, (77, 50)),
    "why no writes": (WHY_NOT, (77,)),
}


async def test_no_query_of_a_page_reads_more_than_it_shows(full: Pool) -> None:
    async with full.connection() as connection:
        read = {name: await touched(connection, query, values) for name, (query, values) in QUERIES.items()}

    assert {name: number for name, number in read.items() if number > MOST_ROWS} == {}


async def test_a_queue_is_counted_as_far_as_it_tells_something(full: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "MOST_COUNTED", 100)
    values = {"priorities": [int(each) for each in Priority], "most": 100}
    async with full.connection() as connection:
        waiting = await backlog.queue(connection)
        read = await touched(connection, backlog.QUEUE, values)

    assert [each.priority for each in waiting] == sorted(Priority, reverse=True)
    assert {each.number for each in waiting} == {0, 100}
    assert read < 3 * MOST_ROWS


async def touched(connection: Connection, query: str, values: Any) -> int:
    """Return how many rows the parts of a query's plan read, those thrown away included."""
    cursor = await connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".encode(), values)
    row = await cursor.fetchone()
    assert row is not None
    plan = json.loads(row[0]) if isinstance(row[0], str) else row[0]
    return round(sum(nodes(plan[0]["Plan"], _rows)))


def nodes(plan: Mapping[str, Any], read: Callable[[Mapping[str, Any]], float]) -> Iterable[float]:
    yield read(plan)
    for each in plan.get("Plans", ()):
        yield from nodes(each, read)


def _rows(plan: Mapping[str, Any]) -> float:
    thrown = sum(value for name, value in plan.items() if name.startswith("Rows Removed"))
    return float((plan["Actual Rows"] + thrown) * plan["Actual Loops"])
