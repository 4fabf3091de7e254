"""One attempt at what a repository waits for: told what is remembered, run, recorded, and wanted again if it failed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Protocol, TypeAlias

from bot import metrics
from bot.errors import CondabotError, GitHubError, GitHubUnavailable
from bot.jobs.report import Reached, RunReport
from bot.logs import About, bind
from bot.store.database import Connection, Pool, transacted
from bot.store.installations import installation_facts, relist_known
from bot.store.repositories import InstalledRepository, RepositoryMemory, remembered
from bot.store.runs import RunId, RunState, finish_run, start_run

log = logging.getLogger(__name__)

NOT_OURS = {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
"""How GitHub refuses what an installation has no more: then its repositories are listed again."""

Begun: TypeAlias = Callable[[], Awaitable[RunReport]]
"""What is to be done, told all that it depends on."""


class Job(Protocol):
    """What a worker was handed for a repository, and what is remembered of each way in which it may end."""

    @property
    def repository(self) -> InstalledRepository:
        """Where it is done."""

    @property
    def reason(self) -> str:
        """What asked for it, in words for people."""

    @property
    def kind(self) -> str:
        """What jobs like it are counted by: few words, and no name of anybody."""

    @property
    def unnamed_wait(self) -> int:
        """Seconds until the next attempt when GitHub names none."""

    def at(self, repository: InstalledRepository) -> "Job":
        """Return the same job where its *repository* is now."""

    async def told(self, connection: Connection, reached: Reached, memory: RepositoryMemory) -> Begun:
        """Return what is to be done, told what is remembered."""

    async def done(self, connection: Connection, report: RunReport) -> None:
        """Remember that it went as *report* says."""

    async def later(self, connection: Connection, seconds: float) -> None:
        """Want it again in so many *seconds*: nobody is to blame."""

    async def failed(self, connection: Connection) -> str:
        """Want it again since it failed; return when, in words for people."""


async def attempt_job(pool: Pool, job: Job, job_id: int, redact: Callable[[str], str]) -> None:
    """Have *job* done and record what came of it, in words that *redact* took the secrets out of.

    It is done where its repository is now: not at all if that was forgotten since its turn came.

    Raises:
        Exception: a defect of ours, after it was recorded; the queue keeps the job as failed.

    """
    async with pool.connection() as connection:
        memory = await remembered(connection, job.repository.repository_id)
        if memory is None:
            return
        job = job.at(memory.repository)
        run = await start_run(connection, job.repository, job_id, job.reason, kind=job.kind)
        begun = await job.told(connection, await _reached(connection, memory), memory)
        bind(About(run=run, repository=memory.full_name, installation=job.repository.installation_id))
    with metrics.requests_counted() as requests:
        await _run(pool, job, begun, _Ending(job=job, run=run, requests=requests, redact=redact))


async def _run(pool: Pool, job: Job, begun: Begun, ending: "_Ending") -> None:
    """Do what has *begun*, and record how it ended."""
    try:
        report = await begun()
        await transacted(pool, partial(ending.done, report=report))
    except GitHubUnavailable as error:
        wait = job.unnamed_wait if error.retry_after is None else error.retry_after
        await transacted(pool, partial(ending.later, wait=wait, reason=str(error)))
    except asyncio.CancelledError:
        await transacted(pool, partial(ending.later, wait=0, reason="the worker was stopped"))
        raise
    except CondabotError as error:
        await transacted(pool, partial(ending.failed, error=error))
    except Exception as error:
        log.exception("a job of repository %s failed: %s", job.repository.repository_id, job.reason)
        await transacted(pool, partial(ending.failed, error=error))
        raise


async def _reached(connection: Connection, memory: RepositoryMemory) -> Reached:
    installation = await installation_facts(connection, memory.repository.installation_id)
    return Reached(
        repository=memory.repository,
        page=installation.page if installation else "",
        permissions=installation.permissions if installation else None,
        uninvited=bool(installation and installation.everything) and not memory.ticked,
        ticked=memory.ticked,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """How *run* of *job* ends; each way is one transaction."""

    job: Job
    run: RunId
    requests: metrics.Requests
    redact: Callable[[str], str]

    async def done(self, connection: Connection, report: RunReport) -> None:
        state = RunState.DONE if report.again_after is None else RunState.POSTPONED
        await self._finish(connection, state, report.outcomes, report.log)
        await self.job.done(connection, report)

    async def later(self, connection: Connection, wait: float, reason: str) -> None:
        await self._finish(connection, RunState.POSTPONED, (reason,))
        await self.job.later(connection, wait)

    async def failed(self, connection: Connection, error: Exception) -> None:
        is_ours = not isinstance(error, CondabotError)
        sentence = f"a defect of condabot: {type(error).__name__}: {error}" if is_ours else str(error)
        again = await self.job.failed(connection)
        await self._finish(connection, RunState.FAILED, (sentence, again))
        if isinstance(error, GitHubError) and error.status in NOT_OURS:
            await relist_known(connection, self.job.repository.installation_id)

    async def _finish(
        self, connection: Connection, state: RunState, outcomes: tuple[str, ...], lines: tuple[str, ...] = ()
    ) -> None:
        said = (tuple(map(self.redact, each)) for each in (outcomes, lines))
        seconds = await finish_run(connection, self.run, state, *said, requests=self.requests.number)
        metrics.job_ended(self.job.kind, state, seconds)
