"""Lines of text for a terminal of a given width, or for a pipe, which has none and breaks nothing."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from bot.rendering.printable import printable

Width: TypeAlias = int | None
"""Columns that a line may take; None where nothing is broken."""

NARROWEST: Final = 20
MOST_NAMES: Final = 5


class Tone(StrEnum):
    """What a line is about, for those who show it in colours."""

    PLAIN = "plain"
    HEADING = "heading"
    MOVE = "move"
    HELD = "held"
    PROBLEM = "problem"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it is shown, without an end; nothing in it acts on a terminal."""

    text: str
    tone: Tone = Tone.PLAIN


def wrapped(text: str, width: Width, tone: Tone = Tone.PLAIN, *, indent: int = 0, hang: int = 2) -> Iterator[Line]:
    """Yield *text* behind *indent* spaces, broken between words so that it fits *width*; what follows hangs deeper.

    Lines of *text* itself are joined. A word that is longer than a line, such as a URL, stays whole. Of an empty text
    there is nothing to show.
    """
    shown = printable(" ".join(text.split("\n")))
    if not shown:
        return
    if width is None:
        yield Line(text=" " * indent + shown, tone=tone)
        return
    hanging = " " * min(indent + hang, max(width - NARROWEST, 0))
    pieces = textwrap.wrap(
        shown,
        max(width, NARROWEST),
        initial_indent=" " * indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    yield from (Line(text=piece, tone=tone) for piece in pieces)


def some(names: Iterable[str], most: int | None = MOST_NAMES) -> str:
    """Return the first *most* of *names* (None: all), each once, and how many more there are: `a, b and 3 more`."""
    found = list(dict.fromkeys(names))
    more = 0 if most is None else len(found) - most
    return f"{', '.join(found[:most])} and {more} more" if more > 0 else ", ".join(found)
