"""The version of one clause raised to a release: the same number of segments, the same suffix.

Rule: several spellings are tried, closest to the user's first; the version scheme says which admits the release.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.errors import SpecError
from bot.versioning.clauses import Clause, Role

_EPOCH = re.compile(r"^\d+!")
_NUMBER = re.compile(r"(?:\d+!)?\d+")
_LETTER = re.compile(r"[A-Za-z]")
_SEPARATOR = re.compile(r"[._-]")
_PRERELEASE_SUFFIX = r"(?:[._-]?(?:(?:alpha|beta|preview|pre|dev|rc|a)\d*|[bc]\d+))*"
_CAP = re.compile(rf"(?:\d+!)?(?P<numbers>\d+(?:\.\d+)*)(?P<suffix>{_PRERELEASE_SUFFIX})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionScheme:
    """How versions order and what a version spec admits: conda's or PyPI's way.

    `satisfies` takes a version spec and a version, `is_newer` two versions.
    `has_alternatives` tells whether version specs know `|`.
    """

    satisfies: Callable[[str, str], bool]
    is_newer: Callable[[str, str], bool]
    has_alternatives: bool


def raised_version(clause: Clause, release: str, scheme: VersionScheme) -> str | None:
    """Return the version for *clause* to say so that it admits *release*, or None if its form cannot.

    `=1.26` gets `2.3` of 2.3.4, `==1.26` gets `2.3.4`, `<1.27` gets `2.4`, `<2.0a0` gets `3.0a0`.
    """
    return next((each for each in _candidates(clause, release) if _admits(clause, each, release, scheme)), None)


def _admits(clause: Clause, version: str, release: str, scheme: VersionScheme) -> bool:
    """Tell whether the clause with *version* admits the release; a candidate may turn out to be no version at all."""
    try:
        return scheme.satisfies(clause.with_version(version), release)
    except SpecError:
        return False


def _candidates(clause: Clause, release: str) -> Iterator[str]:
    if clause.operator == "<":
        yield from _caps(clause.version, release)
        return
    if clause.role is not Role.EXACT:
        yield from _at_precision(clause.version, release)
    yield release


def _at_precision(written: str, release: str) -> Iterator[str]:
    """Yield *release* with as many segments as *written* has, first without a letter that *written* has not.

    A shorter release gets zeros, but none for a `post1` or `dev0`, nor behind one of its own.
    """
    segments = _SEPARATOR.split(_public(written))
    pieces = re.split(r"([._-])", _public(release))[: 2 * len(segments) - 1]
    numbers = sum(segment[:1].isdigit() for segment in segments)
    padding = ".0" * (numbers - (len(pieces) + 1) // 2) if pieces[-1][:1].isdigit() else ""
    number = _NUMBER.match(pieces[-1])
    if number and not _LETTER.search(written):
        yield "".join([*pieces[:-1], number[0]]) + padding
    yield "".join(pieces) + padding


def _caps(written: str, release: str) -> Iterator[str]:
    """Yield the exclusive cap one above *release*, at the last segment of *written* that is not zero.

    The suffix stays if it means "before any pre-release" (`a0`, `.dev0`) or "before the first letter release" (`a`).
    Any other letter (`<2025c`) names one release, and there is no telling which one a newer cap should name.
    """
    found = _CAP.fullmatch(written)
    old = found["numbers"].split(".") if found else []
    precision = max((place for place, number in enumerate(old, 1) if int(number)), default=0)
    if found is None or not precision:
        return
    head = _leading_numbers(_public(release), precision)
    head[-1] += 1
    raised = [str(number).zfill(_zero_padded_width(as_written)) for number, as_written in zip(head, old, strict=False)]
    epoch = _EPOCH.match(release)
    yield (epoch[0] if epoch else "") + ".".join([*raised, *old[precision:]]) + found["suffix"]


def _leading_numbers(version: str, count: int) -> list[int]:
    """Return the first *count* numbers of *version*, with zeros for those that it has not or that are words."""
    numbers = []
    for segment in _SEPARATOR.split(_EPOCH.sub("", version))[:count]:
        found = re.match(r"\d+", segment)
        numbers.append(int(found[0]) if found else 0)
    return numbers + [0] * (count - len(numbers))


def _zero_padded_width(number: str) -> int:
    return len(number) if number.startswith("0") else 0


def _public(version: str) -> str:
    return version.partition("+")[0]
