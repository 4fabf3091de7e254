"""Connections to PostgreSQL.

The nouns that jobs share with the database are there without its driver too: `condabot run` has none.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow
    from psycopg_pool import AsyncConnectionPool

Connection: TypeAlias = "AsyncConnection[TupleRow]"
Pool: TypeAlias = "AsyncConnectionPool[AsyncConnection[TupleRow]]"

T = TypeVar("T")

POOL_SIZE = 10
INBOX_SIZE = 4
"""Connections through which deliveries are stored: more would only be in each other's way."""

INBOX_PATIENCE = 4.0
"""Seconds that a delivery waits for one of them, twice at most: GitHub hangs up after ten."""

DEADLOCKS = 4
"""So often in a row something is begun again."""


@contextmanager
def server(database_url: str | None, data_dir: Path) -> Iterator[str]:
    """Give the connection string of the operator's server, or of our own in *data_dir*."""
    if database_url:
        yield database_url
        return
    from bot.store.embedded import embedded_postgres  # noqa: PLC0415 -- see above

    with embedded_postgres(data_dir) as uri:
        yield uri


def make_pool(conninfo: str, *, size: int = POOL_SIZE) -> Pool:
    """Return a pool of up to *size* connections, to be opened by `async with`; broken ones are never given out."""
    from bot.store.pool import CancellablePool  # noqa: PLC0415 -- see above

    return CancellablePool(conninfo, min_size=1, max_size=size, open=False, check=CancellablePool.check_connection)


def make_inbox_pool(conninfo: str, *, size: int = INBOX_SIZE) -> Pool:
    """Return a pool for statements that are transactions by themselves: each is one message to the server and back.

    A broken connection may be given out; `Pool.check` weeds them out.
    """
    from bot.store.pool import CancellablePool  # noqa: PLC0415 -- see above

    return CancellablePool(
        conninfo, min_size=1, max_size=size, timeout=INBOX_PATIENCE, open=False, kwargs={"autocommit": True}
    )


async def transacted(pool: Pool, do: Callable[[Connection], Awaitable[T]]) -> T:
    """Return what *do* returns, done in one transaction, which is begun again if it and another waited for each other.

    Wants of many repositories and ends of scans lock the same rows in whatever order they come.
    """
    from psycopg.errors import DeadlockDetected  # noqa: PLC0415 -- see above

    for _ in range(DEADLOCKS):
        with suppress(DeadlockDetected):
            async with pool.connection() as connection:
                return await do(connection)
    async with pool.connection() as connection:
        return await do(connection)
