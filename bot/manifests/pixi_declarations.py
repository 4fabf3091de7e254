"""What a pixi manifest says about its workspace, features and environments."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final, TypeVar

from bot.manifests.credentials import without_credentials
from bot.manifests.pixi_sections import inline_feature
from bot.manifests.toml_document import Table, TomlDocument
from bot.model.manifest import (
    ChannelPriority,
    ChannelReference,
    Datasource,
    Declarations,
    EnvironmentDeclaration,
    Feature,
    KeyPath,
    PackageName,
    PypiOptions,
    SolveStrategy,
    Subdir,
    VirtualPackage,
    WorkspacePlatform,
)

_Word = TypeVar("_Word", bound=StrEnum)

# `libc` and `cuda` may be tables; `unix` says nothing that the subdir does not.
_VIRTUAL_PACKAGES: Final = {
    "linux": "__linux",
    "libc": "__glibc",
    "glibc": "__glibc",
    "cuda": "__cuda",
    "macos": "__osx",
    "osx": "__osx",
    "windows": "__win",
    "archspec": "__archspec",
}
_FEATURE_KEYS: Final = frozenset(
    {"channels", "channel-priority", "solve-strategy", "platforms", "dependencies", "constraints", "pypi-dependencies"}
    | {"host-dependencies", "build-dependencies", "dev", "target", "pypi-options", "tasks", "activation"}
)


def workspace_table(document: TomlDocument, pixi: Table, at: KeyPath) -> tuple[Table, KeyPath]:
    """Return the table `[workspace]`, or its old name `[project]`, and where it stands."""
    key = "workspace" if "workspace" in pixi else "project"
    return document.table(pixi, key, at), (*at, key)


def workspace_platforms(document: TomlDocument, table: Table, at: KeyPath) -> tuple[WorkspacePlatform, ...]:
    """Return the platforms of the workspace *table*, plain ones as well as tables.

    Raises:
        ManifestError: a platform has neither a name nor a subdir.

    """
    platforms = document.items(table, "platforms", at) or []
    return tuple(
        _workspace_platform(document, each, (*at, "platforms", number)) for number, each in enumerate(platforms)
    )


def read_declarations(
    document: TomlDocument, pixi: Table, at: KeyPath, platforms: tuple[WorkspacePlatform, ...]
) -> Declarations:
    """Return what *pixi*, the manifest proper at *at*, declares; *platforms* are those of its workspace.

    Raises:
        ManifestError: a value is of the wrong kind, or a word that condabot does not know.

    """
    workspace, workspace_at = workspace_table(document, pixi, at)
    return Declarations(
        name=document.text(workspace, "name", workspace_at) or "",
        channels=_channels(document, workspace, workspace_at) or (),
        platforms=tuple(dict.fromkeys(platform.subdir for platform in platforms)),
        workspace_platforms=tuple(each for each in platforms if each.virtual_packages or each.name != each.subdir),
        channel_priority=_word(document, workspace, "channel-priority", workspace_at, ChannelPriority),
        solve_strategy=_word(document, workspace, "solve-strategy", workspace_at, SolveStrategy),
        exclude_newer=document.written(workspace, "exclude-newer", workspace_at),
        package_exclude_newer=tuple(_package_exclude_newer(document, pixi, at)),
        pypi_options=_pypi_options(document, workspace, workspace_at),
        features=tuple(_features(document, pixi, at, platforms)),
        environments=tuple(_environments(document, pixi, at)),
    )


def _workspace_platform(document: TomlDocument, entry: object, at: KeyPath) -> WorkspacePlatform:
    if isinstance(entry, str):
        return WorkspacePlatform(name=entry, subdir=Subdir(entry))
    table = entry if isinstance(entry, dict) else {}
    name = document.text(table, "name", at)
    subdir = document.text(table, "platform", at) or name
    if subdir is None:
        raise document.error("must be the name of a platform, or a table with `platform`", at)
    return WorkspacePlatform(
        name=name or subdir, subdir=Subdir(subdir), virtual_packages=tuple(_virtual_packages(document, table, at))
    )


def _virtual_packages(document: TomlDocument, table: Table, at: KeyPath) -> Iterator[VirtualPackage]:
    """Yield the virtual packages of `[system-requirements]` or of a platform's table."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _virtual_packages_of_table(document, key, value, (*at, key))
        elif key in _VIRTUAL_PACKAGES or key.startswith("__"):
            yield _virtual_package(_VIRTUAL_PACKAGES.get(key, key), document.written(table, key, at) or "0")


