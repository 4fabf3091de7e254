"""YAML as nodes that know where they stand, read within bounds.

Rule 1: the text is read as libyaml's stream of events, without recursion; depth and number are counted as they come.
Rule 2: what no lockfile writer uses and an attacker might is refused: anchors, aliases, tags, a second document,
a key that stands twice.
Rule 3: every scalar stays text. Whoever asks says what is expected, so that the version `1.10` is not a number.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias, cast

import yaml

from bot.errors import LockError

MAX_DEPTH: Final = 64
MAX_EVENTS: Final = 2_000_000

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """Where a node stands: its file, its 1-based line, and its characters, up to the end of its last value."""

    path: str
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode(_Node):
    """A scalar as text; `plain` if it is written without quotes, so that `null` may mean null."""

    text: str
    plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceNode(_Node):
    """A sequence; `flow` if it is written as `[...]`."""

    items: tuple["Node", ...]
    flow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingNode(_Node):
    """A mapping; `keys` are the nodes of its keys, `flow` says that it is written as `{...}`."""

    entries: Mapping[str, "Node"]
    keys: Mapping[str, ScalarNode]
    flow: bool

    def require(self, key: str) -> "Node":
        """Return the value of *key*.

        Raises:
            LockError: there is none.

        """
        if key not in self.entries:
            raise LockError("this key is missing", path=self.path, line=self.line, key=key)
        return self.entries[key]

    def text(self, key: str) -> str:
        """Return the text of *key*.

        Raises:
            LockError: it is missing, null, or no scalar.

        """
        value = as_text(self.require(key), key)
        if value is None:
            raise LockError("a text is expected here", path=self.path, line=self.keys[key].line, key=key)
        return value

    def optional_text(self, key: str) -> str | None:
        """Return the text of *key*, or None if it is missing or null.

        Raises:
            LockError: it is no scalar.

        """
        return as_text(self.entries[key], key) if key in self.entries else None

    def optional_integer(self, key: str) -> int | None:
        """Return the number at *key*, or None if it is missing or null.

        Raises:
            LockError: it is no integer of at most 18 digits.

        """
        value = self.optional_text(key)
        if value is None:
            return None
        if not _INTEGER.fullmatch(value):
            raise LockError("a whole number is expected here", path=self.path, line=self.keys[key].line, key=key)
        return int(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts listed at *key*; none if it is missing.

        Raises:
            LockError: it is no list of scalars.

        """
        if key not in self.entries:
            return ()
        return tuple(as_text(item, key) or "" for item in as_sequence(self.entries[key], key).items)


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode


def as_mapping(node: Node, key: str) -> MappingNode:
    """Return *node*, which stands at *key*, as the mapping that it must be.

    Raises:
        LockError: it is none.

    """
    if not isinstance(node, MappingNode):
        raise LockError("a mapping is expected here", path=node.path, line=node.line, key=key)
    return node


def as_sequence(node: Node, key: str) -> SequenceNode:
    """Return *node*, which stands at *key*, as the list that it must be.

    Raises:
        LockError: it is none.

    """
    if not isinstance(node, SequenceNode):
        raise LockError("a list is expected here", path=node.path, line=node.line, key=key)
    return node


def as_text(node: Node, key: str) -> str | None:
    """Return the text of *node*, which stands at *key*; None if it is null.

    Raises:
        LockError: it is no scalar.

    """
    if not isinstance(node, ScalarNode):
        raise LockError("a text is expected here", path=node.path, line=node.line, key=key)
    return None if node.plain and node.text in _NULL else node.text


def read_yaml(path: str, text: str) -> Node:
    """Return the one document in *text* as nodes. *path* is for errors only.

    Raises:
        LockError: it is no YAML, empty, or outside the bounds and rules of this module.

    """
    builder = _Builder(path=path)
    for event in _events(path, text):
        builder.take(event)
    if builder.root is None:
        raise LockError("the file is empty", path=path, line=1)
    return builder.root


