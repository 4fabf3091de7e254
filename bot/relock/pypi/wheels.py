"""Which of several wheels an installer takes: told by their file names (PEP 427), never multiplied out.

The tags in a name are sets, and `packaging` expands their product, of which a hostile name has millions.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag

_PARTS: Final = 5
_BUILD: Final = re.compile(r"(\d{1,18})(.*)", re.ASCII)
_Build: TypeAlias = tuple[int, str]


def best_first(urls: Iterable[str], tags: Sequence[Tag]) -> tuple[str, ...]:
    """Return those of *urls* that are wheels for one of *tags*, as an installer prefers them.

    The best tag wins, then the highest build number, none being the lowest.
    """
    newest_build = sorted(urls, key=_build, reverse=True)
    ranks = {url: _rank(url, tags) for url in newest_build}
    return tuple(sorted((url for url in newest_build if ranks[url] < len(tags)), key=lambda url: ranks[url]))


def file_name(url: str) -> str:
    """Return the name of the file at *url*."""
    return unquote(urlsplit(url).path.rpartition("/")[2])


def _rank(url: str, tags: Sequence[Tag]) -> int:
    """Return the place of the best of *tags* that the wheel at *url* has, their number if it has none."""
    parts = _parts(url)
    if len(parts) not in {_PARTS, _PARTS + 1}:
        return len(tags)
    pythons, abis, platforms = (frozenset(part.lower().split(".")) for part in parts[-3:])
    fitting = (
        rank
        for rank, tag in enumerate(tags)
        if tag.interpreter in pythons and tag.abi in abis and tag.platform in platforms
    )
    return next(fitting, len(tags))


def _build(url: str) -> _Build:
    parts = _parts(url)
    found = _BUILD.fullmatch(parts[2]) if len(parts) == _PARTS + 1 else None
    return (int(found[1]), found[2]) if found else (-1, "")


def _parts(url: str) -> list[str]:
    name = file_name(url)
    return name.removesuffix(".whl").split("-") if name.endswith(".whl") else []
