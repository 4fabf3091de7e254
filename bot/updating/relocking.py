"""A pull request, and the branch that it is for -> locks that are in step with the merge of both.

First the manifests are merged as git merges them. A lock that both sides changed, or in which somebody left conflict
markers, is merged by what each side moved (`bot.updating.lock_merge`); one that is out of step is brought in step. What
the pull request has nothing to do with stays as it is, unless there is nothing else.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from bot import lockfiles
from bot.config.tables import Export
from bot.edits import conflict_line, conflict_sides
from bot.errors import BadInput, CondabotError
from bot.lockfiles import or_problem, problem_of
from bot.lockfiles.exports import export_of
from bot.model.lock_verdict import LockStanding, LockVerdict
from bot.model.report import Problem
from bot.model.state_diff import StateDiff
from bot.rendering.markdown import is_visible
from bot.rendering.patches import patch
from bot.updating.exports import export_texts
from bot.updating.lock_merge import LockTexts, bring_in_step, merge_lock
from bot.updating.locked import judge_locks
from bot.updating.scan import Scanner
from bot.updating.states import diff_states
from bot.updating.three_way import merge_text

UNTOLD: Final = frozenset({LockStanding.UNREADABLE, LockStanding.NOT_JUDGED})
NOT_WHOLE: Final = "the merge-conflict markers in it are not whole, so that nobody can tell what each side had"
NOT_TOLD: Final = "whether it is in step is not known"
IN_CONFLICT: Final = "is in conflict itself: resolve that first, then the lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The files of a repository: where both sides began, of the branch that it is for, and of the pull request."""

    began: Mapping[str, bytes]
    theirs: Mapping[str, bytes]
    ours: Mapping[str, bytes]

    @property
    def paths(self) -> AbstractSet[str]:
        """Every path that a side has."""
        return self.began.keys() | self.theirs.keys() | self.ours.keys()

    def states(self, path: str) -> tuple[bytes | None, bytes | None, bytes | None]:
        """Return what the file at *path* is: where both began, theirs, ours."""
        return self.began.get(path), self.theirs.get(path), self.ours.get(path)

    def is_both(self, path: str) -> bool:
        """Tell whether both sides changed the file at *path*, and not to the same."""
        began, theirs, ours = self.states(path)
        return theirs not in (began, ours) and ours != began


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocked:
    """What a pull request gets: the new texts of `files`, of which `locks` are locks that were solved.

    It `needs_merge` if they are in step with the merge of both sides alone. `problems` say what could not be done.
    Where nothing had to be, `unjudged` are locks elsewhere of which nobody can tell whether they are in step.
    `diff` is what the locks change against what the pull request has, `patch` the same against what it has or, if it
    needs the merge, against the branch that it is for; empty where no patch can say it.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    locks: tuple[str, ...] = ()
    needs_merge: bool = False
    problems: tuple[Problem, ...] = ()
    unjudged: tuple[str, ...] = ()
    diff: StateDiff = field(default_factory=StateDiff)
    patch: str = ""


async def relock(sides: Sides, scanner: Scanner, committed: Sides | None = None) -> Relocked:
    """Return what brings the locks of a pull request in step.

    Where its last commit left markers in a lock, the sides of what was *committed* there say what each had.
    """
    exports = scanner.reader.exports
    locks = frozenset(path for path in sides.paths if _is_lock(path, sides) and not export_of(path, exports))
    read = (scanner.reader.read(each).manifests for each in (sides.theirs, sides.ours))
    merged, problems = _merged_manifests(sides, {each.path for manifests in read for each in manifests})
    if problems:
        return Relocked(problems=problems)
    work = _Work(
        sides=sides,
        committed=committed,
        scanner=scanner,
        files={**_chosen(sides, sides.paths - merged.keys()), **merged},
        merged_too=frozenset(path for path in merged.keys() | (locks & sides.ours.keys()) if sides.is_both(path)),
    )
    for path in sorted(locks):
        await work.merge(path)
    await work.bring_in_step()
    return work.result()


class _Work:
    """The files of the merge, as far as they are done."""

    def __init__(
        self,
        *,
        sides: Sides,
        committed: Sides | None,
        scanner: Scanner,
        files: dict[str, bytes],
        merged_too: AbstractSet[str],
    ) -> None:
        self._merged_too = merged_too
        self._sides = sides
        self._committed = committed
        self._scanner = scanner
        self._files = files
        self._solved: set[str] = set()
        self._written: set[str] = set()
        self._problems: list[Problem] = []
        self._unjudged: tuple[str, ...] = ()

    async def merge(self, path: str) -> None:
        """Put together what both sides made of the lock at *path*, if they did; first what markers in it say."""
        began, theirs, ours = self._sides.states(path)
        try:
            if ours is not None and conflict_line(ours.decode(errors="replace")):
                await self._resolve(path, ours)
            elif ours is not None and theirs is not None and self._sides.is_both(path):
                await self._merged(path, LockTexts(base=began or b"", ours=ours, theirs=theirs))
        except CondabotError as error:
            self._problems.append(problem_of(path, error))

    async def _resolve(self, path: str, marked: bytes) -> None:
        """Resolve the markers in the lock at *path*: by what was merged there, or else by what they say.

        That is put into the lock as the branch has it, since what git left around markers may be of either side.
        """
        began, theirs, _ = self._sides.states(path)
        base, other, one = self._committed.states(path) if self._committed else (None, None, None)
        if one is not None and other is not None and not conflict_line(one.decode(errors="replace")):
            now = await self._merged(path, LockTexts(base=base or b"", ours=one, theirs=other))
            if theirs not in (None, began, other):
                await self._merged(path, LockTexts(base=began or b"", ours=now, theirs=theirs or b""))
            return
        if (sides := conflict_sides(marked.decode(errors="replace"))) is None:
            raise BadInput(NOT_WHOLE, path=path)
        now = theirs or sides[0].encode()
        for side in sides:
            now = await self._merged(path, LockTexts(base=b"", ours=now, theirs=side.encode()))

    async def _merged(self, path: str, texts: LockTexts) -> bytes:
        found = await merge_lock(self._scanner, self._files, path, texts)
        self._take(path, found)
        return self._files[path]

    async def bring_in_step(self) -> None:
        """Solve the locks that are out of step, and that the pull request has to do with, if there are any."""
        failed = {each.path for each in self._problems}
        stale = [each for each in self._judged(self._files) if each.standing is LockStanding.OUT_OF_STEP]
        stale = [each for each in stale if each.path not in failed and not export_of(each.path, self._exports)]
        before = {each.path: each for each in self._judged(self._sides.theirs)}
        own = [each for each in stale if not _is_same(each, before.get(each.path))]
        for verdict in own if own or self._solved else stale:
            try:
                self._take(verdict.path, await bring_in_step(self._scanner, self._files, verdict.path))
            except CondabotError as error:
                self._problems.append(problem_of(verdict.path, error))
        if not self._solved:
            self._say_what_is_unknown(before)
        self._export()

    def _say_what_is_unknown(self, before: Mapping[str, LockVerdict]) -> None:
        """Say of which locks nobody can tell whether they are in step.

        Those that the change is about are problems. So are all if there is nothing else to say; else they are named.
        """
        failed = {each.path for each in self._problems}
        found = [each for each in self._judged(self._files) if each.path not in failed]
        own = [each for each in found if not _is_same(each, before.get(each.path))]
        about = [each for each in own if each.standing in {*UNTOLD, LockStanding.ORPHANED}]
        untold = [each for each in found if each.standing in UNTOLD]
        about += [each for each in untold if each not in about and self._is_touched(each)]
        is_all = not self._problems and not any(each.standing is LockStanding.IN_STEP for each in found)
        if about or is_all:
            self._problems += map(_not_told, about or untold)
        else:
            self._unjudged = tuple(each.path for each in untold)

    def _is_touched(self, verdict: LockVerdict) -> bool:
        """Tell whether the pull request changes the lock, its manifests, or what *verdict* has as reasons."""
        workspaces = self._scanner.reader.read(self._files).workspaces
        own = (each.manifests for each in workspaces if each.lock and each.lock.path == verdict.path)
        paths = {verdict.path, *(each.manifest for each in verdict.reasons), *(each.path for each in chain(*own))}
        return any(self._files.get(path) != self._sides.theirs.get(path) for path in paths)

    @property
    def _exports(self) -> tuple[Export, ...]:
        return self._scanner.reader.exports

    def _export(self) -> None:
        """Write what is exported from locks that were solved or that the pull request moves, and what both exported."""
        theirs, files = self._sides.theirs, self._files
        odd = {export.lock for path in files if (export := export_of(path, self._exports)) and self._is_odd(path)}
        moved = {each.lock for each in self._exports if files.get(each.lock) != theirs.get(each.lock)}
        locks = {path: files[path].decode() for path in (self._solved | odd | moved) & files.keys()}
        try:
            texts = export_texts(files, self._exports, locks)
        except CondabotError as error:
            self._problems.append(problem_of(min(locks), error))
            return
        self._written |= texts.keys()
        self._files |= {at: text.encode() for at, text in texts.items()}

    def _is_odd(self, path: str) -> bool:
        """Tell whether both sides changed the file at *path*, or it has conflict markers."""
        return self._sides.is_both(path) or conflict_line(self._files[path].decode(errors="replace")) is not None

    def _take(self, path: str, texts: Mapping[str, str]) -> None:
        self._solved.add(path)
        self._written |= texts.keys()
        self._files |= {at: text.encode() for at, text in texts.items()}

    def _judged(self, files: Mapping[str, bytes]) -> tuple[LockVerdict, ...]:
        return judge_locks(files, self._scanner.reader)

    def result(self) -> Relocked:
        """Return what the pull request gets."""
        ours, files = self._sides.ours, self._files
        solved = {path: files[path] for path in sorted(self._written) if ours.get(path) != files[path]}
        if not solved:
            return Relocked(problems=tuple(self._problems), unjudged=self._unjudged)
        plain = {**ours, **solved}
        needs_merge = self._needs_merge(plain)
        both = {path: files[path] for path in sorted(self._merged_too)} if needs_merge else {}
        return Relocked(
            files={**both, **solved},
            locks=tuple(solved),
            needs_merge=needs_merge,
            problems=tuple(self._problems),
            diff=self._diff(plain),
            patch=_patch(self._sides.theirs if needs_merge else ours, solved),
        )

    def _needs_merge(self, plain: Mapping[str, bytes]) -> bool:
        """Tell whether *plain*, the pull request's own files with the new locks, would not do."""
        if any(self._sides.began.get(path) != self._sides.theirs.get(path) for path in self._solved):
            return True
        odd = {each.path for each in self._judged(plain) if each.standing is LockStanding.OUT_OF_STEP}
        return not odd.isdisjoint(self._solved)

    def _diff(self, after: Mapping[str, bytes]) -> StateDiff:
        """Return what changes against the pull request, or where its lock cannot be read, against what it is for."""
        sides = self._sides
        readable = {path: text for path, text in sides.ours.items() if not conflict_line(text.decode(errors="replace"))}
        before = {**after, **{path: readable.get(path) or sides.theirs.get(path, b"") for path in self._solved}}
        before = {path: text for path, text in before.items() if text}
        return diff_states(before, after, self._scanner.reader)


