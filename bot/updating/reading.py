"""Files -> workspaces: what can be read is, and what cannot becomes a problem of its own."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from bot import lockfiles, manifests
from bot.errors import BadInput, EgressRefused
from bot.lockfiles.conda_lock import CONDA_LOCK
from bot.manifests.paths import first_match
from bot.manifests.recipes import RecipeLine, is_recipe_path, read_recipe
from bot.model.environment import Workspace
from bot.model.manifest import Manifest, Skip, SkipReason
from bot.model.package import Lock
from bot.model.report import Problem, Recognised
from bot.updating.conda_locks import LayeredLock, Layers, read_layers, verified
from bot.updating.explicit_lists import ExplicitLists, PinnedLock, read_lists
from bot.updating.ports import ContentHasher
from bot.updating.relevance import PRE_COMMIT_CONFIG, RENOVATE_CONFIGURATIONS
from bot.workspaces import ResolveChannel, compose, line_by_line

MOST_ANNOTATED_LINES = 200
"""Annotated lines of a repository that are followed: each is solved by itself."""

_NOT_OURS = Skip(reason=SkipReason.PERMISSION, detail="workflow files need the `workflows` permission")
_TOO_MANY = Skip(
    reason=SkipReason.TOO_MANY, detail=f"{MOST_ANNOTATED_LINES} lines under comments are followed in one repository"
)
_HEAD = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the files of a repository say: their workspaces, every manifest, and what could not be read.

    `pre_commit_config` is the text of `.pre-commit-config.yaml`, which may name programs that write manifests.
    `layers` are the conda-lock files, `lists` the explicit ones. `sources` maps every lockfile that names what it is
    made from to those manifests. `recognised` are files that are no manifest and say what they are. `recipes` are the
    lines of recipes that name packages.
    """

    workspaces: tuple[Workspace, ...]
    manifests: tuple[Manifest, ...]
    problems: tuple[Problem, ...]
    pre_commit_config: str = ""
    layers: Layers = field(default_factory=Layers)
    lists: ExplicitLists = field(default_factory=ExplicitLists)
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    recognised: tuple[Recognised, ...] = ()
    recipes: tuple[RecipeLine, ...] = ()

    def layered(self, workspace: Workspace) -> LayeredLock | None:
        """Return what is needed to refresh the `conda-lock.yml` of *workspace*; None if it has none."""
        return next((each for each in self.layers.locks if each.lock is workspace.lock), None)

    def pinned(self, workspace: Workspace) -> PinnedLock | None:
        """Return the explicit lists that are the lock of *workspace*; None if it has none."""
        return next((each for each in self.lists.locks.values() if each.lock is workspace.lock), None)

    def left_behind(self, texts: Mapping[str, str]) -> str | None:
        """Return the path of a lockfile that is made from one of *texts*, yet not among them; None if there is none."""
        return next((path for path, of in self.sources.items() if of & texts.keys() and path not in texts), None)

    async def verified(self, hasher: ContentHasher) -> "Reading":
        """Return this reading without the workspaces of `conda-lock.yml` files that are out of date by *hasher*."""
        layers = await verified(self.layers, hasher)
        paths = {each.lock.path for each in layers.locks}
        return replace(
            self,
            layers=layers,
            workspaces=tuple(each for each in self.workspaces if not _is_layered(each) or _path(each) in paths),
            problems=(*self.problems, *layers.problems[len(self.layers.problems) :]),
        )


