"""Time that passes because somebody says so: for the App and its GitHub, and in the database.

The App takes its clock as an argument, so that is told another time. To PostgreSQL `now()` is a function like others:
in a database that lives by a told time another one comes before it.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql

A_MOMENT = 0.01
"""Seconds that a sleeper really sleeps, so that others have their turn."""

LIVE = """
CREATE TABLE told_time (ahead interval NOT NULL);
INSERT INTO told_time VALUES ('0');
CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql STABLE
AS 'SELECT pg_catalog.now() + ahead FROM public.told_time';
"""
STAMPED = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_default IN ('now()', 'pg_catalog.now()')
"""
TELL = """
UPDATE told_time SET ahead = %s - pg_catalog.now();
UPDATE procrastinate_workers SET last_heartbeat = pg_catalog.now() + ahead FROM told_time;
"""
"""However far the time jumps, the queue's workers are alive."""


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


def live_by_told_time(conninfo: str) -> None:
    """Have a database, to which nobody is connected yet and which has its tables, live by the time that it is told."""
    with psycopg.connect(conninfo) as connection:
        stamped = connection.execute(STAMPED).fetchall()
        connection.execute(LIVE)
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET search_path = public, pg_catalog").format(name))
        for table, column in stamped:
            change = sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT public.now()")
            connection.execute(change.format(sql.Identifier(table), sql.Identifier(column)))


async def tell_time(conninfo: str, moment: datetime) -> None:
    """Have it be *moment* in a database that lives by the time it is told."""
    async with await psycopg.AsyncConnection.connect(conninfo, cursor_factory=psycopg.AsyncClientCursor) as connection:
        await connection.execute(TELL, (moment,))


def today() -> datetime:
    """Return the present moment, for a clock to begin with."""
    return datetime.now(UTC)  # noqa: TID251 - where a clock begins that is told the rest
