"""The boxes of the dashboard: what stands in its lines for programs to find, and which of them are ticked."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MARK: Final = re.compile(r"^- \[(x| )\] <!-- condabot:(open|rebuild|look)(?: ([0-9a-f]{1,20}))? -->", re.MULTILINE)


class Tick(StrEnum):
    """What a ticked box asks for: a pull request that waits, one that is open made afresh, another look."""

    OPEN = "open"
    REBUILD = "rebuild"
    LOOK = "look"


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A box; `about` is the number of a pull request, or stands for the key of one that waits."""

    tick: Tick
    about: str = ""

    def line(self, words: str, *, ticked: bool = False) -> str:
        """Return the line of a list in Markdown that has it before *words*, which are rendered already.

        https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/about-tasklists
        """
        mark = " ".join(filter(None, (self.tick, self.about)))
        return f"- [{'x' if ticked else ' '}] <!-- condabot:{mark} --> {words}"


LOOK_AGAIN: Final = Box(Tick.LOOK)


def box_of(key: str) -> Box:
    """Return the box of the pull request with *key*, which waits: anything may stand in a key, so not in the line."""
    return Box(Tick.OPEN, hashlib.sha256(key.encode()).hexdigest()[:16])


def ticked(body: str) -> frozenset[Box]:
    """Return the boxes that are ticked in *body*."""
    return frozenset(Box(Tick(tick), about) for is_ticked, tick, about in MARK.findall(body) if is_ticked == "x")
