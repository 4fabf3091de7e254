"""Packages of the repository that a lock holds as built from source: what they ask for stands in the lock as well.

pixi asks their build backend again, and takes the lock for out of date if it says something else. Only a build tells
what that would be, so lines of such a package stay as they are: those of its `[package]`, and those that it inherits.
"""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from bot.model.environment import Environment, Requirement, Workspace
from bot.model.manifest import Role, Skip, SkipReason
from bot.planning.baseline import place

_INHERITED: Final = Skip(reason=SkipReason.INHERITED, detail="by a package that a lock holds as built from source")


def with_restating_locks(workspaces: Iterable[Workspace]) -> tuple[Workspace, ...]:
    """Return *workspaces*, each with those of their locks that hold its package as it is built from its folder.

    What such a package inherits is a line of the library alone, for the lock would have to change with it.
    """
    every = tuple(workspaces)
    folders: dict[str, list[str]] = {}
    for lock in (each.lock for each in every if each.lock):
        for location in (each for each in lock.built if "://" not in each):
            folder = posixpath.normpath(posixpath.join(posixpath.dirname(lock.path), location))
            folders.setdefault(folder, []).append(lock.path)
    return tuple(_restated(each, found) if (found := folders.get(_folder(each))) else each for each in every)


def _restated(workspace: Workspace, locks: Iterable[str]) -> Workspace:
    inherited = {place(each): each for environment in workspace.environments for each in _inherited(environment)}
    return replace(
        workspace,
        restated_in=tuple(locks),
        library_requirements=(*workspace.library_requirements, *inherited.values()),
        environments=tuple(map(_with_inherited_alone, workspace.environments)),
    )


def _inherited(environment: Environment) -> Iterator[Requirement]:
    """Yield the lines of *environment* that its package inherits too, on subdirs as those of a library."""
    for line in environment.requirements:
        if _is_own(line):
            there = {each.subdir for each in environment.platforms if each.name in line.platforms}
            yield replace(line, platforms=tuple(sorted(there)))


def _with_inherited_alone(environment: Environment) -> Environment:
    """Return *environment*, in which those lines stand as they are written."""
    company, mine = environment.company, _apart(environment.requirements, environment.standing)
    requirements, standing = _apart(company.requirements, company.standing)
    others = replace(company, requirements=requirements, standing=standing)
    return replace(environment, requirements=mine[0], standing=mine[1], company=others)


def _apart(
    requirements: Iterable[Requirement], standing: Iterable[Requirement]
) -> tuple[tuple[Requirement, ...], tuple[Requirement, ...]]:
    lines = tuple(requirements)
    alone = (replace(each, dependency=replace(each.dependency, skip=_INHERITED)) for each in lines if _is_own(each))
    return tuple(each for each in lines if not _is_own(each)), (*standing, *alone)


def _is_own(line: Requirement) -> bool:
    return line.dependency.role is Role.PACKAGE


def _folder(workspace: Workspace) -> str:
    return posixpath.normpath(posixpath.dirname(workspace.manifests[0].path))
