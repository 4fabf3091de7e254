"""The one way by which text from manifests, channels and solvers gets into Markdown: inert.

Nothing rendered here can mention a person, close an issue, link, load an image or open a tag (threats: mention spam,
cross-references, tracking). GitHub's dialect: https://github.github.com/gfm/
"""

import re
from itertools import groupby

MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+!|~@:&]")
INVISIBLE = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
LONGEST_BLOCK = 8_000


def code(text: str) -> str:
    """Return *text* as a code span on one line: nothing in it is markup, a mention or a reference."""
    inner = " ".join(_visible(text).split()).replace("|", "\\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", inner)), default=0))
    pad = " " if "`" in inner else ""
    return f"{fence}{pad}{inner}{pad}{fence}" if inner else ""


def plain(text: str) -> str:
    """Return *text* as running text on one line, every character that could be markup escaped."""
    one_line = " ".join(_visible(text).split())
    escaped = MARKUP.sub(lambda match: "\\" + match[0], one_line)
    # GitHub resolves mentions and references after it has removed the backslash; a zero-width space stops it.
    return re.sub(r"(\\[@#]|\bGH-)(?=\w)", "\\1\u200b", escaped)


def block(text: str) -> str:
    """Return *text* as a fenced block, a line that repeats only once, cut after `LONGEST_BLOCK` characters."""
    shown = "\n".join(line for line, _ in groupby(_visible(text).splitlines()))[:LONGEST_BLOCK]
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}"


def details(summary: str, inside: str) -> str:
    """Return *inside* folded under *summary*, which must be rendered already."""
    return f"<details><summary>{summary}</summary>\n\n{inside}\n\n</details>"


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table of cells that are rendered already."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _visible(text: str) -> str:
    return INVISIBLE.sub("", text)
