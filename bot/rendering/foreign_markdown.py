"""Markdown of strangers -> Markdown that does nothing on GitHub but be read (threats: mention spam, trackers, boxes).

It is parsed, and what was understood is written anew: headings, paragraphs, lists, quotes, tables, code, links. Text
goes through `bot.rendering.markdown`, URLs through `bot.rendering.links`. What is not known here is text, or is left
out: images, HTML, emphasis, task lists. https://github.github.com/gfm/
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.rendering.links import link, linked
from bot.rendering.markdown import block, code, plain, table

LONGEST: Final = 16_000
"""Characters of a text that are read: parsing takes time in proportion to the square of what is meant badly."""

DEEPEST: Final = 12
WIDEST: Final = 12

_PARSER = MarkdownIt("commonmark", {"html": True, "maxNesting": DEEPEST}).enable(["table", "strikethrough"])
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<[^<>]*(?:>|\Z)")
_INNER_LINE = re.compile(r"(?<=\n)(?=.)")
_NUMBERED = re.compile(r"\A(\d{1,9})(?=\.)")
_APART: Final = "\u200b"
_END: Final = "`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The beginning of a text, cut between blocks or items of a list; `left_out` counts those that did not fit."""

    text: str
    left_out: int


def excerpt(markdown: str, longest: int) -> Excerpt:
    """Return what *markdown* says, inert, in at most *longest* characters."""
    kept, length, left_out = "", 0, int(len(markdown) > LONGEST)
    pieces = list(_pieces(SyntaxTreeNode(_PARSER.parse(markdown[:LONGEST]))))
    for number, (gap, piece) in enumerate(pieces):
        length += len(gap) + len(piece)
        if length > longest:
            left_out += len(pieces) - number
            break
        kept += f"{gap if kept else ''}{piece}"
    return Excerpt(text=kept, left_out=left_out)


def _pieces(root: SyntaxTreeNode) -> Iterator[tuple[str, str]]:
    """Yield what a text may be cut between, each with what stands before it: blocks, and items of outer lists."""
    for node in root.children:
        gap = "\n\n"
        for text in _items(node) if node.type in _LISTS else (_block(node),):
            if text:
                yield gap, text
                gap = "\n"


def _block(node: SyntaxTreeNode) -> str:
    write = _BLOCKS.get(node.type)
    return write(node) if write else _blocks(node.children)


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> str:
    return "\n\n".join(filter(None, map(_block, nodes)))


def _paragraph(node: SyntaxTreeNode) -> str:
    """Return a line that begins nothing else than a paragraph."""
    words = _inline(node)
    return f"\\{words}" if words.startswith("-") else _NUMBERED.sub(r"\1\\", words)


def _heading(node: SyntaxTreeNode) -> str:
    words = _inline(node)
    return f"**{words}**" if words else ""


def _list(node: SyntaxTreeNode) -> str:
    return "\n".join(filter(None, _items(node)))


def _items(node: SyntaxTreeNode) -> Iterator[str]:
    for number, item in enumerate(node.children, start=1):
        if inside := _block(item):
            sign = f"{number}. " if node.type == "ordered_list" else "- "
            yield sign + _INNER_LINE.sub(" " * len(sign), inside)


def _item(node: SyntaxTreeNode) -> str:
    """Return the blocks of an item: a list below its line stands next to that."""
    text = ""
    for child in node.children:
        if inside := _block(child):
            gap = "\n" if child.type in _LISTS else "\n\n"
            text += f"{gap if text else ''}{inside}"
    return text


def _quote(node: SyntaxTreeNode) -> str:
    inside = _blocks(node.children)
    return "\n".join(f"> {line}".rstrip() for line in inside.splitlines()) if inside else ""


def _code(node: SyntaxTreeNode) -> str:
    return block(node.content) if node.content.strip() else ""


def _html(node: SyntaxTreeNode) -> str:
    """Return what stands between the tags."""
    return plain(html.unescape(_TAG.sub(" ", _COMMENT.sub("", node.content))))


def _table(node: SyntaxTreeNode) -> str:
    rows = [[_inline(cell) for cell in row.children[:WIDEST]] for part in node.children for row in part.children]
    return table(tuple(rows[0]), map(tuple, rows[1:]))


def _inline(node: SyntaxTreeNode) -> str:
    """Return the words below *node* on one line."""
    written = ""
    for piece in _joined(_words(node.children)):
        apart = _APART if written.endswith(_END) and piece.startswith(_END) else ""
        written += apart + piece
    return written.strip()


def _joined(pieces: Iterable["_Text | str"]) -> Iterator[str]:
    """Yield *pieces* as they are written; texts that follow each other are one, so that nothing hides between them."""
    text = ""
    for piece in pieces:
        if isinstance(piece, _Text):
            text += piece.text
            continue
        yield from _spaced(text)
        text = ""
        yield piece
    yield from _spaced(text)


def _spaced(text: str) -> Iterator[str]:
    """Yield *text* inert, with a space where it has one at its ends."""
    if text:
        before, after = (" " if each.isspace() else "" for each in (text[0], text[-1]))
        words = plain(text)
        yield f"{before}{words}{after}" if words else before


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


def _words(nodes: Sequence[SyntaxTreeNode]) -> Iterator[_Text | str]:
    for node in nodes:
        match node.type:
            case "text":
                yield _Text(node.content)
            case "softbreak" | "hardbreak":
                yield _Text(" ")
            case "code_inline":
                yield code(node.content)
            case "link" if target := linked(str(node.attrs.get("href", ""))):
                yield link(_inline(node), target)
            case "image":
                yield _Text(node.content)
            case "html_inline":
                yield _Text(" " if node.content.lower().startswith("<br") else "")
            case _:
                yield from _words(node.children)


_LISTS: Final = frozenset({"bullet_list", "ordered_list"})

_BLOCKS: Final[Mapping[str, Callable[[SyntaxTreeNode], str]]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "bullet_list": _list,
    "ordered_list": _list,
    "list_item": _item,
    "blockquote": _quote,
    "fence": _code,
    "code_block": _code,
    "html_block": _html,
    "table": _table,
}
