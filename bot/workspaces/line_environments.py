"""A file with annotations is as many environments as it has annotated lines, and each stands or falls alone."""

from collections.abc import Iterator
from dataclasses import replace

from bot.model.manifest import Dependency, Manifest


def line_by_line(manifest: Manifest) -> Iterator[Manifest]:
    """Yield, for each environment of the annotated *manifest*, a manifest that has nothing but its lines."""
    lines: dict[str, list[Dependency]] = {}
    for dependency in manifest.dependencies:
        lines.setdefault(dependency.feature, []).append(dependency)
    features = {each.name: each for each in manifest.declarations.features}
    for each in manifest.declarations.environments:
        declarations = replace(manifest.declarations, features=(features[each.name],), environments=(each,))
        yield replace(manifest, declarations=declarations, dependencies=tuple(lines[each.name]))
