"""Splices package entries and content hashes into the text of a `conda-lock.yml`: all other lines stay.

An entry that moves is written in its old place. A new one goes where conda-lock sorts it; in the order of old releases,
which followed the dependencies, to the end of its platform.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from bot.edits import Edit
from bot.errors import LockError
from bot.lockfiles.conda_lock.document import CondaLockDocument, Entry, EntryKey
from bot.lockfiles.conda_lock.entries import Planned, write_entry, write_scalar
from bot.model.manifest import Subdir
from bot.yaml.lists import Layout, ListChange, NewItem, splice_lists

_LAYOUT: Final = Layout(
    refusal="the packages are not laid out with one key a line, so condabot cannot change them: lock it again",
    flow_items=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different: some content hashes, and all entries of the managers and platforms in `renewed`."""

    renewed: AbstractSet[tuple[str, Subdir]]
    wanted: Mapping[EntryKey, Planned]
    content_hash: Mapping[Subdir, str]

    def removes(self, entry: Entry) -> bool:
        """Tell whether *entry* goes."""
        return (entry.manager, entry.subdir) in self.renewed and entry.key not in self.wanted

    def replaces(self, entry: Entry) -> bool:
        """Tell whether *entry* gets another package file."""
        return entry.key in self.wanted and self.wanted[entry.key].url != entry.url


def splice(text: str, document: CondaLockDocument, change: Change) -> str:
    """Return *text*, which was read as *document*, with *change*; the rest is the same characters.

    Raises:
        LockError: an entry that must change is not laid out line by line, or a platform has no content hash.
        SpecError: a record depends on something that is no match spec.

    """
    return splice_lists(text, [_package_change(document, change)], _LAYOUT, _hash_edits(document, change))


def _hash_edits(document: CondaLockDocument, change: Change) -> Iterator[Edit]:
    """Yield an edit for each content hash that is to be another one."""
    for subdir, digest in change.content_hash.items():
        node = document.content_hash.get(subdir)
        if node is None:
            message = f"the lock has no content hash for {subdir}: lock it again"
            raise LockError(message, path=document.path, key="content_hash")
        if node.value != digest:
            yield Edit(node.span, write_scalar(digest))


def _package_change(document: CondaLockDocument, change: Change) -> ListChange:
    entries = document.entries
    keys = [entry.key for entry in entries]
    sorted_keys = _has_sorted_keys(document)

    def written(key: EntryKey) -> str:
        return write_entry(change.wanted[key], key, sorted_keys=sorted_keys)

    return ListChange(
        key=document.package_key,
        node=document.package,
        removed={index for index, entry in enumerate(entries) if change.removes(entry)},
        replaced={index: written(entry.key) for index, entry in enumerate(entries) if change.replaces(entry)},
        added=[NewItem(index=_place(key, keys), text=written(key)) for key in sorted(change.wanted.keys() - set(keys))],
    )


def _place(key: EntryKey, keys: list[EntryKey]) -> int:
    """Return the index in front of which the entry *key* goes, in a list of *keys*."""
    if keys == sorted(keys):
        return sum(each < key for each in keys)
    manager, _, subdir, _ = key
    alike = [index for index, each in enumerate(keys) if (each[0], each[2]) == (manager, subdir)]
    return alike[-1] + 1 if alike else len(keys)


def _has_sorted_keys(document: CondaLockDocument) -> bool:
    """Tell whether the keys of an entry are sorted, as old releases write them."""
    keys = list(document.entries[0].node.keys) if document.entries else ["name", "manager"]
    return keys == sorted(keys)
