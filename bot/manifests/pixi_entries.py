"""One entry in a pixi table of dependencies -> the dependency it is, and where its version stands."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from packaging.utils import canonicalize_name

from bot.edits import Span
from bot.errors import SpecError
from bot.manifests.base import LocatedDependency
from bot.manifests.credentials import without_credentials
from bot.manifests.items import Item, is_specifier, left_alone, package_file, site_of, skipped, verbatim
from bot.manifests.pixi_match_specs import of_file, with_table
from bot.manifests.pixi_sections import Section
from bot.manifests.toml_document import Table, TomlDocument
from bot.model.manifest import Datasource, Dependency, KeyPath, MatchSpec, PackageName, Skip, SkipReason
from bot.versioning.match_spec import (
    is_name_pattern,
    is_virtual_package,
    normalise_conda_name,
    normalise_pypi_name,
    parse_nameless,
)

_SKIPPED_KEYS: Final = {
    "path": SkipReason.PATH,
    "git": SkipReason.GIT,
    "url": SkipReason.EXPLICIT_URL,
    "workspace": SkipReason.INHERITED,
    "pin-compatible": SkipReason.INHERITED,
    "pin-subpackage": SkipReason.INHERITED,
    "when": SkipReason.SELECTOR,
}
_ASKED_OF_GIT: Final = ("branch", "tag", "rev", "subdirectory")


def located_entries(document: TomlDocument, section: Section) -> Iterator[LocatedDependency]:
    """Yield every entry of *section*."""
    for key, entry in section.table.items():
        yield located_entry(document, section, key, entry, (*section.at, key))


def located_entry(document: TomlDocument, section: Section, key: str, entry: object, at: KeyPath) -> LocatedDependency:
    """Return the dependency that *entry*, found at *at*, makes of the package *key*."""
    table: Table = entry if isinstance(entry, dict) else {"version": entry}
    value_at = (*at, "version") if isinstance(entry, dict) and "version" in entry else at
    place = document.positions.inner(value_at)
    written = document.positions.between_quotes(value_at)
    item = verbatim(_item(key, table, section.datasource), str(table.get("version", "")), written)
    site = None if place is None else site_of(item, *place)
    line = document.line(value_at)
    dependency = Dependency(
        name=item.name,
        datasource=section.datasource,
        version="" if site is None else document.positions.text[site.version.start : site.version.end],
        at=value_at,
        line=line,
        feature=section.feature,
        role=section.role,
        platforms=section.platforms,
        platform=section.platform,
        match_spec=item.match_spec,
        file=item.file,
        folder="" if item.file or section.datasource is Datasource.PYPI else _folder(table),
        repository="" if item.file or section.datasource is Datasource.PYPI else _repository(table),
        extras=item.extras,
        marker=item.marker,
        index=_index(table) if section.datasource is Datasource.PYPI else None,
        comment=document.positions.comments.get(line, ""),
        skip=item.skip,
    )
    return LocatedDependency(dependency=dependency, site=site)


def _index(table: Table) -> str | None:
    """Return where alone a PyPI package is looked for, without credentials."""
    written = table.get("index")
    return without_credentials(written) if isinstance(written, str) else None


def _item(key: str, table: Table, datasource: Datasource) -> Item:
    skip = _skip(key, table)
    if skip and (datasource is Datasource.PYPI or skip.reason is not SkipReason.SELECTOR):
        if datasource is Datasource.CONDA:
            return replace(skipped(key, skip), file=_file(table))
        return replace(skipped(canonicalize_name(key), skip), extras=_extras(table), marker=_marker(table))
    try:
        if datasource is Datasource.PYPI:
            return _pypi_item(key, table)
        item = _conda_item(key, table)
        return left_alone(item, skip) if skip else item
    except SpecError as error:
        return skipped(key, Skip(reason=SkipReason.INVALID_SPEC, detail=str(error)))


def _skip(key: str, table: Table) -> Skip | None:
    if table.get("editable") is True:
        return Skip(reason=SkipReason.EDITABLE, detail=_shown(table))
    for name, reason in _SKIPPED_KEYS.items():
        if name in table:
            return Skip(reason=reason, detail=_shown(table))
    if not isinstance(table.get("version", ""), str):
        return Skip(reason=SkipReason.NOT_TEXT, detail=f"`{table['version']}` is not text: put it in quotes")
    return Skip(reason=SkipReason.NAME_PATTERN, detail=key) if is_name_pattern(key) else None


def _shown(table: Table) -> str:
    """Return the entry as one line; of tables within it only that they are there."""
    values = {key: "{…}" if isinstance(value, dict) else str(value) for key, value in table.items()}
    words = {"True": "true", "False": "false"}
    return without_credentials(", ".join(f"{key} = {words.get(value, value)}" for key, value in values.items()))


def _conda_item(key: str, table: Table) -> Item:
    name = normalise_conda_name(key)
    parsed = parse_nameless(name, table.get("version", ""))
    spec = with_table(parsed.spec, table)
    item = Item(name=name, version=parsed.version_span, match_spec=spec)
    if is_virtual_package(name):
        return left_alone(item, Skip(reason=SkipReason.VIRTUAL_PACKAGE, detail=key))
    if "file-name" not in table:
        return item
    named = replace(item, match_spec=of_file(spec, str(table["file-name"])))
    return left_alone(named, Skip(reason=SkipReason.EXPLICIT_URL, detail=_shown(table)))


def _file(table: Table) -> str:
    location = table.get("url", table.get("path"))
    return package_file(location) if isinstance(location, str) and "when" not in table else ""


def _folder(table: Table) -> str:
    location = table.get("path")
    return posixpath.normpath(without_credentials(location)) if isinstance(location, str) and location else ""


def _repository(table: Table) -> str:
    location = table.get("git", table.get("url"))
    asked = urlencode({key: str(table[key]) for key in _ASKED_OF_GIT if key in table})
    return without_credentials(f"{location}?{asked}" if asked else location) if isinstance(location, str) else ""


def _pypi_item(key: str, table: Table) -> Item:
    version = table.get("version", "")
    if version.strip() != "*" and not is_specifier(version):
        raise SpecError(f"`{version}` is not a version specifier (PEP 440)")
    return Item(name=normalise_pypi_name(key), version=_stripped(version), extras=_extras(table), marker=_marker(table))


def _extras(table: Table) -> tuple[str, ...]:
    extras = table.get("extras", ())
    return tuple(sorted(map(str, extras))) if isinstance(extras, list) else ()


def _marker(table: Table) -> str:
    return str(table.get("env-markers", ""))


def _stripped(text: str) -> Span | None:
    found = re.fullmatch(r"\s*(.*?)\s*", text)
    return Span(*found.span(1)) if found and found[1] else None


def pool_of(located: tuple[LocatedDependency, ...], at: KeyPath) -> dict[PackageName, MatchSpec]:
    """Return the match specs that the table at *at*, `[workspace.dependencies]`, offers to be inherited."""
    return {
        each.dependency.name: each.dependency.match_spec
        for each in located
        if each.dependency.at[: len(at)] == at and each.dependency.match_spec is not None
    }
