"""Lines that count in no environment: none has their feature, none is for their platforms, or others stand for them."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from bot.model.environment import Workspace
from bot.model.manifest import Dependency, EnvironmentDeclaration, Manifest, Role
from bot.planning.baseline import Place

DEFAULT = "default"
OF_AN_ENVIRONMENT = frozenset({Role.DEPENDENCY, Role.HOST, Role.BUILD, Role.CONSTRAINT})


def unused(workspaces: tuple[Workspace, ...]) -> Mapping[Place, str]:
    """Return why lines of manifests of pixi count in none of their environments, by their places."""
    return {
        (manifest.path, dependency.at): reason
        for workspace in workspaces
        for manifest in workspace.manifests
        if manifest.format.is_pixi
        for dependency in manifest.dependencies
        if dependency.role in OF_AN_ENVIRONMENT and (reason := _why_unused(dependency, manifest, workspace))
    }


def _why_unused(dependency: Dependency, manifest: Manifest, workspace: Workspace) -> str:
    having = [each for each in manifest.declarations.environments if dependency.feature in _features(each)]
    if not having:
        return f"no environment has the feature {dependency.feature}"
    if not dependency.platforms or not frozenset(dependency.platforms).isdisjoint(
        _subdirs(having, manifest, workspace)
    ):
        return _stood_for(dependency, manifest, workspace)
    return f"none of its environments is for {' or '.join(dependency.platforms)}"


def _stood_for(dependency: Dependency, manifest: Manifest, workspace: Workspace) -> str:
    """Return which line of its feature stands for *dependency* wherever that could count, as a sentence, if one does.

    Of several lines of a feature for one package pixi takes one on each platform: `build` over `host` over plain ones.
    """
    if workspace.faults or dependency.skip:
        return ""
    asked = (each for environment in workspace.environments for each in environment.requirements)
    counting = {each.dependency.at for each in asked if each.manifest == manifest.path}
    if dependency.at in counting:
        return ""
    told = (dependency.feature, dependency.datasource, dependency.name)
    others = (each for each in manifest.dependencies if (each.feature, each.datasource, each.name) == told)
    lines = [each.line for each in others if each.at in counting]
    return f"line {lines[0]} stands for it in every environment" if lines else ""


def _features(environment: EnvironmentDeclaration) -> Iterator[str]:
    yield from environment.features
    if not environment.no_default_feature:
        yield DEFAULT


def _subdirs(having: list[EnvironmentDeclaration], manifest: Manifest, workspace: Workspace) -> AbstractSet[str]:
    """Return the subdirs of the environments *having* a line; one that could not be made may be for any that is named.

    What a feature names joins the workspace.
    """
    made = {each.name: each for each in workspace.environments}
    named = {each for feature in manifest.declarations.features for each in feature.platforms or ()}
    found: set[str] = set()
    for each in having:
        if each.name in made:
            found |= {platform.subdir for platform in made[each.name].platforms}
        else:
            found |= {*manifest.declarations.platforms, *named}
    return found
