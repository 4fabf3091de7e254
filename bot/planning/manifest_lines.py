"""The lines of manifests that are about a package in a unit, and how each is rewritten for a release.

Three kinds of line are about a conda package: one that asks for it, a constraint on it, and one that asks PyPI for
what it brings. pixi installs the conda package and holds it to that line, so they move together. pip finds it there if
the line admits it, and puts another in its place if not: where both lists of a file ask for it they move together, too.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bot.model.environment import Requirement
from bot.model.manifest import Datasource, PackageName, Role
from bot.model.update import Release, SpecChange
from bot.planning.baseline import Baseline
from bot.planning.holds.quoting import quoted
from bot.planning.provided import provided
from bot.planning.remarks import remark_on
from bot.versioning.caps import is_lone_cap
from bot.versioning.ecosystem import ecosystem_of
from bot.versioning.ranges import RangeStrategy, auto_strategy
from bot.versioning.records import admits_build

UNTOUCHED: Final = frozenset({RangeStrategy.IN_RANGE_ONLY, RangeStrategy.UPDATE_LOCKFILE})
"""Who asks for one of these wants no manifest touched."""


def lines_about(baseline: Baseline) -> Iterable[tuple[PackageName, Requirement]]:
    """Yield every line about a conda package of *baseline*, with the package's name; none for what is not there."""
    for each in baseline.unit.requirements:
        yield each.dependency.name, each
    for each in baseline.unit.constraints:
        if each.dependency.name in baseline.records:
            yield each.dependency.name, each
    yield from lines_about_what_is_brought(baseline)


def is_limit(requirement: Requirement) -> bool:
    """Tell whether a line about a conda package only limits it, so that what it lets in is no update of it."""
    dependency = requirement.dependency
    return dependency.role is Role.CONSTRAINT or dependency.datasource is Datasource.PYPI


def admits(requirement: Requirement, version_spec: str, version: str) -> bool:
    """Tell whether the line of *requirement* admits *version* with *version_spec* in it."""
    return ecosystem_of(requirement.dependency).admits(version_spec, version)


def has_own_build(release: Release, requirement: Requirement, subdirs: Iterable[str]) -> bool:
    """Tell whether *release* has the build that the line asks for, on each of *subdirs* that it is there for."""
    spec = requirement.dependency.match_spec
    if spec is None or not (spec.build or spec.build_number):
        return True
    there = (release.builds.get(subdir) for subdir in subdirs)
    return all(any(admits_build(spec, each) for each in builds) for builds in there if builds)


def pinned_by_library(requirement: Requirement) -> str:
    """Return why a library's line is not widened for anything, as a sentence; empty if it may be."""
    dependency = requirement.dependency
    spec = dependency.version_spec
    if not dependency.role.is_of_library or auto_strategy(
        library=True, locked=False, in_range=False, version_spec=spec
    ):
        return ""
    return f"`{spec}` is left alone: a library that asks for an exact version means it"


def change_for(
    requirement: Requirement, version: str, *, locked: bool, asked: RangeStrategy = RangeStrategy.AUTO
) -> SpecChange | None:
    """Return how the line is rewritten for *version*, None if it is not. *locked* where a lock holds it.

    What a library asks of its users is rewritten as `auto` does, unless the strategy that is *asked* for keeps it.
    """
    dependency = requirement.dependency
    spec = dependency.version_spec
    strategy = auto_strategy(
        library=dependency.role.is_of_library,
        locked=locked,
        in_range=admits(requirement, spec, version),
        version_spec=spec,
    )
    if asked in UNTOUCHED:
        return None
    if asked is not RangeStrategy.AUTO and not dependency.role.is_of_library:
        strategy = asked
    new = ecosystem_of(dependency).new_range(spec, version, strategy) if strategy else None
    if new is None or new == spec:
        return None
    return replace(rewritten(requirement, new), lifts_cap=_lifts_cap(requirement, version, locked=locked))


def _lifts_cap(requirement: Requirement, version: str, *, locked: bool) -> bool:
    """Tell whether a cap that is a decision of its own keeps *version* out; a library's line is only ever widened."""
    dependency = requirement.dependency
    is_lone = not dependency.role.is_of_library and is_lone_cap(dependency.version_spec, locked=locked)
    return is_lone and not admits(requirement, dependency.version_spec, version)


def rewritten(requirement: Requirement, spec: str) -> SpecChange:
    """Return the change that makes the line of *requirement* mean *spec*."""
    dependency = requirement.dependency
    remark = remark_on(dependency)
    return SpecChange(
        manifest=requirement.manifest,
        at=dependency.at,
        line=dependency.line,
        old=dependency.version,
        new=spec.removeprefix(dependency.implied),
        implied=dependency.implied,
        comment=quoted(remark) if remark else "",
    )


def lines_about_what_is_brought(baseline: Baseline) -> Iterable[tuple[PackageName, Requirement]]:
    """Yield every line that asks PyPI for what a conda package of *baseline* brings, with that package's name.

    Where pip installs what is asked of PyPI the conda package must be asked for as well, as it is in use be what the
    line admits, and not be locked: else pip puts another in its place, and it is another package for all we know.
    """
    lines = [
        (environment.pypi_options is not None, each)
        for environment in baseline.unit.environments
        if environment.pypi_options is not None or not baseline.locked
        for each in environment.requires(baseline.unit.platform.name, Datasource.PYPI)
    ]
    if not lines:
        return
    bringing = {each.name: name for name, record in baseline.records.items() for each in provided([record])}
    asked = {each.dependency.name for each in baseline.unit.requirements}
    for is_pixi, each in lines:
        name = bringing.get(each.dependency.name)
        if name is None:
            continue
        spec, version = each.dependency.version_spec, baseline.records[name].version
        if is_pixi or (name in asked and admits(each, spec, version)):
            yield name, each
