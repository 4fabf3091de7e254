"""`pixi.lock`, versions 6 and 7: read, and rewritten in the version found, changing only the lines that must.

A rewrite keeps a law: read again, the text holds exactly the planned records for the pairs that were solved anew, and
for everything else what it held before.
Source: `rattler_lock` in conda/rattler, the library that pixi reads and writes its lock with.
"""

from collections.abc import Mapping

from bot.errors import LockError, RewriteRefused
from bot.lockfiles.base import Solutions
from bot.lockfiles.pixi_lock.document import read_document
from bot.lockfiles.pixi_lock.plan import RewritePlan, plan_rewrite, planned_lock, sorted_lock
from bot.lockfiles.pixi_lock.reading import RecordsByUrl, lock_of, records_of
from bot.lockfiles.pixi_lock.splice import splice
from bot.model.package import Lock, LockFormat, Record

_MANIFEST_NAMES = ("pixi.toml", "pyproject.toml")


class PixiLock:
    """The format `pixi.lock`, of versions 6 and 7."""

    name = LockFormat.PIXI_LOCK

    def matches(self, path: str) -> bool:
        """Tell whether *path* is a `pixi.lock`."""
        return path.rpartition("/")[2] == self.name

    def paths_beside(self, manifest_path: str) -> tuple[str, ...]:
        """Return the path of the lock beside a `pixi.toml` or `pyproject.toml`; the name cannot be chosen."""
        folder, slash, name = manifest_path.rpartition("/")
        return (f"{folder}{slash}{self.name}",) if name in _MANIFEST_NAMES else ()

    def parse(self, path: str, text: str) -> Lock:
        """Return what *text* locks. *path* is kept in the lock and named in errors.

        Raises:
            LockError: it is no `pixi.lock` of version 6 or 7.

        """
        document = read_document(path, text)
        return lock_of(document, records_of(document))

    def rewrite(self, lock: Lock, text: str, solutions: Solutions) -> str:
        """Return *text*, from which *lock* was parsed, with the records of *solutions* locked for their pairs.

        Raises:
            LockError: the lock does not have one of the pairs, builds packages from source there, or is not laid out
                line by line.
            RewriteRefused: *text* is not what *lock* was parsed from, the solutions contradict the lock or each
                other, or the result does not read back as planned.

        """
        document = read_document(lock.path, text)
        records = records_of(document)
        if lock_of(document, records) != lock:
            raise RewriteRefused(f"{lock.path} is not the text that its lock was read from")
        plan = plan_rewrite(lock, _one_of_each(lock, records), solutions)
        rewritten = splice(text, document, plan)
        self._check(rewritten, lock, plan)
        return rewritten

    def _check(self, text: str, lock: Lock, plan: RewritePlan) -> None:
        try:
            after = self.parse(lock.path, text)
        except LockError as error:
            raise RewriteRefused(f"the rewritten {lock.path} cannot be read: {error}") from error
        if sorted_lock(after) != planned_lock(lock, plan):
            raise RewriteRefused(f"the rewritten {lock.path} did not read back as planned")


def _one_of_each(lock: Lock, records: RecordsByUrl) -> Mapping[str, Record]:
    for url, several in records.items():
        if len(several) > 1:
            raise LockError(
                f"{url} has {len(several)} entries, as in locks that were made from an old version: run `pixi lock`",
                path=lock.path,
                key="packages",
            )
    return {url: record for url, (record,) in records.items()}
