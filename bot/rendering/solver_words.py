"""The solver's words in a sentence: its tree of reasons is hundreds of lines, of which the topmost say the most."""

from typing import Final

BRANCHES: Final = ("├─ ", "└─ ")
"""How a branch begins; what hangs on it stands deeper by as many characters."""
INNER: Final = (*BRANCHES, "│", " ")
UNFINISHED: Final = " would require"
MOST_BRANCHES: Final = 3


def shortened(text: str) -> str:
    """Return *text* in one line: of a tree the first branches, each with the first that hangs on it."""
    first, *rest = text.split("\n")
    branches: list[list[str]] = []
    for line in rest:
        if line.startswith(BRANCHES):
            branches.append([line[len(BRANCHES[0]) :].rstrip(" :")])
        elif branches and line[len(BRANCHES[0]) :].startswith(BRANCHES) and not line.endswith(UNFINISHED):
            branches[-1].append(line[2 * len(BRANCHES[0]) :].rstrip(" :"))
    notes = [each for each in rest if not each.startswith(INNER)]
    more = len(branches) - MOST_BRANCHES
    told = [": ".join(each[:2]).rstrip(".") for each in branches[:MOST_BRANCHES]]
    shown = "; ".join([*told, *([f"and {more} more"] if more > 0 else [])])
    return " ".join([f"{first.rstrip(' :')}: {shown}." if shown else first, *notes])
