"""What a pixi manifest says about `exclude-newer`, of conda and of PyPI packages, in all spellings pixi reads.

`[workspace] exclude-newer` is a moment, or a table with a `cutoff` and `exemptions`; so is `pypi-exclude-newer`, which
without a moment follows the other. The tables `[exclude-newer]` and `[pypi-exclude-newer]` at the top give single
packages a moment of their own. Sources: https://pixi.sh/latest/reference/pixi_manifest/#exclude-newer-optional, and
the release notes of pixi 0.67 and 0.84.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.errors import SpecError
from bot.manifests.toml_document import Table, TomlDocument
from bot.model.manifest import Datasource, Declarations, KeyPath, MatchSpec, PackageName, WrittenExemption
from bot.versioning.match_spec import normalise_conda_name, normalise_pypi_name, parse_nameless

_KEYS: Final = {"exclude-newer": Datasource.CONDA, "pypi-exclude-newer": Datasource.PYPI}


def with_exclude_newer(
    declarations: Declarations, document: TomlDocument, tables: tuple[Table, Table], places: tuple[KeyPath, KeyPath]
) -> Declarations:
    """Return *declarations* with what the manifest proper and its workspace, *tables* at *places*, keep out.

    Raises:
        ManifestError: an exemption is not one.

    """
    pixi, workspace = tables
    pixi_at, workspace_at = places
    return replace(
        declarations,
        exclude_newer=_cut_off(document, workspace, "exclude-newer", workspace_at),
        pypi_exclude_newer=_cut_off(document, workspace, "pypi-exclude-newer", workspace_at),
        package_exclude_newer=tuple(_of_packages(document, pixi, pixi_at)),
        exclude_newer_exemptions=tuple(
            each for key in _KEYS for each in _exemptions(document, workspace, key, workspace_at)
        ),
    )


def _cut_off(document: TomlDocument, workspace: Table, key: str, at: KeyPath) -> str | None:
    if not isinstance(workspace.get(key), dict):
        return document.written(workspace, key, at)
    return document.written(workspace[key], "cutoff", (*at, key))


def _of_packages(document: TomlDocument, pixi: Table, at: KeyPath) -> Iterator[tuple[Datasource, PackageName, str]]:
    for key, datasource in _KEYS.items():
        table = document.table(pixi, key, at)
        for name in table:
            moment = document.written(table, name, (*at, key)) or ""
            yield datasource, _name(document, name, datasource, (*at, key)), moment


def _exemptions(document: TomlDocument, workspace: Table, key: str, at: KeyPath) -> Iterator[WrittenExemption]:
    if not isinstance(workspace.get(key), dict):
        return
    inner = (*at, key, "exemptions")
    table = document.table(workspace[key], "exemptions", inner[:-1])
    for name, entry in table.items():
        yield _exemption(document, name, entry, _KEYS[key], inner)


def _exemption(
    document: TomlDocument, key: str, entry: object, datasource: Datasource, at: KeyPath
) -> WrittenExemption:
    name = _name(document, key, datasource, at)
    fields: Table = entry if isinstance(entry, dict) else {"version": entry}
    spec = MatchSpec(name=name)
    if datasource is Datasource.CONDA:
        spec = _match_spec(document, name, fields, (*at, key))
    return WrittenExemption(
        datasource=datasource, match_spec=spec, cut_off=document.written(fields, "cutoff", (*at, key))
    )


def _match_spec(document: TomlDocument, name: PackageName, fields: Table, at: KeyPath) -> MatchSpec:
    try:
        parsed = parse_nameless(name, document.text(fields, "version", at) or "*")
    except SpecError as error:
        raise document.error(error.message, at) from error
    return replace(
        parsed.spec,
        build=document.text(fields, "build", at) or parsed.spec.build,
        build_number=document.written(fields, "build-number", at),
        channel=document.text(fields, "channel", at),
        subdir=document.text(fields, "subdir", at),
    )


def _name(document: TomlDocument, text: str, datasource: Datasource, at: KeyPath) -> PackageName:
    try:
        return normalise_pypi_name(text) if datasource is Datasource.PYPI else normalise_conda_name(text)
    except SpecError as error:
        raise document.error(error.message, (*at, text)) from error
