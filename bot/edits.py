"""Spans of a text and the edits that replace them: locate first, splice later, touch nothing else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import EditError

_MARKER = re.compile(r"([<|=>])\1{6}(?=[ \r\n]|\Z)")
_FOLLOWS = {"<": ">", "|": "<", "=": "<|", ">": "="}
_SIDES = {"<": (True, False), "|": (False, False), "=": (False, True), ">": (True, True)}
"""Markers: after which other ones they come, and to which sides belongs what follows."""

_CONFLICT = re.compile(r"^(?:<{7}|\|{7}|>{7})(?=[ \r\n])", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters, `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace what stands in *span* by *text*."""

    span: Span
    text: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return *text* with every edit applied; the rest is the same characters.

    Raises:
        EditError: two edits overlap, or one leaves the text.

    """
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if not position <= edit.span.start <= edit.span.end <= len(text):
            raise EditError(
                f"the edit at characters {edit.span.start} to {edit.span.end} overlaps another or leaves the text"
            )
        pieces += text[position : edit.span.start], edit.text
        position = edit.span.end
    return "".join([*pieces, text[position:]])


def conflict_line(text: str) -> int | None:
    """Return the line of the first merge-conflict marker that git left in *text*; None without one."""
    marker = _CONFLICT.search(text)
    return line_of(text, marker.start()) if marker else None


def line_of(text: str, offset: int) -> int:
    """Return the 1-based line on which the character at *offset* stands."""
    return text.count("\n", 0, offset) + 1


def conflict_sides(text: str) -> tuple[str, str] | None:
    """Return both sides of *text*, in which git left merge-conflict markers; None if it has none, or not whole ones.

    https://git-scm.com/docs/git-merge#_how_conflicts_are_presented
    """
    sides: tuple[list[str], list[str]] = ([], [])
    last = ">"
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        marker = _MARKER.match(line)
        if marker is None:
            for side, is_there in zip(sides, _SIDES[last], strict=True):
                side.extend([line] if is_there else [])
        elif last in _FOLLOWS[marker[1]]:
            last = marker[1]
        else:
            return None
    is_whole = last == ">" and conflict_line(text) is not None
    return ("".join(sides[0]), "".join(sides[1])) if is_whole else None
