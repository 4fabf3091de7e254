"""`pixi.lock`, versions 6 and 7: read, and rewritten in the version found, changing only the lines that must.

A rewrite keeps a law: read again, the text holds exactly the planned records for the pairs that were solved anew, and
for everything else what it held before.
Source: `rattler_lock` in conda/rattler, the library that pixi reads and writes its lock with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.errors import LockError, RewriteRefused
from bot.lockfiles.base import (
    NO_PACKAGES,
    Given,
    HashProgram,
    LockChange,
    LockedWorkspace,
    Locks,
    Packages,
    Pair,
    Solutions,
    at_once,
    or_problem,
)
from bot.lockfiles.guards import text_of
from bot.lockfiles.pixi_lock.document import PixiDocument, read_document
from bot.lockfiles.pixi_lock.framing import framed
from bot.lockfiles.pixi_lock.kind import PIXI_LOCK
from bot.lockfiles.pixi_lock.own_packages import holds_package_of, lock_with, own_needs, text_with
from bot.lockfiles.pixi_lock.plan import Known, plan_rewrite, planned_lock, sorted_lock
from bot.lockfiles.pixi_lock.platforms import (
    WrittenNames,
    as_written,
    frame_as_written,
    moved_rows,
    names_with_new,
    new_rows,
    with_moved,
    with_names_of_manifest,
    written_names,
)
from bot.lockfiles.pixi_lock.pypi_entries import pypi_packages_of
from bot.lockfiles.pixi_lock.reading import RecordsByUrl, lock_of, records_of
from bot.lockfiles.pixi_lock.splice import splice
from bot.lockfiles.pixi_lock.upgrade import VERSION, upgraded_lock, upgraded_text
from bot.model.environment import Workspace
from bot.model.manifest import Manifest
from bot.model.package import Lock, PypiPackage, Record
from bot.model.report import Problem
from bot.workspaces import compose
from bot.workspaces.frame import declared_frame, frame_differences
from bot.workspaces.lock_indexes import declared_indexes, index_differences

__all__ = ["PIXI_LOCK", "PixiLock", "upgraded"]

_MANIFEST_NAMES = ("pixi.toml", "pyproject.toml", "mojoproject.toml")
_Package = TypeVar("_Package", Record, PypiPackage)

_SCRIPTS = (".py", ".pyw")
_SCRIPT_LOCKS = (".py.pixi.lock", ".pyw.pixi.lock")


class PixiLock:
    """The format `pixi.lock`, of versions 6 and 7."""

    kind = PIXI_LOCK

    def matches(self, path: str) -> bool:
        """Tell whether *path* is a `pixi.lock`, or that of a script: `NAME.py.pixi.lock`."""
        name = path.rpartition("/")[2]
        return name == self.kind.name or name.lower().endswith(_SCRIPT_LOCKS)

    def paths_beside(self, manifest_path: str) -> tuple[str, ...]:
        """Return the path of the lock beside a manifest of pixi or a script; the name cannot be chosen."""
        folder, slash, name = manifest_path.rpartition("/")
        if name.lower().endswith(_SCRIPTS):
            return (f"{manifest_path}.{self.kind.name}",)
        return (f"{folder}{slash}{self.kind.name}",) if name in _MANIFEST_NAMES else ()

    def manifests_beside(self, path: str) -> tuple[str, ...]:
        """Return the paths of the manifests that a lock at *path* may belong to, in the order of pixi."""
        folder, slash, _ = path.rpartition("/")
        script = path.removesuffix(f".{self.kind.name}")
        return tuple(
            each
            for each in (*(f"{folder}{slash}{name}" for name in _MANIFEST_NAMES), script)
            if path in self.paths_beside(each)
        )

    def is_read_alone(self, path: str) -> bool:
        """Return False: the lock of a manifest is the one beside it."""
        del path
        return False

    def may_be(self, path: str, *, beside: bool) -> bool:
        """Return False: the name cannot be chosen."""
        del path, beside
        return False

    def is_content(self, path: str, content: bytes) -> bool:
        """Return False, for the same reason."""
        del path, content
        return False

    def parse(self, path: str, text: str) -> Lock:
        """Return what *text* locks. *path* is kept in the lock and named in errors.

        Raises:
            LockError: it is no `pixi.lock` of version 6 or 7.

        """
        document = read_document(path, text)
        return lock_of(document, records_of(document))

    def read(self, given: Given) -> Locks:
        """Return the locks that stand beside manifests; what a manifest declares there is what the lock is for."""
        beside = {manifest.path: self._beside(manifest, given) for manifest in given.manifests}
        return Locks(made={path: made for path, made in beside.items() if made})

    def _beside(self, manifest: Manifest, given: Given) -> LockedWorkspace | Problem | None:
        path = next((each for each in self.paths_beside(manifest.path) if each in given.files), None)
        if path is None:
            return None
        return or_problem(manifest.path, lambda: self._locked_by(path, manifest, given))

    def _locked_by(self, path: str, manifest: Manifest, given: Given) -> LockedWorkspace:
        text = text_of(path, given.files[path])
        lock = self.parse(path, text)
        workspace = compose(manifest, lock, given.resolve, now=given.now)
        names = written_names(workspace)
        named = with_moved(with_names_of_manifest(lock, names), moved_rows(workspace, lock, names))
        return PixiWorkspace(workspace=replace(workspace, lock=named), lock=named, written=lock, text=text, names=names)

    def rewrite(self, lock: Lock, text: str, solutions: Solutions, packages: Packages = NO_PACKAGES) -> str:
        """Return *text*, from which *lock* was parsed, with *solutions* and *packages* locked for their pairs.

        PyPI packages that are no wheels of an index may stay or go, and none comes: nothing here builds them.

        Raises:
            LockError: the lock does not have one of the pairs, builds packages from source there, or is not laid out
                line by line.
            RewriteRefused: *text* is not what *lock* was parsed from, the solutions contradict the lock or each
                other, a new PyPI package is no wheel of an index, or the result does not read back as planned.

        """
        document = read_document(lock.path, text)
        known = _known(document, lock)
        plan = plan_rewrite(lock, known, solutions, packages)
        rewritten = splice(text, document, plan)
        _require(rewritten, planned_lock(lock, plan))
        return rewritten

    def upgraded(self, lock: Lock, text: str) -> str:
        """Return *text*, from which *lock* was parsed, in version 7: see `upgraded`."""
        return upgraded(lock, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class PixiWorkspace:
    """A manifest with the `pixi.lock` beside it, of which `text` is the text.

    `lock` calls platforms as the manifest does; `written` is how they are called in the text, and `names` tells why.
    """

    workspace: Workspace
    lock: Lock
    written: Lock
    text: str
    names: WrittenNames

    def verified(self) -> HashProgram[LockedWorkspace | Problem]:
        """Return this: whether the lock agrees with its manifest a solve tells."""
        return at_once(self)

    def restates(self, manifest: str) -> bool:
        """Tell whether the lock holds the package of *manifest* as a folder, with what it needs."""
        return holds_package_of(self.lock, manifest) and not frame_differences(self.workspace)

    def write(self, change: LockChange) -> HashProgram[Mapping[str, str]]:
        """Return the new text of the lock, for the environments that are declared; errors as for `PixiLock.rewrite`."""
        lock, text, names = self.written, self.text, self.names
        indexes = self._indexes(change.packages)
        if indexes or frame_differences(self.workspace):
            self._require_all_environments()
            moved = moved_rows(self.workspace, lock, names)
            names = names_with_new(self.workspace, lock, names, moved)
            frame = frame_as_written(declared_frame(self.workspace), names)
            rows = new_rows(self.workspace, lock, names)
            held = {(pair[0], names.get(pair, pair[1])): row for pair, row in moved.items()}
            text = framed(text, read_document(lock.path, text), frame, rows, held, indexes)
            lock = PixiLock().parse(lock.path, text)
        solutions = as_written(_to_be_locked(change.solutions, lock), names)
        packages = as_written(_to_be_locked(change.packages, lock), names)
        rewritten = PixiLock().rewrite(lock, text, solutions, packages)
        if needs := own_needs(lock, change.manifests):
            planned = lock_with(needs, PixiLock().parse(lock.path, rewritten))
            rewritten = text_with(needs, lock.path, rewritten)
            _require(rewritten, planned)
        return at_once({lock.path: rewritten})

    def _indexes(self, packages: Packages) -> Mapping[str, tuple[str, ...]]:
        """Return the indexes of the environments that do not have theirs yet and hold, or get, packages of them."""
        locked = {each.name: each for each in self.lock.environments}
        getting = {name for (name, _), several in packages.items() if several}
        without = {name for name in getting if name not in locked or not locked[name].indexes}
        wanting = {*index_differences(self.workspace), *without}
        found = [each for each in self.workspace.environments if each.name in wanting]
        if any(each.pypi_options and each.pypi_options.has_find_links for each in found):
            raise LockError("its find-links are not read: run `pixi lock`", path=self.lock.path)
        return {each.name: declared_indexes(each) for each in found}

    def _require_all_environments(self) -> None:
        """Refuse to write which environments there are where some are not known."""
        if names := [name for fault in self.workspace.faults for name in fault.environments]:
            message = f"its environments are not those of the manifest, of which {', '.join(names)} cannot be judged"
            raise LockError(message, path=self.lock.path)


def upgraded(lock: Lock, text: str) -> str:
    """Return *text*, from which *lock* was parsed, in version 7; it locks the same. One of version 7 stays as it is.

    What version 7 has no field for goes, and so do comments: see `bot.lockfiles.pixi_lock.upgrade`.

    Raises:
        LockError: it has packages that are built from source, or several entries of one URL.
        RewriteRefused: *text* is not what *lock* was parsed from, or the result does not read back as the same.

    """
    document = read_document(lock.path, text)
    known = _known(document, lock)
    if lock.version == VERSION:
        return text
    rewritten = upgraded_text(document, lock, known)
    _require(rewritten, upgraded_lock(lock))
    return rewritten


def _to_be_locked(pairs: Mapping[Pair, tuple[_Package, ...]], lock: Lock) -> Mapping[Pair, tuple[_Package, ...]]:
    """Return *pairs* but for those that have nothing and that *lock* does not have: pixi lists no empty platform."""
    locked = {(each.name, platform) for each in lock.environments for platform in each.platforms}
    return {pair: of for pair, of in pairs.items() if of or pair in locked}


def _require(text: str, planned: Lock) -> None:
    """Refuse *text* if it does not read as *planned*, whatever the order of packages and environments."""
    try:
        after = PixiLock().parse(planned.path, text)
    except LockError as error:
        raise RewriteRefused(f"the rewritten {planned.path} cannot be read: {error}") from error
    if sorted_lock(after) != sorted_lock(planned):
        raise RewriteRefused(f"the rewritten {planned.path} did not read back as planned")


def _known(document: PixiDocument, lock: Lock) -> Known:
    records = records_of(document)
    if lock_of(document, records) != lock:
        raise RewriteRefused(f"{lock.path} is not the text that its lock was read from")
    return Known(records=_one_of_each(lock, records), packages=pypi_packages_of(document))


def _one_of_each(lock: Lock, records: RecordsByUrl) -> Mapping[str, Record]:
    for url, several in records.items():
        if len(several) > 1:
            raise LockError(
                f"{url} has {len(several)} entries, as in locks that were made from an old version: run `pixi lock`",
                path=lock.path,
                key="packages",
            )
    return {url: record for url, (record,) in records.items()}
