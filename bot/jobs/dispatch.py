"""Who gets the next free slot of a worker: asked anew whenever one is free, so that nobody waits in a line of others.

Nothing is handed over in advance. What was wanted last by a person is next, whatever was wanted before by a sweep; and
before all scans what people asked for in pull requests, and these themselves: somebody waits for the check.
"""

from dataclasses import dataclass
from functools import partial

from procrastinate import App

from bot.jobs.queue import REPOSITORY_QUEUE, hand_over, hand_over_command, hand_over_look
from bot.store.commands import take_command
from bot.store.database import Connection, Pool, transacted
from bot.store.looks import take_look
from bot.store.wants import Priority, take_turn

SLOTS = 0x636F6E66
"""The first half of the numbers of locks that workers share; the second half is how many scans each runs at once."""

CAPACITY = """
SELECT coalesce(sum(objid::bigint), 0) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE datname = current_database() AND locktype = 'advisory' AND granted AND objsubid = 2 AND classid::bigint = %s
"""
BUSY = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = %s AND status IN ('todo', 'doing')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """How many scans all workers together can run at once, and how many are running or about to."""

    capacity: int
    busy: int

    @property
    def free(self) -> int:
        """Return how many more may be handed over."""
        return max(0, self.capacity - self.busy)

    @property
    def least(self) -> Priority:
        """Return what the next one must be at least: the last free slot waits for somebody who is waiting."""
        return Priority.PUSH if self.free == 1 and self.capacity > 1 else Priority.DAY


async def offer_slots(connection: Connection, number: int) -> None:
    """Have *number* scans at once counted on, as long as *connection* lives."""
    await connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", (SLOTS, number))


async def dispatch(queue: App, pool: Pool) -> int:
    """Hand over to workers as much as they have slots for; return how much that was."""
    handed = 0
    while await transacted(pool, partial(_dispatch, queue=queue)):
        handed += 1
    return handed


async def _dispatch(connection: Connection, queue: App) -> bool:
    """Hand over the next one; return whether there was one, and a slot."""
    slots = await _slots(connection)
    if not slots.free:
        return False
    if command := await take_command(connection):
        await hand_over_command(queue, connection, command)
        return True
    if look := await take_look(connection):
        await hand_over_look(queue, connection, look)
        return True
    if turn := await take_turn(connection, least=slots.least):
        await hand_over(queue, connection, turn)
        return True
    return False


async def _slots(connection: Connection) -> Slots:
    capacity = await (await connection.execute(CAPACITY, (SLOTS,))).fetchone()
    busy = await (await connection.execute(BUSY, (REPOSITORY_QUEUE,))).fetchone()
    return Slots(capacity=int(capacity[0]) if capacity else 0, busy=int(busy[0]) if busy else 0)
