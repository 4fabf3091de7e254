"""What of a text has room: folds go first, the last before the others; then what is shown is cut between lines.

No markup stays open: a fold is left out as a whole.
"""

from collections.abc import Iterable, Sequence
from typing import Final

PARAGRAPH: Final = "\n\n"
CUT: Final = "*The rest did not fit into a pull request.*"


def fitted(shown: Sequence[str], folds: Sequence[str], end: str, longest: int) -> str:
    """Return the parts that are *shown*, as many of *folds* as have room, and *end*: at most *longest* characters."""
    whole = PARAGRAPH.join([*shown, *folds, end])
    if len(whole) <= longest:
        return whole
    cut = f"{CUT}{PARAGRAPH}{end}"
    for count in reversed(range(len(folds))):
        text = PARAGRAPH.join([*shown, *folds[:count], cut])
        if len(text) <= longest:
            return text
    return _beginnings(shown, cut, longest)


def _beginnings(parts: Iterable[str], end: str, longest: int) -> str:
    """Take of each part what there is still room for."""
    kept: list[str] = []
    room = longest - len(end)
    for part in parts:
        if beginning := _beginning(part, room - len(PARAGRAPH)):
            kept.append(beginning)
            room -= len(beginning) + len(PARAGRAPH)
    return PARAGRAPH.join([*kept, end])


def _beginning(part: str, room: int) -> str:
    """Return *part*, or as many of its lines as fit into *room* characters."""
    return part if len(part) <= room else part[: max(part.rfind("\n", 0, max(room, 0) + 1), 0)]
