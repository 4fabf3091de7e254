"""Looks at a manifest once, for all the rules and all its lines."""

import posixpath
from collections.abc import Collection, Mapping
from datetime import datetime

from bot.model.manifest import Declarations, Manifest
from bot.planning.holds.hold import FeatureNames, RepositoryFacts, Surroundings
from bot.planning.holds.other_bots import proposed_by_others
from bot.planning.holds.whole_file import made_by, spec_counts

DEFAULT = "default"


def surroundings_of(
    manifest: Manifest, facts: RepositoryFacts, now: datetime, *, locked: bool, unjudged: Collection[str] = ()
) -> Surroundings:
    """Return what the rules may know of *manifest*.

    *locked* says that a lockfile stands beside it, *unjudged* names environments that are locked and cannot be made.
    """
    return Surroundings(
        path=manifest.path,
        locked=locked,
        now=now,
        counts=spec_counts(manifest.dependencies),
        generated=made_by(manifest, facts.pre_commit_config),
        locked_by=manifest.locked_elsewhere.path if manifest.locked_elsewhere else "",
        locked_in=_locked_in(manifest),
        unjudged_in=_users_among(manifest.declarations, unjudged),
        names=_names(manifest),
        proposed=proposed_by_others(manifest.path, facts.open_pull_requests),
        ignored=facts.ignored,
        reasons=facts.reasons,
        off=facts.off,
        rules=facts.rules,
        format=manifest.format.name,
        environments={} if manifest.format.is_named_by_file else _users(manifest.declarations),
    )


def _names(manifest: Manifest) -> Mapping[str, FeatureNames]:
    """Return the names of each feature: that of its file where people make a file for each variant, else its own."""
    declarations = manifest.declarations
    if manifest.format.is_named_by_file:
        environment = (declarations.name,) if declarations.name else ()
        names = FeatureNames(own=(posixpath.basename(manifest.path),), environments=environment)
        return {each.name: names for each in declarations.features}
    users = _users(declarations)
    features = {each.feature for each in manifest.dependencies}
    return {each: FeatureNames(own=(each,), environments=users.get(each, ())) for each in features}


def _locked_in(manifest: Manifest) -> Mapping[str, tuple[str, ...]]:
    """Return the environments that are locked elsewhere, by the features that they have."""
    if manifest.locked_elsewhere is None:
        return {}
    return _users_among(manifest.declarations, frozenset(manifest.locked_elsewhere.environments))


def _users_among(declarations: Declarations, environments: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Return those of *environments* that have each feature."""
    users = _users(declarations).items() if environments else ()
    return {feature: tuple(each for each in names if each in environments) for feature, names in users}


def _users(declarations: Declarations) -> Mapping[str, tuple[str, ...]]:
    """Return the names of the environments that have each feature."""
    users: dict[str, tuple[str, ...]] = {}
    for each in declarations.environments:
        for feature in each.features if each.no_default_feature else (*each.features, DEFAULT):
            users[feature] = (*users.get(feature, ()), each.name)
    return users
