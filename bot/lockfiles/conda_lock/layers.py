"""The environment of a `conda-lock.yml`: source files laid over each other, as conda-lock does.

Rules of conda-lock 4 (`src_parser`):
1. Of the specs for one package on one platform the last one counts, that of the last source that has one.
2. The longest list of channels holds, of which every other one must be the end.
3. A source with a list for pip asks conda for any version of pip, in the category `main`, whatever its line says.
4. A line of pip does not count where its marker excludes the platform. A marker that asks for more is not judged.

Source: https://conda.github.io/conda-lock/output/ and https://conda.github.io/conda-lock/src_environment_yml/.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bot.errors import LockError, SpecError
from bot.lockfiles.conda_lock.categories import Root
from bot.lockfiles.conda_lock.change import Requested
from bot.lockfiles.conda_lock.document import CONDA, MAIN, PIP
from bot.lockfiles.yaml_rules import read_yaml
from bot.model.environment import Environment, Requirement, Workspace
from bot.model.manifest import (
    NO_DEFAULTS,
    Datasource,
    Dependency,
    Manifest,
    MatchSpec,
    PackageName,
    Platform,
    SkipReason,
    Subdir,
    VirtualPackage,
)
from bot.model.package import Channel, Lock
from bot.versioning.markers import applies
from bot.workspaces.channels import ResolveChannel, asked, channel_references, named_by_lines, resolved_channels
from bot.workspaces.compose import DEFAULT, SOLVED_ROLES, is_reference, standing
from bot.workspaces.platforms import require_known
from bot.workspaces.virtual_packages import virtual_packages
from bot.yaml.nodes import as_mapping

PIP_ITSELF: Final = PackageName("pip")

_MANAGERS: Final = {Datasource.CONDA: CONDA, Datasource.PYPI: PIP}
_UNKNOWN_TO_CONDA_LOCK: Final = re.compile(r"\b(?:python|implementation|platform_(?!system\b)\w+|extra)")


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
        ManifestError: a channel is none, or one that condabot must not call.

    """
    platforms = _platforms(manifests, lock)
    wanted = tuple(_wanted(manifests, platforms))
    machine = manifests[0].format.machine
    environment = Environment(
        name=DEFAULT,
        manifests=tuple(manifest.path for manifest in manifests),
        channels=_channels(manifests, lock, resolve),
        platforms=tuple(
            Platform(
                name=subdir,
                subdir=subdir,
                virtual_packages=provided.get(subdir, ()) if provided else virtual_packages(machine, subdir),
            )
            for subdir in platforms
        ),
        requirements=tuple(each for each in wanted if not each.dependency.skip and not _is_implied(each.dependency)),
        references=tuple(each for each in wanted if is_reference(each.dependency)),
        standing=standing(wanted),
        implied={subdir: _implied_on(subdir, wanted) for subdir in platforms},
    )
    return Workspace(manifests=tuple(manifests), lock=lock, environments=(environment,))


def requested(workspace: Workspace) -> Requested:
    """Return what the sources of *workspace* ask for on each platform, in the category that each source is of."""
    (environment,) = workspace.environments
    categories = {each.path: each.declarations.category or MAIN for each in workspace.manifests}
    asked = (*environment.requirements, *environment.references, *environment.standing)
    return {
        subdir: (
            *(_root(each.dependency, categories[each.manifest]) for each in asked if subdir in each.platforms),
            *(Root(name=each.name) for each in environment.implied[subdir]),
        )
        for subdir in (each.subdir for each in environment.platforms)
    }


def _root(dependency: Dependency, category: str) -> Root:
    return Root(
        name=dependency.name,
        manager=_MANAGERS[dependency.datasource],
        category=category,
        extras=frozenset(dependency.extras),
    )


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
    locked = tuple(map(lock.subdir, lock.environments[0].platforms))
    for manifest in manifests:
        require_known(manifest, manifest.declarations.platforms)
    declared = sorted({subdir for manifest in manifests for subdir in manifest.declarations.platforms})
    if declared and tuple(declared) != locked:
        raise LockError(
            f"it is locked for {', '.join(locked) or 'nothing'}, but its sources name {', '.join(declared)}: "
            "lock it again, then updates go on",
            path=lock.path,
            key="platforms",
        )
    return locked


