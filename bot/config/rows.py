"""A key of the configuration is one row, and the row is a field of a dataclass.

    lock_age: timedelta | None = key("lockAge", SPAN, otherwise=None, default="30 days", example="2 weeks", meaning="…")

The reader, its errors, the table in docs/configuration.md and the JSON Schema follow from it. A `Table` of a dataclass
with such fields is itself a kind, so tables nest: `key("packageRules", ListOf(Table(PackageRule())), …)`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from bot.config.document import LONGEST_TEXT, Node, ScalarNode, TableNode, plain
from bot.config.kinds import Kind, ListOf, MapOf, Problems, Schema
from bot.config.not_supported import NOT_SUPPORTED

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Read = TypeVar("Read")
Otherwise = TypeVar("Otherwise")
Made = TypeVar("Made", bound="DataclassInstance")

_ROW: Final = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One key: what it may be set to, and what people are told of it.

    `default` and `example` are written as in the file, so in YAML. `default` is empty where nothing is the default;
    `example` is another value. `meaning` is Markdown. What is said of a list that `adds` comes behind what is there.
    """

    key: str
    kind: Kind[object]
    default: str
    example: str
    meaning: str
    adds: bool = False

    @property
    def schema(self) -> Schema:
        """Its part of the JSON Schema."""
        words = {"description": unmarked(self.meaning)}
        default = {"default": plain(self.default)} if self.default else {}
        return {**words, **self.kind.schema, **default, "examples": [plain(self.example)]}


def key(  # noqa: PLR0913 -- the columns of a row
    name: str,
    kind: Kind[Read],
    *,
    otherwise: Otherwise,
    default: str = "",
    example: str,
    meaning: str,
    adds: bool = False,
) -> Read | Otherwise:
    """Return the field of a dataclass that holds what the key *name* says, or *otherwise* where it is not there."""
    row = Row(key=name, kind=kind, default=default, example=example, meaning=meaning, adds=adds)
    found: Any = field(default_factory=lambda: otherwise, metadata={_ROW: row})
    return cast("Read | Otherwise", found)


def rows_of(table: "DataclassInstance | type[DataclassInstance]") -> Mapping[str, Row]:
    """Return the rows of *table* by the names of their fields."""
    return {each.name: each.metadata[_ROW] for each in fields(table) if _ROW in each.metadata}


def all_rows(table: "DataclassInstance | type[DataclassInstance]") -> Mapping[str, Row]:
    """Return the rows of *table* and of the tables in it by their key paths, such as `packageRules[].enabled`."""
    found: dict[str, Row] = {}
    for row in rows_of(table).values():
        found[row.key] = row
        found |= {f"{row.key}{path}": each for path, each in _below(row.kind).items()}
    return found


def _below(kind: Kind[object]) -> Mapping[str, Row]:
    match kind:
        case Table():
            return {f".{path}": row for path, row in all_rows(kind.empty).items()}
        case ListOf():
            return {f"[]{path}": row for path, row in _below(kind.item).items()}
        case MapOf():
            return {f".*{path}": row for path, row in _below(kind.value).items()}
    return {}


@dataclass(frozen=True, slots=True)
class Table(Generic[Made]):
    """Keys with values that become a dataclass; *empty* is one of it in which nothing is said.

    Or what others said before: then what is read goes over that, key by key.
    """

    empty: Made

    @property
    def words(self) -> str:
        """`table`."""
        return "table"

    @property
    def schema(self) -> Schema:
        """An object without other keys."""
        properties = {row.key: row.schema for row in rows_of(self.empty).values()}
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def read(self, node: Node) -> Made:
        """Return what *node* says; a key that is not known or there twice is an error, as a value of a wrong kind is.

        What somebody asked for and does not get must not go unnoticed.
        """
        if not isinstance(node, TableNode):
            example = next(f"{row.key}: {row.example}" for row in rows_of(self.empty).values())
            raise node.place.wrong(f"must be keys with values, such as `{example}`, not {node.shown}")
        values: dict[str, Any] = {}
        problems = Problems()
        lines: dict[str, int] = {}
        for name, value in node.entries:
            with problems.gathered():
                field_name, row = self._row(name)
                if row.key in lines:
                    raise name.place.wrong(f"is there twice, first in line {lines[row.key]}")
                lines[row.key] = name.place.line
                values[field_name] = _over(getattr(self.empty, field_name), row, value)
        problems.tell()
        return replace(self.empty, **values)

    def _row(self, name: Node) -> tuple[str, Row]:
        """Return the field and the row of the key that stands at *name*."""
        rows = {row.key: (field_name, row) for field_name, row in rows_of(self.empty).items()}
        if not isinstance(name, ScalarNode) or name.value not in rows:
            raise name.place.wrong(_unknown(name, tuple(rows)))
        return rows[name.value]


def _over(before: Any, row: Row, node: Node) -> object:
    """Return what *node* says in the key of *row*, over what is said *before*."""
    if isinstance(row.kind, Table):
        return Table(before).read(node)
    found: Any = row.kind.read(node)
    if not row.adds:
        return found
    return before | found if isinstance(found, frozenset) else (*before, *found)


def unmarked(text: str) -> str:
    """Return Markdown without its links and emphasis, as editors show it."""
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text).replace("**", "")


def _unknown(name: Node, known: tuple[str, ...]) -> str:
    if isinstance(name, ScalarNode) and name.value in NOT_SUPPORTED:
        return f"is not supported, because {NOT_SUPPORTED[name.value]}"
    near = get_close_matches(name.value[:LONGEST_TEXT], known, n=1) if isinstance(name, ScalarNode) else ()
    return f"is no setting; did you mean {near[0]}?" if near else f"is no setting; there are {', '.join(known)}"
