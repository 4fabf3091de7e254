"""One attempt at a scan: run, recorded, and postponed if GitHub was not there."""

import asyncio
import logging
from datetime import timedelta

from bot.errors import CondabotError, GitHubUnavailable
from bot.jobs.report import Scan
from bot.store.database import Pool
from bot.store.repositories import InstalledRepository, postpone
from bot.store.runs import RunId, RunState, finish_run, start_run

log = logging.getLogger(__name__)

UNNAMED_WAIT = 300
"""Seconds until the next attempt when GitHub names none."""


async def attempt(pool: Pool, scan: Scan, repository: InstalledRepository, job_id: int) -> None:
    """Scan *repository* and record what came of it.

    Raises:
        Exception: a defect of ours, after it was recorded; the queue keeps the job as failed.

    """
    async with pool.connection() as connection:
        run = await start_run(connection, repository, job_id)
    try:
        report = await scan(repository.installation_id, repository.repository_id)
    except GitHubUnavailable as error:
        wait = UNNAMED_WAIT if error.retry_after is None else error.retry_after
        await _postponed(pool, run, repository, wait, str(error))
    except asyncio.CancelledError:
        await _postponed(pool, run, repository, 0, "the worker was stopped")
        raise
    except CondabotError as error:
        await _failed(pool, run, str(error))
    except Exception as error:
        log.exception("scan of repository %s failed", repository.repository_id)
        await _failed(pool, run, f"a defect of condabot: {type(error).__name__}: {error}")
        raise
    else:
        async with pool.connection() as connection:
            await finish_run(connection, run, RunState.DONE, report.outcomes, report.log)


async def _postponed(pool: Pool, run: RunId, repository: InstalledRepository, wait: int, reason: str) -> None:
    async with pool.connection() as connection:
        await finish_run(connection, run, RunState.POSTPONED, (reason,))
        await postpone(connection, repository, timedelta(seconds=wait), reason)


async def _failed(pool: Pool, run: RunId, reason: str) -> None:
    async with pool.connection() as connection:
        await finish_run(connection, run, RunState.FAILED, (reason,))
