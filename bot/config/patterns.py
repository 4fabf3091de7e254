"""What a rule may say of names and versions: exact, with `*`, or `/…/` in RE2; `!` in front for what is not meant.

The words are Renovate's (https://docs.renovatebot.com/string-pattern-matching/). RE2 takes time in proportion to what
it reads, whatever the expression is: that is the repository's, and the time is ours.
"""

import re
from dataclasses import dataclass
from typing import Final

import re2

from bot.config.document import LONGEST_TEXT
from bot.config.kinds import ScalarKind
from bot.errors import BadInput
from bot.versioning.conda import satisfies

_EXPRESSION: Final = re.compile(r"/(?P<source>.+)/(?P<flag>i?)", re.DOTALL)
_MEMORY: Final = 1 << 20
"""Bytes that RE2 may use for an expression."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern: a glob `text`, or an `expression` of RE2 that may be found anywhere in the value."""

    text: str
    negated: bool = False
    expression: str = ""

    def __str__(self) -> str:
        return f"{'!' if self.negated else ''}{self.text}"

    def found_in(self, value: str) -> bool:
        """Tell whether the expression is found in *value*."""
        return _compiled(self.expression).search(value) is not None


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions as a range, conda's or PyPI's as the package is, or as an `expression` that `negated` ones must miss."""

    range: str = ""
    pattern: Pattern | None = None

    @property
    def text(self) -> str:
        """What was written."""
        return str(self.pattern) if self.pattern else self.range


def parse_pattern(text: str) -> Pattern:
    """Return the pattern that *text* is.

    Raises:
        BadInput: it is empty, or an expression that RE2 does not know.

    """
    bare = text.removeprefix("!")
    if not bare:
        raise BadInput("is no pattern")
    found = _EXPRESSION.fullmatch(bare)
    expression = f"{'(?i)' if found['flag'] else ''}{found['source']}" if found else ""
    if expression:
        _compiled(expression)
    return Pattern(text=bare, negated=text.startswith("!"), expression=expression)


def parse_versions(text: str) -> Versions:
    """Return the versions that *text* stands for.

    Raises:
        BadInput: it is neither a range nor an expression.

    """
    if text.startswith(("/", "!/")):
        return Versions(pattern=parse_pattern(text))
    satisfies(text, "1")
    return Versions(range=text)


def _compiled(expression: str) -> "re2._Regexp[str]":
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        raise BadInput("is no expression of RE2") from error


_SCHEMA: Final = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}

NAME_PATTERN: Final[ScalarKind[Pattern]] = ScalarKind(
    words="pattern",
    rule="a name, a pattern such as `cuda-*`, or an expression of RE2 such as `/^lib/`, with `!` in front for what is "
    "not meant",
    parse=parse_pattern,
    schema=_SCHEMA,
)

VERSIONS: Final[ScalarKind[Versions]] = ScalarKind(
    words="version range",
    rule="a range of versions such as `<2`, or an expression of RE2 such as `/^1\\./`, in quotes",
    parse=parse_versions,
    schema=_SCHEMA,
)
