"""Spans of a text and the edits that replace them: locate first, splice later, touch nothing else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import EditError

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
