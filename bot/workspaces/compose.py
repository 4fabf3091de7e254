"""Manifests and locks become environments: features are laid together, channels named, platforms settled.

Rules of pixi: https://pixi.sh/latest/workspace/multi_environment/ — the features of an environment in their order,
the default feature last; platforms are what all of them allow; channels are joined in that order, higher priority
first; in one feature the target that the manifest names last wins, however special, and in a target `build` over `host`
over plain dependencies (https://pixi.sh/latest/reference/pixi_manifest/#the-target-table); environments of
a solve group are solved with the channels, options and dependencies of all their features together, and since pixi 0.77
each with its own virtual packages: those that agree on them at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import TypeAlias, TypeVar

from bot.errors import ManifestError
from bot.model.environment import Company, Environment, Fault, Requirement, SolveOptions, SolveUnit, Workspace
from bot.model.manifest import (
    ChannelPriority,
    ChannelReference,
    Datasource,
    Dependency,
    EnvironmentDeclaration,
    Feature,
    Manifest,
    MatchSpec,
    Platform,
    PlatformName,
    Role,
    SkipReason,
    SolveStrategy,
    Subdir,
)
from bot.model.package import Lock
from bot.workspaces.channels import (
    ResolveChannel,
    asked,
    channel_references,
    named_by_lines,
    require_listed,
    resolved_channels,
)
from bot.workspaces.exclude_newer import conda_exclude_newer, pypi_exclude_newer
from bot.workspaces.inherited import with_inherited
from bot.workspaces.library import library_requirements
from bot.workspaces.own_package import with_own_needs
from bot.workspaces.platforms import allows, named_by, plain, platforms_of, require_known
from bot.workspaces.pypi_options import pypi_options
from bot.workspaces.python import implied_python
from bot.workspaces.virtual_packages import highest, required_on, virtual_packages

DEFAULT = "default"
STRICT = ChannelPriority.STRICT
HIGHEST = SolveStrategy.HIGHEST
ASSUMED_PLATFORMS = (Subdir("linux-64"), Subdir("osx-arm64"), Subdir("win-64"))
SOLVED_ROLES = {Role.DEPENDENCY: 0, Role.DEV: 0, Role.LIBRARY: 0, Role.HOST: 1, Role.BUILD: 2}
REFERENCES = {SkipReason.PATH, SkipReason.EDITABLE, SkipReason.GIT, SkipReason.EXPLICIT_URL}
"""Lines that ask for PyPI packages from elsewhere than an index."""

_UNREAD = {SkipReason.INVALID_SPEC, SkipReason.NOT_TEXT}
"""Lines that ask for something in a way that cannot be read: what is locked of it stays as well."""

Value = TypeVar("Value")
Grouped = TypeVar("Grouped", Environment, EnvironmentDeclaration)
_Refused: TypeAlias = tuple[tuple[EnvironmentDeclaration, ...], ManifestError]
"""Declared environments that are solved together, and why they cannot be made."""

Platforms: TypeAlias = Sequence[Platform]


def compose(manifest: Manifest, lock: Lock | None, resolve: ResolveChannel, *, now: datetime) -> Workspace:
    """Return the workspace that *manifest* declares, with *lock* as its lockfile.

    An environment that cannot be made takes only its solve group with it: they are in `Workspace.faults`.

    Raises:
        ManifestError: no environment can be made, for the reason of the first (an unknown feature, a channel that is
            none or must not be called, an unreadable date).

    """
    declared = manifest.declarations.environments
    made: dict[str, Environment] = {}
    refused: list[_Refused] = []
    for group in _groups(declared):
        try:
            made |= {each.name: _environment(manifest, each, lock, resolve, now=now) for each in group}
        except ManifestError as error:
            refused.append((group, error))
    if refused and not made:
        raise refused[0][1]
    environments = tuple(made[each.name] for each in declared if each.name in made)
    return Workspace(
        manifests=(manifest,),
        lock=lock,
        environments=environments,
        library_requirements=_of_library(manifest, environments, refused),
        faults=_faults(refused),
    )


def _faults(refused: Iterable[_Refused]) -> tuple[Fault, ...]:
    """Return why there are no such environments, those of which the same is wrong together."""
    faults: dict[tuple[str, int | None], tuple[str, ...]] = {}
    for group, error in refused:
        names = tuple(each.name for each in group)
        faults[error.sentence, error.line] = faults.get((error.sentence, error.line), ()) + names
    return tuple(Fault(environments=names, sentence=sentence, line=line) for (sentence, line), names in faults.items())


def _of_library(
    manifest: Manifest, environments: Iterable[Environment], refused: Iterable[_Refused]
) -> tuple[Requirement, ...]:
    """Return what a library asks of its users; what an environment that is not there would ask for is none of it."""
    missing = [each for group, _ in refused for each in group]
    features = {name for each in missing for name in (*each.features, *([] if each.no_default_feature else [DEFAULT]))}
    return tuple(
        each
        for each in library_requirements(manifest, environments)
        if each.dependency.role not in SOLVED_ROLES or each.dependency.feature not in features
    )


def solve_units(workspace: Workspace) -> tuple[SolveUnit, ...]:
    """Return what must be solved for *workspace*: every environment, or solve group, on each of its platforms.

    Where environments of a group differ in the virtual packages of a platform they are solved in several units.
    """
    return tuple(
        SolveUnit(workspace=workspace.path, environments=alike, platform=platform)
        for members in _groups(workspace.environments)
        for platform, alike in _by_platform(members)
    )


def _by_platform(members: Iterable[Environment]) -> Iterable[tuple[Platform, tuple[Environment, ...]]]:
    """Return the platforms of *members*, sorted by name, and which of them are for each."""
    found: dict[Platform, tuple[Environment, ...]] = {}
    for environment in members:
        for platform in environment.platforms:
            found[platform] = (*found.get(platform, ()), environment)
    return sorted(found.items(), key=lambda item: item[0].name)


def _groups(environments: Iterable[Grouped]) -> tuple[tuple[Grouped, ...], ...]:
    groups: dict[tuple[str, str], list[Grouped]] = {}
    for each in environments:
        key = ("group", each.solve_group) if each.solve_group else ("environment", each.name)
        groups.setdefault(key, []).append(each)
    return tuple(tuple(members) for members in groups.values())


def _environment(
    manifest: Manifest,
    declaration: EnvironmentDeclaration,
    lock: Lock | None,
    resolve: ResolveChannel,
    *,
    now: datetime,
) -> Environment:
    declarations = manifest.declarations
    features = _features(manifest, declaration)
    shared = _shared_features(manifest, declaration)
    named = _platforms(manifest, declaration, lock)
    platforms = _machines(manifest, plain(ASSUMED_PLATFORMS) if named is None else named, features)
    wanted = _wanted(manifest, features, platforms, SOLVED_ROLES)
    constraints = _constraints(manifest, features, platforms)
    together = _solve_options(shared)
    references = channel_references(manifest, shared)
    listed = resolved_channels(manifest.path, references, resolve)
    beyond = resolved_channels(manifest.path, _named_by_lines(manifest, shared), resolve)
    if manifest.format.is_pixi:
        require_listed(manifest.path, _lines_of(manifest, shared), listed, resolve)
    return Environment(
        name=declaration.name,
        manifests=(manifest.path,),
        channels=asked((*listed, *beyond)),
        listed=listed,
        platforms=platforms,
        requirements=managed(wanted),
        channel_priority=together.channel_priority,
        solve_strategy=together.solve_strategy,
        own_options=_solve_options(features),
        exclude_newer=conda_exclude_newer(manifest, references, resolve, now),
        pypi_exclude_newer=pypi_exclude_newer(manifest, now),
        solve_group=declaration.solve_group,
        platforms_assumed=named is None,
        references=tuple(each for each in wanted if is_reference(each.dependency)),
        standing=_standing(manifest, (*wanted, *constraints), lock),
        is_named=not manifest.format.is_line_by_line,
        constraints=managed(constraints),
        implied=_implied(manifest, features, platforms),
        company=_company(manifest, [each for each in shared if each not in features], platforms, lock),
        pypi_options=pypi_options(declarations, shared) if manifest.format.is_pixi else None,
    )


def _solve_options(features: Iterable[Feature]) -> SolveOptions:
    every = tuple(features)
    return SolveOptions(
        channel_priority=_first((*(each.channel_priority for each in every), STRICT)),
        solve_strategy=_first((*(each.solve_strategy for each in every), HIGHEST)),
    )


def _features(manifest: Manifest, declaration: EnvironmentDeclaration) -> tuple[Feature, ...]:
    known = {feature.name: feature for feature in manifest.declarations.features}
    names = [*declaration.features, *([] if declaration.no_default_feature else [DEFAULT])]
    for name in names:
        if name not in known:
            raise ManifestError(
                f"environment {declaration.name!r} names the feature {name!r}, which the manifest does not have:"
                " correct the name, or add the feature",
                path=manifest.path,
                line=manifest.declarations.line_of("environments", declaration.name),
                key=f"environments.{declaration.name}",
            )
    return tuple(known[name] for name in dict.fromkeys(names))


def _shared_features(manifest: Manifest, declaration: EnvironmentDeclaration) -> tuple[Feature, ...]:
    """The features of all environments that *declaration* is solved together with, each once."""
    features = (feature for each in _members(manifest, declaration) for feature in _features(manifest, each))
    return tuple({feature.name: feature for feature in features}.values())


def _members(manifest: Manifest, declaration: EnvironmentDeclaration) -> tuple[EnvironmentDeclaration, ...]:
    """The environments that *declaration* is solved together with, itself among them."""
    group = declaration.solve_group
    return tuple(each for each in manifest.declarations.environments if group and each.solve_group == group) or (
        declaration,
    )


def _platforms(manifest: Manifest, declaration: EnvironmentDeclaration, lock: Lock | None) -> Platforms | None:
    """What all features allow, which may be nothing, else what is locked; None if nobody names a platform."""
    features = _features(manifest, declaration)
    require_known(manifest, named_by(manifest.declarations, features))
    found = platforms_of(manifest.declarations, features, lock)
    if found is not None:
        require_known(manifest, (each.subdir for each in found))
        return found
    locked = lock.environment(declaration.name) if lock else None
    return plain(sorted({lock.subdir(name) for name in locked.platforms})) or None if lock and locked else None


def _machines(manifest: Manifest, platforms: Platforms, features: Iterable[Feature]) -> tuple[Platform, ...]:
    """Return *platforms* with all their virtual packages; `[system-requirements]` of *features* count on each."""
    required = [each for feature in features for each in feature.system_requirements]
    return tuple(
        replace(
            each,
            virtual_packages=virtual_packages(
                manifest.format.machine,
                each.subdir,
                highest([*each.virtual_packages, *required_on(each.subdir, required)]),
            ),
        )
        for each in platforms
    )


def _named_by_lines(manifest: Manifest, features: Iterable[Feature]) -> Iterable[ChannelReference]:
    """Return the channels that lines of *features* name themselves, where they count in an environment."""
    return named_by_lines(_lines_of(manifest, features))


def _lines_of(manifest: Manifest, features: Iterable[Feature]) -> Iterable[Dependency]:
    """Return the lines of *features* that count in an environment."""
    names, roles = {each.name for each in features}, {*SOLVED_ROLES, Role.CONSTRAINT}
    return (each for each in manifest.dependencies if each.feature in names and each.role in roles)


def _constraints(manifest: Manifest, features: Iterable[Feature], platforms: Platforms) -> tuple[Requirement, ...]:
    """What limits the conda packages of an environment; PyPI's overrides are no constraints."""
    found = _wanted(manifest, features, platforms, {Role.CONSTRAINT: 0})
    return tuple(each for each in found if each.dependency.datasource is Datasource.CONDA)


