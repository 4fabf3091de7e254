"""`conda-linux-64.lock` beside a `conda-lock.yml`: the same packages for one platform, as conda-lock renders them.

conda-lock renders the categories `main` and `dev`, in the order of `conda`'s own topological sort, and quotes the
content hash in a comment. Source: `render_lockfile_for_platform` of conda-lock 4.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.errors import LockError
from bot.lockfiles import explicit
from bot.lockfiles.conda_lock.document import CONDA, MAIN, CondaLockDocument, Entry, read_document
from bot.lockfiles.conda_lock.entries import read_record
from bot.model.manifest import Subdir
from bot.versioning.records import name_in

_CATEGORIES: Final = frozenset({MAIN, "dev"})


def render_again(path: str, text: str, *, lock_path: str, before: str, after: str) -> str:
    """Return *text*, the file at *path* rendered from the lock *before*, as rendered from the lock *after*.

    Raises:
        LockError: one of them cannot be read, or *text* was not rendered from *before*.
        RewriteRefused: the result would not be what was planned.

    """
    lock = explicit.parse(path, text)
    (platform,) = lock.environments[0].platforms
    subdir = lock.subdir(platform)
    old, new = read_document(lock_path, before), read_document(lock_path, after)
    urls = [record.url for record in lock.environments[0].conda[platform]]
    expected = [entry.url for entry in _in_order(_rendered(old, subdir))]
    if explicit.locks_pip_packages(text) or sorted(urls) != sorted(expected):
        raise LockError(f"it is not what {lock_path} renders to: render it again", path=path)
    records = tuple(read_record(entry) for entry in _in_order(_rendered(new, subdir)))
    if urls != expected:
        solved = {(explicit.ENVIRONMENT, platform): records}
        rewritten = explicit.rewrite(lock, text, solved)
    else:
        rewritten = explicit.write(lock, text, records)
    if subdir not in new.content_hash:
        raise LockError(f"{lock_path} has no content hash for {subdir}: lock it again", path=path)
    return explicit.with_input_hash(rewritten, new.content_hash[subdir].value)


def _rendered(document: CondaLockDocument, subdir: Subdir) -> Iterator[Entry]:
    seen: set[str] = set()
    for entry in document.entries:
        wanted = entry.manager == CONDA and entry.subdir == subdir and entry.category in _CATEGORIES
        if wanted and entry.url not in seen:
            seen.add(entry.url)
            yield entry


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Sort as conda does: all that need nothing more, by name, then again; in a circle, what needs least goes first."""
    by_name = {entry.name: entry for entry in entries}
    waiting = {name: {name_in(each) for each in entry.depends} - {name} for name, entry in by_name.items()}
    waiting.get("python", set()).discard("pip")
    waiting |= {name: set() for needs in list(waiting.values()) for name in needs if name not in waiting}
    ordered: list[str] = []
    while waiting:
        free = sorted(name for name, needs in waiting.items() if not needs)
        free = free or [min(waiting, key=lambda name: (len(waiting[name]), name))]
        ordered += free
        waiting = {name: needs.difference(free) for name, needs in waiting.items() if name not in free}
    return [by_name[name] for name in ordered if name in by_name]
