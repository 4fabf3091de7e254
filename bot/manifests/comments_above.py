"""The comments that stand on lines of their own right above items, and how many items each stands over.

Rule 1: a comment and the items below it have the same indent, and nothing is between them, no blank line either. One
that is indented deeper is about what stands above it, if that has a version, and else about the items below, too.
Rule 2: it stands over the items on the lines that follow, up to a blank line, another comment, or what is no item.
Rule 3: an item that is commented out is no comment, and takes the comment above it with it. Neither is what is written
for other programs (`# renovate: …`), nor a line of decoration.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.model.manifest import CommentAbove, Manifest

_COMMENT: Final = re.compile(r"(?P<indent>[ \t]*+)#+[ \t]*+(?P<words>.*+)")
_INDENT: Final = re.compile(r"[ \t]*+")
# `- numpy`, `numpy = "1.26.*"`, `"numpy>=1",` or `{ …`, and not a list or table that holds the item: `dependencies: [`.
_ITEM: Final = re.compile(r"""[ \t]*+(?:-|["'{]|[\w.-]++[ \t]*+=(?![ \t]*+\[))""")
_COMMENTED_OUT: Final = re.compile(r"""-[ \t]|["'][^"']*+["'][ \t]*+,|[\w."'-]++[ \t]*+=[ \t]*+["'{\[]""")
_FOR_PROGRAMS: Final = re.compile(r"(?:renovate|taplo|cspell|fmt):|(?:yamllint|prettier-ignore|noqa)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"\w")


def with_comments_above(manifest: Manifest, text: str) -> Manifest:
    """Return *manifest*, which was read from *text*, with the comment above each dependency that has one."""
    items = Counter(each.line for each in manifest.dependencies)
    versioned = frozenset(each.line for each in manifest.dependencies if each.version not in ("", "*"))
    found = dict(_comments_above(["", *(line.rstrip("\r") for line in text.split("\n"))], items, versioned))
    dependencies = (replace(each, comment_above=found.get(each.line)) for each in manifest.dependencies)
    return replace(manifest, dependencies=tuple(dependencies))


def _comments_above(
    lines: Sequence[str], items: Mapping[int, int], versioned: Container[int]
) -> Iterator[tuple[int, CommentAbove]]:
    """Yield the lines of items that a comment stands over, and the comment. *versioned* are those with a version.

    *lines* begin with 1. YAML breaks lines at more characters than others, so *items* may be on lines beyond.
    """
    for first in sorted(number for number in items if number < len(lines)):
        if words := _words_above(lines, first, versioned):
            below = tuple(_lines_below(lines, items, first))
            total = sum(items[each] for each in below)
            for position, number in enumerate(below):
                yield number, CommentAbove(text=words, position=position, items=total)


def _lines_below(lines: Sequence[str], items: Mapping[int, int], first: int) -> Iterator[int]:
    """Yield the numbers of the lines from *first* on that begin with an item and have the same indent."""
    for number in range(first, len(lines)):
        line = lines[number]
        if number not in items or _ITEM.match(line) is None or _indent(line) != _indent(lines[first]):
            return
        yield number


def _words_above(lines: Sequence[str], first: int, versioned: Container[int]) -> str:
    """Return the words of the comment that ends right above line *first*; none if there is none."""
    found: list[str] = []
    own = _indent(lines[first])
    indent = _indent(lines[first - 1]) if _COMMENT.fullmatch(lines[first - 1]) else own
    if not indent.startswith(own):
        return ""
    number = first
    for number in range(first - 1, -1, -1):
        comment = _COMMENT.fullmatch(lines[number])
        if comment is None or comment["indent"] != indent or _COMMENTED_OUT.match(comment["words"]):
            break
        if _WORD.search(comment["words"]) and not _FOR_PROGRAMS.match(comment["words"]):
            found.append(comment["words"].strip())
    return "" if indent != own and number in versioned else " ".join(reversed(found))


def _indent(line: str) -> str:
    found = _INDENT.match(line)
    return found[0] if found else ""