def read(
    files: Mapping[str, bytes],
    resolve: ResolveChannel,
    now: datetime,
    unwritable: Iterable[str] = (),
    lock_sources: Mapping[str, str] = MappingProxyType({}),
) -> Reading:
    """Read every manifest in *files*, each with its lockfile. One bad file spoils only its own workspace.

    *unwritable* are patterns of the workflow files that may not be written: what stands in them is skipped.
    *lock_sources* are the manifests that explicit lists are made from, as the repository configures it.
    """
    extracted, problems = _extract(files)
    found = [*_followed(_skipped(each) if first_match(each.path, unwritable) else each for each in extracted)]
    layers = read_layers(files, found, resolve)
    rendered_in = {posixpath.dirname(path) for path in layers.sources}
    lists = read_lists(files, _whole_files(found), rendered_in, lock_sources)
    workspaces = [*layers.workspaces]
    for manifest in found:
        if manifest.path in layers.claimed | lists.held:
            continue
        for part in line_by_line(manifest) if manifest.format.is_line_by_line else (manifest,):
            try:
                workspaces.append(compose(part, _lock_of(part, files, lists), resolve, now=now))
            except (BadInput, EgressRefused) as error:
                problems.append(_problem(part.path, error))
    return Reading(
        workspaces=tuple(sorted(workspaces, key=lambda workspace: workspace.path)),
        manifests=tuple(found),
        problems=(*problems, *layers.problems, *lists.problems),
        pre_commit_config=files.get(PRE_COMMIT_CONFIG, b"").decode(errors="replace"),
        layers=layers,
        lists=lists,
        recognised=tuple(_recognised(files, problems, found)),
        recipes=tuple(_recipes(files)),
        sources={**layers.sources, **{path: frozenset({source}) for path, source in lists.sources.items()}},
    )


def _extract(files: Mapping[str, bytes]) -> tuple[list[Manifest], list[Problem]]:
    found: list[Manifest] = []
    problems: list[Problem] = []
    renovates = not RENOVATE_CONFIGURATIONS.isdisjoint(files)
    for path in sorted(path for path in files if not lockfiles.is_lockfile(path)):
        try:
            manifest = manifests.extract(path, files[path])
            if manifest is None and not renovates:
                manifest = manifests.extract_annotated(path, files[path])
            found += [manifests.with_locked_elsewhere(manifest, files)] if manifest else []
        except BadInput as error:
            problems.append(_problem(path, error))
    return found, problems


def _skipped(manifest: Manifest) -> Manifest:
    lines = tuple(replace(each, skip=each.skip or _NOT_OURS) for each in manifest.dependencies)
    return replace(manifest, dependencies=lines)


def _followed(found: Iterable[Manifest]) -> Iterable[Manifest]:
    """Yield *found*, of annotated lines those beyond `MOST_ANNOTATED_LINES` skipped."""
    room = MOST_ANNOTATED_LINES
    for manifest in found:
        if manifest.format.is_line_by_line:
            free = [each for each in manifest.dependencies if each.skip is None]
            beyond = {each.at for each in free[room:]}
            room = max(room - len(free), 0)
            lines = (replace(each, skip=_TOO_MANY) if each.at in beyond else each for each in manifest.dependencies)
            yield replace(manifest, dependencies=tuple(lines))
        else:
            yield manifest


def _whole_files(found: Iterable[Manifest]) -> list[str]:
    """Return the manifests that are made of nothing else, so that a lock may be made of them."""
    return [each.path for each in found if not each.format.is_line_by_line]


def _recognised(
    files: Mapping[str, bytes], problems: Iterable[Problem], found: Iterable[Manifest]
) -> Iterable[Recognised]:
    """Yield what is said of files that might be manifests by their names and are something else."""
    told = {each.path for each in problems} | {each.path for each in found}
    for path in sorted(path for path in files.keys() - told if manifests.is_manifest_path(path)):
        sentence = manifests.recognise(path, files[path][:_HEAD].decode(errors="replace"))
        if sentence and not lockfiles.is_lockfile(path):
            yield Recognised(path=path, sentence=sentence)


def _recipes(files: Mapping[str, bytes]) -> Iterable[RecipeLine]:
    for path in sorted(filter(is_recipe_path, files)):
        yield from read_recipe(path, files[path].decode(errors="replace"))


def _lock_of(manifest: Manifest, files: Mapping[str, bytes], lists: ExplicitLists) -> Lock | None:
    if not manifest.format.is_pixi:
        pinned = lists.locks.get(manifest.path)
        return pinned.lock if pinned else None
    path = lockfiles.lock_for(files, manifest.path)
    return lockfiles.parse(path, files[path]) if path else None


def _is_layered(workspace: Workspace) -> bool:
    return workspace.lock is not None and workspace.lock.format == CONDA_LOCK


def _path(workspace: Workspace) -> str:
    return workspace.lock.path if workspace.lock else ""


def _problem(path: str, error: BadInput | EgressRefused) -> Problem:
    if isinstance(error, EgressRefused):
        return Problem(path=path, sentence=str(error))
    return Problem(path=error.path or path, line=error.line, sentence=error.sentence)
