"""What a pixi manifest says of the PyPI names of conda packages: `conda-pypi-map`.

https://pixi.sh/latest/reference/pixi_manifest/#conda-pypi-map-optional
"""

from typing import Final

from bot.manifests.credentials import without_credentials
from bot.manifests.toml_document import Table, TomlDocument
from bot.model.manifest import ChannelNames, CondaPypiMap, KeyPath, MappingMode, PackageName

_KEY: Final = "conda-pypi-map"
_MODES: Final = (MappingMode.OVERLAY, MappingMode.REPLACE)
_NO_DEFAULTS: Final = ChannelNames(channel="conda-forge", mode=MappingMode.REPLACE)
"""What an empty table means to pixi: an older way of saying that no mapping is to be downloaded."""


def read_conda_pypi_map(document: TomlDocument, workspace: Table, at: KeyPath) -> CondaPypiMap | None:
    """Return the `conda-pypi-map` of the table *workspace* at *at*; None without one.

    Raises:
        ManifestError: a value is of the wrong kind, or a mode that pixi does not know.

    """
    if workspace.get(_KEY) is False:
        return CondaPypiMap(is_off=True)
    if _KEY not in workspace:
        return None
    table, inner = document.table(workspace, _KEY, at), (*at, _KEY)
    return CondaPypiMap(channels=tuple(_channel(document, table, name, inner) for name in table) or (_NO_DEFAULTS,))


def _channel(document: TomlDocument, table: Table, name: str, at: KeyPath) -> ChannelNames:
    channel, entry = without_credentials(name), table[name]
    if entry is False:
        return ChannelNames(channel=channel, mode=MappingMode.NONE)
    if isinstance(entry, str):
        return ChannelNames(channel=channel, location=without_credentials(entry))
    if not isinstance(entry, dict):
        raise document.error("must be a URL or path, a table, or false", (*at, name))
    location = document.text(entry, "location", (*at, name))
    return ChannelNames(
        channel=channel,
        mode=_mode(document, entry, (*at, name)),
        location=None if location is None else without_credentials(location),
        names=_names(document, document.table(entry, "mapping", (*at, name)), (*at, name, "mapping")),
        same_name=_same_name(document, entry, (*at, name)),
    )


def _mode(document: TomlDocument, entry: Table, at: KeyPath) -> MappingMode:
    text = document.text(entry, "mapping-mode", at)
    mode = next((each for each in _MODES if each == (text or MappingMode.OVERLAY)), None)
    if mode is None:
        raise document.error(f"`{text}` is unknown; pixi knows {' and '.join(_MODES)}", (*at, "mapping-mode"))
    return mode


def _same_name(document: TomlDocument, entry: Table, at: KeyPath) -> bool | None:
    found = entry.get("same-name-heuristic")
    if found is None or isinstance(found, bool):
        return found
    raise document.error("must be true or false", (*at, "same-name-heuristic"))


def _names(document: TomlDocument, mapping: Table, at: KeyPath) -> tuple[tuple[PackageName, tuple[str, ...]], ...]:
    return tuple((PackageName(name.lower()), _projects(document, mapping, name, at)) for name in mapping)


def _projects(document: TomlDocument, mapping: Table, name: str, at: KeyPath) -> tuple[str, ...]:
    found = mapping[name]
    if found is False:
        return ()
    if isinstance(found, str):
        return (found,)
    if isinstance(found, list):
        return document.texts(mapping, name, at) or ()
    raise document.error("must be a name on PyPI, a list of names, or false", (*at, name))
