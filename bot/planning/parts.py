"""Where a package moves as one: the units of a workspace, parted by what holds it in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.model.environment import Requirement
from bot.planning.baseline import Baseline, Place, place
from bot.planning.holds import Hold, Holds, HoldScope

Asked: TypeAlias = tuple[Requirement, Baseline]
"""A line that asks for the package, and a unit that contains it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Units in which the same lines of one package are held, or none: there it moves, or stays, together.

    `frozen` are lines that are not rewritten: those held, and those that other parts have too. `unasked` are units that
    contain the package though no line asks for it.
    """

    asked: tuple[Asked, ...]
    hold: Hold | None
    frozen: frozenset[Place]
    unasked: tuple[Baseline, ...] = ()

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The lines that ask for the package, each once."""
        return tuple({place(requirement): requirement for requirement, _ in self.asked}.values())

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """The units that contain it, each once."""
        every = (*(baseline for _, baseline in self.asked), *self.unasked)
        return tuple({id(baseline): baseline for baseline in every}.values())

    @property
    def stays(self) -> bool:
        """Whether nothing of it moves."""
        return self.hold is not None and self.hold.scope is HoldScope.ALL


def parts_of(asked: Sequence[Asked], holds: Holds) -> tuple[Part, ...]:
    """Return *asked*, everything that a workspace asks for of one package, in parts."""
    by_unit: dict[int, list[Asked]] = {}
    for requirement, baseline in asked:
        by_unit.setdefault(id(baseline), []).append((requirement, baseline))
    groups: dict[tuple[Hold | None, frozenset[Place]], list[Asked]] = {}
    for lines in by_unit.values():
        groups.setdefault(_held(lines, holds), []).extend(lines)
    parts = ((hold, held, tuple(lines)) for (hold, held), lines in groups.items())
    return tuple(Part(asked=lines, hold=hold, frozen=held | _shared(lines, asked)) for hold, held, lines in parts)


def _held(lines: Sequence[Asked], holds: Holds) -> tuple[Hold | None, frozenset[Place]]:
    """Return the strictest hold on the package in one unit, and the lines that are held there."""
    found = {
        place(requirement): hold for requirement, baseline in lines if (hold := holds.of(requirement, baseline.unit))
    }
    strictest = next((each for each in found.values() if each.scope is HoldScope.ALL), None)
    return strictest or next(iter(found.values()), None), frozenset(found)


def _shared(lines: Sequence[Asked], asked: Sequence[Asked]) -> frozenset[Place]:
    """Return the places of *lines* that units elsewhere have too."""
    here = {id(baseline) for _, baseline in lines}
    elsewhere = {place(requirement) for requirement, baseline in asked if id(baseline) not in here}
    return frozenset(place(requirement) for requirement, _ in lines) & elsewhere