def _events(path: str, text: str) -> Iterator[yaml.Event]:
    try:
        for number, event in enumerate(yaml.parse(text, Loader=yaml.CBaseLoader)):
            if number > MAX_EVENTS:
                raise LockError(f"the file has more than {MAX_EVENTS:,} values", path=path, line=_line(event))
            yield event
    except yaml.MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        raise LockError(f"this is not YAML: {error.problem}", path=path, line=line) from error
    except yaml.YAMLError as error:
        raise LockError("this is not YAML: it holds a character that YAML does not allow", path=path) from error


class _Mark(Protocol):
    """A place in the text, counted from 0."""

    @property
    def index(self) -> int: ...
    @property
    def line(self) -> int: ...


@dataclass(slots=True, kw_only=True)
class _Open:
    """A sequence or mapping whose end has not come yet."""

    start: yaml.CollectionStartEvent
    children: list[Node] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Builds nodes from events; `root` is the finished document."""

    path: str
    root: Node | None = None
    stack: list[_Open] = field(default_factory=list)

    def take(self, event: yaml.Event) -> None:
        """Take the next event.

        Raises:
            LockError: it breaks a rule of this module.

        """
        match event:
            case yaml.ScalarEvent():
                self._refuse_properties(event)
                self._add(_scalar(self.path, event))
            case yaml.CollectionStartEvent():
                self._open(event)
            case yaml.SequenceEndEvent():
                self._add(_sequence(self.path, self.stack.pop(), event))
            case yaml.MappingEndEvent():
                self._add(_mapping(self.path, self.stack.pop(), event))
            case yaml.AliasEvent():
                raise self._error(f"the alias `*{event.anchor}` is not expanded: write the value out", event)
            case yaml.DocumentStartEvent() if self.root is not None:
                raise self._error("a second document starts here: a lockfile has one", event)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        self._refuse_properties(event)
        if len(self.stack) == MAX_DEPTH:
            raise self._error(f"values are nested more than {MAX_DEPTH} deep", event)
        self.stack.append(_Open(start=event))

    def _add(self, node: Node) -> None:
        if self.stack:
            self.stack[-1].children.append(node)
        else:
            self.root = node

    def _refuse_properties(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            raise self._error(f"the anchor `&{event.anchor}` has no place in a lockfile", event)
        if event.tag is not None:
            raise self._error(f"the tag `{event.tag}` has no place in a lockfile", event)

    def _error(self, message: str, event: yaml.Event) -> LockError:
        return LockError(message, path=self.path, line=_line(event))


def _scalar(path: str, event: yaml.ScalarEvent) -> ScalarNode:
    start, end = _marks(event)
    return ScalarNode(
        path=path, line=start.line + 1, start=start.index, end=end.index, text=event.value, plain=not event.style
    )


def _sequence(path: str, opened: _Open, event: yaml.SequenceEndEvent) -> SequenceNode:
    start, end = _bounds(opened, event)
    flow = bool(opened.start.flow_style)
    items = tuple(opened.children)
    return SequenceNode(path=path, line=_line(opened.start), start=start, end=end, items=items, flow=flow)


def _mapping(path: str, opened: _Open, event: yaml.MappingEndEvent) -> MappingNode:
    keys: dict[str, ScalarNode] = {}
    entries: dict[str, Node] = {}
    for key, value in zip(opened.children[::2], opened.children[1::2], strict=True):
        if not isinstance(key, ScalarNode):
            raise LockError("a key must be a text", path=path, line=key.line)
        if key.text in keys:
            raise LockError("this key stands twice", path=path, line=key.line, key=key.text)
        keys[key.text], entries[key.text] = key, value
    start, end = _bounds(opened, event)
    flow = bool(opened.start.flow_style)
    return MappingNode(path=path, line=_line(opened.start), start=start, end=end, entries=entries, keys=keys, flow=flow)


def _bounds(opened: _Open, event: yaml.CollectionEndEvent) -> tuple[int, int]:
    # The end of a block is reported only after the white space and comments behind it: take its last value's instead.
    if opened.start.flow_style:
        return _marks(opened.start)[0].index, _marks(event)[1].index
    return opened.children[0].start, opened.children[-1].end


def _line(event: yaml.Event) -> int:
    return _marks(event)[0].line + 1


def _marks(event: yaml.Event) -> tuple[_Mark, _Mark]:
    # libyaml sets both marks on every event; the types of PyYAML do not say so.
    return cast("_Mark", event.start_mark), cast("_Mark", event.end_mark)
