"""The queue, and the only functions that put something into it: a forgotten lock would fail silently.

Whose turn it is was decided before; the queue runs it, on whichever machine: one scan at a time for a repository, and
one look or command at a time for a pull request, which waits for no scan.
"""

from dataclasses import dataclass

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from bot.store.commands import PullCommand
from bot.store.database import Connection
from bot.store.looks import Look
from bot.store.repositories import queueing_lock
from bot.store.wants import Priority, Turn

SCAN = "scan"
LOOK = "look"
COMMAND = "command"
REPOSITORY_QUEUE = "repository"
SYSTEM_QUEUE = "system"


def build_queue() -> App:
    """Return a queue that is not open yet: `queue.open_async(pool)` opens it on our pool."""
    return App(connector=PsycopgConnector())


async def hand_over(queue: App, connection: Connection, turn: Turn) -> None:
    """Have *turn* run after now, in the transaction of *connection*: by a job that waits already, or by a new one."""
    repository = turn.repository
    await _defer(
        _Job(
            name=SCAN,
            priority=int(turn.priority),
            lock=f"repo:{repository.repository_id}",
            queueing_lock=queueing_lock(repository.repository_id),
        ),
        queue,
        connection,
        installation_id=repository.installation_id,
        repository_id=repository.repository_id,
        priority=int(turn.priority),
        reason=turn.reason,
    )


async def hand_over_look(queue: App, connection: Connection, look: Look) -> None:
    """Have *look* taken after now, before any scan, in the transaction of *connection*."""
    await _defer(
        _Job(name=LOOK, priority=int(Priority.PERSON) + 1, lock=look.lock, queueing_lock=f"look:{look.lock}"),
        queue,
        connection,
        installation_id=look.repository.installation_id,
        repository_id=look.repository.repository_id,
        number=look.number,
        head=look.head,
        base=look.base,
    )


async def hand_over_command(queue: App, connection: Connection, command: PullCommand) -> None:
    """Have *command* carried out after now, before any scan or look, in the transaction of *connection*."""
    await _defer(
        _Job(
            name=COMMAND,
            priority=int(Priority.PERSON) + 2,
            lock=command.lock,
            queueing_lock=command.queueing_lock,
        ),
        queue,
        connection,
        installation_id=command.repository.installation_id,
        repository_id=command.repository.repository_id,
        number=command.number,
        source=command.source,
        verb=str(command.command.verb),
        argument=command.command.argument,
        login=command.login,
        user_id=command.user_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What a job is to the queue: of those with one lock one runs, of those with one queueing lock one waits."""

    name: str
    priority: int
    lock: str
    queueing_lock: str


async def _defer(job: _Job, queue: App, connection: Connection, **arguments: int | str) -> None:
    """Put *job* into the queue, unless one waits that will read what is there when it starts.

    That there is one shows as a unique violation, which the savepoint keeps from the caller's transaction.
    """
    deferrer = queue.configure_task(
        job.name,
        allow_unknown=True,
        queue=REPOSITORY_QUEUE,
        priority=job.priority,
        lock=job.lock,
        queueing_lock=job.queueing_lock,
        connection=connection,
    )
    try:
        async with connection.transaction():
            await deferrer.defer_async(**arguments)
    except AlreadyEnqueued:
        return
