"""What a request is answered that is struck by a fault, or has no budget left.

GraphQL answers with status 200 and a list of errors where REST has a status.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#exceeding-the-rate-limit
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.demo.github.errors import ApiError, forbidden, not_found
from bot.demo.github.faults import Fault, FaultKind
from bot.demo.github.permissions import Alternatives
from bot.demo.github.rest.call import Reply

SLOW_DOWN = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
RULES = "Repository rule violations found\n\nCannot update this protected ref."
TOO_SLOW = "We couldn't respond to your request in time. Sorry about that. Please try resubmitting your request."
HTML = b"<html><head><title>502 Bad Gateway</title></head><body>Unicorn!</body></html>"
JSON = "application/json; charset=utf-8"
GARBAGE = b'{"message": "\xff\xfe'

DONE = frozenset({FaultKind.HANG, FaultKind.HALF_ANSWER, FaultKind.RESET_AFTER})
"""Faults with which the request is done all the same."""

REFUSALS: Mapping[FaultKind, ApiError] = {
    FaultKind.UNAUTHORIZED: ApiError(401, "Bad credentials"),
    FaultKind.RULE_VIOLATION: ApiError(422, RULES),
    FaultKind.NOT_FOUND: not_found(),
    FaultKind.UNPROCESSABLE: ApiError(422, "Validation Failed"),
    FaultKind.SERVER_ERROR: ApiError(500, "Server Error"),
    FaultKind.UNAVAILABLE: ApiError(503, "No server is currently available to service your request."),
    FaultKind.GATEWAY_TIMEOUT: ApiError(504, TOO_SLOW),
}
RAW = {
    FaultKind.BAD_GATEWAY: Reply(status=502, raw=HTML, content_type="text/html"),
    FaultKind.GARBAGE: Reply(raw=GARBAGE, content_type=JSON),
    FaultKind.WRONG_SHAPE: Reply(raw=b'[null, {"unexpected": true}]', content_type=JSON),
}
GRAPHQL_TYPES = {
    FaultKind.NO_PERMISSION: "FORBIDDEN",
    FaultKind.NOT_FOUND: "NOT_FOUND",
    FaultKind.RULE_VIOLATION: "UNPROCESSABLE",
    FaultKind.UNPROCESSABLE: "UNPROCESSABLE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known of the request: whose budget it is taken from, and which permission it needs."""

    caller: str
    graphql: bool
    needed: Alternatives


def answer(asked: Asked, fault: Fault) -> Reply:
    """Return what a request is answered that is not done because of *fault*."""
    if fault.kind in RAW:
        return RAW[fault.kind]
    if fault.kind is FaultKind.PRIMARY_LIMIT:
        return exhausted(asked)
    if fault.kind in {FaultKind.SECONDARY_LIMIT_403, FaultKind.SECONDARY_LIMIT_429, FaultKind.SECONDARY_LIMIT_UNTIMED}:
        return _slow_down(fault)
    refusal = _missing(asked) if fault.kind is FaultKind.NO_PERMISSION else REFUSALS[fault.kind]
    if asked.graphql and fault.kind in GRAPHQL_TYPES:
        return Reply(facts={"data": None, "errors": [{"type": GRAPHQL_TYPES[fault.kind], "message": refusal.message}]})
    return Reply(status=refusal.status, facts=refusal.body, headers=refusal.headers)


def exhausted(asked: Asked) -> Reply:
    """Return the answer when nothing is left of the hour's budget."""
    headers = {"x-ratelimit-remaining": "0"}
    if asked.graphql:
        error = {"type": "RATE_LIMITED", "message": "API rate limit already exceeded for installation."}
        return Reply(facts={"errors": [error]}, headers=headers)
    return Reply(status=403, facts=ApiError(403, f"API rate limit exceeded for {asked.caller}.").body, headers=headers)


def _missing(asked: Asked) -> ApiError:
    return forbidden("; ".join(str(each) for each in asked.needed))


def _slow_down(fault: Fault) -> Reply:
    status = 429 if fault.kind is FaultKind.SECONDARY_LIMIT_429 else 403
    return slow_down(status, None if fault.kind is FaultKind.SECONDARY_LIMIT_UNTIMED else fault.retry_after)


def slow_down(status: int, seconds: int | None) -> Reply:
    """Return the answer at a secondary limit, which need not say for how long."""
    headers = {} if seconds is None else {"retry-after": str(seconds)}
    return Reply(status=status, facts=ApiError(status, SLOW_DOWN).body, headers=headers)
