"""What may still be asked of GitHub, by all processes together: one row for each installation.

Each question is one statement, which locks the row, decides by the database's clock, and takes what it allows. Nobody
holds the row while waiting: who may go at once or soon has a place in the line, which says when; who would wait for
longer than they like has taken nothing. So those who wait go in the order in which they asked, and none is passed over.

Rates are kept by the generic cell rate algorithm (ITU-T I.371): with `burst` at once and one more `every` so often, no
window of W seconds has more than `burst + W / every`. It needs one column where a count of a sliding window needs rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import sql
from psycopg.rows import TupleRow

from bot.store.database import Connection

AT_ONCE = 4
"""A quarter of what a window allows may come at once; the rest is spread over it."""

BEGIN = "INSERT INTO budget (installation_id) VALUES (%(installation_id)s) ON CONFLICT DO NOTHING"

TAKE = """
UPDATE budget SET
    write_tat = greatest(seen.write_tat, turn.start_of_writes) + turn.writes * %(write_every)s,
    hour_tat = greatest(seen.hour_tat, turn.start_of_writes) + turn.writes * %(hour_every)s,
    core_tat = greatest(seen.core_tat, turn.start_of_core) + turn.core * %(core_every)s,
    graphql_tat = greatest(seen.graphql_tat, turn.start_of_graphql) + turn.graphql * %(graphql_every)s,
    core_remaining = seen.core_remaining - (turn.core > 0)::int,
    graphql_remaining = seen.graphql_remaining - (turn.graphql > 0)::int,
    kept_until = CASE
        WHEN turn.writes > 0 AND kept.mine IS NOT NULL
        THEN kept.live[:kept.mine - 1] || kept.live[kept.mine + 1:]
        ELSE kept.live
    END
FROM (
    SELECT *, coalesce(%(now)s::timestamptz, clock_timestamp()) AS moment
    FROM budget WHERE installation_id = %(installation_id)s FOR UPDATE
) AS seen
CROSS JOIN LATERAL (
    SELECT live, array_position(live, %(kept_until)s::timestamptz) AS mine
    FROM (SELECT array(SELECT each FROM unnest(seen.kept_until) AS each WHERE each > seen.moment) AS live) AS unended
) AS kept
CROSS JOIN LATERAL (
    SELECT greatest(
        seen.moment,
        seen.blocked_until,
        CASE WHEN %(core)s > 0 THEN seen.core_tat + (%(core)s - %(core_burst)s) * %(core_every)s END,
        CASE WHEN %(graphql)s > 0 THEN seen.graphql_tat + (%(graphql)s - %(graphql_burst)s) * %(graphql_every)s END,
        CASE WHEN %(core)s > 0 AND seen.core_remaining <= seen.core_limit * %(spared)s THEN seen.core_reset END,
        CASE
            WHEN %(graphql)s > 0 AND seen.graphql_remaining <= seen.graphql_limit * %(spared)s THEN seen.graphql_reset
        END,
        CASE WHEN %(writes)s > 0 THEN seen.write_tat END,
        CASE
            WHEN %(writes)s = 0 OR kept.mine IS NOT NULL THEN NULL
            WHEN %(writes)s + cardinality(kept.live) > %(hour_burst)s
            THEN coalesce((SELECT min(each) FROM unnest(kept.live) AS each), seen.moment + interval '1 hour')
            ELSE seen.hour_tat + (%(writes)s + cardinality(kept.live) - %(hour_burst)s) * %(hour_every)s
        END
    ) AS start
) AS line
CROSS JOIN LATERAL (
    SELECT
        *,
        CASE WHEN writes > 0 THEN line.start END AS start_of_writes,
        CASE WHEN core > 0 THEN line.start END AS start_of_core,
        CASE WHEN graphql > 0 THEN line.start END AS start_of_graphql
    FROM (
        SELECT
            taken,
            taken::int * %(writes)s AS writes,
            taken::int * %(core)s AS core,
            taken::int * %(graphql)s AS graphql
        FROM (SELECT line.start <= seen.moment + %(patience)s AS taken) AS judged
    ) AS spent
) AS turn
WHERE budget.installation_id = seen.installation_id
RETURNING
    turn.taken,
    line.start - seen.moment,
    kept.mine IS NOT NULL AND turn.writes > 0,
    CASE WHEN %(core)s > 0 THEN budget.core_remaining ELSE budget.graphql_remaining END,
    CASE WHEN %(core)s > 0 THEN budget.core_reset ELSE budget.graphql_reset END
