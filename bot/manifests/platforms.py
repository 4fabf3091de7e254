"""Which subdirs a word for platforms means: conda-build's selectors, mamba's `sel(…)`, pixi's targets."""

import re
from typing import Final

from bot.model.manifest import Subdir
from bot.model.subdirs import SUBDIRS

_ARCHITECTURES: Final = {
    "linux32": "linux-32",
    "linux64": "linux-64",
    "aarch64": "linux-aarch64",
    "armv6l": "linux-armv6l",
    "armv7l": "linux-armv7l",
    "ppc64le": "linux-ppc64le",
    "s390x": "linux-s390x",
    "osx64": "osx-64",
    "arm64": "osx-arm64",
    "win32": "win-32",
    "win64": "win-64",
}

_WORD: Final = re.compile(r"[A-Za-z0-9_-]+")
_OTHER_SELECTOR_WORDS: Final = re.compile(r"\b(?:not|and|or|py|py3k|py2k|py\d+|np|np\d+|x86|x86_64|cuda\w*)\b")


def platforms_named(word: str) -> tuple[Subdir, ...]:
    """Return the subdirs that *word* means: `linux`, `unix`, `linux64`, `osx-arm64` … Empty if it is no such word.

    Sources: conda-build's platform selectors as conda-lock honours them, and pixi's target selectors.
    """
    if word == "unix":
        return platforms_named("linux") + platforms_named("osx")
    family = "osx" if word == "macos" else word
    if family in ("linux", "osx", "win"):
        return tuple(subdir for subdir in SUBDIRS if subdir.startswith(f"{family}-"))
    subdir = Subdir(_ARCHITECTURES.get(word, word))
    return (subdir,) if subdir in SUBDIRS else ()


def platforms_selected(expression: str) -> tuple[Subdir, ...]:
    """Return the subdirs that a selector such as `linux or osx-arm64`, `not win` means. Empty if it means none.

    Only `or`, `and` and `not` between platforms are understood; what asks for anything else selects nothing.
    """
    chosen: set[Subdir] = set()
    for alternative in re.split(r"\s+or\s+", expression.strip()):
        chosen |= _all_of(alternative)
    return tuple(subdir for subdir in SUBDIRS if subdir in chosen)


def looks_like_selector(expression: str) -> bool:
    """Tell whether *expression*, from `# [expression]`, is written in the words of selectors and not a remark."""
    words = _WORD.findall(expression)
    return any(platforms_named(word) for word in words) or _OTHER_SELECTOR_WORDS.search(expression) is not None


def _all_of(alternative: str) -> set[Subdir]:
    chosen = set(SUBDIRS)
    for term in re.split(r"\s+and\s+", alternative):
        positive = term.removeprefix("not ").strip()
        named = set(platforms_named(positive))
        if not named:
            return set()
        chosen &= named if positive == term.strip() else set(SUBDIRS) - named
    return chosen
