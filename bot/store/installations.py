"""Accounts that the App is installed on, as GitHub told last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from psycopg.types.json import Jsonb

from bot.store.database import Connection

SEE = """
INSERT INTO installation (installation_id, account, page, everything, suspended, permissions)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (installation_id) DO UPDATE SET account = excluded.account, page = excluded.page, seen_at = now(),
    everything = excluded.everything, suspended = excluded.suspended, permissions = excluded.permissions
"""
RELIST = """
INSERT INTO installation (installation_id) VALUES (%s)
ON CONFLICT (installation_id) DO UPDATE SET list_at = now()
"""
TAKE_UNLISTED = """
UPDATE installation SET list_at = NULL WHERE installation_id IN (
    SELECT installation_id FROM installation WHERE list_at <= now() AND NOT suspended
    ORDER BY list_at LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING installation_id
"""
LISTED = """
WITH before AS (SELECT listed_at FROM installation WHERE installation_id = %(id)s)
UPDATE installation SET listed_at = now() FROM before WHERE installation_id = %(id)s RETURNING now() - before.listed_at
"""
GET = "SELECT account, page, everything, suspended, permissions FROM installation WHERE installation_id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationFacts:
    """An installation. `everything` means all repositories of the account, not chosen ones; on `page` that is changed.

    `permissions` are those that its owner granted, by name; None where nobody told.
    """

    id: int
    account: str = ""
    page: str = ""
    everything: bool = False
    suspended: bool = False
    permissions: Mapping[str, str] | None = field(default=None)


async def see_installation(connection: Connection, facts: InstallationFacts) -> None:
    """Know an installation as *facts* say. Suspending one forgets nothing of it."""
    granted = None if facts.permissions is None else Jsonb(dict(facts.permissions))
    values = (facts.id, facts.account, facts.page, facts.everything, facts.suspended, granted)
    await connection.execute(SEE, values)


async def suspend_installation(connection: Connection, installation_id: int) -> None:
    """Have nothing done for an installation until it is seen unsuspended."""
    await connection.execute("UPDATE installation SET suspended = true WHERE installation_id = %s", (installation_id,))


async def relist_installation(connection: Connection, installation_id: int) -> None:
    """Have the repositories of an installation listed soon, also if nobody heard of it before."""
    await connection.execute(RELIST, (installation_id,))


async def relist_known(connection: Connection, installation_id: int) -> None:
    """Have the repositories of an installation listed soon, unless it was forgotten."""
    await connection.execute("UPDATE installation SET list_at = now() WHERE installation_id = %s", (installation_id,))


async def relist_later(connection: Connection, installation_id: int, wait: timedelta) -> None:
    """Have an installation listed after *wait*, since GitHub did not answer."""
    values = (wait, installation_id)
    await connection.execute("UPDATE installation SET list_at = now() + %s WHERE installation_id = %s", values)


async def mark_listed(connection: Connection, installation_id: int) -> timedelta | None:
    """Record that an installation was listed; return how long ago it was before, None if it never was."""
    row = await (await connection.execute(LISTED, {"id": installation_id})).fetchone()
    return row[0] if row else None


async def relist_all(connection: Connection) -> None:
    """Have the repositories of every installation listed soon."""
    await connection.execute("UPDATE installation SET list_at = now() WHERE list_at IS NULL")


async def take_unlisted(connection: Connection, *, limit: int = 10) -> tuple[int, ...]:
    """Return up to *limit* installations whose repositories are to be listed now, the longest waiting first."""
    cursor = await connection.execute(TAKE_UNLISTED, (limit,))
    return tuple(installation_id for (installation_id,) in await cursor.fetchall())


async def installation_facts(connection: Connection, installation_id: int) -> InstallationFacts | None:
    """Return what is known of an installation, None if nobody heard of it."""
    row = await (await connection.execute(GET, (installation_id,))).fetchone()
    if row is None:
        return None
    account, page, everything, suspended, permissions = row
    return InstallationFacts(
        id=installation_id,
        account=account,
        page=page,
        everything=everything,
        suspended=suspended,
        permissions=None if permissions is None else MappingProxyType(permissions),
    )


async def known_installations(connection: Connection) -> frozenset[int]:
    """Return the ids of all installations that are known."""
    cursor = await connection.execute("SELECT installation_id FROM installation")
    return frozenset(installation_id for (installation_id,) in await cursor.fetchall())
