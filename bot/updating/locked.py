"""Whether the locks of a repository are in step with their manifests, told without solving and without network.

Rule 1: what pixi would not take with `--locked` is out of step.
Rule 2: of a `conda-lock.yml` only conda-lock can tell whether its sources are those that it was made from; here it is
in step if it holds what they ask for. Of explicit lists the same is told.
Rule 3: every lock has a verdict; what keeps one from being judged is its reason.
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot import lockfiles
from bot.edits import conflict_line
from bot.lockfiles import or_problem
from bot.model.environment import Workspace
from bot.model.lock_verdict import LockStanding, LockVerdict, Reason
from bot.model.package import Lock
from bot.model.report import Problem
from bot.updating.agreement import differences, judged_pairs, not_judged, other_channels
from bot.updating.exports import export_verdicts, without_exports
from bot.updating.read import Reader, Reading
from bot.workspaces import ResolveChannel

ORPHAN = "no manifest is there that it could be the lock of"
CONFLICT = "here is a merge-conflict marker: `condabot merge-lock` or `/condabot relock` resolves it"


def judge_locks(files: Mapping[str, bytes], reader: Reader) -> tuple[LockVerdict, ...]:
    """Return where each lock among *files* stands, by path, and then what is exported from one.

    *files* are the manifests and locks of a repository at one commit, and what these name
    (`bot.updating.read.relevance`, `bot.updating.read.named`).
    """
    reading = reader.read(files)
    own = without_exports(files, reader.exports)
    workspaces = {each.lock.path: each for each in reading.workspaces if each.lock}
    told = _Told(reading=reading, workspaces=workspaces, resolve=reader.resolve)
    paths = sorted(path for path in own if lockfiles.is_lock(path, files[path]))
    locks = [verdict for path in paths if (verdict := told.verdict(path))]
    return (*locks, *export_verdicts(files, reader.exports))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a repository says, and its workspaces by the path of their lock."""

    reading: Reading
    workspaces: Mapping[str, Workspace]
    resolve: ResolveChannel

    def verdict(self, path: str) -> LockVerdict | None:
        """Return where the lock at *path* stands; None if it is part of another one, with which it is judged."""
        if line := conflict_line(self.reading.files[path].decode(errors="replace")):
            return _verdict(LockStanding.CONFLICTED, Reason(manifest=path, line=line, sentence=CONFLICT), path)
        if workspace := self.workspaces.get(path):
            return self._compared(workspace, path)
        if self._is_part(path):
            return None
        lock = or_problem(path, lambda: lockfiles.parse(path, self.reading.files[path]))
        if isinstance(lock, Problem):
            return _verdict(LockStanding.UNREADABLE, _reason(lock), path)
        return self._without_workspace(lock)

    def _compared(self, workspace: Workspace, path: str) -> LockVerdict:
        """Return how the lock of *workspace* compares with it; whatever goes wrong with that is said of the lock."""
        lock = workspace.lock
        if lock is None:
            raise ValueError(f"{path} is no lock of this workspace")
        found = or_problem(
            path, lambda: (*other_channels(workspace, lock, self.resolve), *differences(workspace, lock))
        )
        if isinstance(found, Problem):
            return _verdict(LockStanding.NOT_JUDGED, _reason(found), path)
        unjudged = tuple(not_judged(workspace))
        standing = LockStanding.NOT_JUDGED if unjudged else LockStanding.IN_STEP
        return LockVerdict(
            path=path,
            standing=LockStanding.OUT_OF_STEP if found else standing,
            reasons=(*dict.fromkeys(found), *unjudged),
            judged=judged_pairs(workspace),
        )

    def _is_part(self, path: str) -> bool:
        """Tell whether the file at *path* is rendered from a lock, or one of the lists that are one lock together."""
        if path in self.reading.parts:
            return True
        sources = self.reading.sources
        alike = {other for other in sources if sources[other] == sources.get(path)}
        return not alike.isdisjoint(self.workspaces) and not any(each.path == path for each in self.reading.problems)

    def _without_workspace(self, lock: Lock) -> LockVerdict:
        """Return where *lock* stands, which can be read and which no workspace has."""
        sources = _named_sources(lock)
        if lock.sources and not any(source in self.reading.files for source in sources):
            missing = ", ".join(sources)
            reason = Reason(manifest=lock.path, sentence=f"it is made from {missing}, which is not there")
            return _verdict(LockStanding.ORPHANED, reason, lock.path)
        if moved := tuple(self._other_platforms(lock)):
            return LockVerdict(path=lock.path, standing=LockStanding.OUT_OF_STEP, reasons=moved)
        if problem := self._problem_of(lock):
            manifests = {each.path for each in self.reading.manifests} | {lock.path}
            is_read = problem.path in manifests
            standing = LockStanding.NOT_JUDGED if is_read else LockStanding.UNREADABLE
            return _verdict(standing, _reason(problem), lock.path)
        told = {each.path: each.sentence for each in self.reading.recognised}
        sentence = told.get(lock.path, ORPHAN)
        return _verdict(LockStanding.ORPHANED, Reason(manifest=lock.path, sentence=sentence), lock.path)

    def _problem_of(self, lock: Lock) -> Problem | None:
        """Return what is said of *lock*, or of a manifest that it may be the lock of."""
        beside = (
            path for path in sorted(self.reading.files) if lockfiles.lock_for(self.reading.files, path) == lock.path
        )
        said = {each.path: each for each in reversed(self.reading.problems)}
        named = {path: self.reading.unmade[path] for path in self.reading.unmade}
        places = (lock.path, *_named_sources(lock), *beside)
        return next((found for path in places if (found := said.get(path) or named.get(path))), None)

    def _other_platforms(self, lock: Lock) -> Iterator[Reason]:
        """Say which of its sources name other platforms than *lock* is for: it has no workspace then."""
        sources = [each for each in self.reading.manifests if each.path in _named_sources(lock)]
        declared = sorted({subdir for each in sources for subdir in each.declarations.platforms})
        locked = sorted({lock.subdir(name) for each in lock.environments for name in each.platforms})
        if declared and declared != locked:
            sentence = f"it is locked for {', '.join(locked) or 'nothing'}, but its sources name {', '.join(declared)}"
            yield Reason(manifest=sources[0].path, sentence=sentence)


def _named_sources(lock: Lock) -> tuple[str, ...]:
    folder = posixpath.dirname(lock.path)
    return tuple(posixpath.normpath(posixpath.join(folder, each)) for each in lock.sources)


def _verdict(standing: LockStanding, reason: Reason, path: str) -> LockVerdict:
    return LockVerdict(path=path, standing=standing, reasons=(reason,))


def _reason(problem: Problem) -> Reason:
    return Reason(manifest=problem.path, line=problem.line, sentence=problem.sentence.rstrip("."))


def unreadable(problem: Problem) -> LockVerdict:
    """Return the verdict on a lock of which *problem* kept even the bytes away."""
    return _verdict(LockStanding.UNREADABLE, _reason(problem), problem.path)
