"""One attempt at a scan: told what is remembered, run, recorded, and wanted again if it did not go well."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus

from bot import metrics
from bot.errors import CondabotError, GitHubError, GitHubUnavailable
from bot.jobs.breaker import lock_rejected
from bot.jobs.report import Assignment, RunReport, Scan
from bot.logs import About, bind
from bot.model.report import Asked, Held
from bot.store.database import Connection, Pool, transacted
from bot.store.installations import installation_facts, relist_known
from bot.store.locked import LockedRecord, remember_locked
from bot.store.names import ChannelName, remember_names
from bot.store.overview import name_of
from bot.store.proposals import proposal_failed, proposal_published, proposal_pushed, pushes_since, resting_proposals
from bot.store.repositories import InstalledRepository, installation_of, is_ticked, remember_told, told_last
from bot.store.runs import RunId, RunState, finish_run, start_run
from bot.store.wants import Priority, Turn, Want, scan_done, scan_failed, scan_later, want_at

log = logging.getLogger(__name__)

UNNAMED_WAIT = 300
"""Seconds until the next attempt when GitHub names none."""

A_WEEK = timedelta(days=7)
OPENS = Want(priority=Priority.SCHEDULE, reason="its schedule opens", spread=timedelta(minutes=45))
"""Everybody's Monday begins at the same moment."""

NOT_OURS = {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
"""How GitHub refuses what an installation has no more: then its repositories are listed again."""


async def attempt(pool: Pool, scan: Scan, turn: Turn, job_id: int, redact: Callable[[str], str] = str) -> None:
    """Have the repository of *turn* scanned and record what came of it, in words that *redact* took the secrets out of.

    It is scanned where it is now: not at all if it was forgotten since its turn came.

    Raises:
        Exception: a defect of ours, after it was recorded; the queue keeps the job as failed.

    """
    async with pool.connection() as connection:
        repository_id = turn.repository.repository_id
        installation_id = await installation_of(connection, repository_id)
        if installation_id is None:
            return
        repository = InstalledRepository(installation_id=installation_id, repository_id=repository_id)
        turn = replace(turn, repository=repository)
        run = await start_run(connection, turn.repository, job_id, turn.reason)
        assignment = await _assignment(connection, turn)
        bind(await _about(connection, run, turn))
    try:
        report = _redacted(await scan(assignment), redact)
        await transacted(pool, partial(_done, run=run, turn=turn, report=report))
    except GitHubUnavailable as error:
        wait = UNNAMED_WAIT if error.retry_after is None else error.retry_after
        await transacted(pool, partial(_later, run=run, turn=turn, wait=wait, reason=redact(str(error))))
    except asyncio.CancelledError:
        await transacted(pool, partial(_later, run=run, turn=turn, wait=0, reason="the worker was stopped"))
        raise
    except CondabotError as error:
        await transacted(pool, partial(_failed, run=run, turn=turn, error=error, redact=redact))
    except Exception as error:
        log.exception("scan of repository %s failed", turn.repository.repository_id)
        await transacted(pool, partial(_failed, run=run, turn=turn, error=error, redact=redact))
        raise


def _kind(turn: Turn) -> str:
    """Return what jobs are counted by: few words, and no name of anybody."""
    return turn.priority.name.lower()


async def _about(connection: Connection, run: RunId, turn: Turn) -> About:
    name = await name_of(connection, turn.repository.repository_id)
    return About(run=run, repository=name, installation=turn.repository.installation_id)


async def _assignment(connection: Connection, turn: Turn) -> Assignment:
    """Return what is remembered of the repository of *turn*."""
    repository_id = turn.repository.repository_id
    installation = await installation_facts(connection, turn.repository.installation_id)
    return Assignment(
        repository=turn.repository,
        reason=turn.reason,
        is_waited_for=turn.priority >= Priority.PUSH,
        page=installation.page if installation else "",
        permissions=installation.permissions if installation else None,
        uninvited=bool(installation and installation.everything) and not await is_ticked(connection, repository_id),
        resting=await resting_proposals(connection, repository_id),
        pushes=await pushes_since(connection, repository_id, A_WEEK),
        told=await told_last(connection, repository_id),
    )


async def _done(connection: Connection, run: RunId, turn: Turn, report: RunReport) -> None:
    repository_id = turn.repository.repository_id
    state = RunState.DONE if report.again_after is None else RunState.POSTPONED
    metrics.job_ended(_kind(turn), state, await finish_run(connection, run, state, report.outcomes, report.log))
    if report.told:
        await remember_told(connection, repository_id, report.told)
    for key in report.pushed:
        await proposal_pushed(connection, repository_id, key)
    for key in report.published:
        await proposal_published(connection, repository_id, key)
    if report.rejected:
        await lock_rejected(connection, turn.repository, report.rejected)
    metrics.pushed(_kind(turn), len(report.pushed))
    for failed in report.failed:
        await proposal_failed(connection, repository_id, failed)
    if report.asked is not None:
        await _remember(connection, repository_id, report.asked, report.held)
    if report.again_after is not None:
        await scan_later(connection, turn, timedelta(seconds=report.again_after))
    elif report.failed:
        await scan_failed(connection, turn)
    else:
        await scan_done(connection, repository_id, head=report.head, paths=report.paths)
        if report.again_at:
            await want_at(connection, repository_id, report.again_at, OPENS)


async def _remember(connection: Connection, repository_id: int, asked: Sequence[Asked], held: Sequence[Held]) -> None:
    """Remember what a repository asks for and holds: by that releases wake it, and people find it."""
    names = {ChannelName(channel=url, name=name) for each in asked for url in each.channels for name in each.names}
    subdirs = sorted({subdir for each in asked for subdir in each.subdirs})
    await remember_names(connection, repository_id, names, subdirs)
    records = [LockedRecord(name=each.name, version=each.version, sha256=each.sha256) for each in held]
    await remember_locked(connection, repository_id, records)


async def _later(connection: Connection, run: RunId, turn: Turn, wait: float, reason: str) -> None:
    seconds = await finish_run(connection, run, RunState.POSTPONED, (reason,))
    metrics.job_ended(_kind(turn), RunState.POSTPONED, seconds)
    await scan_later(connection, turn, timedelta(seconds=wait))


def _redacted(report: RunReport, redact: Callable[[str], str]) -> RunReport:
    return replace(report, outcomes=tuple(map(redact, report.outcomes)), log=tuple(map(redact, report.log)))


async def _failed(
    connection: Connection, run: RunId, turn: Turn, error: Exception, redact: Callable[[str], str]
) -> None:
    is_ours = not isinstance(error, CondabotError)
    sentence = redact(f"a defect of condabot: {type(error).__name__}: {error}" if is_ours else str(error))
    wait = await scan_failed(connection, turn)
    again = f"tried again in {round(wait.total_seconds() / 60)} minutes"
    seconds = await finish_run(connection, run, RunState.FAILED, (sentence, again))
    metrics.job_ended(_kind(turn), RunState.FAILED, seconds)
    if isinstance(error, GitHubError) and error.status in NOT_OURS:
        await relist_known(connection, turn.repository.installation_id)
