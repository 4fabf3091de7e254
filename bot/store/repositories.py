"""Where the App is installed, and which repositories are due for a scan that nobody asks for."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.store.database import Connection

KNOW = """
INSERT INTO repository (repository_id, installation_id) VALUES (%s, %s)
ON CONFLICT (repository_id) DO UPDATE SET installation_id = excluded.installation_id
"""
POSTPONE = """
INSERT INTO repository (repository_id, installation_id, due_at, due_reason) VALUES (%s, %s, now() + %s, %s)
ON CONFLICT (repository_id) DO UPDATE
SET installation_id = excluded.installation_id, due_at = excluded.due_at, due_reason = excluded.due_reason
"""
TAKE_DUE = """
UPDATE repository SET due_at = NULL, due_reason = '' WHERE repository_id IN (
    SELECT repository_id FROM repository WHERE due_at <= now() ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING installation_id, repository_id
"""


UNSEEN = """
SELECT installation_id, repository_id FROM repository
WHERE repository_id %% 1440 <= %(minute)s
AND NOT EXISTS (SELECT FROM run WHERE run.repository_id = repository.repository_id AND run.started_at >= %(midnight)s)
ORDER BY repository_id %% 1440, repository_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledRepository:
    """A repository and the installation through which the App reaches it."""

    installation_id: int
    repository_id: int


async def remember(connection: Connection, repository: InstalledRepository) -> None:
    """Know *repository*, by the installation that spoke of it last."""
    await connection.execute(KNOW, (repository.repository_id, repository.installation_id))


async def postpone(connection: Connection, repository: InstalledRepository, wait: timedelta, reason: str) -> None:
    """Make *repository* due after *wait*, for *reason*, in place of any earlier date."""
    await connection.execute(POSTPONE, (repository.repository_id, repository.installation_id, wait, reason))


async def take_due(connection: Connection, *, limit: int = 1000) -> tuple[InstalledRepository, ...]:
    """Return up to *limit* repositories that are due, the longest due first; they are not due any more."""
    cursor = await connection.execute(TAKE_DUE, (limit,))
    return tuple(
        InstalledRepository(installation_id=installation_id, repository_id=repository_id)
        for installation_id, repository_id in await cursor.fetchall()
    )


async def unseen_today(
    connection: Connection, moment: datetime, *, limit: int = 1000
) -> tuple[InstalledRepository, ...]:
    """Return up to *limit* repositories that no scan has looked at on the day (UTC) of *moment*, and whose time it is.

    Each has its minute of the day, by its id: so they are spread over the day, and one that was missed is not lost.
    """
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    minute = (moment - midnight) // timedelta(minutes=1)
    cursor = await connection.execute(UNSEEN, {"minute": minute, "midnight": midnight, "limit": limit})
    return tuple(
        InstalledRepository(installation_id=installation_id, repository_id=repository_id)
        for installation_id, repository_id in await cursor.fetchall()
    )


async def forget_installation(connection: Connection, installation_id: int) -> None:
    """Forget the repositories of an installation and what was done there."""
    await connection.execute("DELETE FROM run WHERE installation_id = %s", (installation_id,))
    await connection.execute("DELETE FROM repository WHERE installation_id = %s", (installation_id,))


async def forget_repository(connection: Connection, repository: InstalledRepository) -> None:
    """Forget one repository of an installation and what was done there."""
    key = (repository.installation_id, repository.repository_id)
    await connection.execute("DELETE FROM run WHERE installation_id = %s AND repository_id = %s", key)
    await connection.execute("DELETE FROM repository WHERE installation_id = %s AND repository_id = %s", key)
