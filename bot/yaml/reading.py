"""Reads YAML for positions, not for values: every node with the characters it stands on.

Rule 1: hostile input is harmless. The parser's events are counted before anything is built, nothing here recurses,
and an alias is a node of its own that is never expanded.
Rule 2: what a kind of file may hold stands in its rules, with the sentence about one that holds something else.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Protocol

from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from bot.errors import BadInput
from bot.yaml.nodes import AliasNode, Form, MappingNode, Node, ScalarNode, SequenceNode, Source
from bot.yaml.parsers import Parser

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_JINJA: Final = ("{{", "{%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many of something a file may have, and the sentence about one that has more; `{}` in it is the name."""

    most: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a kind of file is read, and what it may hold: `events` but the first, `depth` of nesting, `aliases`.

    `anchor` and `tag` are the sentences about one, `{}` being its name; empty where they are allowed. `named_keys` asks
    that every key is a scalar and stands once. `template` is said of a text that is not YAML but has Jinja in it.
    """

    parser: Parser
    error: type[BadInput]
    events: Limit
    depth: Limit
    aliases: Limit
    second_document: str
    not_yaml: str
    template: str = ""
    anchor: str = ""
    tag: str = ""
    named_keys: bool = False


def read_yaml(path: str, text: str, rules: Rules) -> Node | None:
    """Return the root node of the one document in *text*; None if there is none. *path* is for errors only.

    Raises:
        BadInput: it is not YAML, or breaks one of the *rules*. It is of the class that they name.

    """
    builder = _Builder(text=text, rules=rules, source=Source(path=path, error=rules.error))
    take, most = builder.take, rules.events.most
    try:
        for number, event in enumerate(rules.parser.events(text)):
            if number > most:
                raise builder.error(rules.events.sentence, event)
            take(event)
    except rules.parser.errors as error:
        raise builder.not_yaml(*rules.parser.explain(error)) from error
    return builder.root


class _Mark(Protocol):
    """A place in the text, counted from 0."""

    @property
    def index(self) -> int: ...
    @property
    def line(self) -> int: ...


@dataclass(slots=True, kw_only=True)
class _Open:
    """A list or table that has not ended."""

    start: CollectionStartEvent
    flow: bool
    children: list[Node] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Builds the nodes from the events, with its own stack in place of recursion; `root` is the finished document.

    Of equal `texts` one is kept: a lock has the same keys, and the same URLs, over and over.
    """

    text: str
    rules: Rules
    source: Source
    root: Node | None = None
    opened: list[_Open] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    aliases: int = 0
    texts: dict[str, str] = field(default_factory=dict)

    def error(self, sentence: str, event: Event) -> BadInput:
        return self.source.error(sentence, path=self.source.path, line=_marks(event)[0].line + 1)

    def not_yaml(self, reason: str, line: int | None) -> BadInput:
        advice = self.rules.template if any(mark in self.text for mark in _JINJA) else ""
        return self.source.error(f"{self.rules.not_yaml}: {reason}{advice}", path=self.source.path, line=line)

    def take(self, event: Event) -> None:
        """Take the next event.

        Raises:
            BadInput: it breaks a rule.

        """
        match event:
            case ScalarEvent():
                self._add(self._scalar(event), event.anchor)
            case CollectionStartEvent():
                self._open(event)
            case SequenceEndEvent():
                opened = self.opened.pop()
                self._add(self._sequence(opened, event), opened.start.anchor)
            case MappingEndEvent():
                opened = self.opened.pop()
                self._add(self._mapping(opened, event), opened.start.anchor)
            case AliasEvent():
                self._add(self._alias(event), None)
            case DocumentStartEvent() if self.root is not None:
                raise self.error(self.rules.second_document, event)

    def _add(self, node: Node, anchor: str | None) -> None:
        if self.opened:
            self.opened[-1].children.append(node)
        else:
            self.root = node
        if anchor is not None:
            self.anchors[anchor] = node

    def _scalar(self, event: ScalarEvent) -> ScalarNode:
        value, style, in_flow = event.value, event.style or "", self.opened[-1].flow if self.opened else False
        if event.anchor is None and event.tag is None:
            form = _bare_form(style, in_flow)
        else:
            self._check_properties(event)
            form = Form(style=style, in_flow=in_flow, anchor=event.anchor, tag=event.tag)
        if not value.isascii() and _SURROGATE.search(value):
            raise self.error("has half of a surrogate pair written as an escape", event)
        start, end = _marks(event)
        return ScalarNode(
            source=self.source,
            line=start.line + 1,
            start=start.index,
            end=end.index,
            value=self.texts.setdefault(value, value),
            form=form,
        )

    def _open(self, event: CollectionStartEvent) -> None:
        self._check_properties(event)
        self.opened.append(_Open(start=event, flow=bool(event.flow_style)))
        if len(self.opened) > self.rules.depth.most:
            raise self.error(self.rules.depth.sentence, event)

    def _check_properties(self, event: ScalarEvent | CollectionStartEvent) -> None:
        anchor, tag = event.anchor, event.tag
        if anchor is not None and self.rules.anchor:
            raise self.error(self.rules.anchor.format(anchor), event)
        if tag is not None and self.rules.tag:
            raise self.error(self.rules.tag.format(tag), event)

    def _alias(self, event: AliasEvent) -> AliasNode:
        name = str(event.anchor)
        start, end = _marks(event)
        self.aliases += 1
        if self.aliases > self.rules.aliases.most:
            raise self.error(self.rules.aliases.sentence.format(name), event)
        if name not in self.anchors and all(opened.start.anchor != name for opened in self.opened):
            reason = f"`*{name}` refers to nothing in the file; in YAML, text that begins with a star needs quotes"
            raise self.not_yaml(reason, start.line + 1)
        return AliasNode(
            source=self.source,
            line=start.line + 1,
            start=start.index,
            end=end.index,
            name=name,
            target=self.anchors.get(name),
        )

    def _sequence(self, opened: _Open, event: Event) -> SequenceNode:
        start, end = _marks(opened.start)[0], _marks(event)[1]
        return SequenceNode(
            source=self.source,
            line=start.line + 1,
            start=start.index,
            end=end.index,
            items=tuple(opened.children),
            flow=opened.flow,
        )

    def _mapping(self, opened: _Open, event: Event) -> MappingNode:
        keys: dict[str, ScalarNode] = {}
        entries: dict[str, Node] = {}
        for key, value in zip(opened.children[::2], opened.children[1::2], strict=True):
            if isinstance(key, ScalarNode) and (name := key.value) not in keys:
                keys[name], entries[name] = key, value
            elif self.rules.named_keys:
                raise _key_error(key)
        # Almost every table is told by its names alone, and a lock has many.
        is_told = 2 * len(keys) == len(opened.children)
        start, end = _marks(opened.start)[0], _marks(event)[1]
        return MappingNode(
            source=self.source,
            line=start.line + 1,
            start=start.index,
            end=end.index,
            entries=entries,
            keys=keys,
            unnamed=() if is_told else tuple(opened.children),
            flow=opened.flow,
        )


@cache
def _bare_form(style: str, in_flow: bool) -> Form:  # noqa: FBT001 - a field of the form
    """Return the one form of all scalars without anchor and tag that are written alike: there may be a million."""
    return Form(style=style, in_flow=in_flow, anchor=None, tag=None)


def _key_error(key: Node) -> BadInput:
    if isinstance(key, ScalarNode):
        return key.error("this key stands twice", key=key.value)
    return key.error("a key must be a text")


def _marks(event: Any) -> tuple[_Mark, _Mark]:
    # Both parsers set both marks on every event; the types of PyYAML do not say so.
    return event.start_mark, event.end_mark
