"""`pixi.toml`, its other name `mojoproject.toml`, and what of it stands in `[tool.pixi]` of a `pyproject.toml`.

Rule 1: every entry of every table of dependencies is a dependency or carries the reason why it is left alone.
Rule 2: what pixi reads is read: TOML 1.1, tables that only newer pixis know, old names of tables.
Rule 3: a word that decides what is solved (`channel-priority`) must be known; any other unknown key is pixi's affair.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from bot.manifests.base import ForeignLock, Leaf, LocatedDependency, LocatedManifest, located_manifest
from bot.manifests.paths import first_match
from bot.manifests.pixi_declarations import read_declarations, workspace_table
from bot.manifests.pixi_entries import located_entries, located_entry, pool_of
from bot.manifests.pixi_platforms import workspace_platforms
from bot.manifests.pixi_sections import Section, sections
from bot.manifests.toml_document import Table, TomlDocument, read_toml, toml_leaves
from bot.model.manifest import Declarations, KeyPath, MachineDefaults, ManifestFormat, Role, SkipReason

PIXI_TOML: Final = ManifestFormat(
    name="pixi.toml",
    machine=MachineDefaults.PIXI,
    is_pixi=True,
    adds_python=False,
    is_source_of_conda_lock=False,
    may_be_exported=False,
    is_named_by_file=False,
    is_line_by_line=False,
    last_feature_wins=False,
    default_channels=(),
)

MOJOPROJECT_TOML: Final = replace(PIXI_TOML, name="mojoproject.toml")


@dataclass(frozen=True, slots=True)
class PixiToml:
    """The format `pixi.toml`, also under another name."""

    kind: ManifestFormat = PIXI_TOML
    patterns: tuple[str, ...] = ("**/pixi.toml",)
    mark: bytes = b""
    described: str = "`pixi.toml`"
    otherwise: str = ""
    behind: tuple[str, ...] = ()
    foreign_locks: tuple[ForeignLock, ...] = ()

    def matches(self, path: str) -> bool:
        """Tell whether *path* has the name."""
        return first_match(path, self.patterns) is not None

    def locate(self, path: str, text: str) -> LocatedManifest | None:
        """Read *text*, which is always a manifest. See `Format.locate`."""
        document = read_toml(path, text)
        declarations, located = read_pixi(document, document.root, ())
        return located_manifest(path, self.kind, declarations, located)

    def leaves(self, text: str) -> Iterator[Leaf]:
        """Yield every TOML value. See `Format.leaves`."""
        return toml_leaves(text)


def read_pixi(document: TomlDocument, pixi: Table, at: KeyPath) -> tuple[Declarations, tuple[LocatedDependency, ...]]:
    """Return what *pixi*, the manifest proper at *at*, declares and depends on.

    Raises:
        ManifestError: a value is of the wrong kind, or a word that condabot does not know.

    """
    workspace, workspace_at = workspace_table(document, pixi, at)
    platforms = workspace_platforms(document, workspace, workspace_at)
    located = [
        entry for section in sections(document, pixi, at, platforms) for entry in located_entries(document, section)
    ]
    located += _build_backend(document, pixi, at)
    inherited = _with_inherited(tuple(located), (*workspace_at, "dependencies"))
    return read_declarations(document, pixi, at, platforms), inherited


def _build_backend(document: TomlDocument, pixi: Table, at: KeyPath) -> Iterator[LocatedDependency]:
    """Yield the build backend of `[package.build]`, which names itself and its version in one table."""
    package = document.table(pixi, "package", at)
    build = document.table(package, "build", (*at, "package"))
    where = (*at, "package", "build", "backend")
    backend = document.table(build, "backend", where[:-1])
    if name := document.text(backend, "name", where):
        section = Section(at=where, table=backend, role=Role.BACKEND)
        yield located_entry(document, section, name, backend, where)


def _with_inherited(located: tuple[LocatedDependency, ...], pool_at: KeyPath) -> tuple[LocatedDependency, ...]:
    """Give each `{ workspace = true }` the match spec of this workspace's pool, if it is in it."""
    pool = pool_of(located, pool_at)
    return tuple(
        replace(each, dependency=replace(each.dependency, match_spec=pool.get(each.dependency.name)))
        if each.dependency.skip and each.dependency.skip.reason is SkipReason.INHERITED
        else each
        for each in located
    )
