"""A pool of connections to PostgreSQL that keeps to cancellation."""

import asyncio

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool


class CancellablePool(AsyncConnectionPool[AsyncConnection[TupleRow]]):
    """psycopg's pool, under which a task that is cancelled ends, also at the moment when a connection comes free.

    The pool waits with `asyncio.wait_for`, which before Python 3.12 forgets that it was cancelled when what it waits
    for came in the same turn of the loop: https://github.com/python/cpython/issues/86296. A loop that asks for a
    connection in each round, as the coordinator's, then never ends.
    """

    async def getconn(self, timeout: float | None = None) -> AsyncConnection[TupleRow]:  # noqa: ASYNC109 - the pool's own signature
        """Return a connection.

        Raises:
            CancelledError: the task was cancelled meanwhile; the connection is back in the pool.
            PoolTimeout: there was none for *timeout* seconds.

        """
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        connection = await super().getconn(timeout)
        if task and task.cancelling() > before:
            await self.putconn(connection)
            raise asyncio.CancelledError
        return connection
