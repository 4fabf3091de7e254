"""The database's schema: procrastinate's and ours, each file applied once and in order.

However many processes start at once, one of them migrates. A release and the one before it run side by side, so a file
either only adds (**expands**), and whichever process starts first applies it, or it takes something away that the
release before still uses (**contracts**): then a line `-- contracts: REASON` says so, and it waits for `condabot db
migrate`, which an operator runs when no older process is left. procrastinate calls the two `pre` and `post`:
https://procrastinate.readthedocs.io/en/stable/howto/production/migrations.html
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import LiteralString

import psycopg
from procrastinate.schema import SchemaManager

from bot.errors import SettingsError

log = logging.getLogger(__name__)

MIGRATION_LOCK = 0x636F6E6461
"""A number of our own for PostgreSQL's advisory lock: one process migrates, the others wait."""

LEDGER = """
CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
ALTER TABLE migration ADD COLUMN IF NOT EXISTS contracts boolean NOT NULL DEFAULT false;
"""
HAS_LEDGER = "SELECT to_regclass('migration') IS NOT NULL"
RECORD = "INSERT INTO migration (name, contracts) VALUES (%s, %s) ON CONFLICT DO NOTHING"

QUEUE = "procrastinate"
"""What the ledger calls the whole of the queue's schema, as it is for a new database."""

QUEUE_AT_FIRST = "procrastinate/03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""What that schema had when the ledger knew no files of procrastinate yet: that of procrastinate 3.10."""

CONTRACTS = re.compile(r"^-- contracts: \S", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A file of SQL. Only one that does not contract leaves the release before it at work."""

    name: str
    sql: LiteralString
    contracts: bool


class Until(StrEnum):
    """How far to go."""

    CONTRACTION = "contraction"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaVersion:
    """How a database stands to this release: what of its files is applied, what is not, and what it has beyond them."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]


def migrate(conninfo: str, *, until: Until = Until.CONTRACTION) -> tuple[str, ...]:
    """Apply what the database has not seen yet, all or nothing, and return the names of what was applied.

    A new database gets everything. What contracts waits for *until* to be the end.

    Raises:
        SettingsError: a file that waits stands before others; or the database is too new for this release.

    """
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        connection.execute(LEDGER)
        known = _known(connection)
        if not known:
            return _begin(connection)
        _check_newer(known)
        if QUEUE in known and not any(each.startswith(f"{QUEUE}/") for each in known):
            _record(connection, [each for each in _queue_files() if each.name <= QUEUE_AT_FIRST])
            known = _known(connection)
        pending = [each for each in _migrations() if each.name not in known]
        due = pending if until is Until.END else _expanding(pending)
        for each in due:
            connection.execute(each.sql)
            _record(connection, [each])
    return tuple(each.name for each in due)


def version(conninfo: str) -> SchemaVersion:
    """Return how the database stands to this release; nothing in it is changed."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(HAS_LEDGER).fetchone()
        known = [name for (name,) in connection.execute("SELECT name FROM migration")] if row and row[0] else []
    ours = [each.name for each in _migrations()]
    if QUEUE in known and not any(each.startswith(f"{QUEUE}/") for each in known):
        known += [each for each in ours if each.startswith(f"{QUEUE}/") and each <= QUEUE_AT_FIRST]
    return SchemaVersion(
        applied=tuple(each for each in ours if each in known),
        pending=tuple(each for each in ours if each not in known),
        unknown=tuple(sorted({*known} - {*ours, QUEUE})),
    )


def _begin(connection: psycopg.Connection) -> tuple[str, ...]:
    """Make a new database: the queue's schema has all that its files would change."""
    connection.execute(SchemaManager.get_schema())
    connection.execute(RECORD, (QUEUE, False))
    _record(connection, _queue_files())
    ours = _our_files()
    for each in ours:
        connection.execute(each.sql)
    _record(connection, ours)
    return (QUEUE, *(each.name for each in ours))


def _known(connection: psycopg.Connection) -> dict[str, bool]:
    """Return what was applied, and whether it contracts."""
    return dict(connection.execute("SELECT name, contracts FROM migration").fetchall())


def _record(connection: psycopg.Connection, migrations: Sequence[Migration]) -> None:
    for each in migrations:
        connection.execute(RECORD, (each.name, each.contracts))


def _check_newer(known: dict[str, bool]) -> None:
    """Say that a newer release was here; go on if it took away nothing that this one uses."""
    newer = sorted({*known} - {each.name for each in _migrations()} - {QUEUE})
    if gone := [name for name in newer if known[name]]:
        raise SettingsError(f"the database is too new for this release: it went through {gone[0]}", key="DATABASE_URL")
    if newer:
        log.warning("the database is newer than this release, and has what this one needs: %s", ", ".join(newer))


def _expanding(pending: Sequence[Migration]) -> list[Migration]:
    """Return those of *pending* before the first that contracts.

    Raises:
        SettingsError: there are others behind it, which this release needs.

    """
    due: list[Migration] = []
    for index, each in enumerate(pending):
        if not each.contracts:
            due.append(each)
            continue
        if any(not later.contracts for later in pending[index:]):
            words = f"{each.name} waits until no older process runs: stop them all, then `condabot db migrate`"
            raise SettingsError(words, key="DATABASE_URL")
        log.warning("%s waits for `condabot db migrate`, to be run when no older process is left", each.name)
        break
    return due


def _migrations() -> tuple[Migration, ...]:
    """Return the queue's files, then ours, by name."""
    return (*_queue_files(), *_our_files())


def _queue_files() -> tuple[Migration, ...]:
    files = _files("procrastinate.sql")
    return tuple(Migration(name=f"{QUEUE}/{name}", sql=sql, contracts="_post_" in name) for name, sql in sorted(files))


def _our_files() -> tuple[Migration, ...]:
    files = _files("bot.store")
    return tuple(Migration(name=name, sql=sql, contracts=bool(CONTRACTS.search(sql))) for name, sql in sorted(files))


def _files(package: str) -> Iterator[tuple[str, LiteralString]]:
    """Return the files of SQL in the folder `migrations` of *package*, which are as good as constants of its code."""
    for file in resources.files(package).joinpath("migrations").iterdir():
        if file.name.endswith(".sql"):
            yield file.name, file.read_text(encoding="utf-8")
