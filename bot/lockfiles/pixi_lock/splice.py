"""Splices new selectors and entries into the text of a `pixi.lock`: whole lines go in or out, the others stay.

A list may be indented and commented as its author likes. What cannot be taken apart line by line, a list written as
`[...]` for example, is a `LockError` if it would have to change.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from bot.edits import Edit, Span, apply_edits
from bot.errors import LockError
from bot.lockfiles.pixi_lock.document import Item, ItemList, PackageKind, PixiDocument, nested_items
from bot.lockfiles.pixi_lock.entries import write_entry
from bot.lockfiles.pixi_lock.order import Key, entry_key, selector_key
from bot.lockfiles.pixi_lock.plan import RewritePlan
from bot.lockfiles.pixi_lock.scalars import entry_text
from bot.model.package import Record

_BULLET = re.compile(r" *- +")


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewItem:
    r"""An item to add: its place, and its text as an item that is not indented, lines ending in `\n`."""

    key: Key
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListChange:
    """What changes in a list: `keys` are the places of its items, `replaced` maps locations to new texts."""

    items: ItemList
    keys: Sequence[Key]
    removed: Container[str] = frozenset()
    replaced: Mapping[str, str] = field(default_factory=dict)
    added: Sequence[_NewItem] = ()

    def is_removed(self, item: Item) -> bool:
        """Tell whether *item* goes: only built conda packages ever do."""
        return item.is_archive and item.location in self.removed


def splice(text: str, document: PixiDocument, plan: RewritePlan) -> str:
    """Return *text*, which was read as *document*, with the records of *plan*; the rest is the same characters.

    Raises:
        LockError: a list that must change is not laid out line by line.

    """
    newline = "\r\n" if "\r\n" in text else "\n"
    padded = text if text.endswith("\n") else text + newline
    splicer = _Splicer(text=padded, path=document.path, newline=newline)
    changes = [*_selector_changes(document, plan), _entry_change(document, plan)]
    spliced = apply_edits(padded, chain.from_iterable(splicer.edits(change) for change in changes))
    return spliced if padded == text else spliced.removesuffix(newline)


def _selector_changes(document: PixiDocument, plan: RewritePlan) -> Iterator[_ListChange]:
    for environment in document.environments:
        for subdir, selectors in environment.selectors.items():
            records = plan.solutions.get((environment.name, subdir))
            if records is not None:
                yield _selector_change(document.version, selectors, records)


def _selector_change(version: int, selectors: ItemList, records: tuple[Record, ...]) -> _ListChange:
    before = {item.location for item in selectors.items if item.is_archive}
    after = {record.url for record in records}
    added = [
        _NewItem(key=selector_key(version, PackageKind.CONDA, url), text=entry_text({"conda": url}))
        for url in after - before
    ]
    keys = [selector_key(version, item.kind, item.location) for item in selectors.items]
    return _ListChange(items=selectors, keys=keys, removed=before - after, added=added)


def _entry_change(document: PixiDocument, plan: RewritePlan) -> _ListChange:
    version, entries = document.version, document.packages
    present = {item.location for item in entries.items}
    texts = {url: write_entry(record) for url, record in plan.written.items()}
    added = [
        _NewItem(key=entry_key(version, PackageKind.CONDA, url, plan.written[url].name), text=text)
        for url, text in texts.items()
        if url not in present
    ]
    return _ListChange(
        items=entries,
        keys=[entry_key(version, item.kind, item.location, item.name) for item in entries.items],
        removed=_no_longer_used(document, plan),
        replaced={url: text for url, text in texts.items() if url in present},
        added=added,
    )


def _no_longer_used(document: PixiDocument, plan: RewritePlan) -> frozenset[str]:
    lists = {
        (environment.name, subdir): {item.location for item in selectors.items}
        for environment in document.environments
        for subdir, selectors in environment.selectors.items()
    }
    wanted = {pair: {record.url for record in records} for pair, records in plan.solutions.items()}
    still_used = {nested.location for item in document.packages.items for nested in nested_items(item)}
    return frozenset().union(*lists.values()).difference(still_used, *{**lists, **wanted}.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Splicer:
    """Makes the edits for a text whose last line has an end."""

    text: str
    path: str
    newline: str

    def edits(self, change: _ListChange) -> Iterator[Edit]:
        """Yield the edits for *change*; none if nothing changes."""
        gone = [item for item in change.items.items if change.is_removed(item)]
        if not (gone or change.replaced or change.added):
            return
        if change.items.node.flow:
            yield self._filled(change)
        elif len(gone) == len(change.items.items) and not change.added:
            yield self._emptied(change.items)
        else:
            yield from (Edit(self._block(item), "") for item in gone)
            yield from self._replacements(change)
            yield from self._insertions(change)

    def _filled(self, change: _ListChange) -> Edit:
        """An empty list stands as `[]` on the line of its key; its first items are written below, as pixi indents."""
        key, node = change.items.key, change.items.node
        indent = self.text[self._line_start(key.start) : key.start]
        if node.items or indent.strip(" "):
            raise self._not_in_lines(node.line)
        items = "".join(self._indented(item.text, f"{indent}- ") for item in sorted(change.added, key=_key))
        return Edit(Span(key.end, node.end), f":{self.newline}{items.removesuffix(self.newline)}")

    def _emptied(self, items: ItemList) -> Edit:
        return Edit(Span(items.key.end, self._block(items.items[-1]).end), f": []{self.newline}")

    def _replacements(self, change: _ListChange) -> Iterator[Edit]:
        for item in change.items.items:
            if item.is_archive and item.location in change.replaced:
                text = self._indented(change.replaced[item.location], self._bullet(item))
                yield Edit(self._block(item), text)

    def _insertions(self, change: _ListChange) -> Iterator[Edit]:
        items = change.items.items
        for new in sorted(change.added, key=_key):
            index = next((index for index, key in enumerate(change.keys) if key > new.key), len(items))
            # Behind the item before it rather than in front of the next, whose comment may stand above it.
            neighbour = items[max(index - 1, 0)]
            offset = self._block(neighbour).end if index else self._block(neighbour).start
            yield Edit(Span(offset, offset), self._indented(new.text, self._bullet(neighbour)))

    def _block(self, item: Item) -> Span:
        """The lines of *item*, from its dash to the end of its last value's line."""
        start = self._line_start(item.node.start)
        self._bullet(item)
        return Span(start, self.text.index("\n", item.node.end - 1) + 1)

    def _bullet(self, item: Item) -> str:
        start = item.node.start
        bullet = self.text[self._line_start(start) : start]
        if not _BULLET.fullmatch(bullet):
            raise self._not_in_lines(item.node.line)
        return bullet

    def _indented(self, text: str, bullet: str) -> str:
        first, *others = text.removeprefix("- ").removesuffix("\n").split("\n")
        lines = [bullet + first, *(" " * len(bullet) + line.removeprefix("  ") for line in others)]
        return "".join(line + self.newline for line in lines)

    def _line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def _not_in_lines(self, line: int) -> LockError:
        return LockError(
            "this list is not laid out with one package a line, so condabot cannot change it: run `pixi lock`",
            path=self.path,
            line=line,
        )


def _key(item: _NewItem) -> Key:
    return item.key
