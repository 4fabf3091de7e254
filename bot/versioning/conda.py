"""Order of conda versions and what a version spec admits. py-rattler decides; nothing here compares text."""

import re
from functools import lru_cache

import rattler
from rattler.exceptions import InvalidVersionError

from bot.errors import SpecError
from bot.model.update import UpdateKind
from bot.versioning.kinds import kind_of_difference
from bot.versioning.match_spec import canonical_version_spec
from bot.versioning.order import VersionOrder

_PRERELEASE = re.compile(r"\d*(?:[abc]\d+|(?:alpha|beta|rc|preview|pre|dev)\d*)+", re.IGNORECASE)


def is_prerelease(version: str) -> bool:
    """Tell whether *version* is an alpha, beta, candidate, preview or development version.

    A bare letter at the end is a release of its own (`1.1.1w`, `9e`, `2024a`), and so is `post`.
    """
    public = version.partition("+")[0]
    return any(_PRERELEASE.fullmatch(segment) for segment in re.split(r"[._-]", public))


def update_kind(old: str, new: str) -> UpdateKind:
    """Return how far apart the versions are: their first differing segment, the third and later ones counting as patch.

    A letter belongs to its segment: `2024a` to `2024b` and `9e` to `9f` are major, `1.1.1v` to `1.1.1w` is a patch.
    A different epoch is major.

    Raises:
        SpecError: one of them is not a version.

    """
    left, right = _version(old), _version(new)
    if (left.epoch or 0) != (right.epoch or 0):
        return UpdateKind.MAJOR
    return kind_of_difference(left.segments(), right.segments(), missing=[0])


def version_line(version: str) -> str:
    """Return the line of releases that *version* belongs to: its first number, `2` for `2.5.1`, `2024` for `2024a`.

    An epoch stays in front (`1!2`).

    Raises:
        SpecError: it is not a version.

    """
    _version(version)
    found = re.match(r"(?:\d+!)?(?:\d+|[^._+-]+)", version)
    return found[0] if found else version


def major_spec(version: str) -> str:
    """Return the version spec of all versions that share the first segment with *version*: `1.*` for `1.26.4`.

    Raises:
        SpecError: it is not a version.

    """
    return _within(version, 1)


def minor_spec(version: str) -> str:
    """Return the version spec of all versions that share two segments with *version*: `1.26.*` for `1.26.4`.

    Raises:
        SpecError: it is not a version.

    """
    return _within(version, 2)


@lru_cache(maxsize=65_536)
def satisfies(version_spec: str, version: str) -> bool:
    """Tell whether *version_spec*, in any spelling, admits *version*. An empty one admits all.

    Raises:
        SpecError: one of them is not what it should be.

    """
    canonical = canonical_version_spec(version_spec)
    return canonical is None or rattler.VersionSpec(canonical).matches(_version(version))


def validate_version_spec(version_spec: str) -> None:
    """Do nothing if *version_spec* is one, and only that: no build, no brackets.

    Raises:
        SpecError: it is not.

    """
    canonical_version_spec(version_spec)


def validate_version(version: str) -> None:
    """Pass if *version* is a conda version.

    Raises:
        SpecError: it is none.

    """
    _version(version)


def _within(version: str, segments: int) -> str:
    public = _version(version).strip_local()
    return f"{public.with_segments(0, min(segments, public.segment_count))}.*"


def _version(text: str) -> rattler.Version:
    try:
        return rattler.Version(text)
    except InvalidVersionError as error:
        raise SpecError(f"`{text}` is not a version: {error}") from error


_ORDER = VersionOrder(parse=_version)
newest, sort_versions = _ORDER.newest, _ORDER.sort_versions
is_newer, same_version = _ORDER.is_newer, _ORDER.same_version