def _company(manifest: Manifest, features: Sequence[Feature], platforms: Platforms, lock: Lock | None) -> Company:
    """What *features* ask for, which only the others of a solve group have."""
    wanted = _wanted(manifest, features, platforms, SOLVED_ROLES)
    constraints = _constraints(manifest, features, platforms)
    return Company(
        requirements=managed(wanted),
        standing=_standing(manifest, (*wanted, *constraints), lock),
        constraints=managed(constraints),
        implied=_implied(manifest, features, platforms),
    )


def _implied(
    manifest: Manifest, features: Iterable[Feature], platforms: Platforms
) -> Mapping[PlatformName, tuple[MatchSpec, ...]]:
    """What pixi adds to the default feature by itself, where that is among *features*."""
    default = [each for each in features if each.name == DEFAULT]
    if not default:
        return {}
    asked = _wanted(manifest, default, platforms, SOLVED_ROLES)
    found = implied_python(manifest, (each.name for each in platforms), asked)
    return {name: (spec,) for name, spec in found.items()}


def _wanted(
    manifest: Manifest, features: Iterable[Feature], platforms: Platforms, roles: Mapping[Role, int]
) -> tuple[Requirement, ...]:
    """Return what *features* ask for on any of *platforms*, also what cannot be read as a requirement.

    Only items of *roles* count, the strongest where several name a package, and a feature only where it allows for it.
    """
    found = _wanted_by_each(manifest, features, platforms, roles)
    return with_inherited(manifest, _of_last_features(found) if manifest.format.last_feature_wins else found)


