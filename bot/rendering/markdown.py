"""The one way by which text from manifests, channels and solvers gets into Markdown: inert.

Nothing rendered here can mention a person, close an issue, name a commit, link, load an image or open a tag (threats:
mention spam, cross-references, tracking). GitHub's dialect: https://github.github.com/gfm/
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+!|~@:&$]")
# GitHub looks for these in what is left after Markdown, without the backslashes: a zero-width space stops it.
REFERENCE = re.compile(r"(\\[@#]|GH-)(?=\w)", re.IGNORECASE)
# Seven hexadecimal digits are a commit, if the repository has one that begins so; in code they are none.
COMMIT = re.compile(r"(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])", re.IGNORECASE)
# A bare address that Markdown itself makes a link of: https://github.github.com/gfm/#autolinks-extension-
BARE_ADDRESS = re.compile(r"(www)\.", re.IGNORECASE)
# The address of an issue after a word that closes it may count without being a link.
ADDRESS_OF_GITHUB = re.compile(r"(github)(?=\.com)", re.IGNORECASE)
UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
KEPT = frozenset("\n\t")
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
LONGEST_BLOCK = 8_000
FOLD = "<details>"


def code(text: str) -> str:
    """Return *text* as a code span on one line: nothing in it is markup, a mention or a reference."""
    inner = _one_line(text)
    fence = "`" * (1 + _longest_run_of_backticks(inner))
    pad = " " if "`" in inner else ""
    return f"{fence}{pad}{inner}{pad}{fence}" if inner else ""


def plain(text: str) -> str:
    """Return *text* as running text on one line, every character that could be markup escaped; commits are code."""
    escaped = MARKUP.sub(lambda match: "\\" + match[0], _one_line(text))
    unlinked = REFERENCE.sub("\\1\u200b", BARE_ADDRESS.sub(r"\1\\.", escaped))
    unlinked = ADDRESS_OF_GITHUB.sub("\\1\u200b", unlinked)
    return COMMIT.sub(r"`\g<0>`", unlinked)


def block(text: str, language: str = "text") -> str:
    """Return *text* as a fenced block, a line that repeats only once, cut after `LONGEST_BLOCK` characters.

    A comment in it is none any more: whoever looks for marks of the bot's own need not know what is code.
    """
    shown = "\n".join(line for line, _ in groupby(_visible(text).splitlines()))[:LONGEST_BLOCK]
    shown = shown.replace("<!--", "<!\u200b--")
    fence = "`" * max(3, 1 + _longest_run_of_backticks(shown))
    return f"{fence}{language}\n{shown}\n{fence}"


def details(summary: str, inside: str) -> str:
    """Return *inside* folded under *summary*, which must be rendered already."""
    return f"{FOLD}<summary>{summary}</summary>\n\n{inside}\n\n</details>"


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table of cells that are rendered already; a `|` in a cell stays in it."""
    escaped = (tuple(UNESCAPED_PIPE.sub(r"\\|", cell) for cell in cells) for cells in rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ("---",) * len(header), *escaped))


def is_visible(text: str) -> bool:
    """Tell whether *text* can be shown as it is: nothing in it hides or turns around what is read."""
    return _visible(text) == text


def _one_line(text: str) -> str:
    return " ".join(_visible(text).split())


def _visible(text: str) -> str:
    """*text* without control and format characters, which hide or turn around what is read."""
    return "".join(each for each in text if each in KEPT or unicodedata.category(each) not in INVISIBLE)


def _longest_run_of_backticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
