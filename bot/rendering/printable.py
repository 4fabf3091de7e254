"""Text from outside for a terminal or a log: what would act or hide is shown as what it is."""

import unicodedata
from typing import Final

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""Return *text* with control, format and unassigned characters as escapes: a terminal's escape becomes `\x1b`."""
    return "".join(_escaped(each) if unicodedata.category(each) in _INVISIBLE else each for each in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
