"""A worker's lease: a lock that PostgreSQL holds for it exactly as long as its process is connected.

A worker that is killed loses its lease at once, one that is only slow keeps it. So whose jobs are orphans is a fact,
not a guess by time-outs. https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
A connection pooler in transaction mode does not keep such locks: workers connect to PostgreSQL itself.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from procrastinate.connector import BaseConnector
from procrastinate.manager import JobManager

from bot.errors import LeaseLost
from bot.store.database import Connection

LEASES = 0x636F6E64
"""The first half of the locks' numbers, ours alone; the second half is the worker's id."""


class Lease:
    """The lease of one worker; it lives as long as `connection`, which is busy as long as the lease is watched."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._taken = asyncio.Event()

    async def take(self, worker_id: int) -> None:
        """Hold the lease of *worker_id* from now on."""
        await self.connection.execute("SELECT pg_advisory_lock(%s, %s)", (LEASES, worker_id))
        self._taken.set()

    @property
    def is_held(self) -> bool:
        """Tell whether it is held, as far as this process knows."""
        return self._taken.is_set() and not self.connection.closed

    async def watch(self) -> None:
        """Wait until the lease is lost.

        Raises:
            LeaseLost: it is.

        """
        await self._taken.wait()
        try:
            async for _ in self.connection.notifies():
                pass
        except psycopg.OperationalError as error:
            raise LeaseLost(f"the connection to the database was lost: {error}") from error


@asynccontextmanager
async def open_lease(conninfo: str) -> AsyncIterator[Lease]:
    """Open the connection that holds a lease; closing it gives the lease back."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        yield Lease(connection)


class LeasedJobManager(JobManager):
    """procrastinate's manager of jobs, whose workers take their lease before they take a job."""

    def __init__(self, connector: BaseConnector, lease: Lease) -> None:
        super().__init__(connector)
        self._lease = lease

    async def register_worker(self) -> int:
        """Return the id of a new worker, which holds its lease."""
        worker_id = await super().register_worker()
        await self._lease.take(worker_id)
        return worker_id
