"""The package that a pixi manifest builds itself: where one of its environments installs it, that asks for its needs.

`[dependencies] work = { path = "." }` asks for a package that nobody has built. What it will need stands in the same
file, in `[package.run-dependencies]`; what its build backend adds, from the run exports of its host packages for
example, is not. `[dev]` installs what builds it, which backends decide, so nothing is told of that. Where there is a
lock, it is the lock that tells (`bot.planning.locked_sources`).
Source: https://pixi.prefix.dev/latest/reference/pixi_manifest/#the-package-section
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from bot.model.environment import Requirement
from bot.model.manifest import Dependency, KeyPath, Manifest, Role

_RUN: Final = "run-dependencies"


def with_own_needs(manifest: Manifest, wanted: Iterable[Requirement]) -> Iterator[Requirement]:
    """Yield *wanted*; in place of a package that *manifest* builds, its lines of what that needs.

    Lines that count on some platforms only, in a `target` or under a condition, tell nothing: then it stays.
    """
    needs = [each for each in manifest.dependencies if each.role is Role.PACKAGE and _RUN in each.at]
    can_be_told = needs and all(_counts_everywhere(each.at) for each in needs)
    for each in wanted:
        if can_be_told and each.dependency.folder == "." and each.dependency.role is not Role.DEV:
            yield from (_needed(need, each) for need in needs)
        else:
            yield each


def _counts_everywhere(at: KeyPath) -> bool:
    table = at.index(_RUN)
    return at[table - 1] == "package" and not str(at[table + 1]).startswith("if(")


def _needed(need: Dependency, package: Requirement) -> Requirement:
    """Return *need* as what *package* asks for: a line that is left alone, where that counts."""
    line = replace(need, skip=need.skip or package.dependency.skip)
    return replace(package, dependency=line)
