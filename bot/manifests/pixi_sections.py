"""Where dependencies stand in a pixi manifest: every table of them, with what holds for all its entries.

Source: pixi's manifest reference and its JSON schema (pixi 0.73).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from bot.manifests.platforms import platforms_named
from bot.manifests.toml_document import Table, TomlDocument
from bot.model.manifest import Datasource, KeyPath, Platform, Role, Subdir
from bot.model.subdirs import SUBDIRS

_CONDA_TABLES: Final = {
    "dependencies": Role.DEPENDENCY,
    "host-dependencies": Role.HOST,
    "build-dependencies": Role.BUILD,
    "run-dependencies": Role.RUN,
    "constraints": Role.CONSTRAINT,
    "dev": Role.DEV,
}
_PACKAGE_TABLES: Final = (
    "dependencies",
    "host-dependencies",
    "build-dependencies",
    "run-dependencies",
    "run-constraints",
)
_PACKAGE_GROUPS: Final = ("extra-dependencies", "run-exports")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table of dependencies that stands at `at`; for `platform` see `Dependency`."""

    at: KeyPath
    table: Table
    role: Role
    datasource: Datasource = Datasource.CONDA
    feature: str = "default"
    platforms: tuple[Subdir, ...] = ()
    platform: str = ""


def inline_feature(environment: str) -> str:
    """Return the name of the feature that holds what `[environments.NAME]` asks for itself."""
    return f"environments.{environment}"


def sections(document: TomlDocument, pixi: Table, at: KeyPath, named: tuple[Platform, ...]) -> Iterator[Section]:
    """Yield every table of dependencies in *pixi*, the manifest proper, which stands at *at*.

    *named* are the platforms that targets may call by a name of their own.

    Raises:
        ManifestError: something that must be a table is none.

    """
    reader = _Reader(document=document, named=named)
    yield from reader.feature(pixi, at, "default")
    for name, table, inner in document.tables(document.table(pixi, "feature", at), (*at, "feature")):
        yield from reader.feature(table, inner, name)
    environments = document.table(pixi, "environments", at)
    for name in environments:
        if isinstance(environments[name], dict):
            yield from reader.feature(environments[name], (*at, "environments", name), inline_feature(name))
    for key in ("workspace", "project"):
        yield from reader.section(document.table(pixi, key, at), (*at, key), "dependencies", Role.POOL)
    yield from reader.package(document.table(pixi, "package", at), (*at, "package"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    document: TomlDocument
    named: tuple[Platform, ...]

    def feature(self, table: Table, at: KeyPath, feature: str) -> Iterator[Section]:
        for section in self._feature_tables(table, at):
            yield replace(section, feature=feature)
        for name, target, inner in self._targets(table, at):
            for section in self._feature_tables(target, inner):
                yield replace(
                    section, feature=feature, platforms=self._platforms(name, inner), platform=self._own_name(name)
                )

    def _feature_tables(self, table: Table, at: KeyPath) -> Iterator[Section]:
        for key, role in _CONDA_TABLES.items():
            yield from self.section(table, at, key, role)
        for section in self.section(table, at, "pypi-dependencies", Role.DEPENDENCY):
            yield replace(section, datasource=Datasource.PYPI)
        options = self.document.table(table, "pypi-options", at)
        for section in self.section(options, (*at, "pypi-options"), "dependency-overrides", Role.CONSTRAINT):
            yield replace(section, datasource=Datasource.PYPI)

    def package(self, table: Table, at: KeyPath) -> Iterator[Section]:
        """Yield the tables of a package, those of its old `target` tables and of its `if(…)` conditions too."""
        yield from self._package_tables(table, at)
        for _, target, inner in self._targets(table, at):
            yield from self._package_tables(target, inner)
        build = self.document.table(table, "build", at)
        backend = self.document.table(build, "backend", (*at, "build"))
        inner = (*at, "build", "backend")
        yield from self.section(backend, inner, "additional-dependencies", Role.BACKEND)

    def _package_tables(self, table: Table, at: KeyPath) -> Iterator[Section]:
        for key in _PACKAGE_TABLES:
            yield from self._conditional(table, at, key)
        for key in _PACKAGE_GROUPS:
            groups = self.document.table(table, key, at)
            for name in groups:
                yield from self._conditional(groups, (*at, key), name)

    def _conditional(self, table: Table, at: KeyPath, key: str) -> Iterator[Section]:
        for section in self.section(table, at, key, Role.PACKAGE):
            plain = {name: entry for name, entry in section.table.items() if not name.startswith("if(")}
            yield replace(section, table=plain)
            for condition in section.table.keys() - plain.keys():
                yield from self.section(section.table, section.at, condition, Role.PACKAGE)

    def section(self, table: Table, at: KeyPath, key: str, role: Role) -> Iterator[Section]:
        """Yield the table at *key* if it is there."""
        if key in table:
            yield Section(at=(*at, key), table=self.document.table(table, key, at), role=role)

    def _targets(self, table: Table, at: KeyPath) -> Iterator[tuple[str, Table, KeyPath]]:
        yield from self.document.tables(self.document.table(table, "target", at), (*at, "target"))

    def _own_name(self, target: str) -> str:
        """Return *target* if it is a pattern, or what the workspace calls one of its platforms, and no subdir."""
        is_name = any(each.name == target != each.subdir for each in self.named)
        return target if is_name or "*" in target else ""

    def _platforms(self, target: str, at: KeyPath) -> tuple[Subdir, ...]:
        if "*" in target:
            return self._like(target)
        named = tuple(platform.subdir for platform in self.named if platform.name == target)
        platforms = named or platforms_named(target)
        if not platforms:
            raise self.document.error("is no platform that condabot knows, nor one that the workspace names", at)
        return platforms

    def _like(self, pattern: str) -> tuple[Subdir, ...]:
        """Return the subdirs of all platforms whose name is like *pattern*, in which `*` stands for any characters."""
        named = [*self.named, *(Platform(name=each, subdir=each) for each in SUBDIRS)]
        return tuple(dict.fromkeys(each.subdir for each in named if fnmatchcase(each.name, pattern)))
