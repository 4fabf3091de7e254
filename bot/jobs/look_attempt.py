"""One attempt at a look: told what is remembered, taken, recorded, and wanted again if it did not go well."""

import asyncio
import logging
from dataclasses import replace
from functools import partial

from bot import metrics
from bot.errors import CondabotError, GitHubError, GitHubUnavailable
from bot.jobs.attempt import NOT_OURS
from bot.jobs.report import LookAssignment, RunReport, TakeLook
from bot.logs import About, bind
from bot.store.database import Connection, Pool, transacted
from bot.store.installations import installation_facts, relist_known
from bot.store.looks import ATTEMPTS, Look, look_done, look_failed, look_later
from bot.store.overview import name_of
from bot.store.repositories import InstalledRepository, installation_of, is_ticked, watched_paths
from bot.store.runs import RunId, RunState, finish_run, start_run

log = logging.getLogger(__name__)

UNNAMED_WAIT = 60
"""Seconds until the next attempt when GitHub names none: a person waits."""

KIND = "look"
"""What these jobs are counted by."""


async def attempt_look(pool: Pool, take: TakeLook, look: Look, job_id: int) -> None:
    """Have *look* taken where its repository is now, and record what came of it; not at all if that was forgotten.

    Raises:
        Exception: a defect of ours, after it was recorded; the queue keeps the job as failed.

    """
    async with pool.connection() as connection:
        repository_id = look.repository.repository_id
        installation_id = await installation_of(connection, repository_id)
        if installation_id is None:
            return
        where = InstalledRepository(installation_id=installation_id, repository_id=repository_id)
        look = replace(look, repository=where)
        run = await start_run(connection, where, job_id, look.words)
        assignment = await _assignment(connection, look)
        bind(About(run=run, repository=await name_of(connection, repository_id), installation=installation_id))
    try:
        report = await take(assignment)
        await transacted(pool, partial(_done, run=run, look=look, report=report))
    except GitHubUnavailable as error:
        wait = UNNAMED_WAIT if error.retry_after is None else error.retry_after
        await transacted(pool, partial(_later, run=run, look=look, wait=wait, reason=str(error)))
    except asyncio.CancelledError:
        await transacted(pool, partial(_later, run=run, look=look, wait=0, reason="the worker was stopped"))
        raise
    except CondabotError as error:
        await transacted(pool, partial(_failed, run=run, look=look, error=error))
    except Exception as error:
        log.exception("look at %s of repository %s failed", look.words, repository_id)
        await transacted(pool, partial(_failed, run=run, look=look, error=error))
        raise


async def _assignment(connection: Connection, look: Look) -> LookAssignment:
    """Return what is remembered of the repository of *look*."""
    repository_id = look.repository.repository_id
    installation = await installation_facts(connection, look.repository.installation_id)
    return LookAssignment(
        look=look,
        paths=await watched_paths(connection, repository_id),
        permissions=installation.permissions if installation else None,
        page=installation.page if installation else "",
        uninvited=bool(installation and installation.everything) and not await is_ticked(connection, repository_id),
    )


async def _done(connection: Connection, run: RunId, look: Look, report: RunReport) -> None:
    metrics.job_ended(KIND, RunState.DONE, await finish_run(connection, run, RunState.DONE, report.outcomes))
    await look_done(connection, look)


async def _later(connection: Connection, run: RunId, look: Look, wait: float, reason: str) -> None:
    metrics.job_ended(KIND, RunState.POSTPONED, await finish_run(connection, run, RunState.POSTPONED, (reason,)))
    await look_later(connection, look, wait)


async def _failed(connection: Connection, run: RunId, look: Look, error: Exception) -> None:
    is_ours = not isinstance(error, CondabotError)
    sentence = f"a defect of condabot: {type(error).__name__}: {error}" if is_ours else str(error)
    wait = await look_failed(connection, look)
    then = f"given up after {ATTEMPTS} attempts" if wait is None else f"tried again in {round(wait)} seconds"
    metrics.job_ended(KIND, RunState.FAILED, await finish_run(connection, run, RunState.FAILED, (sentence, then)))
    if isinstance(error, GitHubError) and error.status in NOT_OURS:
        await relist_known(connection, look.repository.installation_id)
