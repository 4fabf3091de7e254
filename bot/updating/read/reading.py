"""Files -> workspaces: what can be read is, and what cannot becomes a problem of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import chain

from bot import lockfiles, manifests
from bot.config.tables import Export
from bot.errors import BadInput
from bot.lockfiles import Given, LockedWorkspace, Locks, or_problem, problem_of
from bot.lockfiles.conda_lock import virtual_packages_beside
from bot.manifests.paths import first_match
from bot.manifests.recipes import RecipeLine, is_recipe_path, read_recipe
from bot.model.environment import Workspace
from bot.model.manifest import Manifest, Skip, SkipReason, Subdir, VirtualPackage
from bot.model.report import Problem, Recognised
from bot.planning.locked_sources import with_locked_sources
from bot.planning.restated import with_restating_locks
from bot.updating.contained import contained, parted
from bot.updating.drive import drive
from bot.updating.exports import without_exports
from bot.updating.ports import ContentHasher
from bot.updating.read.members import is_member, locks_of_members, with_members_told
from bot.updating.read.relevance import PRE_COMMIT_CONFIG, RENOVATE_CONFIGURATIONS
from bot.updating.read.seen import asking_nothing, read_instead, seen
from bot.workspaces import Machines, ResolveChannel, compose, line_by_line, on_machines, restricted, settled
from bot.workspaces.pypi_options import with_stand_in
from bot.workspaces.requirements_files import unknown_files, with_requirements_files

MOST_ANNOTATED_LINES = 200
"""Annotated lines of a repository that are followed: each is solved by itself."""

_NOT_OURS = Skip(reason=SkipReason.PERMISSION, detail="workflow files need the `workflows` permission")
_TOO_MANY = Skip(
    reason=SkipReason.TOO_MANY, detail=f"{MOST_ANNOTATED_LINES} lines under comments are followed in one repository"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the `files` of a repository say: their workspaces, every manifest, and what could not be read.

    `pre_commit_config` is the text of `.pre-commit-config.yaml`, which may name programs that write manifests.
    `locked` are the workspaces with a lock that can be written, by the path of the lock. `sources` maps every lockfile
    that names what it is made from to those manifests, `parts` are files that belong to one. `recognised` are files
    that are no manifest and say what they are. `recipes` are the lines of recipes that name packages. `unmade` says of
    manifests why they are in no workspace. `exports` are what locks are exported as.
    """

    files: Mapping[str, bytes]
    workspaces: tuple[Workspace, ...]
    manifests: tuple[Manifest, ...]
    problems: tuple[Problem, ...] = ()
    pre_commit_config: str = ""
    locked: Mapping[str, LockedWorkspace] = field(default_factory=dict)
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    recognised: tuple[Recognised, ...] = ()
    recipes: tuple[RecipeLine, ...] = ()
    unmade: Mapping[str, Problem] = field(default_factory=dict)
    exports: tuple[Export, ...] = ()

    def left_behind(self, texts: Mapping[str, str]) -> str | None:
        """Return the path of a lockfile that is made from one of *texts*, yet not among them; None if there is none."""
        return next((path for path, of in self.sources.items() if of & texts.keys() and path not in texts), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads every manifest, each with its lockfile; spans in them are counted from `now`.

    `unwritable` are patterns of the workflow files that may not be written: what stands in them is skipped.
    `lock_sources` are the manifests that explicit lists are made from, `virtual_packages` what machines have, as the
    repository configures it. With `platforms` only those are looked at. `usual_platforms` are what is configured where
    neither a lock nor a manifest names any. `exports` are what locks are exported as. `stand_in` is the index that an
    operator has in place of PyPI's own.
    """

    resolve: ResolveChannel
    hasher: ContentHasher
    now: datetime
    unwritable: tuple[str, ...] = ()
    lock_sources: Mapping[str, str] = field(default_factory=dict)
    virtual_packages: tuple[VirtualPackage, ...] = ()
    platforms: tuple[Subdir, ...] = ()
    usual_platforms: tuple[Subdir, ...] = ()
    exports: tuple[Export, ...] = ()
    stand_in: str | None = None

    def read(self, files: Mapping[str, bytes]) -> Reading:
        """Return what *files* say. One bad file spoils only its own workspace."""
        own = self._read(without_exports(files, self.exports))
        return replace(own, files=files, exports=self.exports) if self.exports else own

    def _read(self, files: Mapping[str, bytes]) -> Reading:
        extracted, problems = _extract(files)
        hidden = read_instead(extracted, problems)
        extracted = [each for each in extracted if each.path not in hidden]
        ours = (with_stand_in(each, self.stand_in) for each in extracted)
        found = [*_followed(_skipped(each) if first_match(each.path, self.unwritable) else each for each in ours)]
        found = with_members_told(found)
        reading = _composed(self._given(files, found), found, problems)
        named = {*(each.path for each in reading.problems), *(each.path for each in found)}
        empty = asking_nothing(found, reading.problems)
        unknown = chain.from_iterable(unknown_files(each, files) for each in found)
        recognised = (*seen(files, hidden, named), *empty, *unknown, *locks_of_members(found, files))
        reading = replace(reading, recognised=recognised)
        told = [with_locked_sources(each, found) for each in with_restating_locks(reading.workspaces)]
        told = [with_requirements_files(each, files) for each in told]
        made = [self._on_machines(each, files) for each in told]
        refused = (each for each in made if isinstance(each, Problem))
        workspaces = tuple(each for each in made if not isinstance(each, Problem))
        return replace(reading, workspaces=workspaces, problems=(*reading.problems, *dict.fromkeys(refused)))

    def _on_machines(self, workspace: Workspace, files: Mapping[str, bytes]) -> Workspace | Problem:
        """Return *workspace* on the platforms that are looked at, with what people say of its machines."""
        meant = settled(workspace, self.usual_platforms)
        asked = restricted(meant, self.platforms) if self.platforms else meant
        is_layered = workspace.lock is not None and bool(workspace.lock.sources)
        try:
            beside = {} if is_layered else virtual_packages_beside(workspace.path, files)
        except BadInput as error:
            return problem_of(workspace.path, error)
        return on_machines(asked, Machines(beside=beside, configured=self.virtual_packages))

    async def verified(self, reading: Reading) -> Reading:
        """Return *reading* without the workspaces whose locks are out of date, as far as conda-lock has to say so."""
        solve = self.hasher.content_hashes
        judged = {
            path: await contained(path, partial(drive, each.verified(), solve))
            for path, each in sorted(reading.locked.items())
        }
        refused = {path: each for path, each in judged.items() if isinstance(each, Problem)}
        return replace(
            reading,
            unmade={**reading.unmade, **_unmade(refused, reading.sources)},
            locked={path: each for path, each in judged.items() if not isinstance(each, Problem)},
            workspaces=tuple(_verified(reading.workspaces, judged)),
            problems=(*reading.problems, *refused.values()),
        )

    def _given(self, files: Mapping[str, bytes], found: Iterable[Manifest]) -> Given:
        return Given(
            files=files,
            manifests=tuple(each for each in found if not each.format.is_line_by_line and not is_member(each)),
            resolve=self.resolve,
            now=self.now,
            lock_sources=self.lock_sources,
        )


def _verified(workspaces: Iterable[Workspace], judged: Mapping[str, LockedWorkspace | Problem]) -> Iterable[Workspace]:
    """Yield *workspaces* as their locks were *judged*, by the paths of these, but for those that cannot go on."""
    for workspace in workspaces:
        found = judged.get(workspace.lock.path) if workspace.lock else None
        if not isinstance(found, Problem):
            yield replace(workspace, is_stale=found.workspace.is_stale) if found else workspace


def _composed(given: Given, found: Sequence[Manifest], problems: Sequence[Problem]) -> Reading:
    """Return what the manifests *found* make with the locks of *given*, beside the *problems* that there are."""
    files, locks = given.files, lockfiles.read(given)
    of_manifests, of_locks = [*_of_manifests(found, locks, given)], _of_locks(found, locks)
    made = (*of_manifests, *of_locks)
    workspaces = _workspaces(made)
    refused = (each for each in of_manifests if isinstance(each, Problem))
    recipes, unread = parted(_recipes(files))
    told = [*problems, *refused, *_of_faults(workspaces)]
    return Reading(
        files=files,
        workspaces=workspaces,
        manifests=tuple(found),
        problems=(
            *told,
            *(each for each in of_locks if isinstance(each, Problem)),
            *locks.problems,
            *unread,
        ),
        pre_commit_config=files.get(PRE_COMMIT_CONFIG, b"").decode(errors="replace"),
        locked={each.lock.path: each for each in made if not isinstance(each, Workspace | Problem)},
        sources=locks.sources,
        parts=locks.parts,
        recipes=tuple(chain.from_iterable(recipes)),
        unmade={
            **{each.path: each for each in of_manifests if isinstance(each, Problem)},
            **_unmade(locks.made, locks.sources),
        },
    )


def _unmade(made: Mapping[str, object], sources: Mapping[str, frozenset[str]]) -> Mapping[str, Problem]:
    """Return what is wrong with a lock, or beside it, by the manifests that wait for it."""
    return {
        manifest: each
        for path, each in made.items()
        if isinstance(each, Problem)
        for manifest in sources.get(path, {path})
    }


def _of_manifests(
    found: Iterable[Manifest], locks: Locks, given: Given
) -> Iterable[LockedWorkspace | Workspace | Problem]:
    """Yield what becomes of each manifest, but for those that are part of another workspace or held."""
    for manifest in found:
        if manifest.path in locks.held or is_member(manifest):
            continue
        if manifest.path in locks.made:
            yield locks.made[manifest.path]
            continue
        for part in line_by_line(manifest) if manifest.format.is_line_by_line else (manifest,):
            yield or_problem(part.path, partial(compose, part, None, given.resolve, now=given.now))


def _workspaces(made: Iterable[LockedWorkspace | Workspace | Problem]) -> tuple[Workspace, ...]:
    every = (each if isinstance(each, Workspace) else each.workspace for each in made if not isinstance(each, Problem))
    return tuple(sorted(every, key=lambda workspace: workspace.path))


def _of_faults(workspaces: Iterable[Workspace]) -> Iterable[Problem]:
    """Yield what is said of environments that could not be made, where others of their manifest could."""
    for workspace in workspaces:
        for fault in workspace.faults:
            names = ", ".join(fault.environments)
            sentence = f"{fault.sentence}; not judged because of this: {names}"
            yield Problem(path=workspace.manifests[0].path, line=fault.line, sentence=sentence)


def _of_locks(found: Iterable[Manifest], locks: Locks) -> tuple[LockedWorkspace | Problem, ...]:
    """Return what becomes of each lock that is made from several manifests."""
    single = {each.path for each in found}
    return tuple(made for path, made in locks.made.items() if path not in single)


def _extract(files: Mapping[str, bytes]) -> tuple[list[Manifest], list[Problem]]:
    found: list[Manifest] = []
    problems: list[Problem] = []
    renovates = not RENOVATE_CONFIGURATIONS.isdisjoint(files)
    for path in sorted(path for path in files if not lockfiles.is_lock(path, files[path])):
        manifest = or_problem(path, partial(_manifest, path, files, annotated=not renovates))
        problems += [manifest] if isinstance(manifest, Problem) else []
        found += [manifest] if isinstance(manifest, Manifest) else []
    return found, problems


def _manifest(path: str, files: Mapping[str, bytes], *, annotated: bool) -> Manifest | None:
    manifest = manifests.extract(path, files[path])
    if manifests.is_conda_project(path):
        manifests.environment_files(path, files[path])
    if manifest is None and annotated:
        manifest = manifests.extract_annotated(path, files[path])
    return manifests.with_locked_elsewhere(manifest, files) if manifest else None


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


def _recipes(files: Mapping[str, bytes]) -> Iterable[tuple[RecipeLine, ...] | Problem]:
    for path in sorted(filter(is_recipe_path, files)):
        yield or_problem(path, partial(_recipe, path, files[path].decode(errors="replace")))


def _recipe(path: str, text: str) -> tuple[RecipeLine, ...]:
    return tuple(read_recipe(path, text))
