"""What a library asks of its users' environments, and no environment of its own workspace has.

These are the tables of `[package]`, and extras that no environment is made of. Nothing is solved for them.
"""

from collections.abc import Iterable

from bot.model.environment import Environment, Requirement
from bot.model.manifest import Manifest, Role, Subdir


def library_requirements(manifest: Manifest, environments: Iterable[Environment]) -> tuple[Requirement, ...]:
    """Return the lines of *manifest* by which a library asks its users, and that are in none of *environments*.

    The platforms of a line are the subdirs that it names, else all that the environments are for. Constraints belong to
    environments.
    """
    known = list(environments)
    asked = {each.dependency.at for environment in known for each in environment.requirements}
    subdirs = tuple(sorted({platform.subdir for each in known for platform in each.platforms}))
    lines = (each for each in manifest.dependencies if each.role.is_of_library and each.role is not Role.CONSTRAINT)
    return tuple(
        Requirement(
            manifest=manifest.path,
            dependency=each,
            platforms=_on(each.platforms, subdirs),
            format=manifest.format.name,
        )
        for each in lines
        if each.skip is None and each.at not in asked
    )


def _on(named: tuple[Subdir, ...], subdirs: tuple[Subdir, ...]) -> tuple[Subdir, ...]:
    return tuple(each for each in subdirs if not named or each in named)
