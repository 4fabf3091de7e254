"""The environment of a `conda-lock.yml`: source files laid over each other, as conda-lock does.

Rules of conda-lock 4 (`src_parser/aggregation.py`): of the specs for one package on one platform the last one counts,
that of the last source that has one; the longest list of channels holds, of which every other one must be the end.
Source: https://conda.github.io/conda-lock/output/ and https://conda.github.io/conda-lock/src_environment_yml/.
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.errors import LockError
from bot.lockfiles.conda_lock import Requested
from bot.lockfiles.yaml_nodes import as_mapping, read_yaml
from bot.model.environment import Environment, Requirement, Workspace
from bot.model.manifest import Datasource, Dependency, Manifest, PackageName, Subdir, VirtualPackage
from bot.model.package import Channel, Lock
from bot.workspaces.compose import DEFAULT, SOLVED_ROLES, ResolveChannel
from bot.workspaces.virtual_packages import virtual_packages

MAIN = "main"


def compose_layers(
    manifests: Sequence[Manifest],
    lock: Lock,
    resolve: ResolveChannel,
    provided: Mapping[Subdir, tuple[VirtualPackage, ...]],
) -> Workspace:
    """Return the workspace of *lock*, whose sources in their order are *manifests*.

    *provided* are the virtual packages of a `virtual-packages.yml`; if there are any, they stand in for all defaults.

    Raises:
        LockError: the sources name other platforms than the lock, or lists of channels that do not go together.
        EgressRefused: a channel is one that condabot must not call.

    """
    platforms = _platforms(manifests, lock)
    environment = Environment(
        name=DEFAULT,
        manifests=tuple(manifest.path for manifest in manifests),
        channels=_channels(manifests, lock, resolve),
        platforms=platforms,
        requirements=tuple(_requirements(manifests, platforms)),
        virtual_packages={
            subdir: provided.get(subdir, ()) if provided else virtual_packages(manifests[0].format, subdir)
            for subdir in platforms
        },
    )
    return Workspace(manifests=tuple(manifests), lock=lock, environments=(environment,))


def requested(workspace: Workspace) -> Requested:
    """Return what the sources of *workspace* ask for on each platform, in the category that each source is of."""
    (environment,) = workspace.environments
    categories = {each.path: each.declarations.category or MAIN for each in workspace.manifests}
    return {
        subdir: {each.dependency.name: frozenset({categories[each.manifest]}) for each in environment.requires(subdir)}
        for subdir in environment.platforms
    }


def read_virtual_packages(path: str, text: str) -> Mapping[Subdir, tuple[VirtualPackage, ...]]:
    """Return what the `virtual-packages.yml` *text* at *path* says that each platform has.

    A version may be followed by a build: `__archspec: 1 x86_64`.

    Raises:
        LockError: it is not laid out as conda-lock's documentation says.

    """
    subdirs = as_mapping(as_mapping(read_yaml(path, text), "").require("subdirs"), "subdirs")
    found: dict[Subdir, tuple[VirtualPackage, ...]] = {}
    for subdir, node in subdirs.entries.items():
        packages = as_mapping(as_mapping(node, subdir).require("packages"), "packages")
        found[Subdir(subdir)] = tuple(_virtual_package(name, packages.text(name)) for name in sorted(packages.entries))
    return found


def _virtual_package(name: str, written: str) -> VirtualPackage:
    version, _, build = written.partition(" ")
    return VirtualPackage(name=name, version=version, build=build or "0")


def _platforms(manifests: Iterable[Manifest], lock: Lock) -> tuple[Subdir, ...]:
    locked = lock.environments[0].platforms
    declared = sorted({subdir for manifest in manifests for subdir in manifest.declarations.platforms})
    if declared and tuple(declared) != locked:
        raise LockError(
            f"it is locked for {', '.join(locked) or 'nothing'}, but its sources name {', '.join(declared)}: "
            "lock it again, then updates go on",
            path=lock.path,
            key="platforms",
        )
    return locked


def _channels(manifests: Iterable[Manifest], lock: Lock, resolve: ResolveChannel) -> tuple[Channel, ...]:
    lists = [tuple(each.name for each in manifest.declarations.channels) for manifest in manifests]
    longest = max(lists, key=len, default=())
    for names in lists:
        if names and longest[-len(names) :] != names:
            message = f"its sources name channels that do not go together: {', '.join(names)} and {', '.join(longest)}"
            raise LockError(message, path=lock.path, key="channels")
    return tuple({channel.url: channel for channel in map(resolve, longest)}.values())


def _requirements(manifests: Sequence[Manifest], platforms: tuple[Subdir, ...]) -> Iterable[Requirement]:
    items = [
        (manifest, item)
        for manifest in manifests
        for item in manifest.dependencies
        if item.role in SOLVED_ROLES and item.skip is None
    ]
    winners = {
        (item.datasource, item.name, subdir): item
        for _, item in items
        for subdir in platforms
        if not item.platforms or subdir in item.platforms
    }
    for manifest, item in items:
        wanted = tuple(subdir for subdir in platforms if winners.get(_key(item, subdir)) is item)
        if wanted:
            yield Requirement(manifest=manifest.path, dependency=item, platforms=wanted)


def _key(item: Dependency, subdir: Subdir) -> tuple[Datasource, PackageName, Subdir]:
    return item.datasource, item.name, subdir
