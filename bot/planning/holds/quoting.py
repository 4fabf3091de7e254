"""Words of other people in a sentence of ours: one line, short, without anything invisible and without credentials."""

import unicodedata
from typing import Final

from bot.manifests.credentials import without_credentials

LONGEST: Final = 100
_LONGEST_READ: Final = 1_000


def quoted(text: str) -> str:
    """Return *text* between double quotes, at most `LONGEST` characters of it.

    What is invisible or breaks lines is left out. What is markup to somebody stays: the sentence is plain text, and
    whoever renders it escapes it.
    """
    visible = "".join(" " if each.isspace() else each for each in text[:_LONGEST_READ] if _is_visible(each))
    line = without_credentials(" ".join(visible.split())).replace('"', "'")
    return f'"{line}"' if len(line) <= LONGEST else f'"{line[: LONGEST - 3]}..."'


def _is_visible(character: str) -> bool:
    return character.isspace() or not unicodedata.category(character).startswith("C")
