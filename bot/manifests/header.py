"""The comment with which a manifest begins: who made the file, and what people may do with it."""

from itertools import takewhile
from typing import Final

from bot.manifests.decoding import BYTE_ORDER_MARK

LONGEST: Final = 4_000
"""Characters: a header is read up to here."""

_DOCUMENT_START: Final = "---"


def header_comment(text: str) -> str:
    """Return the comment lines before the first value of *text*, as written; blank lines do not end them."""
    lines = (line.strip() for line in text.removeprefix(BYTE_ORDER_MARK)[:LONGEST].splitlines())
    leading = takewhile(lambda line: not line or line == _DOCUMENT_START or line.startswith("#"), lines)
    return "\n".join(line for line in leading if line.startswith("#"))
