"""Who locks a package, asked of the locks of many repositories that are made up.

A lock has 110 of 4,000 packages on 3 platforms each, 330 records: the first are in nearly every lock, as libraries that
everything needs. Of each there are 30 versions, the newer ones in more locks, in 3 choices of files.
`python -m bench.locks 1000000` prints the figures with so many locks.
"""

import argparse
import asyncio
import hashlib
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psycopg

from bench.figures import Figure, head
from bench.measuring import RUNS, median
from bot.leaving import run_and_leave
from bot.store.database import Connection, make_pool
from bot.store.embedded import embedded_postgres
from bot.store.locked import Holders, LockedRecord, remember_locked, who_locks, who_locks_file
from bot.store.migrate import migrate

REPOSITORIES = 10_000
NAMES, VERSIONS, CHOICES, PLATFORMS = 4_000, 30, 3, 3
POPULAR, RARE = 5, 3_500

FILL = """
INSERT INTO locked_package (name, version, digest, files)
SELECT 'package-' || name, '1.' || version, sha256(concat(name, ' ', version, ' ', choice)::bytea),
    ARRAY(SELECT sha256(concat(name, ' ', version, ' ', choice, ' ', platform)::bytea)
          FROM generate_series(1, %(platforms)s) AS platform)
FROM generate_series(1, %(names)s) AS name, generate_series(0, %(versions)s - 1) AS version,
    generate_series(0, %(choices)s - 1) AS choice
ORDER BY name, version, choice;
INSERT INTO repository (repository_id, installation_id) SELECT id, 1 FROM generate_series(1, %(count)s) AS id;
CREATE UNLOGGED TABLE drawn AS
SELECT 1 + floor(random() * %(count)s)::integer AS repository_id,
    ((name - 1) * %(versions)s + floor((1 - random() ^ 2) * %(versions)s)::integer) * %(choices)s
        + ceil(random() * %(choices)s)::integer AS package_id
FROM generate_series(1, %(names)s) AS name
CROSS JOIN LATERAL (SELECT least(0.95, 20.0 / (name + 15)) AS share) AS fit
CROSS JOIN LATERAL generate_series(1, round(-%(count)s * ln(1 - share))::integer);
INSERT INTO locked (repository_id, packages)
SELECT repository_id, array_agg(DISTINCT package_id ORDER BY package_id) FROM drawn GROUP BY repository_id;
DROP TABLE drawn;
"""


async def locks(repositories: int) -> AsyncIterator[Figure]:
    """Measure with the locks of so many *repositories*."""
    with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder), at_end="delete") as conninfo:
        migrate(conninfo)
        await asyncio.to_thread(_fill, conninfo, repositories)
        async with make_pool(conninfo) as pool, pool.connection() as connection:
            async for figure in _figures(connection, f"of {repositories:,} locks"):
                yield figure


async def _figures(connection: Connection, of: str) -> AsyncIterator[Figure]:
    bad = hashlib.sha256(f"{POPULAR} {VERSIONS - 1} 0 1".encode()).hexdigest()
    questions: dict[str, Callable[[], Awaitable[Holders]]] = {
        "a package in most, any version": lambda: who_locks(connection, f"package-{POPULAR}"),
        "the newest third of its versions": lambda: who_locks(connection, f"package-{POPULAR}", ">=1.20"),
        "one file of it": lambda: who_locks_file(connection, bad),
        "a package in few": lambda: who_locks(connection, f"package-{RARE}"),
    }
    for what, question in questions.items():
        seconds = await median(_ask(question))
        count = (await question()).count
        yield Figure(what=f"{of}, who locks {what} ({count:,})", value=seconds, budget=1, unit="s")
    yield Figure(what=f"{of}, a lock is remembered anew", value=await _writing(connection), budget=0.1, unit="s")
    size = await (await connection.execute("SELECT pg_total_relation_size('locked') / 1048576.0")).fetchone()
    yield Figure(what=f"{of}, table and index", value=float(size[0]) if size else 0, unit="MiB")


def _ask(question: Callable[[], Awaitable[Holders]]) -> Callable[[int], Awaitable[Holders]]:
    return lambda _: question()


async def _writing(connection: Connection) -> float:
    """Return the median of the seconds that a changed lock of 330 records takes, each committed."""
    records = [
        LockedRecord(
            name=f"package-{name}", version="1.7", sha256=hashlib.sha256(f"{name} 7 {each}".encode()).hexdigest()
        )
        for name in range(1, 331 // PLATFORMS)
        for each in range(PLATFORMS)
    ]
    await remember_locked(connection, 1, records)
    began = time.perf_counter()
    for run in range(RUNS):
        await remember_locked(connection, 1, records[run + 1 :])
        await connection.commit()
    return (time.perf_counter() - began) / RUNS


def _fill(conninfo: str, count: int) -> None:
    values = {"count": count, "names": NAMES, "versions": VERSIONS, "choices": CHOICES, "platforms": PLATFORMS}
    with psycopg.connect(conninfo, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET work_mem = '256MB'")
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("DROP INDEX locked_packages")
        connection.execute(FILL, values)
        connection.execute("CREATE INDEX locked_packages ON locked USING gin (packages)")
        connection.execute("VACUUM ANALYZE")


async def _main(repositories: int) -> None:
    print(head(), flush=True)
    async for figure in locks(repositories):
        print(figure, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.locks", description=__doc__)
    parser.add_argument("repositories", type=int, nargs="?", default=REPOSITORIES)
    options = parser.parse_args()
    run_and_leave(lambda: asyncio.run(_main(options.repositories)))
