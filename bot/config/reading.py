"""`.github/condabot.yml` -> `Configuration`.

Rule 1: a key that is not known, is there twice or has a value of a wrong type is an error with its line: what somebody
asked for and does not get must not go unnoticed.
Rule 2: hostile input is harmless: no tag makes an object, no alias is expanded, size and depth are bounded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Final

import yaml

from bot.config.configuration import Configuration
from bot.errors import BadInput, SpecError
from bot.model.manifest import PackageName
from bot.versioning.match_spec import normalise_conda_name

PATH: Final = ".github/condabot.yml"
"""Where a repository keeps its configuration."""

LARGEST: Final = 50_000
LONGEST_TEXT: Final = 200
MOST_ITEMS: Final = 500

KEYS: Final = (
    "annotationPaths",
    "ignoreDeps",
    "ignorePaths",
    "lockAge",
    "lockSources",
    "minimumReleaseAge",
    "minorAlone",
    "pythonMinorAge",
    "transitiveReleaseAge",
)
"""Every key that there is."""
_TEXT: Final = "tag:yaml.org,2002:str"
_SPAN: Final = re.compile(r"(?P<count>\d{1,4})[ ]?(?P<unit>[a-z]+)")
_UNITS: Final = {
    **dict.fromkeys(("h", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks"), timedelta(weeks=1)),
}


def read_configuration(content: bytes | None) -> Configuration:
    """Return what *content*, the file at `PATH`, says; the defaults where there is none, or nothing in it.

    Raises:
        BadInput: it cannot be read, or asks for something that is not there. Says where, and what is.

    """
    node = _parsed(content) if content else None
    if node is None or node.value == "":
        return Configuration()
    settings = _Settings(values=_entries(node))
    return Configuration(
        ignore_paths=settings.texts("ignorePaths"),
        annotation_paths=settings.texts("annotationPaths") or (),
        ignore_deps=settings.names("ignoreDeps") or frozenset(),
        minimum_release_age=settings.span("minimumReleaseAge"),
        transitive_release_age=settings.span("transitiveReleaseAge"),
        minor_alone=settings.names("minorAlone"),
        python_minor_age=settings.span("pythonMinorAge"),
        lock_age=settings.span("lockAge"),
        lock_sources=settings.paths("lockSources"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """The values by their keys, read as the types that they must have."""

    values: Mapping[str, yaml.Node]

    def texts(self, key: str) -> tuple[str, ...] | None:
        node = self.values.get(key)
        if node is None:
            return None
        items = node.value if isinstance(node, yaml.SequenceNode) else []
        if not isinstance(node, yaml.SequenceNode) or len(items) > MOST_ITEMS:
            raise _wrong(node, f"must be a list of up to {MOST_ITEMS} texts", key)
        return tuple(_text(item, key) for item in items)

    def names(self, key: str) -> frozenset[PackageName] | None:
        texts = self.texts(key)
        if texts is None:
            return None
        try:
            return frozenset(map(normalise_conda_name, texts))
        except SpecError as error:
            raise _wrong(self.values[key], f"must be a list of package names: {error.message}", key) from error

    def paths(self, key: str) -> Mapping[str, str]:
        node = self.values.get(key)
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode) or len(node.value) > MOST_ITEMS:
            raise _wrong(node, f"must map up to {MOST_ITEMS} paths to paths", key)
        found = [(_text(path, key), _text(source, key)) for path, source in node.value]
        if len(dict(found)) < len(found):
            raise _wrong(node, "names a path twice", key)
        return dict(found)

    def span(self, key: str) -> timedelta | None:
        node = self.values.get(key)
        if node is None:
            return None
        found = _SPAN.fullmatch(node.value) if isinstance(node, yaml.ScalarNode) else None
        if found is None or found["unit"] not in _UNITS:
            raise _wrong(node, "must be a span of time such as `7 days`, `12 hours` or `2 weeks`", key)
        return int(found["count"]) * _UNITS[found["unit"]]


def _parsed(content: bytes) -> yaml.Node | None:
    if len(content) > LARGEST:
        raise BadInput(f"has {len(content)} bytes; a configuration has up to {LARGEST}", path=PATH)
    try:
        return yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8", path=PATH) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise BadInput(f"is not YAML: {error.problem}", path=PATH, line=line) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadInput("is not YAML that can be read", path=PATH) from error


def _entries(node: yaml.Node) -> Mapping[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(node, "must be keys with values, such as `minimumReleaseAge: 7 days`")
    entries: dict[str, yaml.Node] = {}
    for key_node, value in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        if key not in KEYS:
            raise _wrong(key_node, _unknown(key), key[:LONGEST_TEXT])
        if key in entries:
            raise _wrong(key_node, "is there twice", key)
        entries[key] = value
    return entries


def _unknown(key: str) -> str:
    near = get_close_matches(key[:LONGEST_TEXT], KEYS, n=1)
    return f"is no setting; did you mean {near[0]}?" if near else f"is no setting; there are {', '.join(KEYS)}"


def _text(node: yaml.Node, key: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.tag != _TEXT or not 0 < len(node.value) <= LONGEST_TEXT:
        raise _wrong(node, f"must be a list of texts of up to {LONGEST_TEXT} characters; put quotes around this", key)
    return str(node.value)


def _wrong(node: yaml.Node, message: str, key: str = "") -> BadInput:
    return BadInput(message, path=PATH, line=node.start_mark.line + 1, key=key)
