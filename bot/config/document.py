"""A configuration's text -> nodes, each with its place; the only module here that knows a YAML library.

Hostile input is harmless: no tag makes an object; size, depth and the number of nodes are bounded, where what an alias
names counts as often as it is named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import yaml

from bot.errors import BadInput, ConfigurationError
from bot.model.manifest import KeyPath

LARGEST: Final = 50_000
LONGEST_TEXT: Final = 200
DEEPEST: Final = 20
MOST_NODES: Final = 20_000

_LONGEST_SHOWN: Final = 40
_TAGS: Final = {
    "tag:yaml.org,2002:str": "",
    "tag:yaml.org,2002:int": "the number ",
    "tag:yaml.org,2002:float": "the number ",
    "tag:yaml.org,2002:bool": "the boolean ",
    "tag:yaml.org,2002:timestamp": "the date ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlace:
    """Where a node stands: in which file, in which line, below which keys."""

    path: str
    line: int
    at: KeyPath = ()

    def wrong(self, message: str) -> ConfigurationError:
        """Return the error that says *message* of this place."""
        return ConfigurationError((BadInput(message, path=self.path, line=self.line, key=written(self.at)),))


NOWHERE: Final = NodePlace(path="", line=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """A single value as it is written. `kind` is what YAML takes it for, empty for text."""

    place: NodePlace
    value: str
    kind: str

    @property
    def is_text(self) -> bool:
        """Whether it is text, and not a number, a boolean, a date or nothing."""
        return not self.kind

    @property
    def shown(self) -> str:
        """What stands there, in a few words."""
        cut = "" if len(self.value) <= _LONGEST_SHOWN else "…"
        return f"{self.kind}`{_printable(self.value[:_LONGEST_SHOWN])}{cut}`" if self.value else "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNode:
    """A list."""

    place: NodePlace
    items: tuple["Node", ...]

    @property
    def shown(self) -> str:
        """What stands there, in a few words."""
        return f"a list of {len(self.items)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableNode:
    """Keys with values, in order, keys that are there twice included."""

    place: NodePlace
    entries: tuple[tuple["Node", "Node"], ...]

    @property
    def shown(self) -> str:
        """What stands there, in a few words."""
        return "keys with values"


Node: TypeAlias = ScalarNode | ListNode | TableNode


def written(at: KeyPath) -> str:
    """Return *at* as people write it: `packageRules[0].matchPackageNames`."""
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in at).removeprefix(".")


def parse(path: str, content: bytes) -> Node | None:
    """Return the root node of *content*, the file at *path*; None if nothing stands in it.

    Raises:
        ConfigurationError: it is too large or too deep, or no YAML.

    """
    root = _composed(path, content)
    if root is None or root.value == "":
        return None
    return _Walk(path=path).node(root, ())


def plain(text: str) -> object:
    """Return what *text*, YAML of our own, is in JSON."""
    return yaml.safe_load(text)


def loaded(path: str, content: bytes) -> Any:
    """Return what *content*, the file at *path*, is in JSON, bounded as `parse` is; dates stay text.

    Raises:
        ConfigurationError: it is too large or too deep, or no YAML.

    """
    root = parse(path, content)
    return None if root is None else _plain(root)


def dumped(value: object) -> str:
    """Return *value*, that of JSON, as YAML."""
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=LONGEST_TEXT)


def _plain(node: Node) -> Any:
    match node:
        case TableNode():
            return {str(_plain(name)): _plain(value) for name, value in node.entries}
        case ListNode():
            return [_plain(each) for each in node.items]
    return node.value if node.is_text or node.kind == _TAGS["tag:yaml.org,2002:timestamp"] else plain(node.value)


def _composed(path: str, content: bytes) -> yaml.Node | None:
    if len(content) > LARGEST:
        raise _unreadable(f"has {len(content)} bytes; a configuration has up to {LARGEST}", path)
    try:
        return yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise _unreadable("is not UTF-8", path) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise _unreadable(f"is not YAML: {error.problem}", path, line) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _unreadable("is not YAML that can be read", path) from error


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)


def _unreadable(message: str, path: str, line: int | None = None) -> ConfigurationError:
    return ConfigurationError((BadInput(message, path=path, line=line),))


@dataclass(slots=True, kw_only=True)
class _Walk:
    """The way through a tree, which counts its steps: a few nested aliases can stand for millions of nodes."""

    path: str
    steps: int = field(default=0)

    def node(self, found: yaml.Node, at: KeyPath) -> Node:
        place = NodePlace(path=self.path, line=found.start_mark.line + 1, at=at)
        self.steps += 1
        if self.steps > MOST_NODES:
            raise place.wrong(f"is more than the {MOST_NODES} values that a configuration has, aliases counted")
        if len(at) > DEEPEST:
            raise place.wrong(f"is nested deeper than {DEEPEST} levels")
        match found:
            case yaml.SequenceNode():
                items = (self.node(each, (*at, index)) for index, each in enumerate(found.value))
                return ListNode(place=place, items=tuple(items))
            case yaml.MappingNode():
                return TableNode(place=place, entries=tuple(self._entries(found, at)))
        return ScalarNode(place=place, value=str(found.value), kind=_TAGS.get(found.tag, "the value "))

    def _entries(self, found: yaml.MappingNode, at: KeyPath) -> Iterator[tuple[Node, Node]]:
        for key, value in found.value:
            name = _printable(key.value[:LONGEST_TEXT]) if isinstance(key, yaml.ScalarNode) else "?"
            yield self.node(key, (*at, name)), self.node(value, (*at, name))
