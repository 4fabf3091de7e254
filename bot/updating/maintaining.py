"""Lock maintenance in a scan: which locks are to be solved afresh now, and what that comes to.

Only a lock that a plain solve does not confirm can hold records that its channels do not have: the solver takes none
that is not offered under the same URL and hash. So only such a lock is audited.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot import lockfiles
from bot.model.audit import Finding, LockAudit
from bot.model.environment import Workspace
from bot.model.package import Lock
from bot.planning.baseline import Baseline
from bot.planning.lock_refresh import Refresh, refresh, refresh_asked, refresh_due, unusable
from bot.planning.policy import Policy
from bot.planning.search import Found
from bot.updating.baselines import units_of
from bot.updating.drive import drive
from bot.updating.ports import Solver


class LockAuditor(Protocol):
    """Compares locks with their channels; never raises for what is in them."""

    async def audit(self, lock: Lock, text: str, base: Lock | None = None) -> LockAudit:
        """Return what is wrong with *lock*, which was parsed from *text*."""
        ...


class NoAuditor:
    """Finds nothing, for it asks nobody."""

    async def audit(self, lock: Lock, text: str, base: Lock | None = None) -> LockAudit:
        """Return an audit of no record."""
        del text, base
        return LockAudit(path=lock.path, records=0, others=0, findings=(), not_judged=())


@dataclass(frozen=True, slots=True, kw_only=True)
class LockStanding:
    """A lock, its text, and all of its units; one that `disagrees` is not what a plain solve comes to."""

    lock: Lock
    text: str
    baselines: tuple[Baseline, ...]
    disagrees: bool


def lock_standings(
    workspaces: Iterable[Workspace], agreeing: Sequence[Baseline], stale: Sequence[Baseline], files: Mapping[str, bytes]
) -> tuple[LockStanding, ...]:
    """Return how the locks of *workspaces* stand of which every unit is judged: in *agreeing*, or in *stale*."""
    found = (
        LockStanding(
            lock=workspace.lock,
            text=lockfiles.text_of(workspace.lock.path, files[workspace.lock.path]),
            baselines=mine,
            disagrees=baselines is stale,
        )
        for workspace in workspaces
        for baselines in (agreeing, stale)
        if workspace.lock and (mine := _all_units(workspace, baselines))
    )
    return tuple(found)


def _all_units(workspace: Workspace, baselines: Iterable[Baseline]) -> tuple[Baseline, ...]:
    """Return those of *baselines* that are of *workspace*; none if a unit is missing."""
    mine = tuple(each for each in baselines if each.unit.workspace == workspace.path)
    return mine if len(mine) == len(units_of(workspace)) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintainer:
    """Solves locks afresh."""

    solver: Solver
    auditor: LockAuditor
    policy: Policy
    now: datetime

    async def due(
        self, standings: Iterable[LockStanding], open_keys: AbstractSet[str], declined: AbstractSet[str]
    ) -> tuple[Found, ...]:
        """Return what refreshing comes to for those of *standings* that it is time for.

        A lock that disagrees with its manifest is brought in step first, unless it holds what is gone.
        """
        return await self._refreshed([await self._if_due(each, open_keys, declined) for each in standings])

    async def asked(self, standings: Iterable[LockStanding]) -> tuple[Found, ...]:
        """Return what refreshing comes to for all of *standings*."""
        return await self._refreshed([(each, refresh_asked(each.lock)) for each in standings])

    async def _if_due(
        self, standing: LockStanding, open_keys: AbstractSet[str], declined: AbstractSet[str]
    ) -> tuple[LockStanding, Refresh | None]:
        gone = await self._gone(standing) if standing.disagrees else ()
        if standing.disagrees and not gone:
            return standing, None
        return standing, refresh_due(standing.lock, gone, self.now, open_keys, declined)

    async def _gone(self, standing: LockStanding) -> tuple[Finding, ...]:
        return unusable((await self.auditor.audit(standing.lock, standing.text)).findings)

    async def _refreshed(self, wanted: Iterable[tuple[LockStanding, Refresh | None]]) -> tuple[Found, ...]:
        programs = (refresh(each, standing.baselines, self.policy, self.now) for standing, each in wanted if each)
        found = await asyncio.gather(*(drive(program, self.solver.solve) for program in programs))
        return tuple(each for each in found if each)
