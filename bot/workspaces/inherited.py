"""Lines that pixi's `{ workspace = true }` takes from `[workspace.dependencies]`: what counts is the line in that pool.

So a package that several tables inherit is written, and rewritten, in one place. Where a library's own requirement
inherits it too, that is what the line is: its floor is a promise.
https://pixi.sh/latest/build/workspace_dependencies/
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.model.environment import Requirement
from bot.model.manifest import Datasource, Dependency, Manifest, PackageName, Role, SkipReason


def with_inherited(manifest: Manifest, wanted: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Return *wanted* with lines of the pool in place of those that inherit them."""
    pool = {each.name: each for each in manifest.dependencies if each.role is Role.POOL}
    promised = {each.name for each in manifest.dependencies if _inherits(each) and each.role.is_of_library}
    return tuple(_resolved(each, pool, promised) for each in wanted)


def _resolved(requirement: Requirement, pool: dict[PackageName, Dependency], promised: set[PackageName]) -> Requirement:
    line = requirement.dependency
    if not _inherits(line) or line.name not in pool:
        return requirement
    role = Role.PACKAGE if line.name in promised and line.role is not Role.CONSTRAINT else line.role
    own = replace(pool[line.name], feature=line.feature, role=role, platforms=line.platforms, platform=line.platform)
    return replace(requirement, dependency=own)


def _inherits(dependency: Dependency) -> bool:
    is_inherited = dependency.skip is not None and dependency.skip.reason is SkipReason.INHERITED
    return is_inherited and dependency.datasource is Datasource.CONDA
