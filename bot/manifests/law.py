"""The law of rewriting: exactly what was planned is different, and nothing else.

It is judged twice. By condabot's own reading: the planned dependencies have the planned versions, everything else of
the manifest is equal. And by a parser that knows nothing of dependencies: exactly that many values of the file
differ, each by exactly its version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from bot.errors import RewriteRefused
from bot.manifests.base import Leaf
from bot.model.manifest import Declarations, Dependency, Feature, KeyPath, Manifest


def require_planned_dependencies(before: Manifest, after: Manifest, changes: Mapping[KeyPath, str]) -> None:
    """Compare the manifest as read before and after.

    Raises:
        RewriteRefused: they differ in anything but the versions planned in *changes*.

    """
    if _beside_versions(before.declarations) != _beside_versions(after.declarations):
        raise RewriteRefused(f"{before.path}: rewriting would change what the file says beside its dependencies")
    expected = {each.at: changes.get(each.at, each.version) for each in before.dependencies}
    for old, new in zip_longest(before.dependencies, after.dependencies):
        if old is None or new is None or not _same_beside_version(old, new):
            raise RewriteRefused(f"{before.path}: rewriting would change more than versions, at {_shown(old or new)}")
        if new.version != expected[old.at]:
            raise RewriteRefused(f"{before.path}: {_shown(old)} would read `{new.version}`, not `{expected[old.at]}`")


def require_planned_leaves(
    path: str, before: Sequence[Leaf], after: Sequence[Leaf], planned: Sequence[tuple[str, str]]
) -> None:
    """Compare all values of the file before and after; *planned* are the old and new versions in order of the text.

    Raises:
        RewriteRefused: another number of values differs, or one differs by more than its version.

    """
    if [at for at, _ in before] != [at for at, _ in after]:
        raise RewriteRefused(f"{path}: rewriting would change the structure of the file")
    differing = [(old, new) for (_, old), (_, new) in zip(before, after, strict=True) if not _same(old, new)]
    if len(differing) != len(planned):
        raise RewriteRefused(f"{path}: rewriting would change {len(differing)} values, not {len(planned)}")
    remaining = list(planned)
    for old, new in differing:
        found = next((pair for pair in remaining if _differs_by(old, new, *pair)), None)
        if found is None:
            raise RewriteRefused(f"{path}: `{old}` would become `{new}`, which was not planned")
        remaining.remove(found)


def _beside_versions(declarations: Declarations) -> Declarations:
    """Return *declarations* without the versions of what features override: those are dependencies as well."""
    return replace(declarations, features=tuple(map(_without_overrides, declarations.features)))


def _without_overrides(feature: Feature) -> Feature:
    if feature.pypi_options is None:
        return feature
    names = tuple(replace(each, specifier=None) for each in feature.pypi_options.overrides)
    return replace(feature, pypi_options=replace(feature.pypi_options, overrides=names))


def _same_beside_version(old: Dependency, new: Dependency) -> bool:
    return _without_version(old) == _without_version(new)


def _without_version(dependency: Dependency) -> Dependency:
    spec = dependency.match_spec
    return replace(dependency, version="", match_spec=None if spec is None else replace(spec, version=""))


def _same(old: object, new: object) -> bool:
    return type(old) is type(new) and old == new


def _differs_by(old: object, new: object, old_version: str, new_version: str) -> bool:
    """Tell whether *new* is *old* with one occurrence of *old_version* replaced."""
    if (
        not isinstance(old, str)
        or not isinstance(new, str)
        or len(new) - len(old) != len(new_version) - len(old_version)
    ):
        return False
    start = old.find(old_version)
    while start >= 0:
        if old[:start] + new_version + old[start + len(old_version) :] == new:
            return True
        start = old.find(old_version, start + 1)
    return False


def _shown(dependency: Dependency | None) -> str:
    return "" if dependency is None else f"{'.'.join(map(str, dependency.at))} (line {dependency.line})"
