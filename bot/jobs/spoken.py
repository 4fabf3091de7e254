"""A comment -> the command in it (pure). Whatever people may quote, show or hide is none.

Rule 1: a command is a line of its own that begins with `/condabot`; the first one of a comment counts.
Rule 2: what stands in a block of code, in a quotation or in an HTML comment is none, and neither is what merely goes on
with a quotation: https://github.github.com/gfm/
Rule 3: what is not understood is `help`, and never half of what was meant.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.model.command import LATEST, LINE, PACKAGE, Command, Verb

LONGEST: Final = 200
"""Characters of a command."""

_HIDDEN: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_QUOTATION: Final = re.compile(r" {0,3}>")
_COMMAND: Final = re.compile(r" {0,3}/condabot(?:[ \t]+(.*))?", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")

_VERBS: Final = {
    "relock": Verb.RELOCK,
    "rebuild": Verb.REBUILD,
    "rebase": Verb.REBUILD,
    "recreate": Verb.REBUILD,
    "ignore": Verb.IGNORE,
    "explain": Verb.EXPLAIN,
    "help": Verb.HELP,
}
_IGNORED: Final = {"": LATEST, LATEST: LATEST, LINE: LINE, PACKAGE: PACKAGE}


def spoken(comment: str) -> Command | None:
    """Return the command in the Markdown text *comment*, None if there is none."""
    found = (_COMMAND.fullmatch(line.rstrip()) for line in _lines(comment))
    return next((_command(match[1] or "") for match in found if match), None)


def _lines(comment: str) -> Iterator[str]:
    """Yield the lines of *comment* that are neither code nor quoted nor hidden."""
    fence, is_quoted = "", False
    for line in _HIDDEN.sub("", comment).replace("\r", "").split("\n"):
        if mark := _FENCE.fullmatch(line):
            fence = _after(fence, mark[1], mark[2])
            is_quoted = False
            continue
        is_quoted = bool(_QUOTATION.match(line)) or (is_quoted and bool(line.strip()))
        if not fence and not is_quoted:
            yield line


def _after(fence: str, mark: str, rest: str) -> str:
    """Return the fence of the block of code that is open after a line with *mark* and *rest*; empty if none is."""
    if not fence:
        return "" if mark[0] == "`" and "`" in rest else mark
    return "" if mark.startswith(fence) and not rest.strip() else fence


def _command(text: str) -> Command:
    word, _, rest = text.strip().partition(" ")
    verb, argument = _VERBS.get(word.lower()), " ".join(rest.replace("`", "").split())
    wrong = Command(verb=Verb.HELP, argument=text.strip()[:LONGEST])
    match verb:
        case Verb.HELP if not argument:
            return Command(verb=verb)
        case Verb.RELOCK | Verb.REBUILD if not argument:
            return Command(verb=verb)
        case Verb.IGNORE if (about := _IGNORED.get(argument.lower().removeprefix("this").strip())) is not None:
            return Command(verb=verb, argument=about)
        case Verb.EXPLAIN if _NAME.fullmatch(argument):
            return Command(verb=verb, argument=argument.lower())
        case _:
            return wrong if text.strip() else Command(verb=Verb.HELP)
