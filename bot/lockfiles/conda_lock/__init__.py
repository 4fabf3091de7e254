"""`conda-lock.yml`, version 1 (CEP 37): read, and rewritten changing only the lines that must.

A rewrite keeps a law: read again, the text holds exactly the planned packages, categories and content hashes for the
platforms that were solved anew, and for everything else what it held before.

A lock has one environment, `default`. The content hash vouches for the source files; only conda-lock can compute it,
so whoever changes them asks for it and calls `relock`.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from bot.errors import LockError, RewriteRefused, SpecError
from bot.lockfiles.base import Solutions
from bot.lockfiles.conda_lock.categories import categorise
from bot.lockfiles.conda_lock.document import CONDA, PIP, VERSION, CondaLockDocument, EntryKey, read_document
from bot.lockfiles.conda_lock.entries import read_pypi_package, read_record
from bot.lockfiles.conda_lock.splice import Change, splice
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Lock, LockedEnvironment, LockFormat, PypiPackage, Record

__all__ = ["ENVIRONMENT", "CondaLock", "Requested", "content_hashes", "obstacle", "relock"]

ENVIRONMENT: Final = "default"
"""The name of the one environment of a lock."""

Requested = Mapping[Subdir, Mapping[PackageName, AbstractSet[str]]]
"""What the sources ask for on each platform, and the categories that they ask for it in."""

_SUFFIXES = ("conda-lock.yml", "conda-lock.yaml")


class CondaLock:
    """The format `conda-lock.yml`, of version 1."""

    name = LockFormat.CONDA_LOCK

    def matches(self, path: str) -> bool:
        """Tell whether the name of *path* ends in `conda-lock.yml` or `conda-lock.yaml`."""
        return path.rpartition("/")[2].endswith(_SUFFIXES)

    def paths_beside(self, manifest_path: str) -> tuple[str, ...]:
        """Return nothing: a lock names its sources itself (`Lock.sources`), whatever lies beside it."""
        del manifest_path
        return ()

    def parse(self, path: str, text: str) -> Lock:
        """Return what *text* locks. *path* is kept in the lock and named in errors.

        Raises:
            LockError: it is no `conda-lock.yml` of version 1.

        """
        return _lock_of(read_document(path, text))

    def rewrite(self, lock: Lock, text: str, solutions: Solutions) -> str:
        """Return *text* with the records of *solutions*, for sources that did not change: the content hashes stay.

        New packages get the categories of what needs them.

        Raises:
            LockError, RewriteRefused: as for `relock`.

        """
        document = read_document(lock.path, text)
        requested = {subdir: _categories(document, subdir) for _, subdir in solutions}
        return relock(lock, text, solutions, requested=requested, content_hash={})


def relock(
    lock: Lock, text: str, solutions: Solutions, *, requested: Requested, content_hash: Mapping[Subdir, str]
) -> str:
    """Return *text*, from which *lock* was parsed, with *solutions* locked and *content_hash* in place of the old.

    Raises:
        LockError: the lock does not have one of the platforms, locks pip packages, or is not laid out line by line;
            a record has no md5 hash, which conda-lock needs.
        RewriteRefused: *text* is not what *lock* was parsed from, *requested* does not account for a package, a URL
            has two hashes, or the result does not read back as planned.

    """
    document = read_document(lock.path, text)
    if _lock_of(document) != lock:
        raise RewriteRefused(f"{lock.path} is not the text that its lock was read from")
    change = _change(document, solutions, requested, content_hash)
    try:
        rewritten = splice(text, document, change)
    except SpecError as error:
        raise LockError(error.message, path=lock.path) from error
    _require_planned(document, rewritten, change)
    return rewritten


def content_hashes(lock: Lock, text: str) -> Mapping[Subdir, str]:
    """Return the content hash of each platform in *text*, from which *lock* was parsed.

    Raises:
        LockError: *text* is no `conda-lock.yml` of version 1.

    """
    return {subdir: node.text for subdir, node in read_document(lock.path, text).content_hash.items()}


def obstacle(lock: Lock) -> str | None:
    """Return in one sentence what in *lock* keeps condabot from refreshing it; None if nothing does."""
    environment = lock.environments[0]
    if names := sorted({package.name for packages in environment.pypi.values() for package in packages}):
        shown = ", ".join(names[:3]) + (", …" if len(names) > len(names[:3]) else "")
        return f"it locks pip packages ({shown}), which only conda-lock itself can resolve"
    if secret := [channel for channel in environment.channels if "$" in channel]:
        return f"its channel {secret[0]} takes credentials from environment variables"
    return None


def _lock_of(document: CondaLockDocument) -> Lock:
    conda: dict[Subdir, dict[str, Record]] = {subdir: {} for subdir in document.platforms}
    pypi: dict[Subdir, dict[str, PypiPackage]] = {subdir: {} for subdir in document.platforms}
    for entry in document.entries:
        if entry.manager == PIP:
            pypi[entry.subdir].setdefault(entry.url, read_pypi_package(entry))
        else:
            conda[entry.subdir].setdefault(entry.url, read_record(entry))
    environment = LockedEnvironment(
        name=ENVIRONMENT,
        channels=document.channels,
        conda={subdir: tuple(records.values()) for subdir, records in conda.items()},
        pypi={subdir: tuple(packages.values()) for subdir, packages in pypi.items()},
    )
    return Lock(
        path=document.path,
        format=LockFormat.CONDA_LOCK,
        version=VERSION,
        environments=(environment,),
        sources=document.sources,
    )


def _categories(document: CondaLockDocument, subdir: Subdir) -> Mapping[PackageName, frozenset[str]]:
    """What is locked now stands for what was asked for: it keeps its categories and gives them to what it needs."""
    found: dict[PackageName, frozenset[str]] = {}
    for entry in document.entries:
        if entry.manager == CONDA and entry.subdir == subdir:
            name = read_record(entry).name
            found[name] = found.get(name, frozenset()) | {entry.category}
    return found


def _change(
    document: CondaLockDocument, solutions: Solutions, requested: Requested, content_hash: Mapping[Subdir, str]
) -> Change:
    wanted: dict[EntryKey, Record] = {}
    for (name, subdir), records in solutions.items():
        if name != ENVIRONMENT or subdir not in document.platforms:
            raise LockError(f"the lock has no {name} for {subdir}: lock it again", path=document.path)
        wanted |= _wanted(document, subdir, records, requested.get(subdir, {}))
    return Change(subdirs={subdir for _, subdir in solutions}, wanted=wanted, content_hash=content_hash)


def _wanted(
    document: CondaLockDocument,
    subdir: Subdir,
    records: tuple[Record, ...],
    requested: Mapping[PackageName, AbstractSet[str]],
) -> Mapping[EntryKey, Record]:
    if any(entry.manager == PIP and entry.subdir == subdir for entry in document.entries):
        message = f"pip packages are locked on {subdir}, which only conda-lock itself can resolve again"
        raise LockError(message, path=document.path)
    _require_same_hashes(document, records)
    categories = categorise(records, requested)
    for record in records:
        if record.md5 is None:
            raise LockError(f"the channel gives no md5 hash for {record.url}, conda-lock needs one", path=document.path)
        if record.name not in categories:
            raise RewriteRefused(f"{document.path}: nothing on {subdir} asks for {record.name}")
    return {
        (CONDA, record.name, subdir, category): record for record in records for category in categories[record.name]
    }


def _require_same_hashes(document: CondaLockDocument, records: tuple[Record, ...]) -> None:
    known = {entry.url: entry for entry in document.entries}
    for record in records:
        if record.url not in known:
            continue
        old = known[record.url]
        for before, after in ((old.sha256, record.sha256), (old.md5, record.md5)):
            if before and after and before != after:
                message = f"{record.url} has the hash {before} in the lock and {after} in the channel"
                raise RewriteRefused(f"{message}: find out which is right")


def _require_planned(before: CondaLockDocument, text: str, change: Change) -> None:
    try:
        after = read_document(before.path, text)
        _lock_of(after)
    except LockError as error:
        raise RewriteRefused(f"the rewritten {before.path} cannot be read: {error}") from error
    if _facts(after) != _planned_facts(before, change):
        raise RewriteRefused(f"the rewritten {before.path} did not read back as planned")


def _facts(document: CondaLockDocument) -> tuple[object, ...]:
    files = {entry.key: entry.file for entry in document.entries}
    hashes = {subdir: node.text for subdir, node in document.content_hash.items()}
    return files, hashes, document.channels, document.platforms, document.sources


def _planned_facts(before: CondaLockDocument, change: Change) -> tuple[object, ...]:
    kept = {entry.key: entry for entry in before.entries if not change.removes(entry)}
    moved = {
        key: (record.url, record.md5, record.sha256)
        for key, record in change.wanted.items()
        if key not in kept or change.replaces(kept[key])
    }
    hashes = {subdir: node.text for subdir, node in before.content_hash.items()} | dict(change.content_hash)
    files = {key: entry.file for key, entry in kept.items()} | moved
    return files, hashes, before.channels, before.platforms, before.sources
