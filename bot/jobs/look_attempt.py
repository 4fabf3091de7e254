"""One attempt at a look: what it is told of its repository, and what is remembered of how it ends."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bot.jobs.job import Begun, attempt_job
from bot.jobs.report import LookAssignment, Reached, RunReport, TakeLook
from bot.store.commands import want_command
from bot.store.database import Connection, Pool
from bot.store.looks import ATTEMPTS, Look, look_done, look_failed, look_later
from bot.store.repositories import InstalledRepository, RepositoryMemory

UNNAMED_WAIT = 60
"""Seconds until the next attempt when GitHub names none: a person waits."""


async def attempt_look(pool: Pool, take: TakeLook, look: Look, job_id: int, redact: Callable[[str], str] = str) -> None:
    """Have *look* taken; see `attempt_job` for the rest.

    Raises:
        Exception: a defect of ours, after it was recorded; the queue keeps the job as failed.

    """
    await attempt_job(pool, _LookJob(take=take, look=look), job_id, redact)


@dataclass(frozen=True, slots=True, kw_only=True)
class _LookJob:
    """A `Job`: see there."""

    take: TakeLook
    look: Look
    kind: str = "look"
    unnamed_wait: int = UNNAMED_WAIT

    @property
    def repository(self) -> InstalledRepository:
        return self.look.repository

    @property
    def reason(self) -> str:
        return self.look.words

    def at(self, repository: InstalledRepository) -> "_LookJob":
        return replace(self, look=replace(self.look, repository=repository))

    async def told(self, _: Connection, reached: Reached, memory: RepositoryMemory) -> Begun:
        assignment = LookAssignment(
            repository=reached.repository,
            permissions=reached.permissions,
            page=reached.page,
            uninvited=reached.uninvited,
            ticked=reached.ticked,
            look=self.look,
            paths=memory.paths,
        )
        return partial(self.take, assignment)

    async def done(self, connection: Connection, report: RunReport) -> None:
        await look_done(connection, self.look)
        if report.command:
            await want_command(connection, report.command)

    async def later(self, connection: Connection, seconds: float) -> None:
        await look_later(connection, self.look, seconds)

    async def failed(self, connection: Connection) -> str:
        wait = await look_failed(connection, self.look)
        return f"given up after {ATTEMPTS} attempts" if wait is None else f"tried again in {round(wait)} seconds"
