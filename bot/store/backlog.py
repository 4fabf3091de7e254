"""Numbers of the whole App that stand in the database, read when metrics are asked for: each query is bounded."""

from dataclasses import dataclass
from datetime import datetime

from bot.store.database import Connection
from bot.store.wants import Priority

MOST_COUNTED = 10_000
"""A queue of so many is not counted further: it is long, and counting it would take longer than it tells.

What accounts have that are suspended or paused is never read, however much that is."""

QUEUE = """
WITH active AS MATERIALIZED (
    SELECT installation_id FROM installation WHERE next_at <= now() AND NOT suspended AND NOT paused
)
SELECT wanted.priority, counted.number, extract(epoch FROM now() - first.due_at)::float
FROM unnest(%(priorities)s::smallint[]) AS wanted (priority)
CROSS JOIN LATERAL (
    SELECT min(earliest) AS due_at FROM (
        SELECT (
            SELECT due_at FROM repository WHERE repository.installation_id = active.installation_id
            AND repository.priority = wanted.priority AND due_at <= now() ORDER BY due_at LIMIT 1
        ) AS earliest FROM active
    ) AS of_each
) AS first
CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT FROM active CROSS JOIN LATERAL (
            SELECT FROM repository WHERE repository.installation_id = active.installation_id
            AND repository.priority = wanted.priority AND due_at <= now() LIMIT %(most)s
        ) AS due LIMIT %(most)s
    ) AS waiting
) AS counted
ORDER BY wanted.priority DESC
"""
INBOX = """
SELECT count(*), extract(epoch FROM now() - min(received_at))::float FROM (
    SELECT received_at FROM delivery WHERE state = 'new' ORDER BY received_at LIMIT %s
) AS new
"""
MOST_HOSTS = 50
HOSTS = """
SELECT split_part(url, '/', 3) AS host, extract(epoch FROM now() - min(next_at) FILTER (WHERE failures = 0))::float,
    count(*) FILTER (WHERE failures > 0) AS failing
FROM channel_subdir JOIN channel USING (channel_id) GROUP BY host ORDER BY failing DESC, host LIMIT %s
"""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedHost:
    """A host with channels: for how many seconds one that answers was not looked at, and how many subdirs fail."""

    name: str
    age: float
    failing: int


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
    row = await (await connection.execute(BUDGET)).fetchone()
    return None if row is None or row[0] is None else float(row[0])


async def budgets(connection: Connection, *, limit: int = 50) -> tuple[Budget, ...]:
    """Return what is left of GitHub's limits, the least first."""
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


async def watched_hosts(connection: Connection) -> tuple[WatchedHost, ...]:
    """Return the hosts whose channels are watched, those where most goes wrong first."""
    cursor = await connection.execute(HOSTS, (MOST_HOSTS,))
    return tuple(
        WatchedHost(name=name, age=max(0.0, age or 0.0), failing=failing)
        for name, age, failing in await cursor.fetchall()
    )
