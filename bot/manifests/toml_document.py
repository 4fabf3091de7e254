r"""A TOML manifest: its values as tomlkit reads them, their positions, and getters that complain by key path.

pixi reads TOML 1.1 (multi-line inline tables, `\\e`, times without seconds), which the standard library does not.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias, TypeVar

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from bot.errors import ManifestError
from bot.manifests.base import Leaf
from bot.manifests.decoding import BYTE_ORDER_MARK
from bot.manifests.toml_positions import Positions, locate_values
from bot.model.manifest import KeyPath

Table: TypeAlias = Mapping[str, Any]
_T = TypeVar("_T")

MOST_READ_AGAIN: Final = 8
"""So many texts are remembered: those of a rewrite, which reads before and after it, and that of the scan."""

FOREIGN_ERRORS: Final = (
    TOMLKitError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What parsers written in Python raise on texts that their authors did not think of."""


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """A parsed TOML text."""

    path: str
    root: Table
    positions: Positions

    def line(self, at: KeyPath) -> int:
        """Return the line on which *at*, or what encloses it, is written."""
        start = next(
            (
                self.positions.starts[at[:length]]
                for length in range(len(at), 0, -1)
                if at[:length] in self.positions.starts
            ),
            0,
        )
        value = self.positions.values.get(at)
        return self.positions.line(value.start if value else start)

    def tables(self, table: Table, at: KeyPath) -> Iterator[tuple[str, Table, KeyPath]]:
        """Yield the name, value and key path of every table in *table*."""
        for name in table:
            yield name, self.table(table, name, at), (*at, name)

    def table(self, table: Table, key: str, at: KeyPath) -> Table:
        """Return the table at *key* in *table*, which stands at *at*; empty without it."""
        found = self._typed(table, key, at, dict, "a table")
        return {} if found is None else found

    def texts(self, table: Table, key: str, at: KeyPath) -> tuple[str, ...] | None:
        """Return the list of texts at *key*; None without it."""
        found = self.items(table, key, at)
        if found is not None and not all(isinstance(each, str) for each in found):
            raise self.error("must be a list of texts", (*at, key))
        return None if found is None else tuple(found)

    def items(self, table: Table, key: str, at: KeyPath) -> list[Any] | None:
        """Return the list at *key*; None without it."""
        return self._typed(table, key, at, list, "a list")

    def text(self, table: Table, key: str, at: KeyPath) -> str | None:
        """Return the text at *key*; None without it."""
        return self._typed(table, key, at, str, "text")

    def written(self, table: Table, key: str, at: KeyPath) -> str | None:
        """Return the scalar at *key* as written, a text without its quotes; None without it.

        Numbers and dates keep their spelling: `2.30` is a version and not the number 2.3.
        """
        if key not in table or isinstance(table[key], dict | list):
            return None
        return table[key] if isinstance(table[key], str) else self.positions.raw((*at, key)) or str(table[key])

    def error(self, sentence: str, at: KeyPath) -> ManifestError:
        """Return an error that says where *at* is."""
        key = ".".join(str(part) for part in at)
        return ManifestError(sentence, path=self.path, line=self.line(at), key=key)

    def _typed(self, table: Table, key: str, at: KeyPath, kind: type[_T], words: str) -> _T | None:
        found = table.get(key)
        if found is None or isinstance(found, kind):
            return found
        raise self.error(f"must be {words}", (*at, key))


def read_toml(path: str, text: str) -> TomlDocument:
    """Return *text* as a document.

    Raises:
        ManifestError: it is not TOML, or is larger or deeper than any manifest.

    """
    positions = locate_values(path, text)
    try:
        root = _root(text.removeprefix(BYTE_ORDER_MARK))
    except FOREIGN_ERRORS as error:
        line = error.line if isinstance(error, ParseError) else None
        raise ManifestError(f"is not TOML: {str(error).partition(' at line')[0]}", path=path, line=line) from error
    return TomlDocument(path=path, root=root, positions=positions)


@lru_cache(maxsize=MOST_READ_AGAIN)
def _root(body: str) -> Table:
    """Return the values of *body*, which nobody changes: who rewrites a manifest reads it several times."""
    root: Table = tomlkit.parse(body).unwrap()
    return root


def toml_leaves(text: str) -> Iterator[Leaf]:
    """Yield every value of *text* and its key path: by the standard library where it can read it, else by tomlkit.

    Raises:
        ManifestError: neither can.

    """
    body = text.removeprefix(BYTE_ORDER_MARK)
    try:
        root: Table = tomllib.loads(body)
    except FOREIGN_ERRORS:
        root = read_toml("", body).root
    yield from _leaves(root, ())


def _leaves(value: object, at: KeyPath) -> Iterator[Leaf]:
    match value:
        case dict():
            for key, member in value.items():
                yield from _leaves(member, (*at, key))
        case list():
            for number, member in enumerate(value):
                yield from _leaves(member, (*at, number))
        case _:
            yield at, value