"""

KEEP = """
UPDATE budget SET kept_until = CASE WHEN judged.taken THEN kept.live || judged.more ELSE kept.live END
FROM (
    SELECT *, coalesce(%(now)s::timestamptz, clock_timestamp()) AS moment
    FROM budget WHERE installation_id = %(installation_id)s FOR UPDATE
) AS seen
CROSS JOIN LATERAL (
    SELECT array(SELECT each FROM unnest(seen.kept_until) AS each WHERE each > seen.moment) AS live
) AS kept
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN %(writes)s + cardinality(kept.live) > %(hour_burst)s
        THEN coalesce((SELECT min(each) FROM unnest(kept.live) AS each), seen.moment + interval '1 hour')
        ELSE seen.hour_tat + (%(writes)s + cardinality(kept.live) - %(hour_burst)s) * %(hour_every)s
    END AS start
) AS line
CROSS JOIN LATERAL (
    SELECT
        line.start <= seen.moment AS taken,
        seen.moment + %(keeping)s AS until,
        array_fill(seen.moment + %(keeping)s, ARRAY[%(writes)s::int]) AS more
) AS judged
WHERE budget.installation_id = seen.installation_id
RETURNING judged.taken, judged.until, line.start - seen.moment
"""

GIVE_BACK = """
UPDATE budget SET kept_until =
    array(SELECT each FROM unnest(kept_until) AS each WHERE each <> %(until)s)
    || array_fill(
        %(until)s::timestamptz,
        ARRAY[greatest(0, cardinality(array_positions(kept_until, %(until)s::timestamptz)) - %(writes)s)]
    )
WHERE installation_id = %(installation_id)s
"""

LEARN = sql.SQL("""
UPDATE budget SET
    {limit} = %(limit)s,
    {remaining} = CASE
        WHEN %(reset)s > {reset} + interval '1 minute' THEN %(remaining)s
        ELSE least({remaining} + %(free)s::int, %(remaining)s)
    END,
    {reset} = greatest({reset}, %(reset)s)
WHERE installation_id = %(installation_id)s AND %(reset)s > {reset} - interval '1 minute'
""")
"""A reset that is a minute off is the same one; an answer that comes late, of the hour before, says nothing now."""

BLOCK = """
UPDATE budget SET
    strikes = blow.strikes,
    blocked_until = greatest(seen.blocked_until, seen.moment + %(wait)s * blow.longer)
FROM (
    SELECT *, coalesce(%(now)s::timestamptz, clock_timestamp()) AS moment
    FROM budget WHERE installation_id = %(installation_id)s FOR UPDATE
) AS seen
CROSS JOIN LATERAL (
    SELECT strikes, CASE WHEN %(named)s THEN 1 ELSE 2 ^ strikes END AS longer
    FROM (
        SELECT CASE
            WHEN %(named)s THEN seen.strikes
            WHEN seen.moment > seen.blocked_until + interval '10 minutes' THEN 0
            ELSE least(seen.strikes + 1, 5)
        END AS strikes
    ) AS counted
) AS blow
WHERE budget.installation_id = seen.installation_id AND (%(named)s OR seen.moment >= seen.blocked_until)
"""
"""Requests that were under way together are refused together: they count as one blow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many at once, and one more `every` so often."""

    burst: int
    every: timedelta


def rate(amount: int, window: timedelta) -> Rate:
    """Return the rate of which no *window* has more than *amount*."""
    burst = max(1, amount // AT_ONCE)
    return Rate(burst=burst, every=window / max(1, amount - burst))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The rates for one who asks. `spared` is the part of primary limits that is left to others."""

    write_every: timedelta
    hour: Rate
    core: Rate
    graphql: Rate
    spared: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one request costs, and how long whoever makes it would wait.

    `kept_until` names a reservation, by when it ends, from which a write is taken.
    """

    core: int = 0
    graphql: int = 0
    writes: int = 0
    kept_until: datetime | None = None
    patience: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The answer: whether it was taken, after which wait it may be used, whether it came from a reservation.

    `remaining` and `reset` are what is believed of the primary limit now, to compare with what GitHub answers.
    """

    taken: bool
    wait: timedelta
    reserved: bool
    remaining: int
    reset: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Writes that are kept until a moment, or not: then `wait` is when it is worth asking again."""

    taken: bool
    until: datetime
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryLimit:
    """What GitHub said of an hour's `resource` (core or graphql). A `free` answer was not counted."""

    resource: str
    limit: int
    remaining: int
    reset: datetime
    free: bool = False


