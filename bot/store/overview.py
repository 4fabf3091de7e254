"""What the pages show: each a query that reads a bounded number of rows by an index, however many there are.

Lists go on where the last one ended (a `Place`), since to skip rows is to read them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

import msgspec
from psycopg.rows import TupleRow

from bot.model.bundle import HandedOver
from bot.store.database import Connection
from bot.store.repositories import InstalledRepository
from bot.store.runs import RunId, RunState
from bot.store.wants import Priority

PAGE = 50
LAST_RUN = 2**63 - 1
"""An id that no run comes behind."""

INSTALLATIONS = """
SELECT installation_id, account, everything, suspended, paused, permissions FROM installation
WHERE (%(only)s::bigint[] IS NULL OR installation_id = ANY(%(only)s))
    AND (lower(account), installation_id) > (%(name)s, %(id)s)
ORDER BY lower(account), installation_id LIMIT %(limit)s
"""
COLUMNS = """
SELECT repository_id, installation_id, full_name, archived, fork, ticked, repository.paused, wanted_at, priority,
    reason, head, scanned_at, last_ok_at, failures, next_try_at FROM repository
"""
REPOSITORIES = (
    COLUMNS
    + """
WHERE installation_id = %(installation)s AND (full_name, repository_id) > (%(name)s, %(id)s)
ORDER BY full_name, repository_id LIMIT %(limit)s
"""
)
CHOSEN = COLUMNS + "WHERE installation_id = %s AND repository_id = ANY(%s) ORDER BY full_name, repository_id"
OF_IDS = COLUMNS + "WHERE repository_id = ANY(%s) ORDER BY repository_id"
REPOSITORY = COLUMNS + "WHERE repository_id = %s"
NAMED = "SELECT repository_id FROM repository WHERE lower(full_name) = lower(%s) ORDER BY repository_id LIMIT 1"
THE_FIRST_OF_EACH = """
WHERE repository_id IN (
    SELECT first.repository_id FROM installation CROSS JOIN LATERAL (
        SELECT repository_id, due_at FROM repository WHERE repository.installation_id = installation.installation_id
        AND priority = %s AND due_at <= now() ORDER BY due_at LIMIT 1
    ) AS first WHERE next_at <= now() AND NOT suspended AND NOT paused ORDER BY first.due_at LIMIT %s
) ORDER BY due_at
"""
WAITING = COLUMNS + THE_FIRST_OF_EACH
RUN_COLUMNS = """
SELECT run.id, run.installation_id, run.repository_id, coalesce(full_name, ''), started_at, finished_at, state,
    run.reason, requests, outcomes, log FROM run LEFT JOIN repository USING (repository_id)
"""
RUNS_OF = RUN_COLUMNS + "WHERE repository_id = %s AND run.id < %s ORDER BY started_at DESC, run.id DESC LIMIT %s"
LAST_SCAN = (
    RUN_COLUMNS
    + """
