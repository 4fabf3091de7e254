"""The two parsers that turn YAML into PyYAML's events, and what their errors say. No foreign exception gets past them.

libyaml is fast enough for a lock of many megabytes. ruamel.yaml reads YAML 1.2 as people write it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import yaml
from ruamel.yaml import YAML
from ruamel.yaml import error as ruamel_error
from ruamel.yaml import events as ruamel
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

FOREIGN_ERRORS: Final = (
    ruamel_error.YAMLError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What parsers written in Python raise on texts that their authors did not think of."""

_WITHOUT_FIELDS: Final[Mapping[type[ruamel.Event], type[Event]]] = {
    ruamel.SequenceEndEvent: SequenceEndEvent,
    ruamel.MappingEndEvent: MappingEndEvent,
    ruamel.DocumentStartEvent: DocumentStartEvent,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parser:
    """A way to read a text as events; `explain` finds in one of its `errors` the reason and, if known, the line."""

    events: Callable[[str], Iterator[Event]]
    errors: tuple[type[Exception], ...]
    explain: Callable[[Exception], tuple[str, int | None]]


def _libyaml_events(text: str) -> Iterator[Event]:
    return yaml.parse(text, Loader=yaml.CBaseLoader)


def _libyaml_reason(error: Exception) -> tuple[str, int | None]:
    if not isinstance(error, yaml.MarkedYAMLError):
        return "it holds a character that YAML does not allow", None
    return str(error.problem), None if error.problem_mark is None else error.problem_mark.line + 1


def _ruamel_events(text: str) -> Iterator[Event]:
    return map(_translated, YAML(typ="safe", pure=True).parse(text))


def _translated(event: ruamel.Event) -> Event:
    marks = event.start_mark, event.end_mark
    match event:
        case ruamel.ScalarEvent():
            return ScalarEvent(event.anchor, event.tag, event.implicit, event.value, *marks, event.style)
        case ruamel.AliasEvent():
            return AliasEvent(event.anchor, *marks)
        case ruamel.CollectionStartEvent():
            kind = SequenceStartEvent if isinstance(event, ruamel.SequenceStartEvent) else MappingStartEvent
            return kind(event.anchor, event.tag, event.implicit, *marks, event.flow_style)
        case _:
            return _WITHOUT_FIELDS.get(type(event), Event)(*marks)


def _ruamel_reason(error: Exception) -> tuple[str, int | None]:
    mark = (error.problem_mark or error.context_mark) if isinstance(error, ruamel_error.MarkedYAMLError) else None
    reason = error.problem if isinstance(error, ruamel_error.MarkedYAMLError) else None
    first_line = str(reason or error).strip().partition("\n")[0]
    return first_line, mark.line + 1 if mark else None


LIBYAML: Final = Parser(events=_libyaml_events, errors=(yaml.YAMLError,), explain=_libyaml_reason)
RUAMEL: Final = Parser(events=_ruamel_events, errors=FOREIGN_ERRORS, explain=_ruamel_reason)
