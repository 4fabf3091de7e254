"""Known facts in, a complete answer out: the schema decides which members an answer has.

`Skeleton(description).fill(schema, facts)` keeps the facts that the schema knows and adds a neutral value for every
member that it requires. One dictionary of facts per noun is therefore enough for all the shapes in which GitHub shows
it (simple, full, in a webhook), and a misspelt fact cannot reach an answer.
"""

from functools import cache
from typing import Any

from bot.demo.github.model import JsonObject
from bot.demo.github.openapi import Description, rest_description, webhook_description

NEUTRAL_MOMENT = "2024-01-01T00:00:00Z"
NEUTRAL_URI = "https://github.example/"
RECURSIONS = 2


class Skeleton:
    """Fills up facts to the schemas of one description. Neutral values are worked out once per place."""

    def __init__(self, description: Description) -> None:
        self._description = description
        # The schema is kept beside its value so that its identity stays its own.
        self._neutral: dict[tuple[int, str], tuple[Any, Any]] = {}

    def fill(self, schema: Any, facts: Any) -> Any:
        """Return *facts* in the shape of *schema*."""
        if isinstance(facts, list):
            items = self._alternative(schema, facts).get("items", {})
            return [self.fill(items, each) for each in facts]
        if not isinstance(facts, dict):
            return facts
        return self._fill_object(self._alternative(schema, facts), facts)

    def neutral(self, schema: Any, name: str = "") -> Any:
        """Return the most boring value that fits *schema*, for a member called *name*."""
        key = id(schema), name
        if key not in self._neutral:
            self._neutral[key] = schema, self._work_out(schema, name, ())
        return self._neutral[key][1]

    def _fill_object(self, schema: JsonObject, facts: JsonObject) -> JsonObject:
        properties = schema.get("properties", {})
        if not properties and "allOf" not in schema:
            return facts
        filled = {name: self.fill(properties[name], facts[name]) for name in properties if name in facts}
        for part in schema.get("allOf", []):
            filled |= self.fill(part, facts)
        missing = [name for name in schema.get("required", []) if name not in filled]
        return filled | {name: self.neutral(properties.get(name), name) for name in missing}

    def _alternative(self, schema: Any, facts: Any) -> JsonObject:
        """Return the one of the alternatives of *schema* that *facts* belongs to."""
        resolved: JsonObject = self._description.resolve(schema)
        if "properties" in resolved or not _choices(resolved):
            return resolved
        choices = [self._alternative(each, facts) for each in _choices(resolved)]
        return next((each for each in choices if self._belongs(each, facts)), choices[0])

    def _belongs(self, schema: JsonObject, facts: Any) -> bool:
        kinds = _kinds(schema)
        if isinstance(facts, list):
            return "array" in kinds
        if "array" in kinds or "null" in kinds:
            return False
        named = self._named_types(schema)
        return not named or facts.get("type", named[0]) in named

    def _named_types(self, schema: JsonObject) -> list[str]:
        """Return the values that the member `type` may have: it tells the alternatives apart."""
        parts = [schema, *(self._description.resolve(each) for each in schema.get("allOf", []))]
        return [name for part in parts for name in part.get("properties", {}).get("type", {}).get("enum", [])]

    def _work_out(self, schema: Any, name: str, above: tuple[str, ...]) -> Any:
        reference = (schema or {}).get("$ref", "")
        if above.count(reference) >= RECURSIONS:
            return None
        above = (*above, reference) if reference else above
        resolved = self._description.resolve(schema or {})
        kinds, choices = _kinds(resolved), _choices(resolved)
        if "null" in kinds or any("null" in _kinds(each) for each in choices):
            return None
        if "enum" in resolved:
            return resolved["enum"][0]
        if "properties" in resolved or "allOf" in resolved or "object" in kinds:
            return self._work_out_object(resolved, above)
        if choices:
            return self._work_out(choices[0], name, above)
        return _neutral_scalar(kinds, resolved.get("format", ""), name)

    def _work_out_object(self, schema: JsonObject, above: tuple[str, ...]) -> JsonObject:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        value = {name: self._work_out(properties.get(name), name, above) for name in required}
        for part in schema.get("allOf", []):
            value |= self._work_out(part, "", above) or {}
        return value


@cache
def rest_skeleton() -> Skeleton:
    """Return what fills up the answers of the REST API."""
    return Skeleton(rest_description())


@cache
def webhook_skeleton() -> Skeleton:
    """Return what fills up the payloads of webhooks."""
    return Skeleton(webhook_description())


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
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)
