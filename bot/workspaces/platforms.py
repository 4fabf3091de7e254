"""Which platforms an environment is made for.

Rules of pixi (`pixi_manifest`, since 0.71):
1. An environment is for the workspace's platforms that all of its features allow.
2. A feature names platforms by their own names or by subdir; where one is named by its own name, others of its subdir
   do not count.
3. Where all platforms are plain subdirs, one that only a feature names is the workspace's too. An older pixi left it
   out, so where there is a lock it decides.

https://pixi.sh/latest/workspace/multi_platform_configuration/
"""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.errors import ManifestError
from bot.model.manifest import Declarations, Feature, Manifest, Platform, Subdir
from bot.model.package import Lock
from bot.model.subdirs import SUBDIRS

_KNOWN: Final = frozenset(SUBDIRS)
_SHOWN: Final = 80


def platforms_of(
    declarations: Declarations, features: Iterable[Feature], lock: Lock | None
) -> tuple[Platform, ...] | None:
    """Return the platforms that *features* together are for, sorted by name; None if nobody names one.

    *lock* tells whether those that only features name have joined the workspace.
    """
    allowed = [each.platforms for each in features]
    if not declarations.workspace_platforms:
        return _plain([*declarations.platforms, *_joining(declarations, lock)], allowed)
    named = {name for names in allowed if names is not None for name in names}
    found = [each for each in declarations.workspace_platforms if all(allows(names, each) for names in allowed)]
    exact = {each.subdir for each in declarations.workspace_platforms if each.name in named}
    kept = (each for each in found if each.name in named or each.subdir not in exact)
    return tuple(sorted(kept, key=lambda platform: platform.name))


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


def plain(names: Iterable[Subdir]) -> tuple[Platform, ...]:
    """Return the platforms that are called by the subdirs *names*."""
    return tuple(Platform(name=name, subdir=name) for name in names)


def allows(names: Sequence[str] | None, platform: Platform) -> bool:
    """Tell whether a feature for the platforms *names*, None being all, is for *platform*."""
    return names is None or platform.name in names or platform.subdir in names


def _joining(declarations: Declarations, lock: Lock | None) -> Iterable[Subdir]:
    """Yield the subdirs that features name beside those that the workspace declares, if it declares any."""
    named = {name for each in declarations.features for name in each.platforms or ()} & _KNOWN
    locked = {lock.subdir(name) for each in lock.environments for name in each.platforms} if lock else named
    yield from sorted(map(Subdir, named & locked) if declarations.platforms else ())


def _plain(declared: Sequence[Subdir], allowed: Iterable[Sequence[str] | None]) -> tuple[Platform, ...] | None:
    lists = [declared if names is None else names for names in allowed]
    if not any(lists):
        return None
    names = set.intersection(*(set(map(str, each)) for each in lists))
    return plain(map(Subdir, sorted(names)))
