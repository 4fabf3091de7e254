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
from bot.lockfiles.base import Pair
from bot.lockfiles.pixi_lock.document import Item, ItemList, PackageKind, PixiDocument, Reference, nested_items
from bot.lockfiles.pixi_lock.entries import write_entry
from bot.lockfiles.pixi_lock.order import ListPlace, entry_place, selector_place
from bot.lockfiles.pixi_lock.plan import RewritePlan
from bot.lockfiles.pixi_lock.pypi_entries import write_pypi_entry
from bot.lockfiles.pixi_lock.scalars import entry_text

_BULLET = re.compile(r" *- +")


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewItem:
    r"""An item to add: its place, and its text as an item that is not indented, lines ending in `\n`."""

    reference: Reference
    place: ListPlace
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListChange:
    """What changes in a list: `places` are those of its items, `replaced` maps items to new texts."""

    items: ItemList
    places: Sequence[ListPlace]
    removed: Container[Reference] = frozenset()
    replaced: Mapping[Reference, str] = field(default_factory=dict)
    added: Sequence[_NewItem] = ()


def splice(text: str, document: PixiDocument, plan: RewritePlan) -> str:
    """Return *text*, which was read as *document*, with the packages of *plan*; the rest is the same characters.

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
            before = {item.reference for item in selectors.items}
            after = _wanted(selectors, plan, (environment.name, subdir))
            yield _ListChange(
                items=selectors,
                places=[selector_place(document.version, *item.reference) for item in selectors.items],
                removed=before - after,
                added=[_new_selector(document.version, reference) for reference in after - before],
            )


def _new_selector(version: int, reference: Reference) -> _NewItem:
    kind, location = reference
    text = entry_text({kind.value: location})
    return _NewItem(reference=reference, place=selector_place(version, kind, location), text=text)


def _wanted(selectors: ItemList, plan: RewritePlan, pair: Pair) -> frozenset[Reference]:
    """Return what a list of selectors will name: what was solved anew, and what is left of the rest."""
    kept = {item.reference for item in selectors.items}
    wanted: set[Reference] = set()
    if (records := plan.solutions.get(pair)) is not None:
        kept -= {item.reference for item in selectors.items if item.is_archive}
        wanted |= {(PackageKind.CONDA, record.url) for record in records}
    if (packages := plan.pypi.packages.get(pair)) is not None:
        kept -= {item.reference for item in selectors.items if item.kind is PackageKind.PYPI}
        wanted |= {(PackageKind.PYPI, package.url) for package in packages}
    return frozenset(kept | wanted)


def _entry_change(document: PixiDocument, plan: RewritePlan) -> _ListChange:
    version, entries = document.version, document.packages
    present = {item.reference for item in entries.items}
    written = {new.reference: new for new in (*_new_conda_entries(version, plan), *_new_pypi_entries(version, plan))}
    return _ListChange(
        items=entries,
        places=[entry_place(version, *item.reference, item.name, item.version) for item in entries.items],
        removed=_no_longer_used(document, plan),
        replaced={reference: new.text for reference, new in written.items() if reference in present},
        added=[new for reference, new in written.items() if reference not in present],
    )


def _new_conda_entries(version: int, plan: RewritePlan) -> Iterator[_NewItem]:
    for url, record in plan.written.items():
        reference = (PackageKind.CONDA, url)
        place = entry_place(version, *reference, record.name, record.version)
        yield _NewItem(reference=reference, place=place, text=write_entry(record))


def _new_pypi_entries(version: int, plan: RewritePlan) -> Iterator[_NewItem]:
    for url, package in plan.pypi.written.items():
        reference = (PackageKind.PYPI, url)
        place = entry_place(version, *reference, package.name, package.version)
        yield _NewItem(reference=reference, place=place, text=write_pypi_entry(package))


def _no_longer_used(document: PixiDocument, plan: RewritePlan) -> frozenset[Reference]:
    lists = {
        (environment.name, subdir): selectors
        for environment in document.environments
        for subdir, selectors in environment.selectors.items()
    }
    used = {item.reference for selectors in lists.values() for item in selectors.items}
    still_used = {nested.reference for item in document.packages.items for nested in nested_items(item)}
    return frozenset(used).difference(still_used, *(_wanted(each, plan, pair) for pair, each in lists.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Splicer:
    """Makes the edits for a text whose last line has an end."""

    text: str
    path: str
    newline: str

    def edits(self, change: _ListChange) -> Iterator[Edit]:
        """Yield the edits for *change*; none if nothing changes."""
        gone = [item for item in change.items.items if item.reference in change.removed]
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
        items = "".join(self._indented(item.text, f"{indent}- ") for item in sorted(change.added, key=_place))
        return Edit(Span(key.end, node.end), f":{self.newline}{items.removesuffix(self.newline)}")

    def _emptied(self, items: ItemList) -> Edit:
        return Edit(Span(items.key.end, self._block(items.items[-1]).end), f": []{self.newline}")

    def _replacements(self, change: _ListChange) -> Iterator[Edit]:
        for item in change.items.items:
            if item.reference in change.replaced:
                text = self._indented(change.replaced[item.reference], self._bullet(item))
                yield Edit(self._block(item), text)

    def _insertions(self, change: _ListChange) -> Iterator[Edit]:
        items = change.items.items
        for new in sorted(change.added, key=_place):
            index = next((index for index, place in enumerate(change.places) if place > new.place), len(items))
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


def _place(item: _NewItem) -> ListPlace:
    return item.place