def _channels(manifests: Sequence[Manifest], lock: Lock, resolve: ResolveChannel) -> tuple[Channel, ...]:
    _require_agreement(manifests, lock)
    home = max(manifests, key=lambda manifest: len(manifest.declarations.channels))
    listed = resolved_channels(home.path, channel_references(home, home.declarations.features), resolve)
    named = (
        channel
        for manifest in manifests
        for channel in resolved_channels(manifest.path, named_by_lines(manifest.dependencies), resolve)
    )
    return asked((*listed, *named))


def _require_agreement(manifests: Sequence[Manifest], lock: Lock) -> None:
    """Refuse lists of channels that are not the end of the longest one."""
    listed = (manifest.declarations.channels for manifest in manifests)
    lists = [tuple(each.name for each in channels if each.name != NO_DEFAULTS) for channels in listed]
    longest = max(lists, key=len)
    for names in lists:
        if names and longest[-len(names) :] != names:
            message = f"its sources name channels that do not go together: {', '.join(names)} and {', '.join(longest)}"
            raise LockError(message, path=lock.path, key="channels")


def _wanted(manifests: Sequence[Manifest], platforms: tuple[Subdir, ...]) -> Iterable[Requirement]:
    items = [(manifest, item) for manifest in manifests for item in _items(manifest)]
    winners = {
        (item.datasource, item.name, subdir): item for _, item in items for subdir in platforms if _counts(item, subdir)
    }
    for manifest, item in items:
        wanted = tuple(subdir for subdir in platforms if winners.get((item.datasource, item.name, subdir)) is item)
        if wanted:
            yield Requirement(manifest=manifest.path, dependency=item, platforms=wanted, format=manifest.format.name)


def _items(manifest: Manifest) -> Iterable[Dependency]:
    """Yield what *manifest* asks for in conda-lock's order: pip itself comes last, where there is a list for it."""
    items = [item for item in manifest.dependencies if item.role in SOLVED_ROLES]
    yield from (item for item in items if item.skip is None or is_reference(item) or _stands(item))
    lists = {item.platforms: item for item in items if _is_listed_for_pip(item)}
    yield from (_implied(item) for item in lists.values())


def _stands(item: Dependency) -> bool:
    """Tell whether conda-lock counts *item*, a line about a conda package that is left alone.

    A line under a selector that conda-lock does not know is none to it.
    """
    return item.datasource is Datasource.CONDA and not _is_dropped(item)


def _is_dropped(item: Dependency) -> bool:
    is_selected = item.skip is not None and item.skip.reason is SkipReason.SELECTOR
    return is_selected and (item.match_spec is None or item.match_spec.when is None)


def _is_listed_for_pip(item: Dependency) -> bool:
    return item.datasource is Datasource.PYPI and not _is_dropped(item)


def _implied(item: Dependency) -> Dependency:
    """Return what the list for pip in which *item* stands asks conda for: a line that nobody wrote."""
    return Dependency(
        name=PIP_ITSELF,
        datasource=Datasource.CONDA,
        version="",
        at=(*item.at[:-2], PIP_ITSELF),
        line=item.line,
        platforms=item.platforms,
    )


def _implied_on(subdir: Subdir, wanted: Iterable[Requirement]) -> tuple[MatchSpec, ...]:
    found = (each for each in wanted if _is_implied(each.dependency) and subdir in each.platforms)
    return tuple(MatchSpec(name=each.dependency.name) for each in found)


def _is_implied(dependency: Dependency) -> bool:
    return dependency.datasource is Datasource.CONDA and dependency.at[-1] == PIP_ITSELF


def _counts(item: Dependency, subdir: Subdir) -> bool:
    if item.platforms and subdir not in item.platforms:
        return False
    if not item.marker or _UNKNOWN_TO_CONDA_LOCK.search(item.marker):
        return True
    try:
        return applies(item.marker, subdir, "")
    except SpecError:
        return True
