"""One attempt at what somebody asked for in a pull request, and what is remembered of how it ends."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bot.jobs.job import Begun, attempt_job
from bot.jobs.look_attempt import UNNAMED_WAIT
from bot.jobs.report import CarryOut, CommandAssignment, Reached, RunReport
from bot.store.commands import ATTEMPTS, PullCommand, command_done, command_failed, command_later
from bot.store.database import Connection, Pool
from bot.store.repositories import InstalledRepository, RepositoryMemory
from bot.store.wants import want


async def attempt_command(
    pool: Pool, carry_out: CarryOut, command: PullCommand, job_id: int, redact: Callable[[str], str] = str
) -> None:
    """Have *command* carried out; see `attempt_job` for the rest.

    Raises:
        Exception: a defect of ours, after it was recorded; the queue keeps the job as failed.

    """
    await attempt_job(pool, _CommandJob(carry_out=carry_out, command=command), job_id, redact)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CommandJob:
    """A `Job`: see there."""

    carry_out: CarryOut
    command: PullCommand
    kind: str = "command"
    unnamed_wait: int = UNNAMED_WAIT

    @property
    def repository(self) -> InstalledRepository:
        return self.command.repository

    @property
    def reason(self) -> str:
        return self.command.words

    def at(self, repository: InstalledRepository) -> "_CommandJob":
        return replace(self, command=replace(self.command, repository=repository))

    async def told(self, _: Connection, reached: Reached, memory: RepositoryMemory) -> Begun:
        del memory
        assignment = CommandAssignment(
            repository=reached.repository,
            permissions=reached.permissions,
            page=reached.page,
            uninvited=reached.uninvited,
            command=self.command,
        )
        return partial(self.carry_out, assignment)

    async def done(self, connection: Connection, report: RunReport) -> None:
        if report.again_after is not None:
            await command_later(connection, self.command, report.again_after)
        else:
            await command_done(connection, self.command)
        if report.wants:
            await want(connection, (self.repository.repository_id,), report.wants)

    async def later(self, connection: Connection, seconds: float) -> None:
        await command_later(connection, self.command, seconds)

    async def failed(self, connection: Connection) -> str:
        wait = await command_failed(connection, self.command)
        return f"given up after {ATTEMPTS} attempts" if wait is None else f"tried again in {round(wait)} seconds"
