"""One attempt at a scan: what it is told of its repository, and what is remembered of how it ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from bot import metrics
from bot.jobs.breaker import lock_rejected
from bot.jobs.handing_over import next_try
from bot.jobs.job import Begun, attempt_job
from bot.jobs.report import UNNAMED_WAIT, Assignment, Reached, RunReport, Scan
from bot.model.report import Asked, Held
from bot.store.database import Connection, Pool
from bot.store.locked import LockedRecord, remember_locked
from bot.store.looks import Look, want_look
from bot.store.names import ChannelName, remember_names
from bot.store.proposals import proposal_failed, proposal_published, proposal_pushed, pushed_within, resting_proposals
from bot.store.repositories import (
    InstalledRepository,
    RepositoryMemory,
    remember_alerts,
    remember_conflicting,
    remember_dashboard,
    remember_handed,
    remember_snapshots,
    remember_told,
)
from bot.store.wants import Priority, Turn, Want, scan_done, scan_failed, scan_later, want_at

A_WEEK = timedelta(days=7)
OPENS = Want(priority=Priority.SCHEDULE, reason="its schedule opens", spread=timedelta(minutes=45))
"""Everybody's Monday begins at the same moment."""

HANDS_OVER = Want(priority=Priority.SCHEDULE, reason="what was not handed over is tried again")


async def attempt(pool: Pool, scan: Scan, turn: Turn, job_id: int, redact: Callable[[str], str] = str) -> None:
    """Have the repository of *turn* scanned; see `attempt_job` for the rest.

    Raises:
        Exception: a defect of ours, after it was recorded; the queue keeps the job as failed.

    """
    await attempt_job(pool, _ScanJob(scan=scan, turn=turn), job_id, redact)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ScanJob:
    """A `Job`: see there."""

    scan: Scan
    turn: Turn
    unnamed_wait: int = UNNAMED_WAIT

    @property
    def repository(self) -> InstalledRepository:
        return self.turn.repository

    @property
    def reason(self) -> str:
        return self.turn.reason

    @property
    def kind(self) -> str:
        return self.turn.priority.name.lower()

    def at(self, repository: InstalledRepository) -> "_ScanJob":
        return replace(self, turn=replace(self.turn, repository=repository))

    async def told(self, connection: Connection, reached: Reached, memory: RepositoryMemory) -> Begun:
        repository_id = self.repository.repository_id
        assignment = Assignment(
            repository=reached.repository,
            permissions=reached.permissions,
            page=reached.page,
            uninvited=reached.uninvited,
            ticked=reached.ticked,
            reason=self.reason,
            is_waited_for=self.turn.priority >= Priority.PUSH,
            resting=await resting_proposals(connection, repository_id),
            pushed=await pushed_within(connection, repository_id, A_WEEK),
            told=memory.told,
            dashboard=memory.dashboard,
            snapshots=memory.snapshots,
            alerts=memory.alerts,
            handed=memory.handed,
            conflicting=memory.conflicting,
        )
        return partial(self.scan, assignment)

    async def done(self, connection: Connection, report: RunReport) -> None:
        repository_id = self.repository.repository_id
        await self._told(connection, report)
        for number in report.looks:
            await want_look(connection, Look(repository=self.repository, number=number))
        for key in report.pushed:
            await proposal_pushed(connection, repository_id, key)
        for key in report.published:
            await proposal_published(connection, repository_id, key)
        if report.rejected:
            await lock_rejected(connection, self.repository, report.rejected)
        metrics.pushed(self.kind, len(report.pushed))
        for failed in report.failed:
            await proposal_failed(connection, repository_id, failed)
        if report.asked is not None:
            await _remember(connection, repository_id, report.asked, report.held)
        await self._want_again(connection, report)

    async def _told(self, connection: Connection, report: RunReport) -> None:
        """Remember what was told elsewhere, and which pull requests of people are in conflict."""
        repository_id = self.repository.repository_id
        if report.told:
            await remember_told(connection, repository_id, report.told)
        if report.dashboard is not None:
            await remember_dashboard(connection, repository_id, report.dashboard)
        if report.snapshots is not None:
            await remember_snapshots(connection, repository_id, report.snapshots)
        if report.alerts is not None:
            await remember_alerts(connection, repository_id, report.alerts)
        if report.handed is not None:
            await remember_handed(connection, repository_id, report.handed)
        if report.conflicting is not None:
            await remember_conflicting(connection, repository_id, report.conflicting)

    async def _want_again(self, connection: Connection, report: RunReport) -> None:
        repository_id = self.repository.repository_id
        if report.again_after is not None:
            await scan_later(connection, self.turn, timedelta(seconds=report.again_after))
        elif report.failed:
            await scan_failed(connection, self.turn)
        else:
            await scan_done(connection, repository_id, head=report.head, paths=report.paths)
            if report.again_at:
                await want_at(connection, repository_id, report.again_at, OPENS)
            if moment := next_try(report.handed or {}):
                await want_at(connection, repository_id, moment, HANDS_OVER)

    async def later(self, connection: Connection, seconds: float) -> None:
        await scan_later(connection, self.turn, timedelta(seconds=seconds))

    async def failed(self, connection: Connection) -> str:
        wait = await scan_failed(connection, self.turn)
        return f"tried again in {round(wait.total_seconds() / 60)} minutes"


async def _remember(connection: Connection, repository_id: int, asked: Sequence[Asked], held: Sequence[Held]) -> None:
    """Remember what a repository asks for and holds: by that releases wake it, and people find it."""
    names = {ChannelName(channel=url, name=name) for each in asked for url in each.channels for name in each.names}
    subdirs = sorted({subdir for each in asked for subdir in each.subdirs})
    await remember_names(connection, repository_id, names, subdirs)
    records = [LockedRecord(name=each.name, version=each.version, sha256=each.sha256) for each in held]
    await remember_locked(connection, repository_id, records)
