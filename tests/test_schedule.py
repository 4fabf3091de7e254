"""When a schedule is open."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.model.schedule import DAYS, Schedule, Window, parse_schedule, parse_window

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


def at(day: int, hour: int) -> datetime:
    """Return the *hour* of the *day* after a Monday."""
    return MONDAY + timedelta(days=day, hours=hour)


@pytest.mark.parametrize(
    ("text", "open_at", "closed_at"),
    [
        ("before 6am on monday", [at(0, 0), at(0, 5)], [at(0, 6), at(1, 3)]),
        ("before 6am on Monday", [at(0, 5)], [at(1, 5)]),
        ("after 10pm and before 5am every weekday", [at(0, 22), at(4, 4)], [at(0, 12), at(5, 23)]),
        ("after 9am", [at(0, 9), at(6, 23)], [at(0, 8)]),
        ("after 17:00 on friday", [at(4, 17)], [at(4, 16), at(3, 17)]),
        ("every weekend", [at(5, 0), at(6, 23)], [at(4, 23)]),
        ("on saturday and sunday", [at(5, 12), at(6, 12)], [at(0, 12)]),
        ("on mon, wed and fri", [at(0, 1), at(2, 1), at(4, 1)], [at(1, 1)]),
        ("before 3am on the first day of the month", [datetime(2026, 12, 1, 2, tzinfo=UTC)], [at(0, 2)]),
        ("at any time", [at(0, 0), at(3, 17)], []),
        ("before 12pm", [at(0, 11)], [at(0, 12)]),
        ("after 12am", [at(0, 0), at(0, 23)], []),
        ("* 0-5 * * 1", [at(0, 5)], [at(0, 6), at(1, 5)]),
        ("* */6 1,15 * *", [datetime(2026, 12, 15, 18, tzinfo=UTC)], [datetime(2026, 12, 15, 17, tzinfo=UTC)]),
        ("* * * * 0", [at(6, 3)], [at(0, 3)]),
        ("* * * * 7", [at(6, 3)], [at(0, 3)]),
    ],
)
def test_a_window_is_open(text: str, open_at: list[datetime], closed_at: list[datetime]) -> None:
    window = parse_window(text)

    assert [each for each in open_at if not window.admits(each)] == []
    assert [each for each in closed_at if window.admits(each)] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "monday",
        "before",
        "before 25pm",
        "on someday",
        "after 6am or before 7am",
        "0 5 * * *",
        "* 24 * * *",
        "* 5-3 * * *",
        "* */0 * * *",
        "* x * * *",
        "every",
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_window(text)


def test_any_of_several_windows_opens() -> None:
    schedule = parse_schedule(["on monday", "every weekend"])

    assert [schedule.admits(at(day, 1)) for day in range(7)] == [True, False, False, False, False, True, True]


def test_at_any_time_opens_for_all() -> None:
    assert parse_schedule(["on monday", "at any time"]) == Schedule()


def test_the_next_moment_is_the_first_hour_that_is_open() -> None:
    schedule = parse_schedule(["before 6am on monday"])

    assert schedule.next_open(at(0, 5)) == at(0, 5)
    assert schedule.next_open(at(2, 13) + timedelta(minutes=20)) == at(7, 0)


def test_hours_are_those_of_the_place() -> None:
    schedule = parse_schedule(["before 6am on monday"])
    berlin = ZoneInfo("Europe/Berlin")

    assert schedule.admits((MONDAY - timedelta(hours=1)).astimezone(berlin))
    assert not schedule.admits((MONDAY + timedelta(hours=5)).astimezone(berlin))


def test_what_never_opens_has_no_next_moment() -> None:
    assert Schedule(windows=(Window(hours=frozenset()),)).next_open(MONDAY) is None


@given(st.sets(st.sampled_from(DAYS), min_size=1), st.integers(0, 200))
def test_a_schedule_is_open_at_the_moment_that_it_names_next(days: set[str], hours: int) -> None:
    schedule = parse_schedule([f"on {day}" for day in sorted(days)])
    moment = schedule.next_open(MONDAY + timedelta(hours=hours))

    assert moment is not None
    assert schedule.admits(moment)


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("before 6am on monday", 9, True),
        ("before 6am on monday", 10, False),
        ("on the first day of the month", 1, True),
        ("on the first day of the month", 2, False),
        ("at any time", 2, True),
    ],
)
def test_a_day_is_open_if_any_hour_of_it_is(text: str, day: int, *, expected: bool) -> None:
    late = datetime(2026, 11, day, 23, 30, tzinfo=UTC)

    assert parse_schedule([text]).admits_day(late) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("on monday", True), ("at any time", True), ("on the first day of the month", False)]
)
def test_which_windows_come_more_often_than_once_a_month(text: str, *, expected: bool) -> None:
    assert parse_window(text).is_weekly is expected
