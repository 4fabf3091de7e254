"""Which platforms an environment is made for, and what they guarantee.

Rule of pixi: an environment is for the workspace's platforms that all of its features allow. A feature names platforms
by their own names or by subdir; where one is named by its own name, others of its subdir do not count.
https://pixi.sh/latest/workspace/multi_platform_configuration/

Rule of condabot: a subdir is solved for once. Where a manifest declares several platforms of one subdir, each
environment must come down to one of them.
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.errors import ManifestError
from bot.manifests.platforms import SUBDIRS
from bot.model.manifest import Declarations, Feature, Manifest, Subdir, WorkspacePlatform

_SHOWN = 80

Platforms = Mapping[Subdir, WorkspacePlatform]
"""The platforms of an environment by their subdirs."""


def platforms_of(declarations: Declarations, features: Iterable[Feature]) -> tuple[WorkspacePlatform, ...] | None:
    """Return the platforms that *features* together are for, sorted by name; None if nobody names one."""
    allowed = [each.platforms for each in features]
    if not declarations.workspace_platforms:
        return _plain(declarations.platforms, allowed)
    named = {name for names in allowed if names is not None for name in names}
    found = [each for each in declarations.workspace_platforms if all(allows(names, each) for names in allowed)]
    exact = {each.subdir for each in declarations.workspace_platforms if each.name in named}
    return tuple(each for each in found if each.name in named or each.subdir not in exact)


def named_by(declarations: Declarations, features: Iterable[Feature]) -> tuple[str, ...]:
    """Return the subdirs that *features* themselves name."""
    subdirs = {each.name: str(each.subdir) for each in declarations.workspace_platforms}
    return tuple(subdirs.get(name, name) for each in features for name in each.platforms or ())


def require_known(manifest: Manifest, platforms: Iterable[str]) -> None:
    """Pass if conda knows all of *platforms*.

    Raises:
        ManifestError: it does not know one.

    """
    for each in platforms:
        if each not in SUBDIRS:
            raise ManifestError(
                f"{each[:_SHOWN]!a} is no conda platform; those are called as linux-64, osx-arm64 and win-64",
                path=manifest.path,
                line=manifest.declarations.line_of("platforms", each),
                key="platforms",
            )


def by_subdir(manifest: Manifest, environment: str, platforms: Iterable[WorkspacePlatform]) -> Platforms:
    """Return *platforms* by subdir.

    Raises:
        ManifestError: there are several of one subdir.

    """
    found: dict[Subdir, WorkspacePlatform] = {}
    for each in platforms:
        other = found.setdefault(each.subdir, each)
        if other.name != each.name:
            raise ManifestError(
                f"environment {environment!r} is made for several platforms of {each.subdir}, {other.name} and "
                f"{each.name}; condabot solves for one of them only, so nothing here is updated",
                path=manifest.path,
                key="workspace.platforms",
            )
    return {subdir: found[subdir] for subdir in sorted(found)}


def _plain(declared: Sequence[Subdir], allowed: Iterable[Sequence[str] | None]) -> tuple[WorkspacePlatform, ...] | None:
    lists = [declared if names is None else names for names in allowed]
    if not any(lists):
        return None
    names = sorted(set.intersection(*(set(map(str, each)) for each in lists)))
    return tuple(WorkspacePlatform(name=name, subdir=Subdir(name)) for name in names)


def allows(names: Sequence[str] | None, platform: WorkspacePlatform) -> bool:
    """Tell whether a feature for the platforms *names*, None being all, is for *platform*."""
    return names is None or platform.name in names or platform.subdir in names
