"""Lock refreshes in a scan: which locks are to be solved afresh now, and what that comes to.

Only a lock that a plain solve does not confirm can hold records that its channels do not have: the solver takes none
that is not offered under the same URL and hash. So only such a lock is audited.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from bot import lockfiles
from bot.model.audit import Finding, LockAudit
from bot.model.environment import Workspace
from bot.model.package import Lock
from bot.model.report import Problem
from bot.planning.baseline import Baseline
from bot.planning.lock_refresh import Refresh, refresh, refresh_asked, refresh_due, unusable
from bot.planning.policy import Policy
from bot.planning.search import Found
from bot.planning.subjects import subject_of_lock
from bot.updating.agreement import units_of
from bot.updating.contained import contained, parted
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
class LockState:
    """A lock, with the channels of its lines too, its text, and all of its units.

    One that `disagrees` is not what its manifest asks for. One that is not `is_confirmed` is not what a plain solve
    comes to.
    """

    lock: Lock
    text: str
    baselines: tuple[Baseline, ...]
    disagrees: bool
    is_confirmed: bool


def lock_states(
    workspaces: Iterable[Workspace],
    agreeing: Sequence[Baseline],
    stale: Sequence[Baseline],
    unconfirmed: AbstractSet[str],
    files: Mapping[str, bytes],
) -> tuple[LockState, ...]:
    """Return how the locks of *workspaces* stand of which every unit is judged: in *agreeing*, or in *stale*.

    *unconfirmed* are the paths of workspaces whose lock a plain solve does not come to.
    """
    found = (
        LockState(
            lock=lockfiles.with_channels_of_lines(workspace.lock, files.get),
            text=lockfiles.text_of(workspace.lock.path, files[workspace.lock.path]),
            baselines=mine,
            disagrees=baselines is stale,
            is_confirmed=workspace.path not in unconfirmed,
        )
        for workspace in workspaces
        for baselines in (agreeing, stale)
        if workspace.lock and (mine := _all_units(workspace, baselines))
    )
    return tuple(found)


def _all_units(workspace: Workspace, baselines: Iterable[Baseline]) -> tuple[Baseline, ...]:
    """Return those of *baselines* that are of *workspace*; none if a unit is missing."""
    if workspace.faults:
        return ()
    mine = tuple(each for each in baselines if each.unit.workspace == workspace.path)
    return mine if len(mine) == len(units_of(workspace)) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresher:
    """Solves locks afresh."""

    solver: Solver
    auditor: LockAuditor
    policy: Policy
    now: datetime

    async def due(
        self, states: Iterable[LockState], open_keys: AbstractSet[str], declined: AbstractSet[str]
    ) -> tuple[tuple[Found, ...], tuple[Problem, ...]]:
        """Return what refreshing comes to for those of *states* that it is time for, and what failed.

        A lock that disagrees with its manifest is brought in step first, unless it holds what is gone.
        """
        return await self._refreshed(states, lambda state: self._if_due(state, open_keys, declined))

    async def asked(self, states: Iterable[LockState]) -> tuple[tuple[Found, ...], tuple[Problem, ...]]:
        """Return what refreshing comes to for all of *states*, and what failed."""

        async def always(state: LockState) -> Refresh:
            return refresh_asked(state.lock)

        return await self._refreshed(states, always)

    async def _if_due(
        self, state: LockState, open_keys: AbstractSet[str], declined: AbstractSet[str]
    ) -> Refresh | None:
        gone = () if state.is_confirmed else await self._gone(state)
        if state.disagrees and not gone:
            return None
        rules = self.policy.rules.effect(subject_of_lock(state.lock))
        maintenance = self.policy.maintenance.under(rules)
        return refresh_due(state.lock, gone, self.now, open_keys, declined, maintenance)

    async def _gone(self, state: LockState) -> tuple[Finding, ...]:
        return unusable((await self.auditor.audit(state.lock, state.text)).findings)

    async def _refreshed(
        self, states: Iterable[LockState], wanted: Callable[[LockState], Awaitable[Refresh | None]]
    ) -> tuple[tuple[Found, ...], tuple[Problem, ...]]:
        outcomes = (contained(each.lock.path, partial(self._refresh, each, wanted)) for each in states)
        found, failures = parted(await asyncio.gather(*outcomes))
        return tuple(each for each in found if each), failures

    async def _refresh(
        self, state: LockState, wanted: Callable[[LockState], Awaitable[Refresh | None]]
    ) -> Found | None:
        asked = await wanted(state)
        program = refresh(asked, state.baselines, self.policy, self.now) if asked else None
        return await drive(program, self.solver.solve) if program else None
