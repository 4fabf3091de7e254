"""The text of a `conda-lock.yml` with other packages in it, and what conda-lock has to be asked for that.

A rewrite keeps a law: read again, the text holds exactly the planned packages, categories and content hashes for the
platforms that were solved anew, and for everything else what it held before.
"""

from collections.abc import Mapping

from bot.errors import LockError, RewriteRefused, SpecError
from bot.lockfiles.base import Packages, Solutions
from bot.lockfiles.conda_lock.categories import Root
from bot.lockfiles.conda_lock.change import ENVIRONMENT, Inputs, Requested, plan_change, specifiers
from bot.lockfiles.conda_lock.document import CONDA, PIP, VERSION, CondaLockDocument, read_document
from bot.lockfiles.conda_lock.entries import read_pypi_package, read_record
from bot.lockfiles.conda_lock.kind import CONDA_LOCK
from bot.lockfiles.conda_lock.splice import Change, splice
from bot.model.manifest import Subdir
from bot.model.package import Lock, LockedEnvironment, PypiPackage, Record


def relock(lock: Lock, text: str, solutions: Solutions, packages: Packages, inputs: Inputs) -> str:
    """Return *text*, from which *lock* was parsed, with *solutions* and *packages* locked and the hashes of *inputs*.

    Pairs that are not in *packages* keep their pip packages.

    Raises:
        LockError: the lock does not have one of the platforms, or is not laid out line by line; a package has no hash
            that conda-lock needs; pip packages cannot stay as they are.
        RewriteRefused: *text* is not what *lock* was parsed from, *inputs* do not account for a package, a URL has two
            hashes, or the result does not read back as planned.

    """
    document = read_document(lock.path, text)
    if lock_of(document) != lock:
        raise RewriteRefused(f"{lock.path} is not the text that its lock was read from")
    planned = plan_change(document, lock.environments[0], solutions, packages, inputs)
    try:
        rewritten = splice(text, document, planned)
    except SpecError as error:
        raise LockError(error.message, path=lock.path) from error
    _require_planned(document, rewritten, planned)
    return rewritten


def specifiers_of(
    lock: Lock, text: str, solutions: Solutions, packages: Packages, requested: Requested
) -> tuple[str, ...]:
    """Return the version specifiers for which `relock` needs conda-lock's constraints.

    Raises:
        LockError: *text* is no `conda-lock.yml`, or has not one of the platforms.

    """
    return specifiers(read_document(lock.path, text), lock.environments[0], solutions, packages, requested)


def content_hashes(lock: Lock, text: str) -> Mapping[Subdir, str]:
    """Return the content hash of each platform in *text*, from which *lock* was parsed.

    Raises:
        LockError: *text* is no `conda-lock.yml` of version 1.

    """
    return {subdir: node.value for subdir, node in read_document(lock.path, text).content_hash.items()}


def obstacle(lock: Lock) -> str | None:
    """Return in one sentence what in *lock* keeps condabot from refreshing it; None if nothing does."""
    if any("$" in channel for channel in lock.environments[0].channels):
        return "one of its channels takes credentials from environment variables, and condabot fills in none"
    return None


def lock_of(document: CondaLockDocument) -> Lock:
    """Return what *document* locks.

    Raises:
        LockError: an entry lacks a field.

    """
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
        format=CONDA_LOCK,
        version=VERSION,
        environments=(environment,),
        sources=document.sources,
    )


def as_locked(document: CondaLockDocument, subdir: Subdir) -> tuple[Root, ...]:
    """Return what is locked now as what is asked for: it keeps its categories and gives them to what it needs."""
    return tuple(
        Root(name=read_record(entry).name, category=entry.category)
        for entry in document.entries
        if entry.manager == CONDA and entry.subdir == subdir
    )


def _require_planned(before: CondaLockDocument, text: str, change: Change) -> None:
    try:
        after = read_document(before.path, text)
        lock_of(after)
    except LockError as error:
        raise RewriteRefused(f"the rewritten {before.path} cannot be read: {error}") from error
    if _facts(after) != _planned_facts(before, change):
        raise RewriteRefused(f"the rewritten {before.path} did not read back as planned")


def _facts(document: CondaLockDocument) -> tuple[object, ...]:
    files = {entry.key: entry.file for entry in document.entries}
    hashes = {subdir: node.value for subdir, node in document.content_hash.items()}
    return files, hashes, document.channels, document.platforms, document.sources


def _planned_facts(before: CondaLockDocument, change: Change) -> tuple[object, ...]:
    kept = {entry.key: entry for entry in before.entries if not change.removes(entry)}
    moved = {
        key: (record.url, record.md5, record.sha256)
        for key, record in change.wanted.items()
        if key not in kept or change.replaces(kept[key])
    }
    hashes = {subdir: node.value for subdir, node in before.content_hash.items()} | dict(change.content_hash)
    files = {key: entry.file for key, entry in kept.items()} | moved
    return files, hashes, before.channels, before.platforms, before.sources
