"""Splices items into lists of a YAML text, and out of them: whole lines go in or out, the others stay.

A list may be indented and commented as its author likes. What cannot be taken apart line by line, a list written as
`[...]` for example, is an error if it would have to change.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from bot.edits import Edit, Span, apply_edits
from bot.errors import BadInput
from bot.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode, values_span

_BULLET: Final = re.compile(r" *- +")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    r"""An item to add in front of the one at `index`, behind all if there is none; `text` as for `ListChange`."""

    index: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChange:
    r"""What changes in the list `node`, which stands at `key`: items by their index, and new ones in their order.

    A text is the item as it would stand in a list that is not indented, its dash included, lines ending in `\n`.
    """

    key: ScalarNode
    node: SequenceNode
    removed: Container[int] = frozenset()
    replaced: Mapping[int, str] = field(default_factory=dict)
    added: Sequence[NewItem] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is said of a list that is not laid out in lines, and whether an item may be written as `{...}`."""

    refusal: str
    flow_items: bool


def splice_lists(text: str, changes: Iterable[ListChange], layout: Layout, others: Iterable[Edit] = ()) -> str:
    """Return *text* with the *changes* of lists that were read from it, and *others*; the rest is the same characters.

    Raises:
        BadInput: a list that must change is not laid out line by line. It is of the class that the nodes' source names.

    """
    newline = "\r\n" if "\r\n" in text else "\n"
    padded = text if text.endswith("\n") else text + newline
    splicer = _Splicer(text=padded, newline=newline, layout=layout)
    spliced = apply_edits(padded, chain(others, chain.from_iterable(map(splicer.edits, changes))))
    return spliced if padded == text else spliced.removesuffix(newline)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Splicer:
    """Makes the edits for a text whose last line has an end."""

    text: str
    newline: str
    layout: Layout

    def edits(self, change: ListChange) -> Iterator[Edit]:
        """Yield the edits for *change*; none if nothing changes."""
        items = change.node.items
        gone = [item for index, item in enumerate(items) if index in change.removed]
        if not (gone or change.replaced or change.added):
            return
        if change.node.flow:
            yield self._filled(change)
        elif len(gone) == len(items) and not change.added:
            yield Edit(Span(change.key.end, self._block(items[-1]).end), f": []{self.newline}")
        else:
            yield from (Edit(self._block(item), "") for item in gone)
            yield from (self._replacement(items[index], text) for index, text in sorted(change.replaced.items()))
            yield from (self._insertion(items, new) for new in change.added)

    def _filled(self, change: ListChange) -> Edit:
        """An empty list stands as `[]` on the line of its key; its first items are written below the key."""
        key, node = change.key, change.node
        indent = self.text[self._line_start(key.start) : key.start]
        if node.items or indent.strip(" "):
            raise self._not_in_lines(node)
        items = "".join(self._written(new.text, f"{indent}- ") for new in change.added)
        return Edit(Span(key.end, node.end), f":{self.newline}{items.removesuffix(self.newline)}")

    def _replacement(self, item: Node, text: str) -> Edit:
        return Edit(self._block(item), self._written(text, self._bullet(item)))

    def _insertion(self, items: Sequence[Node], new: NewItem) -> Edit:
        # Behind the item before it rather than in front of the next, whose comment may stand above it.
        neighbour = items[max(new.index - 1, 0)]
        block = self._block(neighbour)
        offset = block.end if new.index else block.start
        return Edit(Span(offset, offset), self._written(new.text, self._bullet(neighbour)))

    def _block(self, item: Node) -> Span:
        """The lines of *item*, from its dash to the end of its last value's line."""
        self._bullet(item)
        values = values_span(item)
        return Span(self._line_start(values.start), self.text.index("\n", values.end - 1) + 1)

    def _bullet(self, item: Node) -> str:
        start = values_span(item).start
        bullet = self.text[self._line_start(start) : start]
        if not _BULLET.fullmatch(bullet) or (_is_flow(item) and not self.layout.flow_items):
            raise self._not_in_lines(item)
        return bullet

    def _written(self, text: str, bullet: str) -> str:
        first, *others = text.removeprefix("- ").removesuffix("\n").split("\n")
        lines = [bullet + first, *(" " * len(bullet) + line.removeprefix("  ") for line in others)]
        return "".join(line + self.newline for line in lines)

    def _line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def _not_in_lines(self, node: Node) -> BadInput:
        return node.error(self.layout.refusal)


def _is_flow(item: Node) -> bool:
    return isinstance(item, SequenceNode | MappingNode) and item.flow
