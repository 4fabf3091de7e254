"""What moves together: the units of a workspace that contain a package, parted by what holds it in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.model.environment import Requirement
from bot.planning.baseline import Baseline, Place, place
from bot.planning.holds import Hold, Holds, hold_on_package
from bot.planning.holds.quoting import quoted

Asked: TypeAlias = tuple[Requirement, Baseline]
"""A line that asks for the package, and a unit that contains it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovesTogether:
    """Units in which the same lines of one package are held, or none: there it moves, or stays, together.

    `frozen` are lines that are not rewritten: those held, and those that other groups have too. `unasked` are units
    that contain the package though no line asks for it. `kept` is where a line of theirs is held that they share.
    """

    asked: tuple[Asked, ...]
    hold: Hold | None
    frozen: frozenset[Place]
    unasked: tuple[Baseline, ...] = ()
    kept: str = ""

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The lines that ask for the package, each once."""
        return tuple({place(requirement): requirement for requirement, _ in self.asked}.values())

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """The units that contain it, each once."""
        every = (*(baseline for _, baseline in self.asked), *self.unasked)
        return tuple({id(baseline): baseline for baseline in every}.values())


def moving_together(asked: Sequence[Asked], holds: Holds) -> tuple[MovesTogether, ...]:
    """Return *asked*, everything that a workspace asks for of one package, by what moves together."""
    by_unit: dict[int, list[Asked]] = {}
    for requirement, baseline in asked:
        by_unit.setdefault(id(baseline), []).append((requirement, baseline))
    groups: dict[tuple[Hold | None, frozenset[Place]], list[Asked]] = {}
    for lines in by_unit.values():
        groups.setdefault(_held(lines, holds), []).extend(lines)
    found = ((hold, held, tuple(lines)) for (hold, held), lines in groups.items())
    return tuple(
        MovesTogether(
            asked=lines, hold=hold, frozen=held | _shared(lines, asked), kept=_kept(lines, groups) if not hold else ""
        )
        for hold, held, lines in found
    )


def _kept(lines: Sequence[Asked], groups: Mapping[tuple[Hold | None, frozenset[Place]], Sequence[Asked]]) -> str:
    """Return where else one of *lines*, which nothing holds, is held with another line: the first such environment."""
    here = {place(requirement) for requirement, _ in lines}
    for (hold, _), others in groups.items():
        for requirement, baseline in others if hold else ():
            if place(requirement) in here:
                at = f"{requirement.manifest}:{requirement.dependency.line}"
                return f"{at} is a line of {quoted(baseline.unit.name)} too, where it stays ({hold})"
    return ""


def _held(lines: Sequence[Asked], holds: Holds) -> tuple[Hold | None, frozenset[Place]]:
    """Return the strictest hold on the package in one unit, and the lines that are held there."""
    found = {
        place(requirement): hold for requirement, baseline in lines if (hold := holds.of(requirement, baseline.unit))
    }
    return hold_on_package(found, (requirement for requirement, _ in lines)), frozenset(found)


def _shared(lines: Sequence[Asked], asked: Sequence[Asked]) -> frozenset[Place]:
    """Return the places of *lines* that units elsewhere have too."""
    here = {id(baseline) for _, baseline in lines}
    elsewhere = {place(requirement) for requirement, baseline in asked if id(baseline) not in here}
    return frozenset(place(requirement) for requirement, _ in lines) & elsewhere
