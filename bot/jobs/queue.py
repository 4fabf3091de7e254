"""The queue, and the only function that puts a scan into it: a forgotten lock would fail silently.

Jobs are written on the caller's connection, so they are there exactly if the caller's transaction is.
"""

from typing import assert_never

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from bot.jobs.requests import ForgetInstallation, ForgetRepository, Request, ScanRequest
from bot.store.database import Connection
from bot.store.repositories import InstalledRepository, forget_installation, forget_repository, remember

SCAN = "scan"
REPOSITORY_QUEUE = "repository"
SYSTEM_QUEUE = "system"


def build_queue() -> App:
    """Return a queue that is not open yet: `queue.open_async(pool)` opens it on our pool."""
    return App(connector=PsycopgConnector())


async def enqueue(queue: App, connection: Connection, request: Request) -> None:
    """Do what *request* asks for, or have a job do it, in the transaction of *connection*."""
    match request:
        case ScanRequest(repository=repository):
            await remember(connection, repository)
            await request_scan(queue, connection, repository)
        case ForgetRepository(repository=repository):
            await forget_repository(connection, repository)
        case ForgetInstallation(installation_id=installation_id):
            await forget_installation(connection, installation_id)
        case _:
            assert_never(request)


async def request_scan(queue: App, connection: Connection, repository: InstalledRepository) -> None:
    """Have *repository* scanned after now: by a job that waits already, or by a new one.

    A waiting job will read what is there when it starts, so another would find nothing to do. That there is one shows
    as a unique violation, which the savepoint keeps from the caller's transaction.
    """
    job = queue.configure_task(
        SCAN,
        allow_unknown=True,
        queue=REPOSITORY_QUEUE,
        lock=f"repo:{repository.repository_id}",
        queueing_lock=f"scan:{repository.repository_id}",
        connection=connection,
    )
    try:
        async with connection.transaction():
            await job.defer_async(installation_id=repository.installation_id, repository_id=repository.repository_id)
    except AlreadyEnqueued:
        return
