"""Manifests and locks become environments: features are laid together, channels named, platforms settled.

Rules of pixi: https://pixi.sh/latest/workspace/multi_environment/ — the features of an environment in their order,
the default feature last; platforms are what all of them allow; channels are joined in that order, higher priority
first; in one feature the most specific target wins, and `build` over `host` over plain dependencies; environments of
a solve group are solved with the channels, options and system requirements of all their features together.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias, TypeVar

from bot.errors import ManifestError
from bot.model.environment import Environment, Requirement, SolveUnit, Workspace
from bot.model.manifest import (
    ChannelPriority,
    ChannelReference,
    Declarations,
    Dependency,
    EnvironmentDeclaration,
    Feature,
    Manifest,
    Role,
    SolveStrategy,
    Subdir,
    VirtualPackage,
)
from bot.model.package import Channel, Lock, LockedEnvironment
from bot.workspaces.exclude_newer import cut_off
from bot.workspaces.virtual_packages import highest, virtual_packages

DEFAULT = "default"
STRICT = ChannelPriority.STRICT
HIGHEST = SolveStrategy.HIGHEST
EVERY_PLATFORM = 1_000
ASSUMED_PLATFORMS = (Subdir("linux-64"), Subdir("osx-arm64"), Subdir("win-64"))
SOLVED_ROLES = {Role.DEPENDENCY: 0, Role.HOST: 1, Role.BUILD: 2}

Value = TypeVar("Value")
ResolveChannel: TypeAlias = Callable[[str], Channel]
"""A channel as a manifest names it -> the channel it stands for. Raises EgressRefused."""


def compose(manifest: Manifest, lock: Lock | None, resolve: ResolveChannel, *, now: datetime) -> Workspace:
    """Return the workspace that *manifest* declares, with *lock* as its lockfile.

    Raises:
        ManifestError: the declarations contradict each other (an unknown feature, an unreadable date).
        EgressRefused: a channel is one that condabot must not call.

    """
    declarations = manifest.declarations
    environments = tuple(
        _environment(manifest, declaration, lock, resolve, now=now) for declaration in declarations.environments
    )
    return Workspace(manifests=(manifest,), lock=lock, environments=environments)


def solve_units(workspace: Workspace) -> tuple[SolveUnit, ...]:
    """Return what must be solved for *workspace*: every environment, or solve group, on each of its platforms."""
    return tuple(
        SolveUnit(
            workspace=workspace.path,
            environments=tuple(each for each in members if subdir in each.platforms),
            subdir=subdir,
        )
        for members in _groups(workspace.environments)
        for subdir in sorted({subdir for each in members for subdir in each.platforms})
    )


def _groups(environments: Iterable[Environment]) -> tuple[tuple[Environment, ...], ...]:
    groups: dict[tuple[str, str], list[Environment]] = {}
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
    named = _platforms(declarations, features, lock.environment(declaration.name) if lock else None)
    platforms = ASSUMED_PLATFORMS if named is None else named
    return Environment(
        name=declaration.name,
        manifests=(manifest.path,),
        channels=_channels(declarations, shared, resolve),
        platforms=platforms,
        requirements=_requirements(manifest, features, platforms),
        virtual_packages=_virtual_packages(manifest, platforms, shared),
        channel_priority=_first((*(f.channel_priority for f in shared), declarations.channel_priority, STRICT)),
        solve_strategy=_first((*(f.solve_strategy for f in shared), declarations.solve_strategy, HIGHEST)),
        exclude_newer=_exclude_newer(manifest, now),
        solve_group=declaration.solve_group,
        platforms_assumed=named is None,
    )


def _features(manifest: Manifest, declaration: EnvironmentDeclaration) -> tuple[Feature, ...]:
    known = {feature.name: feature for feature in manifest.declarations.features}
    names = [*declaration.features, *([] if declaration.no_default_feature else [DEFAULT])]
    for name in names:
        if name not in known:
            raise ManifestError(
                f"environment {declaration.name!r} names the feature {name!r}, which the manifest does not have",
                path=manifest.path,
                key=f"environments.{declaration.name}",
            )
    return tuple(known[name] for name in dict.fromkeys(names))


def _shared_features(manifest: Manifest, declaration: EnvironmentDeclaration) -> tuple[Feature, ...]:
    """The features of all environments that *declaration* is solved together with, each once."""
    group = declaration.solve_group
    members = [each for each in manifest.declarations.environments if each.solve_group == group] if group else []
    features = (feature for each in members or [declaration] for feature in _features(manifest, each))
    return tuple({feature.name: feature for feature in features}.values())


def _platforms(
    declarations: Declarations, features: Iterable[Feature], locked: LockedEnvironment | None
) -> tuple[Subdir, ...] | None:
    """What all *features* allow, which may be nothing, else what is locked; None if nobody names a platform."""
    lists = [each.platforms if each.platforms is not None else declarations.platforms for each in features]
    if any(lists):
        return tuple(sorted(set.intersection(*map(set, lists))))
    return (locked.platforms or None) if locked else None


def _channels(declarations: Declarations, features: Iterable[Feature], resolve: ResolveChannel) -> tuple[Channel, ...]:
    lists = [each.channels if each.channels is not None else declarations.channels for each in features]
    references: Iterable[ChannelReference] = [each for channels in lists for each in channels]
    ordered = sorted(references, key=lambda each: -(each.priority or 0))
    by_url: dict[str, Channel] = {}
    for channel in (resolve(reference.name) for reference in ordered):
        by_url.setdefault(channel.url, channel)
    return tuple(by_url.values())


def _requirements(
    manifest: Manifest, features: Iterable[Feature], platforms: tuple[Subdir, ...]
) -> tuple[Requirement, ...]:
    found: list[Requirement] = []
    for feature in features:
        items = [each for each in manifest.dependencies if each.feature == feature.name and each.role in SOLVED_ROLES]
        for item in items:
            wanted = tuple(subdir for subdir in platforms if item in _winners(items, item, subdir))
            if wanted and item.skip is None:
                found.append(Requirement(manifest=manifest.path, dependency=item, platforms=wanted))
    return tuple(found)


def _winners(items: Iterable[Dependency], item: Dependency, subdir: Subdir) -> tuple[Dependency, ...]:
    """The items that count for the name of *item* on *subdir*: the most specific target, then the strongest role.

    A list (`environment.yml`) may name a package twice, and then both lines count.
    """
    rivals = [
        each
        for each in items
        if (each.datasource, each.name) == (item.datasource, item.name)
        and (not each.platforms or subdir in each.platforms)
    ]
    if all(isinstance(each.at[-1], int) for each in rivals):
        return tuple(rivals)
    ranks = [(len(each.platforms) or EVERY_PLATFORM, -SOLVED_ROLES[each.role]) for each in rivals]
    return tuple(each for each, rank in zip(rivals, ranks, strict=True) if rank == min(ranks))


def _virtual_packages(
    manifest: Manifest, platforms: Iterable[Subdir], features: Iterable[Feature]
) -> Mapping[Subdir, tuple[VirtualPackage, ...]]:
    required = highest(each for feature in features for each in feature.system_requirements)
    return {subdir: virtual_packages(manifest.format, subdir, required) for subdir in platforms}


def _first(values: Iterable[Value | None]) -> Value:
    """The first that is said; the last of *values* is the default."""
    return next(value for value in values if value is not None)


def _exclude_newer(manifest: Manifest, now: datetime) -> datetime | None:
    written = manifest.declarations.exclude_newer
    if written is None:
        return None
    try:
        return cut_off(written, now)
    except ValueError as error:
        sentence = f"{written!r} is neither a time, nor a date such as 2026-01-31, nor a span such as 7d"
        raise ManifestError(sentence, path=manifest.path, key="exclude-newer") from error
