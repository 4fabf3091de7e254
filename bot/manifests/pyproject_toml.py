"""`pyproject.toml` with `[tool.pixi]`: pixi's tables, and the requirements of the project itself.

Rule 1: without `[tool.pixi]` it is no manifest of ours.
Rule 2: `[project]` dependencies and extras are what a library asks of its users (`Role.LIBRARY`); dependency groups
are for its developers. pixi makes a feature of each extra and each group.

Sources: PEP 621 (`[project]`), PEP 735 (`[dependency-groups]`), pixi's "pyproject.toml" page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from bot.manifests.base import ForeignLock, Leaf, LocatedDependency, LocatedManifest, located_manifest
from bot.manifests.paths import first_match
from bot.manifests.pixi_toml import read_pixi
from bot.manifests.requirement_lists import RequirementReader
from bot.manifests.toml_document import TomlDocument, read_toml, toml_leaves
from bot.model.manifest import (
    Declarations,
    Feature,
    KeyPath,
    MachineDefaults,
    ManifestFormat,
    Role,
)

_PIXI: KeyPath = ("tool", "pixi")

PYPROJECT_TOML: Final = ManifestFormat(
    name="pyproject.toml",
    machine=MachineDefaults.PIXI,
    is_pixi=True,
    adds_python=True,
    is_source_of_conda_lock=False,
    may_be_exported=False,
    is_named_by_file=False,
    is_line_by_line=False,
    last_feature_wins=False,
    default_channels=(),
)


@dataclass(frozen=True, slots=True)
class PyprojectToml:
    """The format `pyproject.toml`."""

    kind: ManifestFormat = PYPROJECT_TOML
    patterns: tuple[str, ...] = ("**/pyproject.toml",)
    mark: bytes = b"pixi"
    described: str = "`pyproject.toml` with `[tool.pixi]`"
    otherwise: str = "has no `[tool.pixi]`, so pixi does not read it"
    behind: tuple[str, ...] = ("pixi.toml",)
    foreign_locks: tuple[ForeignLock, ...] = ()

    def matches(self, path: str) -> bool:
        """Tell whether *path* is a `pyproject.toml`."""
        return first_match(path, self.patterns) is not None

    def locate(self, path: str, text: str) -> LocatedManifest | None:
        """Read *text*; None without `[tool.pixi]`. See `Format.locate`."""
        document = read_toml(path, text)
        tools = document.table(document.root, "tool", ())
        if "pixi" not in tools:
            return None
        declarations, located = read_pixi(document, document.table(tools, "pixi", ("tool",)), _PIXI)
        requirements = tuple(_requirements(document))
        return located_manifest(
            path, self.kind, _completed(document, declarations, requirements), located + requirements
        )

    def leaves(self, text: str) -> Iterator[Leaf]:
        """Yield every TOML value. See `Format.leaves`."""
        return toml_leaves(text)


def _completed(
    document: TomlDocument, declarations: Declarations, requirements: tuple[LocatedDependency, ...]
) -> Declarations:
    """Add what `[project]` declares to what `[tool.pixi]` does: the name, the range of python, a feature per group."""
    project = document.table(document.root, "project", ())
    declared = {feature.name for feature in declarations.features}
    groups = dict.fromkeys([*_groups(document), *(each.dependency.feature for each in requirements)])
    return replace(
        declarations,
        name=declarations.name or document.text(project, "name", ("project",)) or "",
        requires_python=document.text(project, "requires-python", ("project",)),
        features=declarations.features + tuple(Feature(name=name) for name in groups if name not in declared),
    )


def _groups(document: TomlDocument) -> Iterator[str]:
    project = document.table(document.root, "project", ())
    yield from document.table(project, "optional-dependencies", ("project",))
    yield from document.table(document.root, "dependency-groups", ())


def _requirements(document: TomlDocument) -> Iterator[LocatedDependency]:
    """Yield every requirement of the project, its extras and its dependency groups."""
    reader = RequirementReader(document=document)
    project = document.table(document.root, "project", ())
    yield from reader.listed(project, "dependencies", ("project",), "default", Role.LIBRARY)
    extras = document.table(project, "optional-dependencies", ("project",))
    for name in extras:
        yield from reader.listed(extras, name, ("project", "optional-dependencies"), name, Role.LIBRARY)
    groups = document.table(document.root, "dependency-groups", ())
    for name in groups:
        yield from reader.listed(groups, name, ("dependency-groups",), name, Role.DEPENDENCY)
