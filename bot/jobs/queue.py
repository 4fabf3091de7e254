"""The queue, and the only function that puts a scan into it: a forgotten lock would fail silently.

Whose turn it is was decided before; the queue runs it, on whichever machine, once at a time for a repository.
"""

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from bot.store.database import Connection
from bot.store.repositories import queueing_lock
from bot.store.wants import Turn

SCAN = "scan"
REPOSITORY_QUEUE = "repository"
SYSTEM_QUEUE = "system"


def build_queue() -> App:
    """Return a queue that is not open yet: `queue.open_async(pool)` opens it on our pool."""
    return App(connector=PsycopgConnector())


async def hand_over(queue: App, connection: Connection, turn: Turn) -> None:
    """Have *turn* run after now, in the transaction of *connection*: by a job that waits already, or by a new one.

    A waiting job will read what is there when it starts, so another would find nothing to do. That there is one shows
    as a unique violation, which the savepoint keeps from the caller's transaction.
    """
    repository = turn.repository
    job = queue.configure_task(
        SCAN,
        allow_unknown=True,
        queue=REPOSITORY_QUEUE,
        priority=int(turn.priority),
        lock=f"repo:{repository.repository_id}",
        queueing_lock=queueing_lock(repository.repository_id),
        connection=connection,
    )
    try:
        async with connection.transaction():
            await job.defer_async(
                installation_id=repository.installation_id,
                repository_id=repository.repository_id,
                priority=int(turn.priority),
                reason=turn.reason,
            )
    except AlreadyEnqueued:
        return