async def take(
    connection: Connection, installation_id: int, asked: Asked, rates: Rates, *, now: datetime | None = None
) -> Turn:
    """Take what a request costs, if it may go within the patience of whoever makes it, and say when it may.

    *now* stands for the database's own clock.
    """
    values = {
        "now": now,
        "installation_id": installation_id,
        "core": asked.core,
        "graphql": asked.graphql,
        "writes": asked.writes,
        "kept_until": asked.kept_until,
        "patience": asked.patience,
        "write_every": rates.write_every,
        "hour_burst": rates.hour.burst,
        "hour_every": rates.hour.every,
        "core_burst": rates.core.burst,
        "core_every": rates.core.every,
        "graphql_burst": rates.graphql.burst,
        "graphql_every": rates.graphql.every,
        "spared": rates.spared,
    }
    taken, wait, reserved, remaining, reset = await _answer(connection, TAKE, values)
    return Turn(taken=taken, wait=wait, reserved=reserved, remaining=remaining, reset=reset)


async def keep(
    connection: Connection,
    installation_id: int,
    writes: int,
    rates: Rates,
    *,
    keeping: timedelta,
    now: datetime | None = None,
) -> Kept:
    """Keep *writes* of this hour for as long as *keeping*, if so many may come at once.

    Who dies with them keeps them from others until then, and no longer.
    """
    values = {
        "now": now,
        "installation_id": installation_id,
        "writes": writes,
        "hour_burst": rates.hour.burst,
        "hour_every": rates.hour.every,
        "keeping": keeping,
    }
    taken, until, wait = await _answer(connection, KEEP, values)
    return Kept(taken=taken, until=until, wait=wait)


async def give_back(connection: Connection, installation_id: int, kept_until: datetime, writes: int) -> None:
    """Give back *writes* of a reservation."""
    values = {"installation_id": installation_id, "until": kept_until, "writes": writes}
    await connection.execute(GIVE_BACK, values)


async def learn(connection: Connection, installation_id: int, said: PrimaryLimit) -> None:
    """Take in what GitHub said of a primary limit."""
    names = {part: sql.Identifier(f"{said.resource}_{part}") for part in ("limit", "remaining", "reset")}
    values = {
        "installation_id": installation_id,
        "limit": said.limit,
        "remaining": said.remaining,
        "reset": said.reset,
        "free": said.free,
    }
    await connection.execute(LEARN.format(**names), values)


async def block(
    connection: Connection, installation_id: int, wait: timedelta, *, named: bool, now: datetime | None = None
) -> None:
    """Let nothing pass for *wait*, which GitHub *named*; else for longer each time that it comes soon again.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    values = {"now": now, "installation_id": installation_id, "wait": wait, "named": named}
    await connection.execute(BEGIN, values)
    await connection.execute(BLOCK, values)


async def _answer(connection: Connection, statement: str, values: Mapping[str, object]) -> TupleRow:
    """Return the row that *statement* returns; an installation that was never asked for begins with nothing used."""
    while (row := await (await connection.execute(statement, values)).fetchone()) is None:
        await connection.execute(BEGIN, values)
    return row
