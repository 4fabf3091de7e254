"""Splices package entries and content hashes into the text of a `conda-lock.yml`: all other lines stay.

An entry that moves is written in its old place. A new one goes where conda-lock sorts it; in the order of old releases,
which followed the dependencies, to the end of its platform.
"""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bot.edits import Edit, Span, apply_edits
from bot.errors import LockError
from bot.lockfiles.conda_lock.document import CondaLockDocument, Entry, EntryKey
from bot.lockfiles.conda_lock.entries import Planned, write_entry, write_scalar
from bot.model.manifest import Subdir

_BULLET = re.compile(r" *- +")


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
    newline = "\r\n" if "\r\n" in text else "\n"
    padded = text if text.endswith("\n") else text + newline
    splicer = _Splicer(text=padded, document=document, change=change, newline=newline)
    spliced = apply_edits(padded, [*splicer.hashes(), *splicer.entries()])
    return spliced if padded == text else spliced.removesuffix(newline)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Splicer:
    """Makes the edits for a text whose last line has an end."""

    text: str
    document: CondaLockDocument
    change: Change
    newline: str

    def hashes(self) -> Iterator[Edit]:
        """Yield an edit for each content hash that is to be another one."""
        for subdir, digest in self.change.content_hash.items():
            node = self.document.content_hash.get(subdir)
            if node is None:
                message = f"the lock has no content hash for {subdir}: lock it again"
                raise LockError(message, path=self.document.path, key="content_hash")
            if node.text != digest:
                yield Edit(Span(node.start, node.end), write_scalar(digest))

    def entries(self) -> Iterator[Edit]:
        """Yield the edits of the list of packages; none if nothing moves."""
        entries = self.document.entries
        gone = [entry for entry in entries if self.change.removes(entry)]
        added = sorted(self.change.wanted.keys() - {entry.key for entry in entries})
        if self.document.package.flow and (gone or added or any(map(self.change.replaces, entries))):
            yield self._filled(added)
            return
        if gone and len(gone) == len(entries) and not added:
            yield Edit(Span(self.document.package_key.end, self._block(gone[-1]).end), f": []{self.newline}")
            return
        yield from (Edit(self._block(entry), "") for entry in gone)
        yield from (self._replacement(entry) for entry in entries if self.change.replaces(entry))
        yield from (self._insertion(key) for key in added)

    def _filled(self, added: list[EntryKey]) -> Edit:
        """An empty list stands as `[]` on the line of its key; its first entries are written below."""
        if self.document.entries:
            raise self._not_in_lines(self.document.package.line)
        items = "".join(self._written(key, "- ") for key in added)
        span = Span(self.document.package_key.end, self.document.package.end)
        return Edit(span, f":{self.newline}{items.removesuffix(self.newline)}")

    def _replacement(self, entry: Entry) -> Edit:
        return Edit(self._block(entry), self._written(entry.key, self._bullet(entry)))

    def _insertion(self, key: EntryKey) -> Edit:
        index = self._place(key)
        # Behind the entry before it rather than in front of the next, whose comment may stand above it.
        neighbour = self.document.entries[max(index - 1, 0)]
        block = self._block(neighbour)
        offset = block.end if index else block.start
        return Edit(Span(offset, offset), self._written(key, self._bullet(neighbour)))

    def _place(self, key: EntryKey) -> int:
        keys = [entry.key for entry in self.document.entries]
        if keys == sorted(keys):
            return sum(each < key for each in keys)
        manager, _, subdir, _ = key
        alike = [index for index, each in enumerate(keys) if (each[0], each[2]) == (manager, subdir)]
        return alike[-1] + 1 if alike else len(keys)

    def _written(self, key: EntryKey, bullet: str) -> str:
        item = write_entry(self.change.wanted[key], key, sorted_keys=self._has_sorted_keys())
        first, *others = item.removeprefix("- ").removesuffix("\n").split("\n")
        lines = [bullet + first, *(" " * len(bullet) + line.removeprefix("  ") for line in others)]
        return "".join(line + self.newline for line in lines)

    def _has_sorted_keys(self) -> bool:
        keys = list(self.document.entries[0].node.keys) if self.document.entries else ["name", "manager"]
        return keys == sorted(keys)

    def _block(self, entry: Entry) -> Span:
        """The lines of *entry*, from its dash to the end of its last value's line."""
        self._bullet(entry)
        return Span(self._line_start(entry.node.start), self.text.index("\n", entry.node.end - 1) + 1)

    def _bullet(self, entry: Entry) -> str:
        start = entry.node.start
        bullet = self.text[self._line_start(start) : start]
        if not _BULLET.fullmatch(bullet) or entry.node.flow:
            raise self._not_in_lines(entry.node.line)
        return bullet

    def _line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def _not_in_lines(self, line: int) -> LockError:
        message = "the packages are not laid out with one key a line, so condabot cannot change them: lock it again"
        return LockError(message, path=self.document.path, line=line)