def _of_last_features(found: Sequence[Requirement]) -> Iterable[Requirement]:
    """Yield those of *found*, in the order of their features, whose package no later feature names."""
    last = {(each.dependency.datasource, each.dependency.name): each.dependency.feature for each in found}
    for each in found:
        if each.dependency.feature == last[each.dependency.datasource, each.dependency.name]:
            yield each


def _wanted_by_each(
    manifest: Manifest, features: Iterable[Feature], platforms: Platforms, roles: Mapping[Role, int]
) -> list[Requirement]:
    found: list[Requirement] = []
    for feature in features:
        there = [each for each in platforms if allows(feature.platforms, each)]
        items = [each for each in manifest.dependencies if each.feature == feature.name and each.role in roles]
        for item in items:
            wanted = tuple(each.name for each in there if item in _winners(items, item, each, roles))
            if wanted:
                name = manifest.format.name
                found.append(Requirement(manifest=manifest.path, dependency=item, platforms=wanted, format=name))
    return found


def managed(wanted: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Return those of *wanted* that condabot could move."""
    return tuple(each for each in wanted if each.dependency.skip is None)


def standing(wanted: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Return those of *wanted* that are about conda packages and left alone."""
    return tuple(each for each in wanted if each.dependency.skip and each.dependency.datasource is Datasource.CONDA)


def _standing(manifest: Manifest, wanted: Iterable[Requirement], lock: Lock | None) -> tuple[Requirement, ...]:
    return standing(wanted if lock else with_own_needs(manifest, wanted))


def is_reference(dependency: Dependency) -> bool:
    """Tell whether *dependency* asks for a PyPI package by path, repository or URL, or for what cannot be told."""
    is_elsewhere = dependency.skip is not None and dependency.skip.reason in {*REFERENCES, *_UNREAD}
    return is_elsewhere and dependency.datasource is Datasource.PYPI


def _winners(
    items: Sequence[Dependency], item: Dependency, platform: Platform, roles: Mapping[Role, int]
) -> tuple[Dependency, ...]:
    """The items that count for the name of *item* on *platform*: those of the last target, then of the strongest role.

    A list (`environment.yml`, `[project] dependencies`) may name a package twice, and then both lines count.
    """
    rivals = [
        each
        for each in items
        if (each.datasource, each.name) == (item.datasource, item.name)
        and (not each.platforms or platform.subdir in each.platforms)
        and fnmatchcase(platform.name, each.platform or "*")
    ]
    if all(isinstance(each.at[-1], int) for each in rivals):
        return tuple(rivals)
    targets = [((), ""), *dict.fromkeys((each.platforms, each.platform) for each in items if each.platforms)]
    ranks = [(targets.index((each.platforms, each.platform)), roles[each.role]) for each in rivals]
    return tuple(each for each, rank in zip(rivals, ranks, strict=True) if rank == max(ranks))


def _first(values: Iterable[Value | None]) -> Value:
    """The first that is said; the last of *values* is the default."""
    return next(value for value in values if value is not None)
