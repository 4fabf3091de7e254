"""What was found becomes proposals, and everything else is said: a report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from bot.model.report import DependencyStatus, Migration, Problem, ScanReport
from bot.model.update import HeldBack, Proposal
from bot.planning.groups import distinct
from bot.planning.licences import refused
from bot.planning.mentions import mentions_of
from bot.planning.search import Found
from bot.updating.contained import contained
from bot.updating.ports import ChannelIndex, ContentHasher
from bot.updating.propose.caps import CapAppraiser
from bot.updating.propose.repaired import with_repaired_lines
from bot.updating.propose.statuses import statuses
from bot.updating.propose.texts import place_of, propose
from bot.updating.read import Reading
from bot.updating.survey import Survey
from bot.updating.wish import Wishes
from bot.versioning.conda import minor_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposer:
    """What proposals are checked with, and what tells what the caps cost that they lift.

    What would bring in one of `denied_licences` is not proposed. `all_origins` are told, or those of direct packages.
    """

    index: ChannelIndex
    hasher: ContentHasher
    appraiser: CapAppraiser
    denied_licences: frozenset[str] = frozenset()
    all_origins: bool = False

    async def propose(self, survey: Survey, wishes: Wishes, found: Sequence[Found]) -> ScanReport:
        """Return what is proposed of *found*, which became of *wishes*, and a word on everything else."""
        kept = distinct((each.plan for each in found), wishes.declined)
        wanted = [each for each in found if each.plan.key in kept and (each.plan.updates or each.solutions)]
        outcomes = [await contained(place_of(each), partial(self._proposed, each, survey)) for each in wanted]
        made = tuple(each for each in outcomes if isinstance(each, Proposal))
        by_licence = {each.plan.key: refused(each, self.denied_licences) for each in made}
        proposals = tuple(each for each in made if not by_licence[each.plan.key])
        kept_out = chain.from_iterable(by_licence.values())
        held_back = (*survey.not_now, *wishes.left, *kept_out, *(held for each in found for held in each.held_back))
        lines = with_repaired_lines(statuses(survey, proposals, held_back), survey.repairs.values(), proposals)
        return ScanReport(
            proposals=tuple([await self._told(each, survey, wishes, lines) for each in proposals]),
            held_back=(*survey.left_alone, *held_back, *survey.not_without_solving),
            statuses=lines,
            problems=(*survey.problems, *survey.unjudged, *_problems(found, outcomes)),
            manifests=tuple(each.path for each in survey.reading.manifests),
            recognised=survey.reading.recognised,
            migrations=tuple(_as_found(each.migration, held_back, proposals) for each in survey.migrations),
            advisories=survey.advisories,
        )

    async def _proposed(self, found: Found, survey: Survey) -> Proposal | Problem:
        return await propose(found, survey, self.index, self.hasher, all_origins=self.all_origins)

    async def _told(
        self, proposal: Proposal, survey: Survey, wishes: Wishes, lines: Iterable[DependencyStatus]
    ) -> Proposal:
        """Return *proposal*, which says why its packages go no further yet, where else they are, what caps cost.

        Of one that moves everything nobody reads what each cap costs.
        """
        waiting = _with_not_now(proposal, (*survey.not_now, *survey.not_without_solving))
        told = _with_mentions(waiting, lines, survey.reading)
        return await self.appraiser.with_caps(told, survey) if wishes.are_apart else told


def _as_found(migration: Migration, held_back: Iterable[HeldBack], proposals: Iterable[Proposal]) -> Migration:
    """Return *migration*, which is not offered if it was, and the search found what keeps it out all the same."""
    asked = (migration.workspace, migration.name, migration.minor)
    kept = next((each.sentence for each in held_back if (each.workspace, each.name, _minor(each.release)) == asked), "")
    updates = (each for proposal in proposals for each in proposal.plan.updates)
    is_made = any(
        migration.workspace in each.workspaces and (each.name, _minor(each.target.version)) == asked[1:]
        for each in updates
    )
    if is_made or not (migration.offered and kept):
        return migration
    return replace(migration, offered=False, sentence=f"{migration.sentence}, but {kept}")


def _minor(version: str) -> str:
    return minor_spec(version).removesuffix(".*")


def _problems(found: Iterable[Found], outcomes: Iterable[Proposal | Problem]) -> Iterable[Problem]:
    """Yield what was not judged, then what was refused."""
    for each in found:
        yield from (Problem(path=each.about or each.plan.key, sentence=why) for why in each.not_judged)
        yield from each.remarks
    yield from (each for each in outcomes if isinstance(each, Problem))


def _with_mentions(proposal: Proposal, lines: Iterable[DependencyStatus], reading: Reading) -> Proposal:
    return replace(proposal, mentions=mentions_of(proposal.plan, lines, reading.recipes))


def _with_not_now(proposal: Proposal, not_now: Iterable[HeldBack]) -> Proposal:
    moving = {update.name for update in proposal.plan.updates}
    waiting = tuple(each for each in dict.fromkeys(not_now) if each.name in moving)
    return replace(proposal, held_back=(*proposal.held_back, *waiting))
