"""Every way in which GitHub fails, as one of three errors: the seam between gidgethub's exceptions and ours.

GitHubUnavailable   limits, server errors, no connection, a repository that moved meanwhile: worth trying again
GitHubError         GitHub refused, or its answer made no sense
RefMoved            raised by `commits`, which alone knows what it compared with
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus

import gidgethub
import msgspec

from bot.errors import GitHubError, GitHubUnavailable

UNNAMED_WAIT = 60
"""Seconds to wait when a limit names no time.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

MOVED = {
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}
STATUS_OF_TYPE = {"NOT_FOUND": HTTPStatus.NOT_FOUND, "FORBIDDEN": HTTPStatus.FORBIDDEN}
"""GraphQL's types of errors that have a counterpart in REST."""


class GraphQLError(msgspec.Struct, frozen=True):
    """One error of a GraphQL answer; most types are not documented and absent for syntax errors."""

    message: str
    type: str = ""


@contextmanager
def mapped(operation: str, now: datetime) -> Iterator[None]:
    """Let only `GitHubError` out. *operation* is what was asked, for the message: never with a token in it."""
    try:
        yield
    except gidgethub.HTTPException as error:
        raise translated(operation, error, now) from error
    except (ValueError, LookupError, RecursionError) as error:
        raise GitHubError(f"GitHub's answer to {operation} made no sense: {error}") from error


def translated(operation: str, error: gidgethub.HTTPException, now: datetime) -> GitHubError:
    """Return our error for gidgethub's."""
    status = error.status_code
    if (wait := limit_wait(error, now)) is not None:
        return GitHubUnavailable(f"GitHub limits {operation}: {error}", status=status, retry_after=wait)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return GitHubUnavailable(f"GitHub did not answer {operation}: {status.value} {error}", status=status)
    if status in MOVED:
        return GitHubUnavailable(f"the repository moved during {operation}", status=status)
    return GitHubError(f"GitHub refused {operation}: {status.value} {error}", status=status)


def limit_wait(error: gidgethub.HTTPException, now: datetime) -> int | None:
    """Return the seconds to wait if *error* is a rate limit, None if it is something else.

    Primary limits answer 403 or 429 with nothing remaining, secondary ones 403 or 429 with or without `retry-after`.
    """
    headers, status = error.headers, error.status_code
    if status not in {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}:
        return None
    if headers.get("retry-after", "").isdecimal():
        return int(headers["retry-after"])
    if headers.get("x-ratelimit-remaining") == "0":
        return _until_reset(headers, now)
    secondary = status == HTTPStatus.TOO_MANY_REQUESTS or "secondary rate limit" in str(error).lower()
    return UNNAMED_WAIT if secondary else None


def _until_reset(headers: Mapping[str, str], now: datetime) -> int:
    reset = headers.get("x-ratelimit-reset", "")
    return max(1, math.ceil(int(reset) - now.timestamp())) if reset.isdecimal() else UNNAMED_WAIT


def from_graphql(errors: Sequence[GraphQLError], retry_after: int) -> GitHubError:
    """Return our error for the errors of a GraphQL answer, which come with status 200, limits too.

    https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    text = "; ".join(each.message for each in errors)
    if any(each.type == "RATE_LIMITED" or "rate limit" in each.message.lower() for each in errors):
        return GitHubUnavailable(f"GitHub limits a query: {text}", retry_after=retry_after)
    if any(each.message.startswith("Something went wrong") for each in errors):
        return GitHubUnavailable(f"GitHub did not answer a query: {text}")
    return GitHubError(f"GitHub refused a query: {text}", status=STATUS_OF_TYPE.get(errors[0].type))
