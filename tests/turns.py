"""Repositories that are known and wanted, whose turn it is, and what the database says of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from psycopg.rows import TupleRow

from bot.store.database import Connection, Pool
from bot.store.repositories import InstalledRepository, know_repositories
from bot.store.wants import Priority, Turn, Want, take_turn, want

REPOSITORY = InstalledRepository(installation_id=7, repository_id=70)
OTHER = InstalledRepository(installation_id=7, repository_id=71)
THIRD = InstalledRepository(installation_id=8, repository_id=80)
DAY, RELEASE, SCHEDULE, INSTALL, PUSH, PERSON = (Want(priority=each, reason=each.name.lower()) for each in Priority)
BEGIN = """
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status)
VALUES ('repository', 'scan', 'repo:' || %(id)s, 'scan:' || %(id)s, 'doing')
"""

NEARER = "UPDATE repository SET wanted_at = wanted_at - %(span)s, next_try_at = next_try_at - %(span)s"


def turn(repository: InstalledRepository = REPOSITORY, priority: Priority = Priority.PUSH) -> Turn:
    return Turn(repository=repository, priority=priority, reason=priority.name.lower())


async def known(connection: Connection, *repositories: InstalledRepository) -> None:
    await know_repositories(connection, repositories)


async def wanted(connection: Connection, *repositories: InstalledRepository, why: Want = PUSH) -> None:
    """Have repositories known and wanted."""
    await know_repositories(connection, repositories)
    await want(connection, [each.repository_id for each in repositories], why)


async def taken(connection: Connection, *, most: int = 10_000, least: Priority = Priority.DAY) -> list[int]:
    """Take turns until there is none, *most* of them at the most; return the repositories in their order."""
    found: list[int] = []
    while len(found) < most and (each := await take_turn(connection, least=least)):
        found.append(each.repository.repository_id)
    return found


async def begin(connection: Connection, repository_id: int) -> None:
    """Have a scan of a repository running, as far as the queue knows."""
    await connection.execute(BEGIN, {"id": repository_id})


async def end(connection: Connection, repository_id: int) -> None:
    """Have the queue know that the scan has ended."""
    await connection.execute("DELETE FROM procrastinate_jobs WHERE lock = 'repo:' || %s::bigint", (repository_id,))


async def pass_time(connection: Connection, minutes: float) -> None:
    """Let everything that is planned come nearer by so many minutes."""
    span = {"span": timedelta(minutes=minutes)}
    await connection.execute(NEARER, span)
    await connection.execute("UPDATE installation SET next_at = next_at - %(span)s", span)


async def asked(connection: Connection, query: str, *values: object) -> Sequence[TupleRow]:
    return await (await connection.execute(query.encode(), values)).fetchall()


async def counts(connection: Connection, *tables: str) -> list[int]:
    """Return how many rows each table has."""
    return [(await asked(connection, f"SELECT count(*) FROM {table}"))[0][0] for table in tables]  # noqa: S608 - constants


async def rows(pool: Pool, query: str, *values: object) -> list[tuple[Any, ...]]:
    async with pool.connection() as connection:
        return list(await asked(connection, query, *values))
