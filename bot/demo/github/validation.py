"""Does a request, and does our answer, fit GitHub's description of its REST API?

GitHub ignores what it does not know; here it is a violation, because a member GitHub ignores is a mistake of the caller.
"""

from collections.abc import Mapping
from typing import Any

from bot.demo.github.model import JsonObject
from bot.demo.github.openapi import Operation, RestDescription

# Real, but not part of every operation's description: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
GENERAL_STATUSES = frozenset({304, 400, 401, 403, 404, 410, 429, 500, 502})
BOOLEANS: Mapping[str, Any] = {"true": True, "false": False}


def request_problems(
    description: RestDescription, operation: Operation, query: Mapping[str, str], body: Any
) -> list[str]:
    """Return what is wrong with a request."""
    problems = []
    for name, value in query.items():
        if name not in operation.query:
            problems.append(f"unknown query parameter {name}")
            continue
        schema = operation.query[name]
        found = description.problems(schema, _typed(description.resolve(schema), value))
        problems += [f"query parameter {name} {problem}" for problem in found]
    return problems + body_problems(description, operation, body)


def body_problems(description: RestDescription, operation: Operation, body: Any) -> list[str]:
    """Return what is wrong with the body of a request."""
    if operation.request is None:
        return ["the operation has no request body"] if body else []
    if body is None:
        return ["a request body is required"] if operation.request_required else []
    found = [f"request {problem}" for problem in description.problems(operation.request, body)]
    known = _members(description, operation.request)
    unknown = sorted(body.keys() - known) if known and isinstance(body, dict) else []
    return found + [f"request: undocumented member {name}" for name in unknown]


def response_problems(description: RestDescription, operation: Operation, status: int, body: Any) -> list[str]:
    """Return what is wrong with an answer."""
    if status not in operation.responses:
        return [] if status in GENERAL_STATUSES else [f"status {status} is not documented"]
    if body is None:
        return []
    schema = operation.responses[status]
    if schema is None:
        return [] if status in operation.schemaless and status >= 400 else [f"status {status} has no body"]
    return [f"response {status} {problem}" for problem in description.problems(schema, body)]


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
