"""Looks at a manifest once, for all the rules and all its lines."""

import posixpath
from collections.abc import Mapping
from datetime import datetime

from bot.model.manifest import Manifest, ManifestFormat
from bot.planning.holds.hold import FeatureNames, RepositoryFacts, Surroundings
from bot.planning.holds.other_bots import proposed_by_others
from bot.planning.holds.whole_file import made_by, spec_counts

DEFAULT = "default"


def surroundings_of(manifest: Manifest, facts: RepositoryFacts, now: datetime, *, locked: bool) -> Surroundings:
    """Return what the rules may know of *manifest*; *locked* says that a lockfile stands beside it."""
    return Surroundings(
        path=manifest.path,
        locked=locked,
        now=now,
        counts=spec_counts(manifest.dependencies),
        generated=made_by(manifest, facts.pre_commit_config),
        names=_names(manifest),
        proposed=proposed_by_others(manifest.path, facts.open_pull_requests),
        ignored=facts.ignored,
    )


def _names(manifest: Manifest) -> Mapping[str, FeatureNames]:
    """Return the names of each feature. A file is a feature's name where files are made for an axis, pixi's is not."""
    declarations = manifest.declarations
    file_name = posixpath.basename(manifest.path)
    if manifest.format is ManifestFormat.ENVIRONMENT_YML:
        environment = (declarations.name,) if declarations.name else ()
        return {DEFAULT: FeatureNames(own=(file_name,), environments=environment)}
    if manifest.format is ManifestFormat.ANNOTATED:  # whose environments are called by their packages
        return {each.name: FeatureNames(own=(file_name,)) for each in declarations.features}
    users: dict[str, list[str]] = {}
    for each in declarations.environments:
        for feature in each.features if each.no_default_feature else (*each.features, DEFAULT):
            users.setdefault(feature, []).append(each.name)
    features = {each.feature for each in manifest.dependencies}
    return {each: FeatureNames(own=(each,), environments=tuple(users.get(each, ()))) for each in features}
