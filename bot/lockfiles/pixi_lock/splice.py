"""Splices new selectors and entries into the text of a `pixi.lock`: whole lines go in or out, the others stay."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.lockfiles.base import Pair
from bot.lockfiles.pixi_lock.document import ItemList, PackageKind, PixiDocument, Reference, nested_items
from bot.lockfiles.pixi_lock.entries import write_entry
from bot.lockfiles.pixi_lock.order import ListPlace, entry_place, selector_place
from bot.lockfiles.pixi_lock.plan import RewritePlan
from bot.lockfiles.pixi_lock.pypi_entries import write_pypi_entry
from bot.lockfiles.pixi_lock.scalars import entry_text
from bot.yaml.lists import Layout, ListChange, NewItem, splice_lists

LAYOUT: Final = Layout(
    refusal="this list is not laid out with one package a line, so condabot cannot change it: run `pixi lock`",
    flow_items=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewItem:
    r"""An item to add: its place, and its text as an item that is not indented, lines ending in `\n`."""

    reference: Reference
    place: ListPlace
    text: str


def splice(text: str, document: PixiDocument, plan: RewritePlan) -> str:
    """Return *text*, which was read as *document*, with the packages of *plan*; the rest is the same characters.

    Raises:
        LockError: a list that must change is not laid out line by line.

    """
    return splice_lists(text, [*_selector_changes(document, plan), _entry_change(document, plan)], LAYOUT)


def _selector_changes(document: PixiDocument, plan: RewritePlan) -> Iterator[ListChange]:
    for environment in document.environments:
        for platform, selectors in environment.selectors.items():
            before = {item.reference for item in selectors.items}
            after = _wanted(selectors, plan, (environment.name, platform))
            yield _change(
                selectors,
                places=[selector_place(document.version, *item.reference) for item in selectors.items],
                removed=before - after,
                replaced={},
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


def _entry_change(document: PixiDocument, plan: RewritePlan) -> ListChange:
    version, entries = document.version, document.packages
    present = {item.reference for item in entries.items}
    written = {new.reference: new for new in (*_new_conda_entries(version, plan), *_new_pypi_entries(version, plan))}
    return _change(
        entries,
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
        (environment.name, platform): selectors
        for environment in document.environments
        for platform, selectors in environment.selectors.items()
    }
    used = {item.reference for selectors in lists.values() for item in selectors.items}
    still_used = {nested.reference for item in document.packages.items for nested in nested_items(item)}
    return frozenset(used).difference(still_used, *(_wanted(each, plan, pair) for pair, each in lists.items()))


def _change(
    items: ItemList,
    *,
    places: Sequence[ListPlace],
    removed: Container[Reference],
    replaced: Mapping[Reference, str],
    added: Iterable[_NewItem],
) -> ListChange:
    """Return the change of *items*, of which *places* are the places, by their index in the list."""
    references = [item.reference for item in items.items]
    return ListChange(
        key=items.key,
        node=items.node,
        removed={index for index, reference in enumerate(references) if reference in removed},
        replaced={index: replaced[reference] for index, reference in enumerate(references) if reference in replaced},
        added=[_placed(new, places) for new in sorted(added, key=lambda new: new.place)],
    )


def _placed(new: _NewItem, places: Sequence[ListPlace]) -> NewItem:
    index = next((index for index, place in enumerate(places) if place > new.place), len(places))
    return NewItem(index=index, text=new.text)
