"""Writes YAML in the style of `rattler_lock` (serde_yaml), byte for byte.

Lists are not indented below their key, and every text stands on one line. A text has no quotes unless YAML 1.2 would
read it as something else: a hash of digits and one `e` is a number to pixi, which then cannot read the lock.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import yaml

from bot.errors import RewriteRefused

Value: TypeAlias = "str | int | bool | Sequence[Value] | Mapping[str, Value]"

_TEXT: Final = "tag:yaml.org,2002:str"
_LIST: Final = "tag:yaml.org,2002:seq"
_MAP: Final = "tag:yaml.org,2002:map"
_UNLIMITED: Final = 1_000_000_000

_WORDS = frozenset({"", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+|[0-9]+)")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


_LINE_BREAK = re.compile(r"[\r\n\x85\u2028\u2029]")


class _Dumper(yaml.CSafeDumper):
    """libyaml's emitter without PyYAML's ideas of which texts need quotes: those are YAML 1.1's."""


_Dumper.yaml_implicit_resolvers = {}


def entry_text(fields: Mapping[str, Value]) -> str:
    r"""Return *fields* as the one item of a list that is not indented, lines ending in `\n`.

    Raises:
        RewriteRefused: a text is none that a file can hold.

    """
    return yaml_text([fields])


def yaml_text(value: Value) -> str:
    r"""Return *value* as a document, lines ending in `\n`.

    Raises:
        RewriteRefused: a text is none that a file can hold.

    """
    try:
        return str(yaml.serialize(_node(value), Dumper=_Dumper, width=_UNLIMITED, allow_unicode=True))
    except UnicodeEncodeError as error:
        raise RewriteRefused(f"{error.object!r} has half a character, which no file can hold") from error


def _node(value: Value) -> yaml.Node:
    match value:
        case str():
            return yaml.ScalarNode(_TEXT, value, style=_style(value))
        case bool():
            return yaml.ScalarNode(_TEXT, "true" if value else "false")
        case int():
            return yaml.ScalarNode(_TEXT, str(value))
        case Mapping():
            pairs = [(_node(key), _node(each)) for key, each in value.items()]
            return yaml.MappingNode(_MAP, pairs, flow_style=False)
        case _:
            return yaml.SequenceNode(_LIST, [_node(each) for each in value], flow_style=False)


def _style(text: str) -> str | None:
    if _LINE_BREAK.search(text):
        return '"'
    return "'" if _is_ambiguous(text) else None


def _is_ambiguous(text: str) -> bool:
    if text in _WORDS or _INTEGER.fullmatch(text) or _NOT_FINITE.fullmatch(text):
        return True
    # serde_yaml takes a number that is too large for a float as a text.
    return _DECIMAL.fullmatch(text) is not None and math.isfinite(float(text))
