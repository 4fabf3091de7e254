"""What a scan would write, in its own words: for whoever asks first, and where nothing may be written."""

from dataclasses import dataclass, field

from bot.github import pulls
from bot.github.client import Client
from bot.github.model import Branch
from bot.github.releases import Releases
from bot.jobs.decide import Decision, SeenRepository
from bot.jobs.report import RunReport
from bot.jobs.writing import Work, declined_before
from bot.model.pull_request import ShownPull
from bot.updating.inspection import Publishable, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Goes the way of a publisher, as far as it only reads. `sentence` says why nothing is written."""

    client: Client
    repository: SeenRepository
    base: Branch
    inspection: Publishable
    releases: Releases
    sentence: str
    _outcomes: list[str] = field(default_factory=list)

    async def __call__(self, work: Work) -> RunReport:
        """Return what would come of *work*."""
        shown = [each for decision in work.to_publish if (each := await self._shown(decision))]
        held = tuple(work.held_lines(self.sentence))
        return RunReport(outcomes=(*self._outcomes, *held), pulls=tuple(shown))

    async def _shown(self, decision: Decision) -> ShownPull | None:
        draft = decision.draft
        if await declined_before(self.client, self.repository, decision):
            self._outcomes.append(f"declined before: {draft.title}")
            return None
        prepared = await self.inspection.prepared(draft.key)
        if prepared.check.rejected:
            self._outcomes.append(f"its lock would be rejected: {draft.title}: {prepared.check.headline}")
            return None
        words = Words(
            base=self.base.head.oid,
            longest=pulls.ROOM_OF_A_BODY,
            releases=await self.releases.of(self.client, prepared.upstreams),
        )
        return ShownPull(
            number=decision.pull.number if decision.pull else None,
            branch=decision.name,
            title=draft.title,
            body=await self.inspection.body(draft.key, words),
        )
