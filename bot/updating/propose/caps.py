"""What caps cost, in a scan: those of a whole repository, and those that a proposal lifts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model.caps import Cap
from bot.model.update import Proposal
from bot.planning.baseline import place
from bot.planning.caps import CappedLine, cap_costs, cap_uses, capped_lines
from bot.planning.policy import Policy
from bot.updating.drive import drive
from bot.updating.ports import Solver
from bot.updating.survey import Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class CapAppraiser:
    """Finds out what caps cost, with a real solver."""

    solver: Solver
    policy: Policy
    now: datetime

    async def every(self, survey: Survey) -> tuple[Cap, ...]:
        """Return every cap on a conda package of an environment, in the order of the units, with its cost."""
        return await self._appraised(capped_lines(survey.baselines), survey)

    async def with_caps(self, proposal: Proposal, survey: Survey) -> Proposal:
        """Say in *proposal* what the caps cost that it lifts."""
        changes = (change for update in proposal.plan.updates for change in update.changes)
        lifted = {(each.manifest, each.at) for each in changes if each.lifts_cap}
        if not lifted:
            return proposal
        mine = [(line, baseline) for line, baseline in capped_lines(survey.baselines) if place(line) in lifted]
        return replace(proposal, caps=await self._appraised(mine, survey))

    async def _appraised(self, lines: Iterable[CappedLine], survey: Survey) -> tuple[Cap, ...]:
        uses = cap_uses(lines, survey.lookups, self.policy, self.now)
        return await drive(cap_costs(uses, survey.holds), self.solver.solve)