WHERE repository_id = %s AND kind NOT IN ('look', 'command') AND state <> 'running'
ORDER BY started_at DESC, run.id DESC LIMIT 1
"""
)
RUNS = RUN_COLUMNS + "WHERE run.started_at < %s ORDER BY started_at DESC LIMIT %s"
RUN = RUN_COLUMNS + "WHERE run.id = %s"
HANDED = "SELECT handed FROM repository WHERE repository_id = %s"
PROPOSALS = "SELECT key, failures, sentence, failed_at FROM proposal WHERE repository_id = %s ORDER BY key LIMIT %s"
PUSHES = """
SELECT key, pushed_at FROM push WHERE repository_id = %s AND pushed_at > now() - interval '7 days'
ORDER BY pushed_at DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a list goes on: behind this name and this id."""

    name: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationRow:
    """An installation as it is shown."""

    id: int
    account: str
    everything: bool
    suspended: bool
    paused: bool
    permissions: Mapping[str, str] | None

    @property
    def place(self) -> Place:
        """Return where a list goes on behind it."""
        return Place(name=self.account.lower(), id=self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRow:
    """A repository as it is shown. `scanned` is when it had its turn last, `last_ok` when all went well."""

    id: int
    installation_id: int
    full_name: str
    archived: bool = False
    fork: bool = False
    ticked: bool = False
    paused: bool = False
    wanted: datetime | None = None
    priority: int = 0
    reason: str = ""
    head: str = ""
    scanned: datetime | None = None
    last_ok: datetime | None = None
    failures: int = 0
    next_try: datetime | None = None

    @property
    def place(self) -> Place:
        """Return where a list goes on behind it."""
        return Place(name=self.full_name, id=self.id)

    @property
    def key(self) -> InstalledRepository:
        """Return its ids."""
        return InstalledRepository(installation_id=self.installation_id, repository_id=self.id)

    @property
    def name(self) -> str:
        """Return what it is called; its id before GitHub told its name."""
        return self.full_name or f"repository {self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as it is shown."""

    id: RunId
    installation_id: int
    repository_id: int
    full_name: str
    started: datetime
    finished: datetime | None
    state: RunState
    reason: str
    requests: int
    outcomes: tuple[str, ...] = ()
    log: tuple[str, ...] = ()

    @property
    def seconds(self) -> float | None:
        """Return how long it took, None while it runs."""
        return (self.finished - self.started).total_seconds() if self.finished else None

    @property
    def name(self) -> str:
        """Return what its repository is called."""
        return self.full_name or f"repository {self.repository_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """A proposal that could not be published."""

    key: str
    failures: int
    sentence: str
    failed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRow:
    """A commit that the bot put on a branch."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryOverview:
    """All that is known of a repository: its latest runs, and the last `scan` of these that has ended.

    `handed` is how far what it hands over is, by key.
    """

    repository: RepositoryRow
    installation: InstallationRow
    scan: RunRow | None = None
    runs: tuple[RunRow, ...] = ()
    proposals: tuple[ProposalRow, ...] = field(default=())
    pushes: tuple[PushRow, ...] = ()
    handed: Mapping[str, HandedOver] = field(default_factory=dict)


async def installations(
    connection: Connection, *, only: Collection[int] | None = None, after: Place | None = None, limit: int = PAGE
) -> tuple[InstallationRow, ...]:
    """Return up to *limit* installations behind *after* by name: of all, or of *only* these."""
    place = after or Place()
    chosen = None if only is None else list(only)
    values = {"only": chosen, "name": place.name, "id": place.id, "limit": limit}
    cursor = await connection.execute(INSTALLATIONS, values)
    return tuple(_installation(row) for row in await cursor.fetchall())


async def installation(connection: Connection, installation_id: int) -> InstallationRow | None:
    """Return one installation."""
    found = await installations(connection, only=(installation_id,), after=Place(id=-1))
    return found[0] if found else None


async def repositories(
    connection: Connection, installation_id: int, *, after: Place | None = None, limit: int = PAGE
) -> tuple[RepositoryRow, ...]:
    """Return up to *limit* repositories of an installation behind *after* by name."""
    place = after or Place()
    values = {"installation": installation_id, "name": place.name, "id": place.id, "limit": limit}
    cursor = await connection.execute(REPOSITORIES, values)
    return tuple(_repository(row) for row in await cursor.fetchall())


async def chosen_repositories(
    connection: Connection, installation_id: int, ids: Collection[int]
) -> tuple[RepositoryRow, ...]:
    """Return those of the repositories with *ids* that an installation has."""
    cursor = await connection.execute(CHOSEN, (installation_id, list(ids)))
    return tuple(_repository(row) for row in await cursor.fetchall())


async def repositories_of_ids(connection: Connection, ids: Collection[int]) -> tuple[RepositoryRow, ...]:
    """Return those of the repositories with *ids* that are known."""
    cursor = await connection.execute(OF_IDS, (list(ids),))
    return tuple(_repository(row) for row in await cursor.fetchall())


async def repository(connection: Connection, repository_id: int) -> RepositoryRow | None:
    """Return one repository."""
    row = await (await connection.execute(REPOSITORY, (repository_id,))).fetchone()
    return _repository(row) if row else None


async def repository_named(connection: Connection, full_name: str) -> int | None:
    """Return the id of the repository that is called *full_name*, in whatever case."""
    row = await (await connection.execute(NAMED, (full_name,))).fetchone()
    return row[0] if row else None


