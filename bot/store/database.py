"""Connections to PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from bot.store.embedded import embedded_postgres

Connection: TypeAlias = AsyncConnection[TupleRow]
Pool: TypeAlias = AsyncConnectionPool[Connection]

POOL_SIZE = 10


@contextmanager
def server(database_url: str | None, data_dir: Path) -> Iterator[str]:
    """Give the connection string of the operator's server, or of our own in *data_dir*."""
    if database_url:
        yield database_url
        return
    with embedded_postgres(data_dir) as uri:
        yield uri


def make_pool(conninfo: str, *, size: int = POOL_SIZE) -> Pool:
    """Return a pool of up to *size* connections, to be opened by `async with`; broken ones are never given out."""
    return AsyncConnectionPool(
        conninfo, min_size=1, max_size=size, open=False, check=AsyncConnectionPool.check_connection
    )
