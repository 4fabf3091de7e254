"""Vulnerable packages are searched a mend for: the lowest release with which everything of its lock solves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.planning.search import Found
from bot.planning.security import MOST_TRIED, Fix, found_nothing, joined, lowest
from bot.updating.drive import drive
from bot.updating.ports import Solver
from bot.updating.search.pypi_locks import PypiLocks
from bot.updating.search.settling import Settler
from bot.versioning.ecosystem import PYPI


@dataclass(frozen=True, slots=True, kw_only=True)
class Mender:
    """Searches with a real solver and a real resolver; what goes with conda packages is for the `settler`."""

    solver: Solver
    settler: Settler
    locks: PypiLocks

    async def mended(self, key: str, fixes: Sequence[Fix]) -> Found:
        """Return under *key* what mends the package of *fixes*, in each workspace the lowest release that solves."""
        return joined(key, await asyncio.gather(*map(self._mended, fixes)))

    async def _mended(self, fix: Fix) -> Found:
        if fix.obstacle:
            return fix.nothing
        return await (self._package(fix) if fix.candidate.ecosystem is PYPI else self._conda(fix))

    async def _conda(self, fix: Fix) -> Found:
        """Return the lowest release that solves and with which the PyPI packages of the lock go."""
        refusals: list[str] = []
        left: Fix | None = fix
        while left and len(refusals) < MOST_TRIED:
            found = await drive(lowest(left), self.solver.solve)
            if refusals and not found.plan.updates:
                break
            settled, refused = await self.settler.settled(found)
            if not refused:
                return settled
            refusals.append(refused)
            left = left.beyond(found.plan.updates[0].target.version)
        return found_nothing(fix.held_back(refusals[0]))

    async def _package(self, fix: Fix) -> Found:
        """Return the lowest release that resolves beside everything else that its environments ask for."""
        found, result = await self.locks.lowest(fix.candidate, MOST_TRIED)
        if result.refused:
            return found_nothing(fix.held_back(result.refused))
        held_back = tuple(
            replace(fix.held_back(each.sentence), solver_text=each.solver_text) for each in result.held_back
        )
        reasons = tuple(reason for each in found.plan.updates for reason in fix.reasons(each.target.version))
        return replace(found, plan=replace(found.plan, reasons=reasons), held_back=held_back)