async def overview(connection: Connection, found: RepositoryRow) -> RepositoryOverview:
    """Return all that is known of a repository."""
    account = await installation(connection, found.installation_id)
    unknown = InstallationRow(
        id=found.installation_id, account="", everything=False, suspended=False, paused=False, permissions=None
    )
    return RepositoryOverview(
        repository=found,
        installation=account or unknown,
        scan=await _last_scan(connection, found.id),
        runs=await runs_of(connection, found.id, limit=10),
        proposals=await _proposals(connection, found.id),
        pushes=await _pushes(connection, found.id),
        handed=await _handed(connection, found.id),
    )


async def waiting(connection: Connection, priority: Priority, *, limit: int = 10) -> tuple[RepositoryRow, ...]:
    """Return the repositories that wait longest for their turn with *priority*, of each account the first."""
    cursor = await connection.execute(WAITING, (int(priority), limit))
    return tuple(_repository(row) for row in await cursor.fetchall())


async def runs_of(
    connection: Connection, repository_id: int, *, before: int = LAST_RUN, limit: int = PAGE
) -> tuple[RunRow, ...]:
    """Return up to *limit* runs of a repository, the latest first, of those before the run *before*."""
    cursor = await connection.execute(RUNS_OF, (repository_id, before, limit))
    return tuple(_run(row) for row in await cursor.fetchall())


async def _last_scan(connection: Connection, repository_id: int) -> RunRow | None:
    row = await (await connection.execute(LAST_SCAN, (repository_id,))).fetchone()
    return _run(row) if row else None


async def recent_runs(connection: Connection, before: datetime, *, limit: int = PAGE) -> tuple[RunRow, ...]:
    """Return up to *limit* runs of any repository that began before *before*, the latest first."""
    cursor = await connection.execute(RUNS, (before, limit))
    return tuple(_run(row) for row in await cursor.fetchall())


async def run(connection: Connection, run_id: int) -> RunRow | None:
    """Return one run."""
    row = await (await connection.execute(RUN, (run_id,))).fetchone()
    return _run(row) if row else None


async def _proposals(connection: Connection, repository_id: int) -> tuple[ProposalRow, ...]:
    cursor = await connection.execute(PROPOSALS, (repository_id, PAGE))
    return tuple(
        ProposalRow(key=key, failures=failures, sentence=sentence, failed=failed)
        for key, failures, sentence, failed in await cursor.fetchall()
    )


async def _handed(connection: Connection, repository_id: int) -> Mapping[str, HandedOver]:
    row = await (await connection.execute(HANDED, (repository_id,))).fetchone()
    return msgspec.convert(row[0], dict[str, HandedOver]) if row else {}


async def _pushes(connection: Connection, repository_id: int) -> tuple[PushRow, ...]:
    cursor = await connection.execute(PUSHES, (repository_id, PAGE))
    return tuple(PushRow(key=key, at=at) for key, at in await cursor.fetchall())


def _installation(row: TupleRow) -> InstallationRow:
    identity, account, everything, suspended, paused, permissions = row
    return InstallationRow(
        id=identity,
        account=account,
        everything=everything,
        suspended=suspended,
        paused=paused,
        permissions=None if permissions is None else MappingProxyType(permissions),
    )


def _repository(row: TupleRow) -> RepositoryRow:
    return RepositoryRow(
        id=row[0],
        installation_id=row[1],
        full_name=row[2],
        archived=row[3],
        fork=row[4],
        ticked=row[5],
        paused=row[6],
        wanted=row[7],
        priority=row[8],
        reason=row[9],
        head=row[10],
        scanned=row[11],
        last_ok=row[12],
        failures=row[13],
        next_try=row[14],
    )


def _run(row: TupleRow) -> RunRow:
    return RunRow(
        id=RunId(row[0]),
        installation_id=row[1],
        repository_id=row[2],
        full_name=row[3],
        started=row[4],
        finished=row[5],
        state=RunState(row[6]),
        reason=row[7],
        requests=row[8],
        outcomes=tuple(row[9]),
        log=tuple(row[10]),
    )
