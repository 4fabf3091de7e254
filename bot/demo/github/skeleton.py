"""Known facts in, a complete answer out: the schema decides which members an answer has.

`fill(description, schema, facts)` keeps the facts that the schema knows and adds a neutral value for every member that
it requires. One dictionary of facts per noun is therefore enough for all the shapes in which GitHub shows it
(simple, full, in a webhook), and a misspelt fact cannot reach an answer.
"""

from collections.abc import Iterable
from typing import Any

from bot.demo.github.model import JsonObject
from bot.demo.github.openapi import Description

NEUTRAL_MOMENT = "2024-01-01T00:00:00Z"
NEUTRAL_URI = "https://github.example/"
RECURSIONS = 2


def fill(description: Description, schema: Any, facts: Any) -> Any:
    """Return *facts* in the shape of *schema*."""
    if isinstance(facts, list):
        items = _alternative(description, schema, facts).get("items", {})
        return [fill(description, items, each) for each in facts]
    if not isinstance(facts, dict):
        return facts
    return _fill_object(description, _alternative(description, schema, facts), facts)


def _fill_object(description: Description, schema: JsonObject, facts: JsonObject) -> JsonObject:
    properties = schema.get("properties", {})
    filled = {name: fill(description, properties[name], facts[name]) for name in properties if name in facts}
    for part in schema.get("allOf", []):
        filled |= fill(description, part, facts)
    if not properties and "allOf" not in schema:
        return facts
    missing = [name for name in schema.get("required", []) if name not in filled]
    return filled | {name: neutral(description, properties.get(name, {}), name) for name in missing}


def _alternative(description: Description, schema: Any, facts: Any) -> JsonObject:
    """Return the one of the alternatives of *schema* that *facts* belongs to."""
    resolved: JsonObject = description.resolve(schema)
    if "properties" in resolved or not ({"oneOf", "anyOf"} & resolved.keys()):
        return resolved
    choices = [_alternative(description, each, facts) for each in _choices(resolved)]
    return next((each for each in choices if _belongs(each, facts)), choices[0])


def _belongs(schema: JsonObject, facts: Any) -> bool:
    if isinstance(facts, list):
        return "array" in _kinds(schema)
    kinds = schema.get("properties", {}).get("type", {}).get("enum")
    return (
        "array" not in _kinds(schema)
        and "null" not in schema.get("type", "")
        and (kinds is None or facts.get("type", kinds[0]) in kinds)
    )


def neutral(description: Description, schema: Any, name: str, above: tuple[str, ...] = ()) -> Any:
    """Return the most boring value that fits *schema*, for a member called *name*."""
    reference = schema.get("$ref", "")
    if above.count(reference) >= RECURSIONS:
        return None
    above = (*above, reference) if reference else above
    resolved = description.resolve(schema)
    kinds = _kinds(resolved)
    if "null" in kinds or any("null" in _kinds(each) for each in _choices(resolved)):
        return None
    if "enum" in resolved:
        return resolved["enum"][0]
    if "properties" in resolved or "allOf" in resolved or "object" in kinds:
        return _neutral_object(description, resolved, above)
    if choices := _choices(resolved):
        return neutral(description, choices[0], name, above)
    return _neutral_scalar(kinds, resolved.get("format", ""), name)


def _neutral_object(description: Description, schema: JsonObject, above: tuple[str, ...]) -> JsonObject:
    properties = schema.get("properties", {})
    value = {name: neutral(description, properties.get(name, {}), name, above) for name in schema.get("required", [])}
    for part in schema.get("allOf", []):
        value |= neutral(description, part, "", above) or {}
    return value


def _neutral_scalar(kinds: list[str], format_: str, name: str) -> Any:
    if "array" in kinds:
        return []
    if "boolean" in kinds:
        return False
    if "integer" in kinds or "number" in kinds:
        return 0
    if format_ == "date-time":
        return NEUTRAL_MOMENT
    return NEUTRAL_URI + name if format_.startswith("uri") or name.endswith("url") else ""


def _choices(schema: JsonObject) -> list[Any]:
    choices: list[Any] = schema.get("oneOf") or schema.get("anyOf") or []
    return choices


def _kinds(schema: JsonObject) -> list[str]:
    kinds: str | Iterable[str] = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)
