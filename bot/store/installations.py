"""Accounts that the App is installed on, as GitHub told last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from psycopg.types.json import Jsonb

from bot.store.database import Connection

SEE = """
INSERT INTO installation (installation_id, account, everything, suspended, permissions)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (installation_id) DO UPDATE SET account = excluded.account, everything = excluded.everything,
    suspended = excluded.suspended, permissions = excluded.permissions, seen_at = now()
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
GET = "SELECT account, everything, suspended, permissions FROM installation WHERE installation_id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationFacts:
    """An installation. `everything` means all repositories of the account, not chosen ones.

    `permissions` are those that its owner granted, by name; None where nobody told.
    """

    id: int
    account: str = ""
    everything: bool = False
    suspended: bool = False
    permissions: Mapping[str, str] | None = field(default=None)


async def see_installation(connection: Connection, facts: InstallationFacts) -> None:
    """Know an installation as *facts* say. Suspending one forgets nothing of it."""
    granted = None if facts.permissions is None else Jsonb(dict(facts.permissions))
    values = (facts.id, facts.account, facts.everything, facts.suspended, granted)
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
    account, everything, suspended, permissions = row
    return InstallationFacts(
        id=installation_id,
        account=account,
        everything=everything,
        suspended=suspended,
        permissions=None if permissions is None else MappingProxyType(permissions),
    )


async def known_installations(connection: Connection) -> frozenset[int]:
    """Return the ids of all installations that are known."""
    cursor = await connection.execute("SELECT installation_id FROM installation")
    return frozenset(installation_id for (installation_id,) in await cursor.fetchall())
