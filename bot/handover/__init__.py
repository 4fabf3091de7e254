"""Environments handed over to what serves them: one port, and a module for each kind of target.

An adapter sends nothing that the target has already, so that whoever calls it may die anywhere and call it again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import httpx

from bot.handover.calling import Caller
from bot.handover.conda_store import CondaStore
from bot.handover.nebi import Nebi
from bot.handover.oci import OciRegistry
from bot.handover.parcel import Parcel
from bot.model.bundle import TargetKind
from bot.targets import Target

__all__ = ["HandOver", "Parcel", "Targets", "targets_of"]


class HandOver(Protocol):
    """A target."""

    async def __call__(self, parcel: Parcel) -> str:
        """Have the target hold *parcel*, and return what it is called there.

        Raises:
            HandOverFailed: it does not, as far as anybody knows; it may be called again.

        """
        ...


ADAPTERS: Final[Mapping[TargetKind, Callable[[Target, Caller], HandOver]]] = {
    TargetKind.CONDA_STORE: CondaStore,
    TargetKind.OCI: OciRegistry,
    TargetKind.NEBI: Nebi,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The operator's targets by name: what they are, and who hands over to them."""

    known: Mapping[str, Target] = field(default_factory=dict)
    hand_over: Mapping[str, HandOver] = field(default_factory=dict)

    def kinds(self, installation: int) -> Mapping[str, TargetKind]:
        """Return those that repositories of *installation* may name."""
        return {name: each.kind for name, each in self.known.items() if each.is_for(installation)}


def targets_of(targets: Iterable[Target], http: httpx.AsyncClient) -> Targets:
    """Return *targets*, which are called with *http*."""
    known = {each.name: each for each in targets}
    return Targets(
        known=known, hand_over={name: ADAPTERS[each.kind](each, Caller(each, http)) for name, each in known.items()}
    )
