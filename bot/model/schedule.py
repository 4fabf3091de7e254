"""When new pull requests may be opened: Renovate's words and cron lines, read once, asked of a moment (pure).

https://docs.renovatebot.com/configuration-options/#schedule
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.errors import BadInput

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY_HOUR: Final = frozenset(range(24))
EVERY_DAY: Final = frozenset(range(7))
EVERY_DATE: Final = frozenset(range(1, 32))
EVERY_MONTH: Final = frozenset(range(1, 13))
ANY_TIME: Final = "at any time"
LONGEST_WAIT: Final = timedelta(days=366)

_TIME: Final = r"(?:(?:[01]?[0-9]|2[0-3])(?::00)?|(?:1[0-2]|0?[1-9])(?::00)? ?[ap]m)"
_WORDS: Final = re.compile(
    rf"(?:after (?P<after>{_TIME}))?(?: and )?(?:before (?P<before>{_TIME}))?(?: ?(?:on|every) (?P<days>[a-z, ]+))?"
)
_CRON: Final = re.compile(r"\* (\S+) (\S+) (\S+) (\S+)")
_FIRST: Final = re.compile(r"the first day of (?:the|each|every) month")
_GROUPS: Final = {
    "day": EVERY_DAY,
    "weekday": frozenset(range(5)),
    "weekdays": frozenset(range(5)),
    "weekend": frozenset({5, 6}),
    "weekends": frozenset({5, 6}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The hours (0 to 23) of the days of the week (0 is Monday), of the month and of the year that are open."""

    hours: frozenset[int] = EVERY_HOUR
    weekdays: frozenset[int] = EVERY_DAY
    dates: frozenset[int] = EVERY_DATE
    months: frozenset[int] = EVERY_MONTH

    def admits(self, local: datetime) -> bool:
        """Tell whether *local* is open."""
        is_day = local.weekday() in self.weekdays and local.day in self.dates and local.month in self.months
        return is_day and local.hour in self.hours

    def admits_day(self, local: datetime) -> bool:
        """Tell whether any hour of the day of *local* is open."""
        return any(self.admits(local.replace(hour=hour)) for hour in self.hours)

    @property
    def is_weekly(self) -> bool:
        """Whether it comes more often than once a month."""
        return self.dates == EVERY_DATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Windows of time: it is open when one of them is, and always if there is none."""

    windows: tuple[Window, ...] = ()

    def admits(self, local: datetime) -> bool:
        """Tell whether *local*, in the repository's own time zone, is open."""
        return not self.windows or any(each.admits(local) for each in self.windows)

    def admits_day(self, local: datetime) -> bool:
        """Tell whether it is open in any hour of the day of *local*."""
        return not self.windows or any(each.admits_day(local) for each in self.windows)

    def next_open(self, local: datetime) -> datetime | None:
        """Return the first moment from *local* on that is open, None if there is none within a year."""
        if self.admits(local):
            return local
        hour = local.replace(minute=0, second=0, microsecond=0)
        hours = (hour + timedelta(hours=number) for number in range(1, LONGEST_WAIT // timedelta(hours=1)))
        return next((each for each in hours if self.admits(each)), None)


def parse_schedule(texts: Iterable[str]) -> Schedule:
    """Return the schedule that *texts* describe together: any of them opens.

    Raises:
        BadInput: one is neither such words nor a cron line whose minute is `*`.

    """
    windows = [parse_window(text) for text in texts]
    return Schedule(windows=() if any(each == Window() for each in windows) else tuple(windows))


def parse_window(text: str) -> Window:
    """Return the window that *text* describes, such as `before 6am on monday` or `* 0-5 * * 1`.

    Raises:
        BadInput: it describes none.

    """
    words = " ".join(text.lower().split())
    if words == ANY_TIME:
        return Window()
    if cron := _CRON.fullmatch(words):
        return _of_cron(*cron.groups())
    found = _WORDS.fullmatch(words)
    if not words or found is None or not any(found.groupdict().values()):
        raise BadInput("is no schedule")
    hours = _hours(found["after"], found["before"])
    if (days := found["days"]) and _FIRST.fullmatch(days):
        return Window(hours=hours, dates=frozenset({1}))
    return Window(hours=hours, weekdays=_weekdays(days) if days else EVERY_DAY)


def _hours(after: str | None, before: str | None) -> frozenset[int]:
    start, end = _hour(after or "0"), _hour(before or "0") or 24
    if start < end:
        return frozenset(range(start, end))
    return frozenset(range(start, 24)) | frozenset(range(end))


def _hour(text: str) -> int:
    digits = int(re.match(r"[0-9]+", text)[0])  # type: ignore[index]  # the pattern of a time begins so
    if text.endswith(("am", "pm")):
        return digits % 12 + (12 if text.endswith("pm") else 0)
    return digits


def _weekdays(text: str) -> frozenset[int]:
    names = re.split(r"(?:,| and )\s*", text)
    found = [_GROUPS.get(name) or _weekday(name) for name in map(str.strip, names) if name]
    return frozenset().union(*found)


def _weekday(name: str) -> frozenset[int]:
    matching = [number for number, day in enumerate(DAYS) if name in (day, f"{day}s", day[:3])]
    if not matching:
        raise BadInput(f"has no day {name}")
    return frozenset(matching)


def _of_cron(hours: str, dates: str, months: str, weekdays: str) -> Window:
    sundays = {7: 0}
    days = frozenset((sundays.get(each, each) - 1) % 7 for each in _field(weekdays, 0, 7))
    return Window(
        hours=_field(hours, 0, 23),
        dates=_field(dates, 1, 31),
        months=_field(months, 1, 12),
        weekdays=EVERY_DAY if weekdays == "*" else days,
    )


def _field(text: str, least: int, most: int) -> frozenset[int]:
    """Return the numbers that a field of a cron line names: `*`, `1-5`, `*/2`, `1,3`."""
    found: set[int] = set()
    for part in text.split(","):
        span = re.fullmatch(r"(?:(\*)|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/([0-9]{1,2}))?", part)
        if span is None:
            raise BadInput(f"has no field {part}")
        start = least if span[1] else int(span[2])
        end = most if span[1] else int(span[3] or span[2])
        if not least <= start <= end <= most or span[4] == "0":
            raise BadInput(f"has no field {part}")
        found |= set(range(start, end + 1, int(span[4] or 1)))
    return frozenset(found)
