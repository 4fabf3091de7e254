"""pixi's `exclude-newer`: the moment after which nothing that was published counts.

Forms: https://pixi.sh/latest/reference/pixi_manifest/#exclude-newer-optional — a time (RFC 3339), a date, which means
the end of that day in UTC, or a span before now as humantime writes it (`7d`, `1h 30m`, `2 weeks`).
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

_PART: Final = re.compile(r"([0-9]{1,6})\s*([a-zA-Z]+)\s*")
_SPAN: Final = re.compile(rf"(?:{_PART.pattern})+")
_UNITS: Final = {
    timedelta(seconds=1): ("s", "sec", "secs", "second", "seconds"),
    timedelta(minutes=1): ("m", "min", "mins", "minute", "minutes"),
    timedelta(hours=1): ("h", "hr", "hrs", "hour", "hours"),
    timedelta(days=1): ("d", "day", "days"),
    timedelta(weeks=1): ("w", "wk", "wks", "week", "weeks"),
    timedelta(days=30.44): ("M", "month", "months"),
    timedelta(days=365.25): ("y", "yr", "yrs", "year", "years"),
}
_LENGTHS: Final = {word: length for length, words in _UNITS.items() for word in words}


def cut_off(written: str, now: datetime) -> datetime:
    """Return the moment, in UTC, that *written* means at *now*.

    Raises:
        ValueError: it is neither a time, nor a date, nor a span.

    """
    try:
        return _moment(written.strip(), now)
    except OverflowError as error:
        raise ValueError("outside the years that there are") from error


def _moment(text: str, now: datetime) -> datetime:
    if _SPAN.fullmatch(text):
        return _before(text, now)
    if len(text) == len("2026-01-31"):
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) + timedelta(days=1)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _before(span: str, now: datetime) -> datetime:
    parts = _PART.findall(span)
    if unknown := sorted({unit for _, unit in parts} - _LENGTHS.keys()):
        raise ValueError(f"unknown units of time: {', '.join(unknown)}")
    return now - sum((int(count) * _LENGTHS[unit] for count, unit in parts), timedelta())
