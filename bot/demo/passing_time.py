"""Time that passes because somebody says so: for the App and its GitHub, and in the database.

The App takes its clock as an argument, so that is told another time. PostgreSQL's goes on as it is: there whatever
happened is made to have happened longer ago, and what is to come comes sooner.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql

A_MOMENT = 0.01
"""Seconds that a sleeper really sleeps, so that others have their turn."""

TIMES = """
SELECT table_name, array_agg(column_name::text) FROM information_schema.columns JOIN information_schema.tables
USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
AND data_type = 'timestamp with time zone' AND table_name <> ALL(%s) AND table_name NOT LIKE 'procrastinate%%'
GROUP BY table_name
"""
BY_THE_CLOCK = ("budget", "mark", "migration")
"""Tables whose times are those of the App's clock, or of no interest."""


class ToldClock:
    """A clock that begins at *start* and goes on when it is told to, or while somebody sleeps."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._passed = 0.0

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Let *seconds* pass at once."""
        self._passed += seconds
        await asyncio.sleep(A_MOMENT)

    def pass_on(self, time: timedelta) -> None:
        """Let *time* pass."""
        self._passed += time.total_seconds()


async def make_older(conninfo: str, time: timedelta) -> None:
    """Let *time* pass in the database, but for the queue: its workers are alive."""
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        cursor = await connection.execute(TIMES, (list(BY_THE_CLOCK),))
        for table, columns in await cursor.fetchall():
            older = sql.SQL(", ").join(
                sql.SQL("{column} = {column} - {time}").format(column=sql.Identifier(each), time=sql.Literal(time))
                for each in columns
            )
            await connection.execute(sql.SQL("UPDATE {} SET {}").format(sql.Identifier(table), older))


def today() -> datetime:
    """Return the present moment, for a clock to begin with."""
    return datetime.now(UTC)  # noqa: TID251 - where a clock begins that is told the rest
