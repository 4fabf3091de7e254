"""An inventory as GitHub's dependency graph takes it: the `manifests` of a snapshot."""

from collections.abc import Set as AbstractSet
from typing import Any, Final

from bot.model.inventory import Component, Inventory
from bot.model.manifest import PackageName

VERSION: Final = 1
"""Raised when the same lock is to be submitted anew, for its snapshots are made otherwise. Below 256."""


def snapshot_document(inventory: Inventory, direct: AbstractSet[PackageName]) -> dict[str, Any]:
    """Return what *inventory* consists of, of which manifests ask for *direct*, as a document of JSON types.

    A conda package that is on PyPI is named as it is there, for of conda GitHub knows no advisories.
    """
    released = [each for each in inventory.components if _has_version(each)]
    purls = {each.purl: each.upstream or each.purl for each in released}
    resolved = {
        purls[each.purl]: {
            "package_url": purls[each.purl],
            "relationship": "direct" if each.name in direct else "indirect",
            "scope": "runtime",
            "dependencies": sorted({purls[need] for need in each.needs if need in purls}),
        }
        for each in released
    }
    name = f"{inventory.lock} ({inventory.environment}, {inventory.platform})"
    return {name: {"name": name, "file": {"source_location": inventory.lock}, "resolved": resolved}}


def _has_version(component: Component) -> bool:
    """Tell whether it can be an entry of a graph of releases: what lies in the repository itself has no version."""
    return bool(component.version)
