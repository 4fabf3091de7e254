"""Where in the text of a lockfile its packages stand, in any format: found by their URLs."""

import re
from collections.abc import Collection, Mapping

_WORD = re.compile(r"[^\s\"'#]+")


def lines_of_urls(text: str, urls: Collection[str]) -> Mapping[str, int]:
    """Return the 1-based line on which each of *urls* stands last, whole and unescaped; others are left out.

    The last one, because lists of environments come before the entries with hashes in locks that have both.
    """
    return {
        word: number for number, line in enumerate(text.split("\n"), 1) for word in _WORD.findall(line) if word in urls
    }
