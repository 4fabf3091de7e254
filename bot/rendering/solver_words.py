"""The solver's words in a sentence: its tree of reasons is hundreds of lines, of which the topmost say the most."""

from typing import Final

BRANCHES: Final = ("├─ ", "└─ ")
INNER: Final = (*BRANCHES, "│", " ")
MOST_BRANCHES: Final = 3


def shortened(text: str) -> str:
    """Return *text* in one line: of a tree the first branches alone, without what hangs on them."""
    first, *rest = text.split("\n")
    branches = [each.removeprefix(mark).rstrip(" :") for each in rest for mark in BRANCHES if each.startswith(mark)]
    notes = [each for each in rest if not each.startswith(INNER)]
    more = len(branches) - MOST_BRANCHES
    shown = "; ".join([*branches[:MOST_BRANCHES], *([f"and {more} more"] if more > 0 else [])])
    return " ".join([f"{first.rstrip(' :')}: {shown}" if shown else first, *notes])
