"""Sentences about units that begin with what they are called: `default on linux-64, win-64 does not solve`."""

import re
from collections.abc import Iterable

from bot.model.environment import SolveUnit
from bot.model.manifest import PlatformName

_PLATFORMS = re.compile(r"on ([^\s,]+(?:, [^\s,]+)*) ")


def about_units(name: str, platforms: Iterable[PlatformName], sentence: str) -> str:
    """Return *sentence*, without a subject, about the units called *name* on *platforms*."""
    return f"{name} on {', '.join(platforms)} {sentence}"


def is_about(sentence: str, unit: SolveUnit) -> bool:
    """Tell whether *sentence* is one about *unit*, perhaps among others."""
    found = _PLATFORMS.match(sentence.removeprefix(f"{unit.name} ")) if sentence.startswith(f"{unit.name} ") else None
    return found is not None and unit.platform.name in found[1].split(", ")