def _virtual_packages_of_table(document: TomlDocument, key: str, table: Table, at: KeyPath) -> Iterator[VirtualPackage]:
    """Yield those of `libc = {family, version}` and `cuda = {driver, arch}`."""
    if key == "libc":
        family = document.text(table, "family", at) or "glibc"
        yield _virtual_package(f"__{family}", document.written(table, "version", at) or "0")
    if key == "cuda":
        yield _virtual_package("__cuda", document.written(table, "driver", at) or "0")
        if arch := document.written(table, "arch", at):
            yield _virtual_package("__cuda_arch", arch)


def _virtual_package(name: str, written: str) -> VirtualPackage:
    """Return the virtual package; the microarchitecture stands in the build string of `__archspec` (CEP 30)."""
    if name == "__archspec":
        return VirtualPackage(name=name, version="1", build=written)
    version, _, build = written.partition("=")
    return VirtualPackage(name=name, version=version, build=build or "0")


def _channels(document: TomlDocument, table: Table, at: KeyPath) -> tuple[ChannelReference, ...] | None:
    found = document.items(table, "channels", at)
    if found is None:
        return None
    return tuple(_channel(document, each, (*at, "channels", number)) for number, each in enumerate(found))


def _channel(document: TomlDocument, entry: object, at: KeyPath) -> ChannelReference:
    if isinstance(entry, str):
        return ChannelReference(name=without_credentials(entry))
    table = entry if isinstance(entry, dict) else {}
    name, priority = document.text(table, "channel", at), table.get("priority")
    if name is None or not isinstance(priority, int | None):
        raise document.error("must be a channel's name or URL, or a table with `channel` and a whole `priority`", at)
    return ChannelReference(
        name=without_credentials(name), priority=priority, exclude_newer=document.written(table, "exclude-newer", at)
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
    )


def _package_exclude_newer(
    document: TomlDocument, pixi: Table, at: KeyPath
) -> Iterator[tuple[Datasource, PackageName, str]]:
    tables = {"exclude-newer": Datasource.CONDA, "pypi-exclude-newer": Datasource.PYPI}
    for key, datasource in tables.items():
        table = document.table(pixi, key, at)
        for name in table:
            yield datasource, PackageName(name.lower()), document.written(table, name, (*at, key)) or ""


def _features(
    document: TomlDocument, pixi: Table, at: KeyPath, named: tuple[WorkspacePlatform, ...]
) -> Iterator[Feature]:
    # Channels, platforms and strategies of the default feature are the workspace's.
    requirements = document.table(pixi, "system-requirements", at)
    yield Feature(
        name="default",
        system_requirements=tuple(_virtual_packages(document, requirements, (*at, "system-requirements"))),
        pypi_options=_pypi_options(document, pixi, at),
    )
    for name, table, inner in document.tables(document.table(pixi, "feature", at), (*at, "feature")):
        yield _feature(document, table, inner, name, named)
    environments = document.table(pixi, "environments", at)
    for name in environments:
        if _has_content(environments[name]):
            inner = (*at, "environments", name)
            yield _feature(document, environments[name], inner, inline_feature(name), named)


def _feature(
    document: TomlDocument, table: Table, at: KeyPath, name: str, named: tuple[WorkspacePlatform, ...]
) -> Feature:
    platforms = document.texts(table, "platforms", at)
    requirements = document.table(table, "system-requirements", at)
    return Feature(
        name=name,
        channels=_channels(document, table, at),
        platforms=None if platforms is None else _subdirs(platforms, named),
        system_requirements=tuple(_virtual_packages(document, requirements, (*at, "system-requirements"))),
        channel_priority=_word(document, table, "channel-priority", at, ChannelPriority),
        solve_strategy=_word(document, table, "solve-strategy", at, SolveStrategy),
        pypi_options=_pypi_options(document, table, at),
    )


def _subdirs(names: tuple[str, ...], named: tuple[WorkspacePlatform, ...]) -> tuple[Subdir, ...]:
    """Return the subdirs of the platforms called *names*, each once."""
    by_name = {platform.name: platform.subdir for platform in named}
    return tuple(dict.fromkeys(by_name.get(name, Subdir(name)) for name in names))


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
