"""Minimums in manifests, and whether they are true."""

from dataclasses import dataclass
from typing import Final

from bot.model.manifest import PackageName

MOST_TRIED: Final = 40
"""So many releases of one package, from the lowest on, are tried at most for one that solves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumTried:
    """What a written minimum comes to in the environments `where` (`test on linux-64`).

    `lowest` is the lowest release that the line admits there. `alone` is the lowest that solves with everything else as
    it is written, `together` the lowest that solves with the lines before it at theirs; either is `lowest` itself where
    the minimum is true, and empty where none of those tried does. `not_judged` says why nobody knows.
    """

    where: tuple[str, ...]
    lowest: str
    alone: str = ""
    together: str = ""
    not_judged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """A line that says from which release on a conda package will do (`>=1.21`), and what it came to when tried."""

    manifest: str
    line: int
    name: PackageName
    spec: str
    tried: tuple[MinimumTried, ...]

    @property
    def is_true(self) -> bool:
        """Whether every environment solves at it, alone and together with the others."""
        return all(each.alone == each.lowest == each.together for each in self.tried)
