"""`pyproject.toml` with `[tool.pixi]`: pixi's tables, and the requirements of the project itself.

Rule 1: without `[tool.pixi]` it is no manifest of ours.
Rule 2: `[project]` dependencies and extras are what a library asks of its users (`Role.LIBRARY`); dependency groups
are for its developers. pixi makes a feature of each extra and each group.

Sources: PEP 621 (`[project]`), PEP 735 (`[dependency-groups]`), pixi's "pyproject.toml" page.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from bot.manifests.base import ForeignLock, Leaf, LocatedDependency, LocatedManifest, located_manifest
from bot.manifests.items import Item, pip_item, site_of, skipped, verbatim
from bot.manifests.paths import first_match
from bot.manifests.pixi_toml import read_pixi
from bot.manifests.toml_document import Table, TomlDocument, read_toml, toml_leaves
from bot.model.manifest import (
    Datasource,
    Declarations,
    Dependency,
    Feature,
    KeyPath,
    MachineDefaults,
    ManifestFormat,
    PackageName,
    Role,
    Skip,
    SkipReason,
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
)


@dataclass(frozen=True, slots=True)
class PyprojectToml:
    """The format `pyproject.toml`."""

    kind: ManifestFormat = PYPROJECT_TOML
    patterns: tuple[str, ...] = ("**/pyproject.toml",)
    mark: bytes = b"pixi"
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
        requirements = tuple(_Reader(document=document).requirements())
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads lists of requirements, and counts how often each name stands in each."""

    document: TomlDocument
    occurrences: Counter[tuple[KeyPath, PackageName]] = field(default_factory=Counter)

    def requirements(self) -> Iterator[LocatedDependency]:
        """Yield every requirement of the project, its extras and its dependency groups."""
        project = self.document.table(self.document.root, "project", ())
        yield from self._list(project, "dependencies", ("project",), "default", Role.LIBRARY)
        extras = self.document.table(project, "optional-dependencies", ("project",))
        for name in extras:
            yield from self._list(extras, name, ("project", "optional-dependencies"), name, Role.LIBRARY)
        groups = self.document.table(self.document.root, "dependency-groups", ())
        for name in groups:
            yield from self._list(groups, name, ("dependency-groups",), name, Role.DEPENDENCY)

    def _list(self, table: Table, key: str, at: KeyPath, feature: str, role: Role) -> Iterator[LocatedDependency]:
        for number, entry in enumerate(self.document.items(table, key, at) or ()):
            yield self._requirement(entry, (*at, key), number, feature, role)

    def _requirement(self, entry: object, at: KeyPath, number: int, feature: str, role: Role) -> LocatedDependency:
        item = self._item(entry, (*at, number))
        place = self.document.positions.inner((*at, number))
        site = None if place is None else site_of(item, *place)
        occurrence = self.occurrences[at, item.name]
        self.occurrences[at, item.name] += 1
        line = self.document.line((*at, number))
        dependency = Dependency(
            name=item.name,
            datasource=Datasource.PYPI,
            version="" if site is None else self.document.positions.text[site.version.start : site.version.end],
            at=(*at, item.name, occurrence),
            line=line,
            feature=feature,
            role=role,
            extras=item.extras,
            marker=item.marker,
            comment=self.document.positions.comments.get(line, ""),
            skip=item.skip,
        )
        return LocatedDependency(dependency=dependency, site=site)

    def _item(self, entry: object, at: KeyPath) -> Item:
        if isinstance(entry, dict) and isinstance(entry.get("include-group"), str):
            detail = f"include-group = {entry['include-group']}"
            return skipped(entry["include-group"], Skip(reason=SkipReason.INHERITED, detail=detail))
        if not isinstance(entry, str):
            return skipped(str(entry), Skip(reason=SkipReason.NOT_TEXT, detail=f"`{entry}` is not text"))
        return verbatim(pip_item(entry), entry, self.document.positions.between_quotes(at))
