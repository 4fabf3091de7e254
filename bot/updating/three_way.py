"""Three states of a text -> one with the changes of both sides, as git merges them (pure).

What both sides changed in one place, or in lines that touch each other, is in conflict unless they did the same.
https://git-scm.com/docs/git-merge-file
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class _Common:
    """So many lines that all three states have, and where each has them."""

    base: int
    ours: int
    theirs: int
    lines: int


def merge_text(base: str, ours: str, theirs: str) -> str | None:
    """Return *ours* with what *theirs* changed since *base*; None where that is in conflict."""
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    was, one, other = (_LINE.findall(text) for text in (base, ours, theirs))
    merged: list[str] = []
    at = _Common(0, 0, 0, 0)
    for common in (*_common(was, one, other), _Common(len(was), len(one), len(other), 0)):
        between = _between(was[at.base : common.base], one[at.ours : common.ours], other[at.theirs : common.theirs])
        if between is None:
            return None
        end = common.base + common.lines
        merged += (*between, *was[common.base : end])
        at = _Common(end, common.ours + common.lines, common.theirs + common.lines, 0)
    return "".join(merged)


def _between(was: Sequence[str], one: Sequence[str], other: Sequence[str]) -> Sequence[str] | None:
    """Return what stands between two places where all are the same."""
    if other in (one, was):
        return one
    return other if one == was else None


def _common(was: Sequence[str], one: Sequence[str], other: Sequence[str]) -> Iterator[_Common]:
    ours = SequenceMatcher(None, was, one, autojunk=False).get_matching_blocks()
    theirs = SequenceMatcher(None, was, other, autojunk=False).get_matching_blocks()
    i = j = 0
    while i < len(ours) and j < len(theirs):
        mine, yours = ours[i], theirs[j]
        begin, end = max(mine.a, yours.a), min(mine.a + mine.size, yours.a + yours.size)
        if begin < end:
            yield _Common(begin, mine.b + begin - mine.a, yours.b + begin - yours.a, end - begin)
        if mine.a + mine.size < yours.a + yours.size:
            i += 1
        else:
            j += 1
