"""The nodes of a YAML text: what is written, and on which characters.

Every scalar stays text. Whoever asks says what is expected, so that the version `1.10` is not a number.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias

from bot.edits import Span
from bot.errors import BadInput

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")

# What YAML's core schema reads as null, a boolean or a number: conda wants text.
_NOT_TEXT: Final = re.compile(
    r"|~|null|true|false|[-+]?(?:0x[0-9a-f]+|0o[0-7]+|\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|\.inf)|\.nan",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file that nodes are read from, and the error that says what is wrong with it."""

    path: str
    error: type[BadInput]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """Where a node stands: its file, its 1-based line, and its characters `[start, end)`, anchor and tag included.

    A list or table that is not written in brackets ends only after the white space and comments behind it.
    """

    source: Source
    line: int
    start: int
    end: int

    @property
    def path(self) -> str:
        """The file, for errors."""
        return self.source.path

    @property
    def span(self) -> Span:
        """Its characters."""
        return Span(self.start, self.end)

    def error(self, message: str, *, line: int | None = None, key: str = "") -> BadInput:
        """Return the error that says *message* of this node, or of *line*."""
        return self.source.error(message, path=self.path, line=line or self.line, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a scalar is written: `style` is `'`, `"`, `|`, `>` or empty when plain; `in_flow` if it is in brackets."""

    style: str
    in_flow: bool
    anchor: str | None
    tag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode(_Node):
    """A scalar as text."""

    value: str
    form: Form

    @property
    def is_null(self) -> bool:
        """Whether it is written as null."""
        return not self.form.style and self.value in _NULL

    @property
    def is_text(self) -> bool:
        """Whether YAML's core schema reads it as text, and not as null, a boolean or a number."""
        return bool(self.form.style or self.form.tag) or _NOT_TEXT.fullmatch(self.value) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceNode(_Node):
    """A list; `flow` if it is written as `[...]`."""

    items: tuple["Node", ...]
    flow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingNode(_Node):
    """A table: what is written at each key, and the nodes of the keys; `flow` if it is written as `{...}`.

    Of a key that stands twice, `entries` and `keys` have the first. Where a key stands twice or is no scalar, `unnamed`
    are all keys and values in turn.
    """

    entries: Mapping[str, "Node"]
    keys: Mapping[str, ScalarNode]
    unnamed: tuple["Node", ...]
    flow: bool

    @property
    def children(self) -> Sequence["Node"]:
        """All its keys and values in turn."""
        return self.unnamed or tuple(chain.from_iterable(zip(self.keys.values(), self.entries.values(), strict=True)))

    @property
    def pairs(self) -> tuple[tuple["Node", "Node"], ...]:
        """Its keys and values in order, repeated keys and those that are no scalars included."""
        children = self.children
        return tuple(zip(children[::2], children[1::2], strict=True))

    def require(self, key: str) -> "Node":
        """Return the value of *key*.

        Raises:
            BadInput: there is none.

        """
        if key not in self.entries:
            raise self.error("this key is missing", key=key)
        return self.entries[key]

    def text(self, key: str) -> str:
        """Return the text of *key*.

        Raises:
            BadInput: it is missing, null, or no scalar.

        """
        value = as_text(self.require(key), key)
        if value is None:
            raise self.error("a text is expected here", line=self.keys[key].line, key=key)
        return value

    def optional_text(self, key: str) -> str | None:
        """Return the text of *key*, or None if it is missing or null.

        Raises:
            BadInput: it is no scalar.

        """
        return as_text(self.entries[key], key) if key in self.entries else None

    def optional_integer(self, key: str) -> int | None:
        """Return the number at *key*, or None if it is missing or null.

        Raises:
            BadInput: it is no integer of at most 18 digits.

        """
        value = self.optional_text(key)
        if value is None:
            return None
        if not _INTEGER.fullmatch(value):
            raise self.error("a whole number is expected here", line=self.keys[key].line, key=key)
        return int(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts listed at *key*; none if it is missing.

        Raises:
            BadInput: it is no list of scalars.

        """
        if key not in self.entries:
            return ()
        return tuple(as_text(item, key) or "" for item in as_sequence(self.entries[key], key).items)


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasNode(_Node):
    """A reference to an anchored node; `target` is None where the anchor encloses the alias."""

    name: str
    target: "Node | None"


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode | AliasNode


def as_mapping(node: Node, key: str) -> MappingNode:
    """Return *node*, which stands at *key*, as the table that it must be.

    Raises:
        BadInput: it is none.

    """
    if not isinstance(node, MappingNode):
        raise node.error("a mapping is expected here", key=key)
    return node


def as_sequence(node: Node, key: str) -> SequenceNode:
    """Return *node*, which stands at *key*, as the list that it must be.

    Raises:
        BadInput: it is none.

    """
    if not isinstance(node, SequenceNode):
        raise node.error("a list is expected here", key=key)
    return node


def as_text(node: Node, key: str) -> str | None:
    """Return the text of *node*, which stands at *key*; None if it is null.

    Raises:
        BadInput: it is no scalar.

    """
    if not isinstance(node, ScalarNode):
        raise node.error("a text is expected here", key=key)
    return None if node.is_null else node.value


def values_span(node: Node) -> Span:
    """Return the characters from the first value in *node* to the end of the last, without what is behind it."""
    return Span(_innermost(node, 0).start, _innermost(node, -1).end)


def _innermost(node: Node, index: int) -> Node:
    while isinstance(node, SequenceNode | MappingNode) and not node.flow:
        node = (node.items if isinstance(node, SequenceNode) else node.children)[index]
    return node
