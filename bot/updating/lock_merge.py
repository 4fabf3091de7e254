"""A lock that both sides of a merge changed becomes one that is in step with the merged manifest.

First the moves of both sides are put together (`bot.updating.merging`). Where that is what the manifest asks for and
fits together, nothing is solved. Else the solver brings it in step, and prefers what was put together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot import lockfiles
from bot.errors import BadInput, LockError
from bot.lockfiles import LockChange, LockedWorkspace
from bot.lockfiles.diff import pairs_of
from bot.model.environment import Workspace
from bot.model.lock_verdict import LockStanding, LockVerdict
from bot.model.manifest import Platform
from bot.model.package import Lock, Record, Relocking
from bot.model.report import Problem
from bot.planning.in_step import disagreements
from bot.updating.agreement import judged_pairs
from bot.updating.drive import drive
from bot.updating.locked import judge_locks
from bot.updating.merging import MergedLock, Sides, merge_locks
from bot.updating.read import Reading
from bot.updating.scan import Scanner

NO_DEPENDENCIES = (
    "it keeps no dependencies of its packages, so nobody can tell whether both sides' go together: make it again from "
    "the merged manifest"
)
NOT_SOLVED = "it keeps no dependencies of its packages, so it is not solved here: make it again from its manifest"
UNKNOWN = "nobody can tell before it is installed what {} asks for, where both sides moved packages: lock it again"

UNSOLVED = "nothing that solves is in step with the merged manifest"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockTexts:
    """A lockfile where both sides began (empty if it was not there), and as each has it now."""

    base: bytes
    ours: bytes
    theirs: bytes


async def merge_lock(scanner: Scanner, files: Mapping[str, bytes], path: str, texts: LockTexts) -> Mapping[str, str]:
    """Return the merged lock at *path*, and the new texts of what is rendered from it; *files* are those of the merge.

    Raises:
        BadInput: a side cannot be read, a manifest is in conflict or cannot be read, or nothing solves.
        RewriteRefused: the result would not be what was planned.

    """
    sides = _sides(path, texts)
    if sides.ours.format.relocking is Relocking.NEVER:
        raise LockError(NO_DEPENDENCIES, path=path)
    written = texts.theirs if sides.carrier is sides.theirs else texts.ours
    workspace = _workspace(scanner.reader.read({**files, path: written}), path)
    merged = merge_locks(sides, {each.name: each.solve_group for each in workspace.environments if each.solve_group})
    _require_known(workspace, merged, path)
    text = lockfiles.rewrite(merged.carrier, lockfiles.text_of(path, written), merged.solutions, merged.packages)
    return await bring_in_step(scanner, {**files, path: text.encode()}, path)


async def bring_in_step(scanner: Scanner, files: Mapping[str, bytes], path: str) -> Mapping[str, str]:
    """Return the texts that bring the lock at *path* of *files* in step, itself among them.

    Raises:
        BadInput: it or a manifest cannot be read, or nothing solves.
        RewriteRefused: the result would not be what was planned.

    """
    reader = scanner.reader
    reading = reader.read(files)
    there = {path: files[path].decode()}
    verdict = _verdict(judge_locks(files, reader), path)
    if verdict.standing not in {LockStanding.IN_STEP, LockStanding.OUT_OF_STEP, LockStanding.NOT_JUDGED}:
        raise LockError("; ".join(each.sentence for each in verdict.reasons), path=path)
    lock = _workspace(reading, path).lock
    if verdict.standing is not LockStanding.OUT_OF_STEP and lock is not None:
        if lock.format.is_complete:
            return there
        if _fits(_workspace(reading, path), lock):
            return {**there, **await _rehashed(scanner, reading.locked[path], lock)}
    if lock is not None and lock.format.relocking is Relocking.NEVER:
        raise LockError(NOT_SOLVED, path=path)
    report = await scanner.relock(files, path)
    if not report.proposals:
        why = "; ".join(each.sentence for each in report.problems)
        raise LockError(f"{UNSOLVED}: {why}" if why else UNSOLVED, path=path)
    return {**there, **{at: text for each in report.proposals for at, text in each.files.items()}}


async def _rehashed(scanner: Scanner, locked: LockedWorkspace, lock: Lock) -> Mapping[str, str]:
    """Return the texts of a lock that quotes a hash of its sources, and what is rendered from it, for these sources."""
    solutions = {pair: _records(lock, *pair) for pair in pairs_of(lock)}
    return await drive(locked.write(LockChange(solutions=solutions)), scanner.hasher.content_hashes)


def _sides(path: str, texts: LockTexts) -> Sides:
    """Return the three states; a beginning that cannot be read, as one that git made up, is none."""
    try:
        base = lockfiles.parse(path, texts.base) if texts.base else None
    except BadInput:
        base = None
    return Sides(base=base, ours=lockfiles.parse(path, texts.ours), theirs=lockfiles.parse(path, texts.theirs))


def _workspace(reading: Reading, path: str) -> Workspace:
    found = next((each for each in reading.workspaces if each.lock and each.lock.path == path), None)
    if found is None:
        raise LockError("; ".join(_sentences(reading.problems, path)) or "no manifest is there for it", path=path)
    return found


def _sentences(problems: Iterable[Problem], path: str) -> Iterable[str]:
    return (each.sentence if each.path == path else str(each) for each in problems)


def _require_known(workspace: Workspace, merged: MergedLock, path: str) -> None:
    """Refuse what could not be judged: both sides moved packages where nobody knows what is asked for."""
    declared = {(each.name, platform.name) for each in workspace.environments for platform in each.platforms}
    moved = {*merged.solutions, *merged.packages} & (declared - set(judged_pairs(workspace)))
    if moved:
        raise LockError(UNKNOWN.format(", ".join(sorted({name for name, _ in moved}))), path=path)


def _verdict(verdicts: Iterable[LockVerdict], path: str) -> LockVerdict:
    return next(each for each in verdicts if each.path == path)


def _fits(workspace: Workspace, lock: Lock) -> bool:
    """Tell whether what *lock* holds goes together and is needed, by what it keeps of dependencies."""
    return not any(
        disagreements(environment, platform, _of_platform(lock, environment.name, platform))
        for environment in workspace.environments
        for platform in environment.platforms
    )


def _of_platform(lock: Lock, name: str, platform: Platform) -> tuple[Record, ...]:
    return _records(lock, name, platform.name)


def _records(lock: Lock, name: str, platform: str) -> tuple[Record, ...]:
    environment = lock.environment(name)
    return next((of for at, of in environment.conda.items() if at == platform), ()) if environment else ()
