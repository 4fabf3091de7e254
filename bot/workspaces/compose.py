"""Manifests and locks become environments: features are laid together, channels named, platforms settled.

Rules of pixi: https://pixi.sh/latest/workspace/multi_environment/ — the features of an environment in their order,
the default feature last; platforms are what all of them allow; channels are joined in that order, higher priority
first; in one feature the most specific target wins, and `build` over `host` over plain dependencies.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
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
from bot.model.package import Channel, Lock
from bot.workspaces.virtual_packages import virtual_packages

DEFAULT = "default"
STRICT = ChannelPriority.STRICT
HIGHEST = SolveStrategy.HIGHEST
EVERY_PLATFORM = 1_000
SPAN = re.compile(r"(?P<count>[0-9]{1,4})\s*(?P<unit>[hdw])[a-z]*")
SPAN_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
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
    locked = lock.environment(declaration.name) if lock else None
    declared = _platforms(declarations, features) or (locked.platforms if locked else ())
    platforms = declared or ASSUMED_PLATFORMS
    system = tuple(each for feature in reversed(features) for each in feature.system_requirements)
    return Environment(
        name=declaration.name,
        manifests=(manifest.path,),
        channels=_channels(declarations, features, resolve),
        platforms=platforms,
        requirements=_requirements(manifest, features, platforms),
        virtual_packages=_virtual_packages(manifest, platforms, system),
        channel_priority=_first((*(f.channel_priority for f in features), declarations.channel_priority, STRICT)),
        solve_strategy=_first((*(f.solve_strategy for f in features), declarations.solve_strategy, HIGHEST)),
        exclude_newer=_exclude_newer(manifest, now),
        solve_group=declaration.solve_group,
        platforms_assumed=not declared,
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


def _platforms(declarations: Declarations, features: Iterable[Feature]) -> tuple[Subdir, ...]:
    allowed = [set(each.platforms if each.platforms is not None else declarations.platforms) for each in features]
    return tuple(sorted(set.intersection(*allowed))) if allowed else ()


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
        items = [each for each in manifest.dependencies if each.feature == feature.name and _is_solved(each)]
        for item in items:
            wanted = tuple(subdir for subdir in platforms if item in _winners(items, item, subdir))
            if wanted:
                found.append(Requirement(manifest=manifest.path, dependency=item, platforms=wanted))
    return tuple(found)


def _is_solved(dependency: Dependency) -> bool:
    return dependency.skip is None and dependency.role in SOLVED_ROLES


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
    manifest: Manifest, platforms: Iterable[Subdir], system: tuple[VirtualPackage, ...]
) -> Mapping[Subdir, tuple[VirtualPackage, ...]]:
    return {subdir: virtual_packages(manifest.format, subdir, system) for subdir in platforms}


def _first(values: Iterable[Value | None]) -> Value:
    """The first that is said; the last of *values* is the default."""
    return next(value for value in values if value is not None)


def _exclude_newer(manifest: Manifest, now: datetime) -> datetime | None:
    """pixi takes a date, a time, or a span before now such as `7d`; a date counts from its first moment."""
    text = manifest.declarations.exclude_newer
    if text is None:
        return None
    if span := SPAN.fullmatch(text.strip()):
        return now - timedelta(**{SPAN_UNITS[span["unit"]]: int(span["count"])})
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        sentence = f"{text!r} is neither a date nor a span such as 7d"
        raise ManifestError(sentence, path=manifest.path, key="exclude-newer") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
