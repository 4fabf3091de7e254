"""Repositories that are made up, in a real PostgreSQL, and a channel on localhost that they ask for packages.

How many ask for a name is fitted to the manifests of 211 public repositories, which name 1,300 packages: of these, 57 %
ask for python and 28 % for numpy, 13 % for the 10th name, 3 % for the 100th, 1 % for the 400th. That is
3.95 / (rank + 19.7) for all but the first two (Zipf's law as Mandelbrot has it), and with 30,000 names, as conda-forge
has, 29 names for a repository.
"""

import hashlib
from collections.abc import Iterable
from http import HTTPStatus

import msgspec
import psycopg
import zstandard
from aiohttp import web

from bot.demo.localhost import LocalServer

CHANNEL = "https://conda.anaconda.org/conda-forge"
NAMES = 30_000
SUBDIRS = ("linux-64", "noarch", "osx-arm64", "win-64")
PYTHON, NUMPY = 1, 2
OF_INSTALLATION = 40

FILL = """
INSERT INTO installation (installation_id) SELECT generate_series(1, %(count)s / %(each)s + 1);
INSERT INTO repository (repository_id, installation_id, scanned_at)
SELECT id, id / %(each)s + 1, now() - interval '1 day' FROM generate_series(1, %(count)s) AS id;
INSERT INTO channel (url) VALUES (%(channel)s);
INSERT INTO channel_name (channel_id, name)
SELECT 1, 'name-' || rank FROM generate_series(1, %(names)s) AS rank ORDER BY rank;
INSERT INTO channel_subdir (channel_id, subdir) SELECT 1, unnest(%(subdirs)s::text[]);
CREATE UNLOGGED TABLE drawn AS
SELECT 1 + floor(random() * %(count)s)::bigint AS repository_id, rank AS name_id
FROM generate_series(1, %(names)s) AS rank
CROSS JOIN LATERAL (SELECT CASE rank WHEN 1 THEN 0.57 WHEN 2 THEN 0.28 ELSE 3.95 / (rank + 19.7) END AS share) AS fit
CROSS JOIN LATERAL generate_series(1, round(-%(count)s * ln(1 - share))::integer);
INSERT INTO asked (repository_id, names, subdirs, changed_at)
SELECT repository_id, array_agg(DISTINCT name_id ORDER BY name_id), %(subdirs)s, now() - random() * interval '1 year'
FROM drawn GROUP BY repository_id;
DROP TABLE drawn;
"""
TABLES = ("asked", "channel_hash", "channel_subdir", "installation", "repository", "wave")
"""What a poll may write."""

WRITTEN = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint,
       coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint
FROM pg_stat_user_tables WHERE relname = ANY(%s)
"""


def fill(conninfo: str, count: int) -> None:
    """Make up *count* repositories that ask `CHANNEL` for `NAMES`."""
    values = {"count": count, "each": OF_INSTALLATION, "channel": CHANNEL, "names": NAMES, "subdirs": list(SUBDIRS)}
    with psycopg.connect(conninfo, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET work_mem = '256MB'")
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("DROP INDEX asked_names")
        connection.execute(FILL, values)
        connection.execute("CREATE INDEX asked_names ON asked USING gin (names)")
        connection.execute("VACUUM ANALYZE")


def touched(conninfo: str) -> tuple[int, int]:
    """Return how many rows were written and read so far in the tables of a poll, by connections that are closed."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(WRITTEN, (list(TABLES),)).fetchone()
    return row or (0, 0)


def who_asks(conninfo: str, name_id: int) -> int:
    """Return how many repositories ask for a name."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT count(*) FROM asked WHERE names @> ARRAY[%s::integer]", (name_id,)).fetchone()
    return row[0] if row else 0


class SimulatedChannel(LocalServer):
    """A channel that has an index of shards and no shard: nobody asks for one here."""

    def __init__(self) -> None:
        application = web.Application()
        application.router.add_get("/{subdir}/{file}", self._answer)
        super().__init__(application)
        self._releases = dict.fromkeys(SUBDIRS, 0)
        self._indexes = {subdir: _index(subdir, {}) for subdir in SUBDIRS}

    def release(self, subdir: str, names: Iterable[str]) -> None:
        """Have other records of *names* from the next request on, and of nothing else."""
        self._releases[subdir] += 1
        self._indexes[subdir] = _index(subdir, dict.fromkeys(names, self._releases[subdir]))

    async def _answer(self, request: web.Request) -> web.Response:
        index = self._indexes.get(request.match_info["subdir"])
        if index is None or request.match_info["file"] != "repodata_shards.msgpack.zst":
            return web.Response(status=HTTPStatus.NOT_FOUND)
        etag = f'"{hashlib.sha256(index).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
        return web.Response(body=index, headers={"ETag": etag})


def _index(subdir: str, releases: dict[str, int]) -> bytes:
    names = (f"name-{rank}" for rank in range(1, NAMES + 1))
    shards = {name: hashlib.sha256(f"{subdir} {name} {releases.get(name, 0)}".encode()).digest() for name in names}
    document = {"version": 1, "info": {"subdir": subdir}, "shards": shards}
    return zstandard.compress(msgspec.msgpack.encode(document))
