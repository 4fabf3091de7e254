"""A `conda-lock.yml` with its sources: whether it is up to date, and how it follows them.

Rule 1: only conda-lock says whether a lock is up to date. If it does not take the unchanged sources for those of the
lock, then somebody locked with options that are not in the repository, or did not lock again after a change. Where the
lock does not even hold what the sources ask for, it was the latter, and the lock can be brought in step.
Rule 2: what is rendered from a lock beside it (`conda-linux-64.lock`) moves in the same commit.
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from bot.errors import LockError
from bot.lockfiles.base import HashProgram, LockChange, LockedWorkspace
from bot.lockfiles.conda_lock.change import Inputs
from bot.lockfiles.conda_lock.layers import requested
from bot.lockfiles.conda_lock.rendered import render_again
from bot.lockfiles.conda_lock.rewriting import content_hashes, relock, specifiers_of
from bot.manifests.credentials import without_credentials
from bot.model.content_hash import ContentHashes, HashRequest, NotHashed, SourceFile
from bot.model.environment import Workspace
from bot.model.manifest import Subdir
from bot.model.package import Lock
from bot.model.report import Problem
from bot.workspaces import unmet, unneeded

_OWN_INDEXES: Final = re.compile(r"""^["']?(?P<key>pip-repositories|allow-pypi-requests)["']?\s*:""", re.MULTILINE)
_OF_OTHER_SOURCES: Final = (
    "it holds what its sources ask for, but conda-lock does not take them for those that it was made from on "
    "{platforms}: it was locked with options that are not in the repository, or its sources were changed since; lock "
    "it again without options"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayeredWorkspace:
    """A lock with everything that it needs: its text, its sources as they are, and what was rendered from it.

    `sources` are in the order of the lock. `virtual_packages` is a `virtual-packages.yml` beside it. `is_stale` says
    that its sources were changed since: nobody knows what they were.
    """

    workspace: Workspace
    lock: Lock
    text: str
    sources: tuple[SourceFile, ...]
    virtual_packages: SourceFile | None = None
    rendered: Mapping[str, str] = field(default_factory=dict)
    is_stale: bool = False

    def verified(self) -> HashProgram[LockedWorkspace | Problem]:
        """Return this by what conda-lock says of its sources, or why it cannot be refreshed.

        A lock that does not hold what its sources ask for stays: it can be brought in step.
        """
        (result,) = yield (self._question({}),)
        if isinstance(result, NotHashed):
            return self._cannot_follow(result.reason)
        if result.channels != self.lock.environments[0].channels:
            return self._cannot_follow(self._of_other_channels(result))
        stale = self._stale_platforms(result)
        if stale and not (unmet(self.workspace) or unneeded(self.workspace)):
            return self._cannot_follow(_OF_OTHER_SOURCES.format(platforms=", ".join(stale)))
        return replace(self, is_stale=bool(stale), workspace=replace(self.workspace, is_stale=bool(stale)))

    def restates(self, manifest: str) -> bool:
        """Return False: what it is made from it keeps as a hash at most."""
        del manifest
        return False

    def write(self, change: LockChange) -> HashProgram[Mapping[str, str]]:
        """Return the new texts of the lock and of what was rendered from it, by path.

        A platform whose sources did not change keeps its content hash, one without new PyPI packages those it has.

        Raises:
            LockError: conda-lock gives no hashes, a platform changes that was not solved, the lock is stale and a
                source is to change, pip packages come from indexes that were not asked, or the lock cannot be
                rewritten.
            RewriteRefused: the result would not be what was planned.

        """
        self._require_possible(change)
        asked, solved = requested(self.workspace), (change.solutions, change.packages)
        (result,) = yield (self._question(change.manifests, specifiers_of(self.lock, self.text, *solved, asked)),)
        if isinstance(result, NotHashed):
            raise LockError(result.reason, path=self.lock.path)
        inputs = Inputs(
            requested=asked,
            asked_before={} if self.is_stale else asked,
            content_hash=self._new_hashes(result, {Subdir(name) for pairs in solved for _, name in pairs}),
            constraints=result.constraints,
        )
        after = relock(self.lock, self.text, *solved, inputs)
        return {self.lock.path: after, **self._rendered_from(after)}

    def _question(self, changed: Mapping[str, str], specifiers: tuple[str, ...] = ()) -> HashRequest:
        """Return the question for the hashes of this lock, with the texts of *changed* in place of those of sources."""
        return HashRequest(
            sources=tuple(
                SourceFile(path=source.path, text=changed.get(source.path, source.text)) for source in self.sources
            ),
            platforms=self._subdirs,
            virtual_packages=self.virtual_packages.text if self.virtual_packages else None,
            specifiers=specifiers,
        )

    def _cannot_follow(self, sentence: str) -> Problem:
        return Problem(path=self.lock.path, sentence=held(sentence, {each.path for each in self.sources}))

    def _of_other_channels(self, result: ContentHashes) -> str:
        both = (self.lock.environments[0].channels, result.channels)
        locked, named = (without_credentials(", ".join(each)) or "none" for each in both)
        return f"it was locked with the channels {locked}, but its sources name {named}"

    @property
    def _subdirs(self) -> tuple[Subdir, ...]:
        return tuple(map(self.lock.subdir, self.lock.environments[0].platforms))

    def _stale_platforms(self, result: ContentHashes) -> tuple[Subdir, ...]:
        """Return the platforms whose content hash conda-lock would not take for up to date."""
        written = content_hashes(self.lock, self.text)
        return tuple(
            subdir for subdir in self._subdirs if written.get(subdir) not in result.accepted.get(subdir, frozenset())
        )

    def _require_possible(self, change: LockChange) -> None:
        if change.packages:
            self._require_index_of_everybody()
        if self.is_stale and change.manifests:
            message = "its sources were changed since: it has to be brought in step with them first"
            raise LockError(message, path=self.lock.path)

    def _require_index_of_everybody(self) -> None:
        """Refuse packages of an index that conda-lock would not have asked: a name may be another project's there."""
        for source in self.sources:
            if found := _OWN_INDEXES.search(source.text):
                message = f"{source.path} says by `{found['key']}` where its pip packages come from: it was not asked"
                raise LockError(message, path=self.lock.path)

    def _new_hashes(self, result: ContentHashes, solved: AbstractSet[Subdir]) -> Mapping[Subdir, str]:
        """Return the content hashes that change; those of platforms that are not *solved* must not."""
        changed = self._stale_platforms(result)
        if unsolved := [subdir for subdir in changed if subdir not in solved]:
            message = f"its sources would change on {', '.join(unsolved)}, where nothing was solved"
            raise LockError(message, path=self.lock.path)
        return {subdir: result.written[subdir] for subdir in changed}

    def _rendered_from(self, after: str) -> Mapping[str, str]:
        return {
            path: render_again(path, text, lock_path=self.lock.path, before=self.text, after=after)
            for path, text in self.rendered.items()
        }


def held(sentence: str, sources: Iterable[str]) -> str:
    """Return *sentence* and what follows from it: *sources* are not updated without their lock."""
    waiting = sorted(sources)
    stay = "stays as it is" if len(waiting) == 1 else "stay as they are"
    return f"{sentence}; until then {' and '.join(waiting)} {stay}" if waiting else sentence
