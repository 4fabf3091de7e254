"""What a body may tell of where the packages of a proposal come from, and what changed in that."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.model.provenance import Attestation, Attested, MovedArchive, MovedProvenance, Provenance
from bot.provenance import attestation_changes, changes, recipe_change
from bot.updating.ports import AttestationIndex, ProvenanceIndex

MOST: Final = 20
"""Packages of a proposal whose archives are read, before and after; a request or two for each."""


class NoProvenance:
    """Knows of no package where it comes from."""

    async def provenances(self, archives: Sequence[str]) -> Sequence[Provenance | None]:
        """Return that nothing is known."""
        return [None for _ in archives]


class NoAttestations:
    """Knows of no package who published it."""

    async def attestations(self, archives: Sequence[str]) -> Sequence[Attestation]:
        """Return that nobody did."""
        return [Attestation(state=Attested.NONE) for _ in archives]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Where it is looked up what packages come from, and who published them."""

    provenances: ProvenanceIndex = field(default_factory=NoProvenance)
    attestations: AttestationIndex = field(default_factory=NoAttestations)

    async def of(self, moves: Sequence[MovedArchive]) -> tuple[MovedProvenance, ...]:
        """Return where the packages come from that make *moves*, and what changed.

        The archives of the first `MOST` are looked at. Without moves nobody is asked.
        """
        looked_at = moves[:MOST]
        archives = [url for each in looked_at for url in (each.old_url, each.new_url)]
        if not archives:
            return ()
        known, attested = await asyncio.gather(
            self.provenances.provenances(archives), self.attestations.attestations(archives)
        )
        told = (
            _told(move, known[2 * at : 2 * at + 2], attested[2 * at : 2 * at + 2]) for at, move in enumerate(looked_at)
        )
        return (*told, *(_told(each, (None, None), ()) for each in moves[MOST:]))


def _told(move: MovedArchive, known: Sequence[Provenance | None], attested: Sequence[Attestation]) -> MovedProvenance:
    before, after = known
    return MovedProvenance(
        move=move,
        before=before,
        after=after,
        changes=(*changes(move, before, after), *attestation_changes(move, attested)),
        recipe_change=recipe_change(move, before, after),
        attestation=attested[-1] if attested else None,
    )
