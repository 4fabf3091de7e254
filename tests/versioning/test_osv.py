"""OSV's ranges: the examples of its evaluation, and every version against the definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from bot.model.advisory import Affected, EventKind, Exposure, Judged, RangeEvent
from bot.model.manifest import PackageName
from bot.versioning.osv import judge


def event(text: str) -> RangeEvent:
    kind, version = text.split()
    return RangeEvent(kind=EventKind(kind), version=version)


def affected(*ranges: str, versions: frozenset[str] = frozenset()) -> Affected:
    """Return what is affected: a range is its events, with commas between them."""
    return Affected(
        name=PackageName("jinja2"),
        ranges=tuple(tuple(event(each.strip()) for each in text.split(",")) for text in ranges),
        versions=versions,
    )


FIXED_LATER = affected("introduced 0, fixed 3.1.3, introduced 3.1.4, fixed 3.1.6")


@pytest.mark.parametrize(
    ("what", "version", "exposure", "fixed_in"),
    [
        (affected("introduced 0, fixed 3.1.3"), "3.1.2", Exposure.AFFECTED, ("3.1.3",)),
        (affected("introduced 0, fixed 3.1.3"), "3.1.3", Exposure.FIXED, ()),
        (affected("introduced 0, fixed 3.1.3"), "3.1.3rc1", Exposure.AFFECTED, ("3.1.3",)),
        (affected("introduced 3.0, fixed 3.1.3"), "2.11", Exposure.NOT_AFFECTED, ()),
        (affected("introduced 3.0, last_affected 3.1.2"), "3.1.2", Exposure.AFFECTED, ()),
        (affected("introduced 3.0, last_affected 3.1.2"), "3.1.2.post1", Exposure.NOT_AFFECTED, ()),
        (affected("fixed 3.1.3, introduced 0"), "3.0", Exposure.AFFECTED, ("3.1.3",)),
        (FIXED_LATER, "3.1", Exposure.AFFECTED, ("3.1.3", "3.1.6")),
        (FIXED_LATER, "3.1.3", Exposure.FIXED, ()),
        (FIXED_LATER, "3.1.5", Exposure.AFFECTED, ("3.1.6",)),
        (affected("introduced 0, limit 2.0"), "1.9", Exposure.AFFECTED, ()),
        (affected("introduced 0, limit 2.0"), "2.0", Exposure.NOT_AFFECTED, ()),
        (affected("introduced 0, limit *"), "9", Exposure.AFFECTED, ()),
        (affected(versions=frozenset({"1.0", "1.1"})), "1.0.0", Exposure.AFFECTED, ()),
        (affected(versions=frozenset({"1.0", "1.1"})), "1.2", Exposure.NOT_AFFECTED, ()),
        (affected("introduced 0, fixed 3.1.3"), "3_1", Exposure.UNKNOWN, ()),
        (affected("introduced 0, fixed garbage!"), "9.9", Exposure.AFFECTED, ()),
        (affected("introduced garbage!, fixed 3"), "2", Exposure.UNKNOWN, ()),
    ],
)
def test_where_a_version_stands(what: Affected, version: str, exposure: Exposure, fixed_in: tuple[str, ...]) -> None:
    assert judge([what], version) == Judged(exposure=exposure, fixed_in=fixed_in)


def test_what_is_said_of_another_package_is_nothing() -> None:
    assert judge([], "1.0").exposure is Exposure.NOT_AFFECTED


VERSIONS = st.sampled_from(["0.9", "1.0", "1.1", "2.0rc1", "2.0", "2.1.post1", "3.0"])


@given(st.lists(st.tuples(VERSIONS, VERSIONS), min_size=1, max_size=3), VERSIONS)
def test_intervals_hold_what_lies_between_their_ends(intervals: list[tuple[str, str]], version: str) -> None:
    ordered = [sorted(each, key=Version) for each in intervals]
    ranges = [f"introduced {begin}, fixed {end}" for begin, end in ordered]
    inside = any(Version(begin) <= Version(version) < Version(end) for begin, end in ordered)

    assert (judge([affected(*ranges)], version).exposure is Exposure.AFFECTED) == inside
