"""Whether a request, and our answer, fit GitHub's description of its REST API.

GitHub ignores what it does not know; here that is a violation too, because it is a mistake of the caller.
"""

from collections.abc import Mapping
from typing import Any

from bot.demo.github.model import JsonObject
from bot.demo.github.openapi import Operation, RestDescription

# Real, though not described for every operation:
# https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
GENERAL_STATUSES = frozenset({301, 304, 307, 400, 401, 403, 404, 410, 422, 429, 500, 502, 503, 504})
# GitHub's alternatives for one answer overlap: an answer that fits two of them is right.
AMBIGUOUS = "is valid under more than one of the schemas"
# A fork that was deleted is null in GitHub's answers, whatever its description says.
UNDESCRIBED = "/head/repo: null is not of type"
BOOLEANS: Mapping[str, Any] = {"true": True, "false": False}


def ignored_members(
    description: RestDescription, operation: Operation, query: Mapping[str, str], body: Any
) -> list[str]:
    """Return the parts of a request that GitHub would ignore."""
    parameters = [f"unknown query parameter {name}" for name in query if name not in operation.query]
    if operation.request is None:
        return [*parameters, *(["the operation has no request body"] if body else [])]
    known = _members(description, operation.request)
    unknown = sorted(body.keys() - known) if known and isinstance(body, dict) else []
    return parameters + [f"request: undocumented member {name}" for name in unknown]


def broken_request(
    description: RestDescription, operation: Operation, query: Mapping[str, str], body: Any
) -> list[str]:
    """Return the parts of a request that GitHub would refuse."""
    problems = []
    for name, value in query.items():
        schema = operation.query.get(name, {})
        found = description.problems(schema, _typed(description.resolve(schema), value))
        problems += [f"query parameter {name} {problem}" for problem in found]
    if operation.request is None:
        return problems
    if body is None:
        return [*problems, "a request body is required"] if operation.request_required else problems
    return problems + [f"request {problem}" for problem in description.problems(operation.request, body)]


def response_problems(description: RestDescription, operation: Operation, status: int, body: Any) -> list[str]:
    """Return what is wrong with an answer."""
    schema = operation.responses.get(status)
    if schema is not None:
        found = description.problems(schema, body)
        found = [each for each in found if AMBIGUOUS not in each and UNDESCRIBED not in each]
        return [f"response {status} {problem}" for problem in found]
    if status in operation.responses and body is not None and status not in GENERAL_STATUSES:
        return [f"response {status} has no body"]
    known = status in operation.responses or status in GENERAL_STATUSES
    return [] if known else [f"status {status} is not documented"]


def _typed(schema: JsonObject, value: str) -> Any:
    if schema.get("type") == "integer" and value.lstrip("-").isdecimal():
        return int(value)
    return BOOLEANS.get(value, value) if schema.get("type") == "boolean" else value


def _members(description: RestDescription, schema: Any) -> set[str]:
    resolved = description.resolve(schema)
    members = set(resolved.get("properties", {}))
    for part in ("allOf", "anyOf", "oneOf"):
        for each in resolved.get(part, []):
            members |= _members(description, each)
    return members
