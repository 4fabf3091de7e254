"""What a body may tell of where the packages of a proposal come from, and what changed in that."""

from collections.abc import Sequence
from typing import Final

from bot.model.provenance import MovedProvenance, Provenance
from bot.model.update import Proposal
from bot.provenance import changes, recipe_change
from bot.updating.ports import ProvenanceIndex

MOST: Final = 20
"""Packages of a proposal whose archives are read, before and after; a request or two for each."""


class NoProvenance:
    """Knows of no package where it comes from."""

    async def provenances(self, archives: Sequence[str]) -> Sequence[Provenance | None]:
        """Return that nothing is known."""
        return [None for _ in archives]


async def origins_of(proposal: Proposal, index: ProvenanceIndex) -> tuple[MovedProvenance, ...]:
    """Return where the packages come from whose moves *proposal* tells of, and what changed.

    The archives of the first `MOST` are looked at.
    """
    moves = proposal.moves
    found = await index.provenances([url for each in moves[:MOST] for url in (each.old_url, each.new_url)])
    found = [*found, *[None, None] * len(moves[MOST:])]
    pairs = zip(moves, found[::2], found[1::2], strict=True)
    return tuple(
        MovedProvenance(
            move=move,
            before=before,
            after=after,
            changes=changes(move, before, after),
            recipe_change=recipe_change(move, before, after),
        )
        for move, before, after in pairs
    )
