"""GitHub's own description of its REST API and its webhooks, as JSON Schema.

The REST description is OpenAPI 3.0.3, whose schemas are a dialect; they are converted once, when read.
Every schema has one address (a JSON pointer into its document), under which validators are compiled when first used.

Sources: `description/LICENSE-NOTE.md`; https://spec.openapis.org/oas/v3.0.3#schema-object
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from bot.demo.github.model import JsonObject

MULTI_SEGMENT = frozenset({"path", "ref", "branch", "basehead", "tree_sha"})
METHODS = ("get", "post", "put", "patch", "delete")
NOISE = frozenset({"example", "examples", "xml", "externalDocs", "deprecated", "nullable"})
BY_NAME = frozenset({"properties", "patternProperties"})
LITERAL = frozenset({"enum", "const", "required", "default"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the REST API; `template` is its path as GitHub documents it."""

    id: str
    method: str
    template: str
    pattern: re.Pattern[str]
    query: Mapping[str, Any]
    request: Any
    request_required: bool
    responses: Mapping[int, Any]


class Description:
    """One document: resolves its references and validates values against its schemas."""

    def __init__(self, *, name: str, document: JsonObject) -> None:
        self.name = name
        self.document = document
        self._uri = f"urn:github:{name}"
        self._registry = jsonschema_rs.Registry([(self._uri, document)], draft=jsonschema_rs.Draft202012)
        # The schema is kept beside its validator so that its identity stays its own.
        self._validators: dict[int, tuple[Any, jsonschema_rs.Draft202012Validator]] = {}

    def resolve(self, node: Any) -> Any:
        """Return *node* without the reference it may be."""
        while isinstance(node, dict) and "$ref" in node:
            target = self.document
            for part in str(node["$ref"]).removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def problems(self, schema: Any, value: Any) -> list[str]:
        """Return what is wrong with *value*, one sentence per place; empty when it fits *schema*."""
        return [f"{_pointer(error.instance_path)}: {error.message[:300]}" for error in self._errors(schema, value)]

    def fits(self, schema: Any, value: Any) -> bool:
        """Say whether *value* fits *schema*."""
        return next(self._errors(schema, value), None) is None

    def _errors(self, schema: Any, value: Any) -> Iterator[jsonschema_rs.ValidationError]:
        if id(schema) not in self._validators:
            self._validators[id(schema)] = schema, self._compile(schema)
        return iter(self._validators[id(schema)][1].iter_errors(value))

    def _compile(self, schema: Any) -> jsonschema_rs.Draft202012Validator:
        absolute = json.loads(json.dumps(schema).replace('"#/', f'"{self._uri}#/'))
        return jsonschema_rs.Draft202012Validator(
            absolute, registry=self._registry, validate_formats=True, formats={"email": _is_address}
        )


class RestDescription(Description):
    """GitHub's REST API."""

    def __init__(self, document: JsonObject) -> None:
        super().__init__(name="rest", document=json_schema(document))
        self.operations = tuple(sorted(self._read_operations(), key=_most_literal_first))

    def find(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation behind *method* and the still escaped *raw_path*, with its decoded path parameters."""
        for operation in self.operations:
            if operation.method == method and (match := operation.pattern.fullmatch(raw_path)):
                return operation, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def _read_operations(self) -> Iterator[Operation]:
        for template, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._operation(template, method, item[method])

    def _operation(self, template: str, method: str, described: JsonObject) -> Operation:
        parameters = [self.resolve(each) for each in described.get("parameters", [])]
        body = self.resolve(described.get("requestBody", {}))
        responses = {int(status): self.resolve(each) for status, each in described["responses"].items()}
        return Operation(
            id=described["operationId"],
            method=method.upper(),
            template=template,
            pattern=_pattern(template),
            query={each["name"]: each.get("schema", {}) for each in parameters if each["in"] == "query"},
            request=body.get("content", {}).get("application/json", {}).get("schema"),
            request_required=bool(body.get("required")),
            responses={status: _json_schema_of(each) for status, each in responses.items()},
        )


class WebhookDescription(Description):
    """The payloads GitHub sends."""

    def __init__(self, document: JsonObject) -> None:
        super().__init__(name="webhooks", document=json_schema(document))

    def schema(self, event: str, action: str | None) -> Any:
        """Return the schema of a payload, or None when GitHub describes no such event."""
        name = "-".join(filter(None, (event, action))).replace("_", "-")
        described = self.document["webhooks"].get(name)
        return described and described["post"]["requestBody"]["content"]["application/json"]["schema"]


@cache
def rest_description() -> RestDescription:
    """Return GitHub's REST API; read once per process."""
    return RestDescription(_load("rest-subset.json.gz"))


@cache
def webhook_description() -> WebhookDescription:
    """Return GitHub's webhook payloads; read once per process."""
    return WebhookDescription(_load("webhooks-subset.json.gz"))


def read_description(name: str) -> bytes:
    """Return one vendored file."""
    return (files("bot.demo.github") / "description" / name).read_bytes()


def json_schema(node: Any) -> Any:
    """Return an OpenAPI 3.0 document with its schemas as JSON Schema 2020-12.

    `nullable` becomes a type, and annotations are dropped. A document of OpenAPI 3.1 comes back with the same meaning.
    """
    if isinstance(node, list):
        return [json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    converted = {key: _convert(key, value) for key, value in node.items() if key not in NOISE}
    return _nullable(converted) if node.get("nullable") is True else converted


def _convert(key: str, value: Any) -> Any:
    if key in BY_NAME and isinstance(value, dict):
        return {name: json_schema(each) for name, each in value.items()}
    return value if key in LITERAL else json_schema(value)


def _nullable(schema: JsonObject) -> JsonObject:
    if "enum" in schema and None not in schema["enum"]:
        schema = schema | {"enum": [*schema["enum"], None]}
    if "type" in schema and not {"oneOf", "anyOf", "allOf"} & schema.keys():
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _json_schema_of(response: JsonObject) -> Any:
    return response.get("content", {}).get("application/json", {}).get("schema")


def _is_address(value: str) -> bool:
    """Say whether *value* passes for an e-mail address: that of a bot has brackets, which the format does not allow."""
    return "@" in value


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(_named(piece) if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)))


def _named(parameter: str) -> str:
    if parameter == "path":
        return "(?P<path>.*)"
    return f"(?P<{parameter}>.+)" if parameter in MULTI_SEGMENT else f"(?P<{parameter}>[^/]+)"


def _most_literal_first(operation: Operation) -> tuple[int, int]:
    return operation.template.count("{"), -len(operation.template)


def _pointer(path: Iterable[str | int]) -> str:
    return "/" + "/".join(str(part) for part in path)


def _load(name: str) -> JsonObject:
    document: JsonObject = json.loads(gzip.decompress(read_description(name)))
    return document
