"""What planning makes of the verdicts on the releases of one package."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.model.update import Release
from bot.planning.age import AgeLimit
from bot.planning.baseline import place
from bot.planning.candidates import Candidate
from bot.planning.holds import Hold, HoldRule, HoldScope
from bot.planning.outlook.judge import Case
from bot.planning.outlook.outlook import Outlook, outlook_of
from tests.planning.toy import LINUX, NOW, asks_for, candidate

OLD = NOW - timedelta(days=100)
ALL, RANGE = (
    Hold(rule=HoldRule.PIN_COMMENT, sentence="because", scope=scope) for scope in (HoldScope.ALL, HoldScope.RANGE)
)


def release(version: str, built: datetime | None = OLD) -> Release:
    return Release(version=version, subdirs=frozenset({LINUX}), built=built)


def outlook(*releases: Release, of: Candidate | None = None, hold: Hold | None = None) -> Outlook:
    one = of or candidate("tool", "1.0")
    limit = AgeLimit(name=one.name, newest=NOW - timedelta(days=7))
    return outlook_of(Case(candidate=one, limit=limit, now=NOW, needed=frozenset({LINUX}), hold=hold), releases)


def directions(found: Outlook) -> list[list[str]]:
    return [[release.version for release in each.releases] for each in found.candidates]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param(["1.1", "1.2", "2.0", "3.0"], [["1.1", "1.2"], ["2.0", "3.0"]], id="within its line, and beyond"),
        pytest.param(["1.1"], [["1.1"]], id="within its line alone"),
        pytest.param(["2.0"], [["2.0"]], id="beyond it alone"),
        pytest.param([], [], id="nowhere"),
    ],
)
def test_the_directions_in_which_a_package_can_move(versions: list[str], expected: list[list[str]]) -> None:
    found = outlook(*map(release, versions))

    assert directions(found) == expected
    assert (found.current, found.newest) == ("1.0", versions[-1] if versions else "1.0")
    assert (found.not_taken, found.hold, found.unknown) == ((), "", "")


def test_an_outlook_is_of_the_lines_and_units_of_its_package() -> None:
    one = candidate("tool", "1.0")

    found = outlook(of=one)

    assert (found.requirements, found.baselines) == (one.requirements, one.baselines)
    assert found.places == tuple(map(place, one.requirements))


@pytest.mark.parametrize(
    ("releases", "told"),
    [
        pytest.param([release("1.1"), release("1.2", NOW)], ["1.2"], id="the newest, if it is too young"),
        pytest.param([release("1.1", NOW), release("1.2")], [], id="not an older one"),
        pytest.param([release("1.1", None), release("1.2", NOW)], ["1.2"], id="of several the newest alone"),
    ],
)
def test_the_newest_release_says_why_it_is_not_for_now(releases: list[Release], told: list[str]) -> None:
    found = outlook(*releases)

    assert [each.release for each in found.not_now] == told
    assert found.left_alone == ()
    assert found.newest == "1.2"


@pytest.mark.parametrize(
    ("hold", "releases", "left_alone", "not_now", "sentence"),
    [
        pytest.param(ALL, ["1.1", "1.2"], ["1.2"], [], "pin-comment: because", id="a hold on everything"),
        pytest.param(ALL, [], [], [], "pin-comment: because", id="which is told also if nothing is newer"),
        pytest.param(RANGE, ["1.1", "2.0"], ["2.0"], [], "pin-comment: because", id="one on the range"),
        pytest.param(RANGE, ["2.0"], ["2.0"], [], "pin-comment: because", id="also where nothing is within it"),
        pytest.param(RANGE, ["1.1"], [], [], "", id="which is not felt within it"),
        pytest.param(None, ["1.1"], [], [], "", id="none"),
    ],
)
def test_what_a_hold_leaves_alone(
    hold: Hold | None, releases: list[str], left_alone: list[str], not_now: list[str], sentence: str
) -> None:
    line = asks_for("tool", "<2")
    one = replace(candidate("tool", "1.0"), requirements=(line,), frozen=frozenset({place(line)} if hold else ()))

    found = outlook(*map(release, releases), of=one, hold=hold)

    assert [each.release for each in found.left_alone] == left_alone
    assert [each.release for each in found.not_now] == not_now
    assert found.hold == sentence
    assert {each.sentence for each in found.left_alone} <= {sentence}


def test_below_a_release_that_is_held_the_newest_of_the_others_says_why_it_waits() -> None:
    line = asks_for("tool", "<2")
    one = replace(candidate("tool", "1.0"), requirements=(line,), frozen=frozenset({place(line)}))

    found = outlook(release("1.1", NOW), release("2.0"), of=one, hold=RANGE)

    assert [(each.release, each.sentence) for each in found.not_taken] == [
        ("1.1", "tool 1.1 is 0 days old: due 2026-11-09"),
        ("2.0", "pin-comment: because"),
    ]


PYTHON = candidate("python", "3.12.1")


def test_minors_of_python_are_migrations_and_its_patches_are_updates() -> None:
    found = outlook(*map(release, ("3.12.9", "3.13.0", "3.13.1", "3.14.0", "4.0.0")), of=PYTHON)

    assert directions(found) == [["3.12.9"]]
    assert [[each.version for each in minor.candidate.releases] for minor in found.minors] == [
        ["3.13.0", "3.13.1"],
        ["3.14.0"],
        ["4.0.0"],
    ]
    assert [each.newest.version for each in found.minors] == ["3.13.1", "3.14.0", "4.0.0"]


@pytest.mark.parametrize(
    ("releases", "minors", "told"),
    [
        pytest.param(
            [release("3.13.0"), release("3.13.1", NOW)],
            [(["3.13.0"], "3.13.1", OLD)],
            [],
            id="a minor is as old as its first release, and its newest is not told of twice",
        ),
        pytest.param(
            [release("3.13.0", None), release("3.13.1")],
            [(["3.13.1"], "3.13.1", OLD)],
            [],
            id="a release without a date does not say how old it is",
        ),
        pytest.param([release("3.13.0", NOW)], [], ["3.13.0"], id="one of which nothing is for now says why"),
        pytest.param(
            [release("3.13.0"), release("3.14.0", NOW)],
            [(["3.13.0"], "3.13.0", OLD)],
            ["3.14.0"],
            id="a young one beside one that may be offered",
        ),
    ],
)
def test_how_old_a_minor_is(
    releases: list[Release], minors: list[tuple[list[str], str, datetime]], told: list[str]
) -> None:
    found = outlook(*releases, of=PYTHON)

    assert [
        ([release.version for release in each.candidate.releases], each.newest.version, each.since)
        for each in found.minors
    ] == minors
    assert [each.release for each in found.not_now] == told


def test_a_minor_that_is_held_is_no_migration() -> None:
    found = outlook(release("3.13.0"), of=PYTHON, hold=ALL)

    assert (found.minors, found.candidates) == ((), ())
    assert [each.release for each in found.left_alone] == ["3.13.0"]
