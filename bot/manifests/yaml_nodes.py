"""Reads YAML for positions, not for values: every node with the characters it stands on.

Rule 1: hostile input is harmless. The parser's events are counted before anything is built, nothing here recurses,
and an alias is a node of its own that is never expanded.
Rule 2: no foreign exception leaves this module.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from bot.edits import Span
from bot.errors import ManifestError

MAX_DEPTH: Final = 64
MAX_ALIASES: Final = 50
MAX_EVENTS: Final = 20_000

FOREIGN_ERRORS: Final = (
    YAMLError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What parsers written in Python raise on texts that their authors did not think of."""

_JINJA: Final = ("{{", "{%")

# What YAML's core schema reads as null, a boolean or a number: conda wants text.
_NOT_TEXT: Final = re.compile(
    r"|~|null|true|false|[-+]?(?:0x[0-9a-f]+|0o[0-7]+|\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|\.inf)|\.nan",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A scalar and its value. `style` is `'`, `"`, `|` or `>`, empty when plain; `is_text` is false for 1, null."""

    value: str
    style: str
    is_text: bool
    in_flow: bool
    anchor: str | None
    span: Span
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list."""

    items: tuple["Node", ...]
    span: Span
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A table: its pairs in order, repeated keys included."""

    pairs: tuple[tuple["Node", "Node"], ...]
    span: Span
    line: int

    def get(self, key: str) -> "Node | None":
        """Return the value of the first pair with the scalar *key*."""
        return next((value for name, value in self.pairs if isinstance(name, Scalar) and name.value == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A reference to an anchored node; `target` is None where the anchor encloses the alias."""

    name: str
    target: "Node | None"
    span: Span
    line: int


Node: TypeAlias = Scalar | Sequence | Mapping | Alias


def read_yaml(path: str, text: str) -> Node | None:
    """Return the root node of the one document in *text*; None if there is none.

    Raises:
        ManifestError: it is not YAML, holds several documents, or is larger or deeper than any manifest.

    """
    builder = _Builder()
    try:
        for event in _guarded(path, YAML(typ="safe", pure=True).parse(text)):
            builder.take(event)
    except FOREIGN_ERRORS as error:
        raise _manifest_error(path, text, error) from error
    return builder.root


def _guarded(path: str, events: Iterator[Event]) -> Iterator[Event]:
    """Yield *events* as long as they stay within bounds."""
    depth = aliases = documents = 0
    for number, event in enumerate(events):
        depth += isinstance(event, SequenceStartEvent | MappingStartEvent)
        depth -= isinstance(event, SequenceEndEvent | MappingEndEvent)
        aliases += isinstance(event, AliasEvent)
        documents += isinstance(event, DocumentStartEvent)
        line = event.start_mark.line + 1
        _require(number < MAX_EVENTS, f"has more than {MAX_EVENTS} YAML events", path, line)
        _require(depth <= MAX_DEPTH, f"is nested deeper than {MAX_DEPTH} levels", path, line)
        _require(aliases <= MAX_ALIASES, f"has more than {MAX_ALIASES} YAML aliases", path, line)
        _require(_is_encodable(event), "has half of a surrogate pair written as an escape", path, line)
        _require(documents <= 1, "holds more than one YAML document; conda reads one", path, line)
        yield event


def _is_encodable(event: Event) -> bool:
    """Tell whether a scalar's value is text: YAML escapes can write what UTF-8 cannot."""
    return not isinstance(event, ScalarEvent) or not any("\ud800" <= each <= "\udfff" for each in event.value)


def _require(condition: bool, sentence: str, path: str, line: int) -> None:  # noqa: FBT001 - the condition required
    if not condition:
        raise ManifestError(sentence, path=path, line=line)


@dataclass(slots=True)
class _Open:
    """A collection that has not ended, or the document itself when `start` is None."""

    start: SequenceStartEvent | MappingStartEvent | None
    children: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    """Builds the nodes from the events, with its own stack in place of recursion."""

    opened: list[_Open] = field(default_factory=lambda: [_Open(start=None)])
    anchors: dict[str, Node] = field(default_factory=dict)

    @property
    def root(self) -> Node | None:
        return self.opened[0].children[0] if self.opened[0].children else None

    def take(self, event: Event) -> None:
        match event:
            case ScalarEvent():
                self._add(self._scalar(event), event.anchor)
            case AliasEvent():
                target = self._target(event)
                self._add(Alias(name=event.anchor, target=target, span=_span(event), line=_line(event)), None)
            case SequenceStartEvent() | MappingStartEvent():
                self.opened.append(_Open(start=event))
            case SequenceEndEvent() | MappingEndEvent():
                self._close(event)

    def _target(self, event: AliasEvent) -> Node | None:
        enclosing = {opened.start.anchor for opened in self.opened if opened.start is not None}
        if event.anchor in self.anchors or event.anchor in enclosing:
            return self.anchors.get(event.anchor)
        sentence = (
            f"`*{event.anchor}` refers to nothing in the file; in YAML, text that begins with a star needs quotes"
        )
        raise MarkedYAMLError(problem=sentence, problem_mark=event.start_mark)

    def _scalar(self, event: ScalarEvent) -> Scalar:
        style = event.style or ""
        holder = self.opened[-1].start
        return Scalar(
            value=event.value,
            style=style,
            is_text=bool(style or event.tag) or _NOT_TEXT.fullmatch(event.value) is None,
            in_flow=holder is not None and bool(holder.flow_style),
            anchor=event.anchor,
            span=_span(event),
            line=_line(event),
        )

    def _close(self, event: SequenceEndEvent | MappingEndEvent) -> None:
        closed = self.opened.pop()
        start = closed.start
        assert start is not None, "the parser ends only what it has started"  # noqa: S101
        span = Span(start.start_mark.index, event.end_mark.index)
        if isinstance(start, SequenceStartEvent):
            self._add(Sequence(items=tuple(closed.children), span=span, line=_line(start)), start.anchor)
            return
        pairs = tuple(zip(closed.children[::2], closed.children[1::2], strict=True))
        self._add(Mapping(pairs=pairs, span=span, line=_line(start)), start.anchor)

    def _add(self, node: Node, anchor: str | None) -> None:
        self.opened[-1].children.append(node)
        if anchor is not None:
            self.anchors[anchor] = node


def _span(event: Event) -> Span:
    return Span(event.start_mark.index, event.end_mark.index)


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


def _manifest_error(path: str, text: str, error: BaseException) -> ManifestError:
    mark = (error.problem_mark or error.context_mark) if isinstance(error, MarkedYAMLError) else None
    reason = error.problem if isinstance(error, MarkedYAMLError) else None
    first_line = str(reason or error).strip().partition("\n")[0]
    is_template = any(mark in text for mark in _JINJA)
    advice = "; it looks like a template, which only the program that fills it in can read" if is_template else ""
    return ManifestError(f"is not YAML: {first_line}{advice}", path=path, line=mark.line + 1 if mark else None)
