"""Manifests beside which another one is read: of several in one folder pixi reads the first only.

Source: `WorkspaceDiscoverer::provenance_from_dir` in pixi's `pixi_manifest/src/discovery.rs`.
"""

import posixpath
from collections.abc import Container

from bot.manifests.formats import FORMATS
from bot.model.manifest import Manifest


def preferred_to(manifest: Manifest, paths: Container[str]) -> str | None:
    """Return which of *paths*, all of them manifests, is read in place of *manifest*; None if it is read itself."""
    folder = posixpath.dirname(manifest.path)
    names = next(form.behind for form in FORMATS if form.kind is manifest.format)
    return next((path for name in names if (path := posixpath.join(folder, name)) in paths), None)
