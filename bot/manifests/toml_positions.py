"""Finds where the values of a TOML text stand. What they mean is for tomlkit to say: nothing is decoded here.

Rule 1: it reads TOML 1.1, as pixi does, and is a guard besides: one pass, bounded in depth and number, before
tomlkit sees the text.
Rule 2: nobody trusts it. A position is used only if the characters there are what tomlkit read.

Source: TOML 1.1.0.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.edits import Span
from bot.errors import ManifestError
from bot.model.manifest import KeyPath

MAX_DEPTH: Final = 64
MAX_KEYS: Final = 10_000

_BLANKS: Final = re.compile(r"[ \t]*+")
_COMMENT: Final = re.compile(r"#[^\n]*+")
_LINES: Final = re.compile(r"[ \t\r\n]*+")
_KEY: Final = re.compile(r"""[^\s=.\[\]{}#,"']++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+'""")
_STRING: Final = re.compile(
    r'''"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}'''
    r"""|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"""
    r'''|"(?:[^"\\\n]++|\\[^\n])*+"'''
    r"""|'[^'\n]*+'""",
    re.DOTALL,
)
_MULTI_LINE: Final = ('"""', "'''")
# A date and a time may be parted by one blank.
_OTHER_SCALAR: Final = re.compile(r"[^\s,\[\]{}#]++(?: \d\d:[^\s,\[\]{}#]++)?")


@dataclass(slots=True)
class Positions:
    """Where everything stands in one text.

    `values` holds every scalar, `starts` every key and list item down to the scalars (where it is first named).
    """

    text: str
    values: dict[KeyPath, Span] = field(default_factory=dict)
    starts: dict[KeyPath, int] = field(default_factory=dict)
    comments: dict[int, str] = field(default_factory=dict)
    _line_starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", self.text))]

    def line(self, offset: int) -> int:
        """Return the 1-based line on which the character at *offset* stands."""
        return bisect_right(self._line_starts, offset)

    def raw(self, at: KeyPath) -> str | None:
        """Return the scalar at *at* as written; None if there is none."""
        span = self.values.get(at)
        return None if span is None else self.text[span.start : span.end]

    def inner(self, at: KeyPath) -> tuple[Span, str] | None:
        """Return where the characters between the quotes of the text at *at* stand, and the quote.

        None for no text, one over several lines, or one under a key with escapes.
        """
        raw = self.raw(at)
        if raw is None or raw[0] not in "\"'" or raw.startswith(_MULTI_LINE):
            return None
        span = self.values[at]
        return Span(span.start + 1, span.end - 1), raw[0]

    def between_quotes(self, at: KeyPath) -> str:
        """Return the characters at `inner`; none where there are none."""
        place = self.inner(at)
        return self.text[place[0].start : place[0].end] if place else ""


def locate_values(path: str, text: str) -> Positions:
    """Return the positions of all values of *text*.

    Raises:
        ManifestError: it is not TOML, or is larger or deeper than any manifest.

    """
    scanner = _Scanner(path=path, positions=Positions(text=text), position=int(text.startswith("\ufeff")))
    scanner.document()
    return scanner.positions


@dataclass(slots=True)
class _Scanner:
    """Walks over one text. `position` is the next character; `arrays` counts the tables of each `[[…]]`."""

    path: str
    positions: Positions
    position: int
    arrays: Counter[KeyPath] = field(default_factory=Counter)
    keys: int = 0

    @property
    def text(self) -> str:
        return self.positions.text

    def document(self) -> None:
        table: KeyPath = ()
        self._skip_lines()
        while self.position < len(self.text):
            if self._next("["):
                table = self._header()
            else:
                self._pair(table, 0)
            self._end_of_line()
            self._skip_lines()

    def _header(self) -> KeyPath:
        start = self.position
        is_array = self.text.startswith("[[", start)
        self.position += 1 + is_array
        keys = self._dotted_key()
        self._expect("]]" if is_array else "]")
        table: KeyPath = ()
        for number, key in enumerate(keys):
            table = (*table, key)
            self.positions.starts.setdefault(table, start)
            if is_array and number == len(keys) - 1:
                self.arrays[table] += 1
            if table in self.arrays:
                table = (*table, self.arrays[table] - 1)
                self.positions.starts.setdefault(table, start)
        return table

    def _pair(self, table: KeyPath, depth: int) -> None:
        start = self.position
        at = (*table, *self._dotted_key())
        self._expect("=")
        for length in range(len(table) + 1, len(at) + 1):
            self.positions.starts.setdefault(at[:length], start)
        self._value(at, depth)

    def _value(self, at: KeyPath, depth: int) -> None:
        if depth > MAX_DEPTH or len(at) > MAX_DEPTH:
            raise self._error(f"is nested deeper than {MAX_DEPTH} levels")
        if self._next("["):
            self._collection("]", lambda number: self._element((*at, number), depth + 1))
            return
        if self._next("{"):
            self._collection("}", lambda _: self._pair(at, depth + 1))
            return
        scalar = _STRING.match(self.text, self.position) or _OTHER_SCALAR.match(self.text, self.position)
        if scalar is None or (scalar[0][0] in "\"'" and _STRING.fullmatch(scalar[0]) is None):
            raise self._error("is not TOML: a value is missing or its quotes do not end")
        if at in self.positions.values:
            raise self._error(f"is not TOML: `{'.'.join(map(str, at))}` is defined twice")
        self.positions.values[at] = Span(*scalar.span())
        self.position = scalar.end()

    def _element(self, at: KeyPath, depth: int) -> None:
        self.positions.starts[at] = self.position
        self._count()
        self._value(at, depth)

    def _collection(self, end: str, member: Callable[[int], None]) -> None:
        """Read the members of a list or an inline table up to *end*."""
        self.position += 1
        self._skip_lines()
        number = 0
        while not self._next(end):
            member(number)
            number += 1
            self._skip_lines()
            if not self._next(","):
                break
            self.position += 1
            self._skip_lines()
        self._expect(end)

    def _dotted_key(self) -> tuple[str, ...]:
        keys: list[str] = []
        while True:
            self._skip(_BLANKS)
            key = _KEY.match(self.text, self.position)
            if key is None:
                raise self._error("is not TOML: a key is missing")
            self._count()
            keys.append(_decoded(key[0]))
            self.position = key.end()
            self._skip(_BLANKS)
            if len(keys) > MAX_DEPTH:
                raise self._error(f"has a key of more than {MAX_DEPTH} parts")
            if not self._next("."):
                return tuple(keys)
            self.position += 1

    def _end_of_line(self) -> None:
        self._skip(_BLANKS)
        self._comment()
        if self.position < len(self.text) and not self.text.startswith(("\n", "\r\n"), self.position):
            raise self._error("is not TOML: something follows a value or header on its line")

    def _skip_lines(self) -> None:
        """Go on to the next character that is not blank, a line end or in a comment."""
        self._skip(_LINES)
        while self._comment():
            self._skip(_LINES)

    def _comment(self) -> bool:
        found = _COMMENT.match(self.text, self.position)
        if found is None:
            return False
        self.positions.comments[self.positions.line(found.start())] = found[0][1:].strip()
        self.position = found.end()
        return True

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.position)
        self.position = found.end() if found else self.position

    def _next(self, token: str) -> bool:
        return self.text.startswith(token, self.position)

    def _expect(self, token: str) -> None:
        if not self._next(token):
            raise self._error(f"is not TOML: `{token}` is missing")
        self.position += len(token)
        self._skip(_BLANKS)

    def _count(self) -> None:
        self.keys += 1
        if self.keys > MAX_KEYS:
            raise self._error(f"has more than {MAX_KEYS} keys and list items")

    def _error(self, sentence: str) -> ManifestError:
        return ManifestError(sentence, path=self.path, line=self.positions.line(self.position))


def _decoded(key: str) -> str:
    """Return *key* without its quotes. One with escapes stays as written, and so nothing under it is ever found."""
    return key[1:-1] if key[0] in "\"'" else key
