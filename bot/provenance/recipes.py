"""What differs between the recipes of two builds of the same version: what a reviewer reads of a rebuild.

Recipes are strangers' words: nothing is run or rendered, and however they are written it takes no longer than the
bounds allow.
"""

import difflib
from collections.abc import Sequence
from typing import Final

from bot.model.provenance import MovedArchive, Provenance

CONTEXT: Final = 1
MOST_COMPARED: Final = 400
"""Lines that differ from the first to the last: of more it is said how many. Comparing takes their square."""

HEADER: Final = 3
"""Lines before the first that differs: there are no files here, and nobody counts lines."""

BETWEEN: Final = "..."
MOST_SHOWN: Final = 60
LONGEST_LINE: Final = 160


def recipe_change(move: MovedArchive, before: Provenance | None, after: Provenance | None) -> str:
    """Return what differs in the recipe, as a unified difference; empty where it is not known, or another version."""
    if not (move.is_rebuilt and before and after and before.recipe_text and after.recipe_text):
        return ""
    if before.recipe != after.recipe:
        return f"{before.recipe} -> {after.recipe}: written in another format"
    old, new = before.recipe_text.splitlines(), after.recipe_text.splitlines()
    lines = _difference(old, new)
    more = [f"... {len(lines) - MOST_SHOWN} more lines"] if len(lines) > MOST_SHOWN else []
    return "\n".join([*(each[:LONGEST_LINE] for each in lines[:MOST_SHOWN]), *more])


def _difference(old: Sequence[str], new: Sequence[str]) -> list[str]:
    start = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    rest = zip(reversed(old[start:]), reversed(new[start:]), strict=False)
    end = next((at for at, (a, b) in enumerate(rest) if a != b), min(len(old), len(new)) - start)
    removed, added = len(old) - start - end, len(new) - start - end
    if max(removed, added) > MOST_COMPARED:
        return [f"{removed} lines -> {added} lines: too much to compare"]
    first, last = max(start - CONTEXT, 0), max(end - CONTEXT, 0)
    hunks = difflib.unified_diff(old[first : len(old) - last], new[first : len(new) - last], n=CONTEXT, lineterm="")
    lines = [BETWEEN if line.startswith("@@") else line for line in hunks]
    return lines[HEADER:]