def _is_lock(path: str, sides: Sides) -> bool:
    return any(content is not None and lockfiles.is_lock(path, content) for content in sides.states(path))


def _chosen(sides: Sides, paths: Iterable[str]) -> dict[str, bytes]:
    """Return the files of the merge at *paths* as far as one side alone has changed them; ours where both did."""
    found: dict[str, bytes] = {}
    for path in paths:
        began, theirs, ours = sides.states(path)
        chosen = theirs if ours == began else ours
        if chosen is not None:
            found[path] = chosen
    return found


def _merged_manifests(sides: Sides, paths: Iterable[str]) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    merged: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in sorted(paths):
        found = or_problem(path, lambda: merge_file(*sides.states(path)))  # noqa: B023 -- called at once
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            merged[path] = found
    return merged, tuple(problems)


def merge_file(began: bytes | None, theirs: bytes | None, ours: bytes | None) -> bytes | None:
    """Return a file with the changes of both sides; None if it is not there.

    Raises:
        BadInput: they are in conflict, or both sides changed what is no text.

    """
    if theirs in (began, ours):
        return ours
    if ours == began:
        return theirs
    try:
        texts = None if ours is None or theirs is None else ((began or b"").decode(), ours.decode(), theirs.decode())
    except UnicodeDecodeError:
        texts = None
    merged = merge_text(*texts) if texts else None
    if merged is None:
        raise BadInput(IN_CONFLICT)
    return merged.encode()


def _not_told(verdict: LockVerdict) -> Problem:
    why = "; ".join(dict.fromkeys(reason.sentence for reason in verdict.reasons))
    return Problem(path=verdict.path, line=verdict.reasons[0].line, sentence=f"{NOT_TOLD}: {why}")


def _is_same(verdict: LockVerdict, before: LockVerdict | None) -> bool:
    """Tell whether *before* says the same, apart from lines."""
    return before is not None and _said(verdict) == _said(before)


def _said(verdict: LockVerdict) -> tuple[LockStanding, frozenset[tuple[str, str, str]]]:
    return verdict.standing, frozenset((each.sentence, each.environment, each.platform) for each in verdict.reasons)


def _patch(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    r"""Return the patch, empty where a comment could not carry it as it is: with a `\r`, or with what nobody sees."""
    try:
        old = {path: before[path].decode() for path in after if path in before}
        made = patch(old, {path: text.decode() for path, text in after.items()})
    except UnicodeDecodeError:
        return ""
    return made if is_visible(made) else ""
