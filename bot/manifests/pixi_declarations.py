"""What a pixi manifest says about its workspace, features and environments."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import starmap
from typing import Any, Final, TypeVar

from packaging.utils import canonicalize_name

from bot.manifests.conda_pypi_map import read_conda_pypi_map
from bot.manifests.credentials import without_credentials
from bot.manifests.items import is_specifier
from bot.manifests.pixi_exclude_newer import with_exclude_newer
from bot.manifests.pixi_platforms import virtual_packages
from bot.manifests.pixi_sections import inline_feature
from bot.manifests.toml_document import Table, TomlDocument
from bot.model.manifest import (
    EVERY_PACKAGE,
    ChannelPriority,
    ChannelReference,
    Declarations,
    EnvironmentDeclaration,
    Feature,
    KeyPath,
    PackageName,
    Platform,
    PypiOptions,
    PypiOverride,
    SolveStrategy,
)

_Word = TypeVar("_Word", bound=StrEnum)

_RANGED: Final = frozenset({"version", "extras", "env-markers"})
"""What an entry may say of a package that is asked for by its version."""

_FEATURE_KEYS: Final = frozenset(
    {"channels", "channel-priority", "solve-strategy", "platforms", "dependencies", "constraints", "pypi-dependencies"}
    | {"host-dependencies", "build-dependencies", "dev", "target", "pypi-options", "tasks", "activation"}
)


def workspace_table(document: TomlDocument, pixi: Table, at: KeyPath) -> tuple[Table, KeyPath]:
    """Return the table `[workspace]`, or its old name `[project]`, and where it stands."""
    key = "workspace" if "workspace" in pixi else "project"
    return document.table(pixi, key, at), (*at, key)


def read_declarations(
    document: TomlDocument, pixi: Table, at: KeyPath, platforms: tuple[Platform, ...]
) -> Declarations:
    """Return what *pixi*, the manifest proper at *at*, declares; *platforms* are those of its workspace.

    Raises:
        ManifestError: a value is of the wrong kind, or a word that condabot does not know.

    """
    workspace, workspace_at = workspace_table(document, pixi, at)
    declarations = Declarations(
        name=document.text(workspace, "name", workspace_at) or "",
        is_workspace="package" not in pixi or not pixi.keys().isdisjoint({"workspace", "project"}),
        channels=_channels(document, workspace, workspace_at) or (),
        platforms=tuple(dict.fromkeys(platform.subdir for platform in platforms)),
        workspace_platforms=platforms
        if any(each.virtual_packages or each.name != each.subdir for each in platforms)
        else (),
        pypi_options=_pypi_options(document, workspace, workspace_at),
        conda_pypi_map=read_conda_pypi_map(document, workspace, workspace_at),
        features=tuple(_features(document, pixi, at)),
        environments=tuple(_environments(document, pixi, at)),
        lines=tuple(_lines(document, pixi, at, platforms)),
    )
    return with_exclude_newer(declarations, document, (pixi, workspace), (at, workspace_at))


def _lines(
    document: TomlDocument, pixi: Table, at: KeyPath, platforms: tuple[Platform, ...]
) -> Iterator[tuple[KeyPath, int]]:
    """Yield where environments, platforms and the cut-off of *pixi* stand; of several places the last one."""
    for _, table, inner in document.tables(document.table(pixi, "feature", at), (*at, "feature")):
        for number, platform in enumerate(document.texts(table, "platforms", inner) or ()):
            yield ("platforms", platform), document.line((*inner, "platforms", number))
    workspace, workspace_at = workspace_table(document, pixi, at)
    if "exclude-newer" in workspace:
        yield ("exclude-newer",), document.line((*workspace_at, "exclude-newer"))
    for number, each in enumerate(platforms):
        yield ("platforms", each.name), document.line((*workspace_at, "platforms", number))
    for name in document.table(pixi, "environments", at):
        yield ("environments", name), document.line((*at, "environments", name))


def _channels(document: TomlDocument, table: Table, at: KeyPath) -> tuple[ChannelReference, ...] | None:
    found = document.items(table, "channels", at)
    if found is None:
        return None
    return tuple(_channel(document, each, (*at, "channels", number)) for number, each in enumerate(found))


def _channel(document: TomlDocument, entry: object, at: KeyPath) -> ChannelReference:
    if isinstance(entry, str):
        return ChannelReference(name=without_credentials(entry), line=document.line(at))
    table = entry if isinstance(entry, dict) else {}
    name, priority = document.text(table, "channel", at), table.get("priority")
    if name is None or not isinstance(priority, int | None):
        raise document.error("must be a channel's name or URL, or a table with `channel` and a whole `priority`", at)
    return ChannelReference(
        name=without_credentials(name),
        priority=priority,
        exclude_newer=document.written(table, "exclude-newer", at),
        line=document.line(at),
    )


def _word(document: TomlDocument, table: Table, key: str, at: KeyPath, words: type[_Word]) -> _Word | None:
    text = document.text(table, key, at)
    if text is None or text in list(words):
        return None if text is None else words(text)
    raise document.error(f"`{text}` is unknown; condabot knows {', '.join(words)}", (*at, key))


def _pypi_options(document: TomlDocument, table: Table, at: KeyPath) -> PypiOptions | None:
    if "pypi-options" not in table:
        return None
    options, inner = document.table(table, "pypi-options", at), (*at, "pypi-options")
    index_url = document.text(options, "index-url", inner)
    return PypiOptions(
        index_url=None if index_url is None else without_credentials(index_url),
        extra_index_urls=tuple(map(without_credentials, document.texts(options, "extra-index-urls", inner) or ())),
        index_strategy=document.text(options, "index-strategy", inner),
        prerelease_mode=document.text(options, "prerelease-mode", inner),
        has_find_links=bool(options.get("find-links")),
        unbuilt=_unbuilt(options.get("no-build")),
        overrides=tuple(starmap(_override, document.table(options, "dependency-overrides", inner).items())),
    )


def _unbuilt(written: object) -> tuple[str, ...]:
    if isinstance(written, list):
        return tuple(canonicalize_name(each) for each in written if isinstance(each, str))
    return (EVERY_PACKAGE,) if written is True else ()


def _range(version: object) -> str | None:
    """Return *version* as a specifier, empty for any version; None if it is none."""
    if not isinstance(version, str):
        return None
    text = "" if version.strip() == "*" else version.strip()
    return text if not text or is_specifier(text) else None


def _override(name: str, entry: object) -> PypiOverride:
    table = entry if isinstance(entry, dict) else {"version": entry}
    extras = table.get("extras", ())
    return PypiOverride(
        name=PackageName(canonicalize_name(name)),
        specifier=_range(table.get("version", "*")) if table.keys() <= _RANGED else None,
        extras=tuple(sorted(map(str, extras))) if isinstance(extras, list) else (),
    )


def _features(document: TomlDocument, pixi: Table, at: KeyPath) -> Iterator[Feature]:
    # Channels and platforms of the workspace are those of every feature; how it is solved only the default one says.
    workspace, workspace_at = workspace_table(document, pixi, at)
    requirements = document.table(pixi, "system-requirements", at)
    yield Feature(
        name="default",
        system_requirements=tuple(virtual_packages(document, requirements, (*at, "system-requirements"))),
        channel_priority=_word(document, workspace, "channel-priority", workspace_at, ChannelPriority),
        solve_strategy=_word(document, workspace, "solve-strategy", workspace_at, SolveStrategy),
        pypi_options=_pypi_options(document, pixi, at),
    )
    for name, table, inner in document.tables(document.table(pixi, "feature", at), (*at, "feature")):
        yield _feature(document, table, inner, name)
    environments = document.table(pixi, "environments", at)
    for name in environments:
        if _has_content(environments[name]):
            inner = (*at, "environments", name)
            yield _feature(document, environments[name], inner, inline_feature(name))


def _feature(document: TomlDocument, table: Table, at: KeyPath, name: str) -> Feature:
    requirements = document.table(table, "system-requirements", at)
    return Feature(
        name=name,
        channels=_channels(document, table, at),
        platforms=document.texts(table, "platforms", at),
        system_requirements=tuple(virtual_packages(document, requirements, (*at, "system-requirements"))),
        channel_priority=_word(document, table, "channel-priority", at, ChannelPriority),
        solve_strategy=_word(document, table, "solve-strategy", at, SolveStrategy),
        pypi_options=_pypi_options(document, table, at),
    )


def _has_content(environment: Any) -> bool:
    return isinstance(environment, dict) and not _FEATURE_KEYS.isdisjoint(environment)


def _environments(document: TomlDocument, pixi: Table, at: KeyPath) -> Iterator[EnvironmentDeclaration]:
    environments = document.table(pixi, "environments", at)
    if "default" not in environments:
        yield EnvironmentDeclaration(name="default")
    for name in environments:
        yield _environment(document, environments, name, (*at, "environments"))


def _environment(document: TomlDocument, environments: Table, name: str, at: KeyPath) -> EnvironmentDeclaration:
    if isinstance(environments[name], list):
        return EnvironmentDeclaration(name=name, features=document.texts(environments, name, at) or ())
    table = document.table(environments, name, at)
    own = (inline_feature(name),) if _has_content(table) else ()
    return EnvironmentDeclaration(
        name=name,
        features=own + (document.texts(table, "features", (*at, name)) or ()),
        no_default_feature=table.get("no-default-feature") is True,
        solve_group=document.text(table, "solve-group", (*at, name)),
    )
