"""What an answer says of GitHub's limits, whatever else it says.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus

UNNAMED_WAIT = 60
"""Seconds to wait when a limit names no time; longer each time that it comes again."""

LONGEST_WAIT = 24 * 3600
"""Seconds: a limit that lasts for longer is looked at again after a day."""

HIGHEST = 1_000_000
"""Far above every limit that GitHub has, and within what a database counts."""

LIMITING = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
SENTENCE = "secondary rate limit"


class Resource(StrEnum):
    """What GitHub counts apart, of that which is used here."""

    CORE = "core"
    GRAPHQL = "graphql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Primary:
    """What is left of an hour's requests or points, until GitHub's clock says `reset`."""

    resource: Resource
    limit: int
    remaining: int
    reset: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """GitHub wants nothing for some seconds; `named` if it said for how many."""

    seconds: int
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an answer said: GitHub's own time, what is left, and whether to keep quiet. `free` ones cost nothing."""

    date: datetime | None = None
    primary: Primary | None = None
    block: Block | None = None
    free: bool = False


NOTHING = Heard()


def heard(status: int, headers: Mapping[str, str], body: bytes) -> Heard:
    """Return what an answer says; what it does not say in the form that is documented counts as not said."""
    return Heard(
        date=_date(headers.get("date", "")),
        primary=_primary(headers),
        block=_block(status, headers, body),
        free=status == HTTPStatus.NOT_MODIFIED,
    )


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None


def _primary(headers: Mapping[str, str]) -> Primary | None:
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
    try:
        limit, remaining, reset = (int(headers[name]) for name in names)
        return Primary(
            resource=Resource(headers.get("x-ratelimit-resource", "core")),
            limit=min(limit, HIGHEST),
            remaining=min(remaining, HIGHEST),
            reset=datetime.fromtimestamp(reset, UTC),
        )
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def _block(status: int, headers: Mapping[str, str], body: bytes) -> Block | None:
    """Return a secondary limit; one that is primary says so by what remains."""
    if status not in LIMITING:
        return None
    wait = headers.get("retry-after", "")
    if wait.isdecimal():
        return Block(seconds=min(int(wait), LONGEST_WAIT), named=True)
    if headers.get("x-ratelimit-remaining") == "0":
        return None
    unnamed = status == HTTPStatus.TOO_MANY_REQUESTS or SENTENCE.encode() in body.lower()
    return Block(seconds=UNNAMED_WAIT, named=False) if unnamed else None
