"""Repositories that the App may look at: who they are, and what is known of their last scan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from psycopg.types.json import Jsonb

from bot.model.bundle import HandedOver
from bot.store.database import Connection

SEE = """
INSERT INTO repository (repository_id, installation_id, node_id, full_name, archived, fork)
SELECT DISTINCT ON (repository_id) repository_id, %(installation)s, node_id, full_name, archived, fork FROM unnest(
    %(ids)s::bigint[], %(nodes)s::text[], %(names)s::text[], %(archived)s::boolean[], %(forks)s::boolean[]
) AS seen (repository_id, node_id, full_name, archived, fork)
ON CONFLICT (repository_id) DO UPDATE SET installation_id = excluded.installation_id, node_id = excluded.node_id,
    full_name = excluded.full_name, archived = excluded.archived, fork = excluded.fork
"""
KNOW = """
INSERT INTO repository (repository_id, installation_id)
SELECT DISTINCT ON (repository_id) repository_id, installation_id
FROM unnest(%s::bigint[], %s::bigint[]) AS known (repository_id, installation_id)
ON CONFLICT (repository_id) DO UPDATE SET installation_id = excluded.installation_id
WHERE repository.installation_id <> excluded.installation_id
"""
KNOW_INSTALLATIONS = """
INSERT INTO installation (installation_id) SELECT DISTINCT * FROM unnest(%s::bigint[])
ON CONFLICT (installation_id) DO NOTHING
"""
BEFORE = """
SELECT repository_id FROM repository JOIN unnest(%s::bigint[], %s::timestamptz[]) AS pushed (repository_id, at)
USING (repository_id) WHERE scanned_at IS NULL OR scanned_at < at
"""
FORGET_RUNS = "DELETE FROM run WHERE repository_id = ANY(%s)"
FORGET_JOBS = "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND (args ->> 'repository_id')::bigint = ANY(%s)"
FORGET = "DELETE FROM repository WHERE repository_id = ANY(%s)"
MEMORY = """
SELECT installation_id, full_name, ticked, told, paths, dashboard, snapshots, alerts, conflicting, handed
FROM repository WHERE repository_id = %s
"""
CALLED = "SELECT repository_id FROM repository WHERE installation_id = %s AND lower(full_name) = lower(%s)"
OF_INSTALLATION = "SELECT repository_id FROM repository WHERE installation_id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledRepository:
    """A repository and the installation through which the App reaches it."""

    installation_id: int
    repository_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFacts:
    """What GitHub's lists say of a repository; `fork` stands for templates too: neither is touched unless asked."""

    id: int
    node_id: str
    full_name: str
    archived: bool = False
    fork: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryMemory:
    """What a job has to know of a repository.

    `full_name` is empty before GitHub told it. It is `ticked` if a person asked for this very repository. `told` is the
    digest of what was told last beside its head, empty if nothing was; `paths` are patterns of those that matter to it
    alone, as its last scan found them. `dashboard` is the number of its dashboard, 0 for none. `snapshots` are the
    digests of what the dependency graph was told, by key, `alerts` is what code scanning was told, empty if nothing.
    `conflicting` are pull requests of people that could not be merged then, as `NUMBER:HEAD`. `handed` is how far what
    it hands over is, by key.
    """

    repository: InstalledRepository
    full_name: str
    ticked: bool
    told: str
    paths: tuple[str, ...]
    dashboard: int = 0
    snapshots: Mapping[str, str] = field(default_factory=dict)
    alerts: str = ""
    conflicting: frozenset[str] = frozenset()
    handed: Mapping[str, HandedOver] = field(default_factory=dict)


def queueing_lock(repository_id: int) -> str:
    """Return the name under which at most one scan of a repository waits in the queue."""
    return f"scan:{repository_id}"


async def know_repositories(connection: Connection, repositories: Sequence[InstalledRepository]) -> None:
    """Know *repositories*, each by the installation that spoke of it last."""
    installations = [each.installation_id for each in repositories]
    await connection.execute(KNOW_INSTALLATIONS, (installations,))
    await connection.execute(KNOW, ([each.repository_id for each in repositories], installations))


async def see_repositories(connection: Connection, installation_id: int, facts: Sequence[RepositoryFacts]) -> None:
    """Know the repositories of an installation as *facts* say."""
    await connection.execute(KNOW_INSTALLATIONS, ([installation_id],))
    values = {
        "installation": installation_id,
        "ids": [each.id for each in facts],
        "nodes": [each.node_id for each in facts],
        "names": [each.full_name for each in facts],
        "archived": [each.archived for each in facts],
        "forks": [each.fork for each in facts],
    }
    await connection.execute(SEE, values)


async def repositories_of(connection: Connection, installation_id: int) -> frozenset[int]:
    """Return the ids of the repositories known of an installation."""
    cursor = await connection.execute(OF_INSTALLATION, (installation_id,))
    return frozenset(repository_id for (repository_id,) in await cursor.fetchall())


