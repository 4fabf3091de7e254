"""Sentences about units that begin with what they are called: `default on linux-64, win-64 does not solve`."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bot.model.environment import SolveUnit
from bot.model.manifest import PlatformName

_PLURALS: Final = (
    ("does not solve as it stands", "do not solve as they stand"),
    ("is not judged", "are not judged"),
)
_PLATFORMS = re.compile(r"on ([^\s,]+(?:, [^\s,]+)*) ")


def about_units(names: Sequence[str], platforms: Iterable[PlatformName], sentence: str) -> str:
    """Return *sentence*, without a subject, about the units called *names*, each on *platforms*."""
    said = sentence
    for one, many in _PLURALS if len(names) > 1 else ():
        said = f"{many}{said.removeprefix(one)}" if said.startswith(one) else said
    return f"{', '.join(names)} on {', '.join(platforms)} {said}"


def is_about(sentence: str, unit: SolveUnit) -> bool:
    """Tell whether *sentence* is one about *unit*, perhaps among others."""
    named, _, rest = sentence.partition(" on ")
    found = _PLATFORMS.match(f"on {rest}") if unit.name in named.split(", ") else None
    return found is not None and unit.platform.name in found[1].split(", ")
