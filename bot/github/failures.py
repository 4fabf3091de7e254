"""Every way in which GitHub fails, as one of four errors: the seam between gidgethub's exceptions and ours.

GitHubUnavailable   limits, no connection, a repository that moved meanwhile: not done, worth trying again
AnswerLost          server errors, lost and garbled answers: perhaps done, worth trying again after a look
GitHubError         GitHub refused, or its answer has another shape: trying again would not help now
RefMoved            raised by `commits`, which alone knows what it compared with
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

import gidgethub
import msgspec

from bot.errors import AnswerLost, GitHubError, GitHubUnavailable
from bot.github.limits import LIMITING, LONGEST_WAIT, SENTENCE, UNNAMED_WAIT

T = TypeVar("T")

MOVED = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)
STATUS_OF_TYPE = {"NOT_FOUND": HTTPStatus.NOT_FOUND, "FORBIDDEN": HTTPStatus.FORBIDDEN}
"""GraphQL's types of errors that have a counterpart in REST."""

ADVICE = {
    HTTPStatus.UNAUTHORIZED: "is the private key one of this App or the token still good, and the clock right?",
    HTTPStatus.FORBIDDEN: "the App or token may lack a permission, or a rule of the repository forbids it",
    HTTPStatus.NOT_FOUND: "it is gone, or the App or token may not see it",
}
"""What to look at where GitHub's own sentence does not say."""


class GraphQLError(msgspec.Struct, frozen=True):
    """One error of a GraphQL answer; most types are not documented and absent for syntax errors."""

    message: str
    type: str = ""


class _Reason(msgspec.Struct):
    """One of the `errors` of status 422: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed."""

    resource: str = ""
    field: str = ""
    code: str = ""
    message: str | None = None

    def __str__(self) -> str:
        return self.message or " ".join(part for part in (self.resource, self.field, self.code) if part)


@contextmanager
def mapped(operation: str, now: datetime) -> Iterator[None]:
    """Let only `GitHubError` out. *operation* is what was asked, for the message: never with a token in it."""
    try:
        yield
    except gidgethub.HTTPException as error:
        raise translated(operation, error, now) from error
    except TimeoutError as error:
        raise AnswerLost(f"GitHub did not answer {operation} in time") from error
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError) as error:  # gidgethub's, of odd JSON
        raise AnswerLost(f"GitHub's answer to {operation} made no sense: {type(error).__name__}") from error


def understood(operation: str, data: object, answer: type[T]) -> T:
    """Return *data* as an *answer*.

    Raises:
        GitHubError: it has another shape, and will have it again.

    """
    try:
        return msgspec.convert(data, answer)
    except msgspec.ValidationError as error:
        raise GitHubError(f"GitHub's answer to {operation} has another shape than documented: {error}") from error


def translated(operation: str, error: gidgethub.HTTPException, now: datetime) -> GitHubError:
    """Return our error for gidgethub's."""
    status = error.status_code
    if (wait := limit_wait(error, now)) is not None:
        return GitHubUnavailable(f"GitHub limits {operation}: {error}", status=status, retry_after=wait)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return AnswerLost(f"GitHub did not answer {operation}: {status.value} {error}", status=status)
    if status in MOVED:
        return GitHubUnavailable(f"the repository moved during {operation}", status=status)
    parts = (f"GitHub refused {operation}: {status.value} {error}", _reasons(error), ADVICE.get(status, ""))
    return GitHubError("; ".join(part for part in parts if part), status=status)


def _reasons(error: gidgethub.HTTPException) -> str:
    """Return what GitHub says of each thing that is wrong; gidgethub's own sentence leaves most of it out."""
    errors: Any = getattr(error, "errors", None)
    try:
        return ", ".join(str(each) for each in msgspec.convert(errors or [], list[_Reason | str]))
    except msgspec.ValidationError:
        return ""


def limit_wait(error: gidgethub.HTTPException, now: datetime) -> int | None:
    """Return the seconds to wait if *error* is a rate limit, None if it is something else.

    Primary limits answer 403 or 429 with nothing remaining, secondary ones 403 or 429 with or without `retry-after`.
    """
    headers, status = error.headers, error.status_code
    if status not in LIMITING:
        return None
    if headers.get("retry-after", "").isdecimal():
        return min(int(headers["retry-after"]), LONGEST_WAIT)
    if headers.get("x-ratelimit-remaining") == "0":
        return _until_reset(headers, now)
    secondary = status == HTTPStatus.TOO_MANY_REQUESTS or SENTENCE in str(error).lower()
    return UNNAMED_WAIT if secondary else None


def _until_reset(headers: Mapping[str, str], now: datetime) -> int:
    reset = headers.get("x-ratelimit-reset", "")
    if not reset.isdecimal():
        return UNNAMED_WAIT
    return min(max(1, math.ceil(int(reset) - now.timestamp())), LONGEST_WAIT)


def from_graphql(errors: Sequence[GraphQLError], retry_after: int) -> GitHubError:
    """Return our error for the errors of a GraphQL answer, which come with status 200, limits too.

    https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    text = "; ".join(each.message for each in errors)
    if any(each.type == "RATE_LIMITED" or "rate limit" in each.message.lower() for each in errors):
        return GitHubUnavailable(f"GitHub limits a query: {text}", retry_after=retry_after)
    if any(each.message.startswith("Something went wrong") for each in errors):
        return AnswerLost(f"GitHub did not answer a query: {text}")
    return GitHubError(f"GitHub refused a query: {text}", status=STATUS_OF_TYPE.get(errors[0].type))
