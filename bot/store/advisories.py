"""What advisories said last of each project, and whom it concerns."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from bot.model.manifest import PackageName
from bot.store.database import Connection

IS_KNOWN: Final = "SELECT EXISTS (SELECT FROM advisory_hash)"
CHANGE: Final = """
WITH told AS (SELECT * FROM unnest(%(names)s::text[], %(hashes)s::bytea[]) AS told (name, hash)),
gone AS (DELETE FROM advisory_hash WHERE NOT EXISTS (
    SELECT FROM told WHERE told.name = advisory_hash.name) RETURNING name),
other AS (INSERT INTO advisory_hash AS known (name, hash) SELECT name, hash FROM told
    ON CONFLICT (name) DO UPDATE SET hash = excluded.hash WHERE known.hash <> excluded.hash RETURNING name)
SELECT name FROM gone UNION ALL SELECT name FROM other ORDER BY 1
"""
CONCERNED: Final = """
SELECT repository_id FROM locked
WHERE packages && ARRAY(SELECT package_id FROM locked_package WHERE name = ANY(%(names)s))
UNION SELECT repository_id FROM asked
WHERE names && ARRAY(SELECT name_id FROM channel_name WHERE name = ANY(%(names)s))
ORDER BY 1 LIMIT %(limit)s
"""


async def see_advisories(connection: Connection, hashes: Mapping[PackageName, bytes]) -> Sequence[str]:
    """Remember the *hashes* of what is said by project; return the projects of which something else was said before.

    What is seen first is the baseline, and changes nothing.
    """
    row = await (await connection.execute(IS_KNOWN)).fetchone()
    values = {"names": list(hashes), "hashes": list(hashes.values())}
    changed = await (await connection.execute(CHANGE, values)).fetchall()
    return [name for (name,) in changed] if row and row[0] else ()


async def who_holds(connection: Connection, names: Collection[str], *, limit: int) -> tuple[int, ...]:
    """Return up to *limit* repositories that lock a package of any of *names*, or ask a channel for it."""
    values = {"names": list(names), "limit": limit}
    rows = await (await connection.execute(CONCERNED, values, prepare=False)).fetchall()
    return tuple(repository_id for (repository_id,) in rows)
