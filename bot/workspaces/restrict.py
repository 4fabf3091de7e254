"""A workspace seen on some platforms only, for a person who wants to know about those."""

from collections.abc import Sequence
from dataclasses import replace

from bot.model.environment import Environment, Requirement, Workspace
from bot.model.manifest import Platform, Subdir
from bot.workspaces.virtual_packages import virtual_packages


def restricted(workspace: Workspace, platforms: Sequence[Subdir]) -> Workspace:
    """Return *workspace* on those of *platforms* that it is for; where nobody says what it is for, on all of them."""
    return replace(
        workspace, environments=tuple(_restricted(each, workspace, platforms) for each in workspace.environments)
    )


def settled(workspace: Workspace, platforms: Sequence[Subdir]) -> Workspace:
    """Return *workspace* on *platforms* where nobody else says what it is for; with none as it is."""
    if not platforms:
        return workspace
    environments = (
        _moved_to(each, workspace, platforms) if each.platforms_assumed else each for each in workspace.environments
    )
    return replace(workspace, environments=tuple(environments))


def _restricted(environment: Environment, workspace: Workspace, platforms: Sequence[Subdir]) -> Environment:
    if environment.platforms_assumed:
        return _moved_to(environment, workspace, platforms)
    return replace(environment, platforms=tuple(each for each in environment.platforms if each.subdir in platforms))


def _moved_to(environment: Environment, workspace: Workspace, platforms: Sequence[Subdir]) -> Environment:
    machine = workspace.manifests[0].format.machine
    return replace(
        environment,
        platforms=tuple(
            Platform(name=each, subdir=each, virtual_packages=virtual_packages(machine, each)) for each in platforms
        ),
        requirements=tuple(_asked_on(each, platforms) for each in environment.requirements),
        standing=tuple(_asked_on(each, platforms) for each in environment.standing),
        constraints=tuple(_asked_on(each, platforms) for each in environment.constraints),
        included=tuple(_asked_on(each, platforms) for each in environment.included),
        implied=dict.fromkeys(platforms, next(iter(environment.implied.values()), ())),
        platforms_assumed=False,
    )


def _asked_on(requirement: Requirement, platforms: Sequence[Subdir]) -> Requirement:
    named = requirement.dependency.platforms
    return replace(requirement, platforms=tuple(each for each in platforms if not named or each in named))
