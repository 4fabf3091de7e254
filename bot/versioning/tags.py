"""Which tag of a repository is which version: tags are written as v1.2.3, name-1.2.3, rel_1_2_3, release/1.2.3."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from bot.errors import SpecError
from bot.model.project import UpstreamRelease
from bot.versioning.conda import is_newer

LONGEST: Final = 100
# Possessive: nothing before the number is tried in two ways, whatever a project is called.
_BEFORE: Final = r"(?:(?:{name}|releases?|rel|version|ver|stable|v|r)[-_/.@=]*)*+"
_NUMBER: Final = r"(\d[\w.+!-]*)"


def tag_of(version: str, releases: Iterable[UpstreamRelease], names: Iterable[str]) -> str:
    """Return the tag among *releases* of the project called one of *names* that is *version*; empty without one."""
    called = tuple(names)
    tagged = ((each.tag, version_of(each.tag, called)) for each in releases)
    return next((tag for tag, found in tagged if found and is_version(found, version)), "")


def version_of(tag: str, names: Iterable[str]) -> str | None:
    """Return the version that *tag* stands for, None if it is none of the projects called one of *names*.

    Underscores and hyphens count as dots: `R_2_6_4` is 2.6.4.
    """
    found = next(_versions(tag, names), None)
    return None if found is None else re.sub(r"[-_]", ".", found)


def is_version(text: str, version: str) -> bool:
    """Tell whether *text*, which `version_of` returned, is *version*: 2.5 is 2.5.0."""
    plain = re.sub(r"[-_]", ".", version)
    try:
        return not is_newer(text, plain) and not is_newer(plain, text)
    except SpecError:
        return False


def is_within(text: str, before: str, after: str) -> bool:
    """Tell whether *text*, which `version_of` returned, is newer than *before* and no newer than *after*."""
    try:
        return is_newer(text, before) and not is_newer(text, after)
    except SpecError:
        return False


def _versions(tag: str, names: Iterable[str]) -> Iterator[str]:
    if len(tag) <= LONGEST:
        for name in names:
            if found := _pattern(name).fullmatch(tag):
                yield found[1]


@lru_cache(maxsize=256)
def _pattern(name: str) -> re.Pattern[str]:
    spelled = r"[-_.]".join(map(re.escape, re.split(r"[-_.]", name)))
    return re.compile(_BEFORE.format(name=spelled) + _NUMBER, re.IGNORECASE)
