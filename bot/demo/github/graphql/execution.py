"""Executing a GraphQL document against GitHub's schema.

Errors are answers with status 200. A document that does not fit the schema, and a field this GitHub does not have, are
violations: https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, NoReturn

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from bot.demo.github.graphql.nodes import TYPE
from bot.demo.github.graphql.roots import Mutation, Query
from bot.demo.github.graphql.session import Session, as_refusal
from bot.demo.github.model import JsonObject
from bot.demo.github.openapi import read_description
from bot.demo.github.permissions import GRAPHQL

CAPITAL = re.compile(r"(?<!^)([A-Z])")
DOCUMENTS = 256
"""Clients say the same few documents again and again; checking one takes longer than executing it."""


class MissingFieldError(Exception):
    """GitHub has the field, this GitHub does not: add it in `nodes`."""


@cache
def schema() -> GraphQLSchema:
    """Return GitHub's schema; built once per process."""
    return build_schema(read_description("schema-subset.graphql").decode(), assume_valid=True)


@lru_cache(DOCUMENTS)
def document(query: str) -> DocumentNode | None:
    """Return the parsed *query*, None when it is not GraphQL."""
    try:
        return parse(query)
    except GraphQLError:
        return None


def mutations(parsed: DocumentNode | None) -> list[str]:
    """Return the names of the mutations in a document; none for a query."""
    return [
        selection.name.value
        for definition in (parsed.definitions if parsed else ())
        if isinstance(definition, OperationDefinitionNode) and definition.operation is OperationType.MUTATION
        for selection in definition.selection_set.selections
        if isinstance(selection, FieldNode)
    ]


@lru_cache(DOCUMENTS)
def misfits(query: str) -> tuple[str, ...]:
    """Return what in *query* does not fit the schema."""
    parsed = document(query)
    return tuple(error.message for error in validate(schema(), parsed)) if parsed else ()


def execute(session: Session, query: str, variables: Mapping[str, Any] | None, violations: list[str]) -> JsonObject:
    """Return the answer to the document *query*, with GitHub's error types."""
    parsed = document(query)
    if parsed is None:
        violations.append("graphql: the query cannot be parsed")
        return {"errors": [{"message": "Parse error"}]}
    if invalid := misfits(query):
        violations += [f"graphql: {message}" for message in invalid]
        return {"errors": [{"message": message} for message in invalid]}
    result = execute_sync(
        schema(),
        parsed,
        context_value=session,
        variable_values=dict(variables or {}),
        field_resolver=_resolve,
        type_resolver=_type,
    )
    errors = [_error(error, violations) for error in result.errors or ()]
    return {"data": result.data} | ({"errors": errors} if errors else {})


def _error(error: GraphQLError, violations: list[str]) -> JsonObject:
    refusal = as_refusal(error.original_error) if error.original_error else None
    if refusal is None:
        violations.append(f"graphql: {error.message}")
        return {"message": error.message, "path": error.path}
    locations = [{"line": each.line, "column": each.column} for each in error.locations or ()]
    return {"type": refusal.kind, "path": error.path, "locations": locations, "message": str(refusal)}


def _resolve(source: Any, info: GraphQLResolveInfo[Session], **arguments: Any) -> Any:
    """Return a field: of Query and Mutation from `roots`, otherwise of a node."""
    session: Session = info.context
    if needed := GRAPHQL.get((info.parent_type.name, info.field_name)):
        session.credential.demand(needed)
    value = _field(_root(info.parent_type.name, session, source), info)
    return value(**{_snake(name): each for name, each in arguments.items()}) if callable(value) else value


def _root(parent: str, session: Session, source: Any) -> Any:
    match parent:
        case "Query":
            return Query(session=session)
        case "Mutation":
            return Mutation(session=session)
    return source


def _field(source: Any, info: GraphQLResolveInfo[Session]) -> Any:
    name = _snake(info.field_name)
    if isinstance(source, Query | Mutation):
        return getattr(source, name, None) or _missing(info)
    return source[name] if name in source else _missing(info)


def _missing(info: GraphQLResolveInfo[Session]) -> NoReturn:
    raise MissingFieldError(f"{info.parent_type.name}.{info.field_name} is not part of this GitHub")


def _type(value: Any, *_: object) -> str:
    return str(value[TYPE])


def _snake(name: str) -> str:
    return CAPITAL.sub(r"_\1", name).lower()
