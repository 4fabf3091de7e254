"""How two states of a repository differ, as far as its environments go."""

from dataclasses import dataclass

from bot.model.manifest import PackageName
from bot.model.report import Problem
from bot.model.update import FloorChange, LockDiff


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """A line of a manifest that asks for something else: `old` and `new` as written, None where there is no such line.

    `line` is where it stands now, or stood.
    """

    manifest: str
    line: int
    name: PackageName
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDiff:
    """What changes in locks, in lines of manifests and in what machines must have; and what could not be compared."""

    locks: tuple[LockDiff, ...] = ()
    lines: tuple[LineChange, ...] = ()
    floors: tuple[FloorChange, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing that is told of here changes."""
        return not (self.locks or self.lines or self.floors)
