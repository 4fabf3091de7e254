"""Numbers of the whole App that stand in the database, read when metrics are asked for: each query is bounded."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Connection
from bot.store.wants import Priority

MOST_COUNTED = 10_000
"""A queue of so many is not counted further: it is long, and counting it would take longer than it tells."""

QUEUE = """
SELECT priority, waiting.count, extract(epoch FROM now() - waiting.oldest)::float
FROM unnest(%(priorities)s::int[]) AS priority CROSS JOIN LATERAL (
    SELECT count(*), min(due_at) AS oldest FROM (
        SELECT due_at FROM repository JOIN installation USING (installation_id)
        WHERE repository.priority = priority.priority AND due_at <= now() AND NOT suspended AND NOT installation.paused
        ORDER BY due_at LIMIT %(most)s
    ) AS due
) AS waiting ORDER BY priority DESC
"""
INBOX = """
SELECT count(*), extract(epoch FROM now() - min(received_at))::float FROM (
    SELECT received_at FROM delivery WHERE state = 'new' ORDER BY received_at LIMIT %s
) AS new
"""
THERE = "SELECT to_regclass(%s) IS NOT NULL"
BUDGET = """
SELECT min(core_remaining::float / core_limit) FROM budget WHERE core_limit > 0 AND core_reset > now()
"""
BUDGETS = """
SELECT installation_id, coalesce(account, ''), core_remaining, core_limit, core_reset,
    graphql_remaining, graphql_limit, graphql_reset, blocked_until
FROM budget LEFT JOIN installation USING (installation_id)
WHERE greatest(core_reset, graphql_reset, blocked_until) > now()
ORDER BY blocked_until <= now(), core_remaining::float / nullif(core_limit, 0) NULLS LAST, installation_id LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many repositories wait for their turn with a priority, and for how many seconds the first of them does."""

    priority: Priority
    number: int
    oldest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """How many deliveries wait to be expanded, and for how many seconds the first of them does."""

    number: int
    oldest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may still be asked of GitHub for an installation, as it said last; nothing before `blocked_until`."""

    installation_id: int
    account: str
    core: int
    core_limit: int
    core_reset: datetime
    graphql: int
    graphql_limit: int
    graphql_reset: datetime
    blocked_until: datetime


async def queue(connection: Connection) -> tuple[Waiting, ...]:
    """Return what waits, the most urgent first. Of more than `MOST_COUNTED`, so many are counted."""
    cursor = await connection.execute(QUEUE, {"priorities": [int(each) for each in Priority], "most": MOST_COUNTED})
    return tuple(
        Waiting(priority=Priority(priority), number=number, oldest=max(0.0, oldest or 0.0))
        for priority, number, oldest in await cursor.fetchall()
    )


async def inbox(connection: Connection) -> Inbox:
    """Return what waits in the inbox."""
    row = await (await connection.execute(INBOX, (MOST_COUNTED,))).fetchone()
    number, oldest = row or (0, None)
    return Inbox(number=number, oldest=max(0.0, oldest or 0.0))


async def least_budget(connection: Connection) -> float | None:
    """Return the smallest part of GitHub's limit that any installation has left, None if none is known."""
    if not await _is_there(connection, "budget"):
        return None
    row = await (await connection.execute(BUDGET)).fetchone()
    return None if row is None or row[0] is None else float(row[0])


async def budgets(connection: Connection, *, limit: int = 50) -> tuple[Budget, ...]:
    """Return what is left of GitHub's limits, the least first."""
    if not await _is_there(connection, "budget"):
        return ()
    cursor = await connection.execute(BUDGETS, (limit,))
    return tuple(
        Budget(
            installation_id=row[0],
            account=row[1],
            core=row[2],
            core_limit=row[3],
            core_reset=row[4],
            graphql=row[5],
            graphql_limit=row[6],
            graphql_reset=row[7],
            blocked_until=row[8],
        )
        for row in await cursor.fetchall()
    )


async def _is_there(connection: Connection, table: str) -> bool:
    return await (await connection.execute(THERE, (table,))).fetchone() == (True,)