async def installation_of(connection: Connection, repository_id: int) -> int | None:
    """Return the installation through which the App reaches a repository now, None if it may not look at it."""
    cursor = await connection.execute(
        "SELECT installation_id FROM repository WHERE repository_id = %s", (repository_id,)
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def repository_called(connection: Connection, installation_id: int, full_name: str) -> int | None:
    """Return the repository of an installation that is called so, in any case; None if the App may not look at it."""
    row = await (await connection.execute(CALLED, (installation_id, full_name))).fetchone()
    return row[0] if row else None


async def remembered(connection: Connection, repository_id: int) -> RepositoryMemory | None:
    """Return what a job has to know of a repository, None if the App may not look at it."""
    row = await (await connection.execute(MEMORY, (repository_id,))).fetchone()
    if row is None:
        return None
    installation_id, full_name, ticked, told, paths, dashboard, snapshots, alerts, conflicting, handed = row
    return RepositoryMemory(
        repository=InstalledRepository(installation_id=installation_id, repository_id=repository_id),
        full_name=full_name,
        ticked=ticked,
        told=told,
        paths=tuple(paths),
        dashboard=dashboard,
        snapshots=snapshots,
        alerts=alerts,
        conflicting=frozenset(conflicting),
        handed=msgspec.convert(handed, dict[str, HandedOver]),
    )


async def remember_told(connection: Connection, repository_id: int, digest: str) -> None:
    """Remember what was told beside the head of a repository."""
    await connection.execute("UPDATE repository SET told = %s WHERE repository_id = %s", (digest, repository_id))


async def remember_dashboard(connection: Connection, repository_id: int, number: int) -> None:
    """Remember which issue is the dashboard of a repository."""
    await connection.execute("UPDATE repository SET dashboard = %s WHERE repository_id = %s", (number, repository_id))


async def remember_snapshots(connection: Connection, repository_id: int, digests: Mapping[str, str]) -> None:
    """Remember what the dependency graph was told of a repository."""
    await connection.execute(
        "UPDATE repository SET snapshots = %s WHERE repository_id = %s", (Jsonb(dict(digests)), repository_id)
    )


async def remember_alerts(connection: Connection, repository_id: int, alerts: str) -> None:
    """Remember what code scanning was told of a repository."""
    await connection.execute("UPDATE repository SET alerts = %s WHERE repository_id = %s", (alerts, repository_id))


async def remember_handed(connection: Connection, repository_id: int, handed: Mapping[str, HandedOver]) -> None:
    """Remember how far what a repository hands over is."""
    plain = Jsonb(msgspec.to_builtins(dict(handed)))
    await connection.execute("UPDATE repository SET handed = %s WHERE repository_id = %s", (plain, repository_id))


async def remember_conflicting(connection: Connection, repository_id: int, conflicting: Collection[str]) -> None:
    """Remember which pull requests of people could not be merged, as `NUMBER:HEAD`."""
    values = (sorted(conflicting), repository_id)
    await connection.execute("UPDATE repository SET conflicting = %s WHERE repository_id = %s", values)


async def watched_paths(connection: Connection, repository_id: int) -> tuple[str, ...]:
    """Return the patterns of those paths that matter to one repository alone, as its last scan found them."""
    cursor = await connection.execute("SELECT paths FROM repository WHERE repository_id = %s", (repository_id,))
    row = await cursor.fetchone()
    return tuple(row[0]) if row else ()


async def scanned_before(connection: Connection, pushed: Mapping[int, datetime]) -> tuple[int, ...]:
    """Return those repositories that were scanned before the moment of *pushed*, or never."""
    values = (list(pushed), list(pushed.values()))
    return tuple(repository_id for (repository_id,) in await (await connection.execute(BEFORE, values)).fetchall())


async def forget_repositories(connection: Connection, repository_ids: Collection[int]) -> None:
    """Forget repositories, what was done there, and the jobs that wait for them."""
    ids = list(repository_ids)
    await connection.execute(FORGET_RUNS, (ids,))
    await connection.execute(FORGET_JOBS, (ids,))
    await connection.execute(FORGET, (ids,))


async def forget_repository(connection: Connection, repository: InstalledRepository) -> None:
    """Forget one repository of an installation: not if another installation has it by now."""
    if await installation_of(connection, repository.repository_id) == repository.installation_id:
        await forget_repositories(connection, (repository.repository_id,))


async def forget_installation(connection: Connection, installation_id: int) -> None:
    """Forget an installation with all its repositories."""
    await forget_repositories(connection, await repositories_of(connection, installation_id))
    await connection.execute("DELETE FROM run WHERE installation_id = %s", (installation_id,))
    await connection.execute("DELETE FROM installation WHERE installation_id = %s", (installation_id,))
