"""The database's schema: procrastinate's and ours, applied once and in order.

However many processes start at once, one of them migrates.
"""

from collections.abc import Iterator
from importlib import resources
from typing import LiteralString

import psycopg
from procrastinate.schema import SchemaManager

MIGRATION_LOCK = 0x636F6E6461
"""A number of our own for PostgreSQL's advisory lock: one process migrates, the others wait."""

LEDGER = "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"


def migrate(conninfo: str) -> tuple[str, ...]:
    """Apply what the database has not seen yet, all or nothing, and return the names of what was applied."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        connection.execute(LEDGER)
        known = {name for (name,) in connection.execute("SELECT name FROM migration")}
        pending = [(name, sql) for name, sql in _migrations() if name not in known]
        for name, sql in pending:
            connection.execute(sql)
            connection.execute("INSERT INTO migration (name) VALUES (%s)", (name,))
    return tuple(name for name, _ in pending)


def _migrations() -> Iterator[tuple[str, LiteralString]]:
    """Return the queue's schema, then our files by name."""
    yield "procrastinate", SchemaManager.get_schema()
    for file in sorted(resources.files("bot.store").joinpath("migrations").iterdir(), key=lambda each: each.name):
        yield file.name, file.read_text(encoding="utf-8")
