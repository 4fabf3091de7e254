"""`anaconda-project.yml`: packages for a whole project, and on top of them those of each env spec.

Rule 1: an env spec has the packages, channels and platforms of the top of the file, then those of the env specs that
it inherits from, then its own; of lines that name one package the last one counts.
Rule 2: without env specs there is one environment, `default`.
Rule 3: what is listed under `dependencies` and under `packages` is the same, but one file has only one of them: the
former if it stands at the top, else the latter.
Rule 4: `anaconda-project-lock.yml` is not written. What an env spec has that it locks stays as it is.

Source: https://anaconda-project.readthedocs.io/en/latest/user-guide/reference.html. On the last line of rule 1, on
channels that are listed again (the last place counts) and on rule 3 it is silent; that is what its program does.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import ManifestError
from bot.manifests.base import ForeignLock, Leaf, LocatedManifest, located_manifest
from bot.manifests.decoding import decode
from bot.manifests.paths import first_match
from bot.manifests.yaml_items import (
    NOTHING,
    ItemReader,
    Section,
    channels_of,
    only_value,
    platforms_of,
    resolved,
    text_of,
    texts_of,
    yaml_leaves,
)
from bot.manifests.yaml_rules import read_yaml
from bot.model.manifest import (
    ChannelReference,
    Declarations,
    EnvironmentDeclaration,
    Feature,
    KeyPath,
    MachineDefaults,
    ManifestFormat,
    Subdir,
)
from bot.yaml.nodes import AliasNode, MappingNode, Node, ScalarNode, SequenceNode

ENV_SPECS: Final = "env_specs"
LISTS: Final = ("dependencies", "packages")
DEFAULT: Final = "default"
MERGE: Final = "<<"
MOST_ENV_SPECS: Final = 100

ANACONDA_PROJECT: Final = ManifestFormat(
    name="anaconda-project.yml",
    machine=MachineDefaults.CONDA_LOCK,
    is_pixi=False,
    adds_python=False,
    is_source_of_conda_lock=False,
    may_be_exported=False,
    is_named_by_file=False,
    is_line_by_line=False,
    last_feature_wins=True,
    default_channels=("defaults",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _EnvSpec:
    """What an env spec says itself; the top of the file is one without a name."""

    section: Section
    packages: Node | None
    channels: tuple[ChannelReference, ...]
    platforms: Mapping[Subdir, int]
    parents: tuple[str, ...]


def _locked(path: str, content: bytes, names: Collection[str]) -> tuple[str, ...]:
    """Return which of the env specs *names* the `anaconda-project-lock.yml` *content* locks.

    Locking is on where nothing turns it off, for all env specs or for one.

    Raises:
        ManifestError: it cannot be read.

    """
    root = read_yaml(path, decode(path, content))
    if not isinstance(root, MappingNode):
        return tuple(names)
    tables = _tables(path, root)
    usually = text_of(root, "locking_enabled").lower() != "false"
    said = {name: text_of(table, "locked").lower() for name, table in tables.items()}
    return tuple(name for name in names if {"true": True, "false": False}.get(said.get(name, ""), usually))


@dataclass(frozen=True, slots=True)
class AnacondaProject:
    """The format `anaconda-project.yml`."""

    kind: ManifestFormat = ANACONDA_PROJECT
    patterns: tuple[str, ...] = ("**/anaconda-project.{yml,yaml}",)
    mark: bytes = b""
    described: str = "`anaconda-project.yml`"
    otherwise: str = ""
    behind: tuple[str, ...] = ()
    foreign_locks: tuple[ForeignLock, ...] = (
        ForeignLock(
            names=("anaconda-project-lock.yml", "anaconda-project-lock.yaml"),
            locked=_locked,
        ),
    )

    def matches(self, path: str) -> bool:
        """Tell whether *path* is an `anaconda-project.yml`."""
        return first_match(path, self.patterns) is not None

    def locate(self, path: str, text: str) -> LocatedManifest | None:
        """Read *text*; None if it is empty. See `Format.locate`."""
        root = read_yaml(path, text)
        if not isinstance(root, MappingNode):
            return None
        top, specs = _spec(path, root, "", _list_name(root)), _env_specs(path, root)
        reader = ItemReader(text=text, selectors=False)
        located = tuple(item for each in (top, *specs.values()) for item in reader.items(each.packages, each.section))
        return located_manifest(path, self.kind, _declarations(path, text_of(root, "name"), top, specs), located)

    def leaves(self, text: str) -> Iterator[Leaf]:
        """Yield PyYAML's events. See `Format.leaves`."""
        return yaml_leaves(text)


def _list_name(root: MappingNode) -> str:
    """Return the name that lists of packages have in this file."""
    node = resolved(root.entries.get("dependencies"))
    return "packages" if node is None or _is_nothing(node) else "dependencies"


def _is_nothing(node: Node | None) -> bool:
    """Tell whether *node* is an empty list or table, or not even that."""
    match node:
        case None:
            return True
        case SequenceNode():
            return not node.items
        case MappingNode():
            return not node.pairs
        case ScalarNode():
            return not node.form.style and node.value.lower() in NOTHING
        case _:
            return False


def _env_specs(path: str, root: MappingNode) -> dict[str, _EnvSpec]:
    name = _list_name(root)
    return {key: _spec(path, table, key, name) for key, table in _tables(path, root).items()}


def _spec(path: str, table: MappingNode, name: str, list_name: str) -> _EnvSpec:
    at: KeyPath = (ENV_SPECS, name) if name else ()
    unread = next(each for each in LISTS if each != list_name)
    if only_value(path, table, MERGE) is not None:
        message = "takes over another table, which condabot does not follow: write out what it says"
        raise ManifestError(message, path=path, line=table.line, key=_joined(*at, MERGE))
    if not _is_nothing(resolved(table.entries.get(unread))):
        message = "is a list that anaconda-project does not read: if there is one at the top called "
        message += "`dependencies`, every list must be called so, else `packages`"
        raise ManifestError(message, path=path, line=table.line, key=_joined(*at, unread))
    packages = only_value(path, table, list_name)
    if isinstance(packages, AliasNode):
        message = f"is `*{packages.name}`, a list that another place has too: write it out"
        raise ManifestError(message, path=path, line=packages.line, key=_joined(*at, list_name))
    return _EnvSpec(
        section=Section(at=(*at, list_name), feature=_joined(*at) or DEFAULT),
        packages=packages,
        channels=channels_of(path, table),
        platforms=platforms_of(path, table),
        parents=tuple(each.strip() for each in texts_of(path, table, "inherit_from")),
    )


def _joined(*at: str | int) -> str:
    return ".".join(map(str, at))


def _tables(path: str, root: MappingNode) -> dict[str, MappingNode]:
    """Return the tables under `env_specs`, by name."""
    node = only_value(path, root, ENV_SPECS)
    if node is None or _is_nothing(node):
        return {}
    if not isinstance(node, MappingNode):
        raise ManifestError("must be a table of env specs", path=path, line=root.line, key=ENV_SPECS)
    found: dict[str, MappingNode] = {}
    for key, table in node.pairs:
        if not isinstance(key, ScalarNode) or not isinstance(table, MappingNode) or key.value in ("", MERGE):
            raise ManifestError("must be a table with a name, written out", path=path, line=key.line, key=ENV_SPECS)
        if key.value in found:
            raise ManifestError("stands twice", path=path, line=key.line, key=f"{ENV_SPECS}.{key.value}")
        found[key.value] = table
    if len(found) > MOST_ENV_SPECS:
        raise ManifestError(f"has more than {MOST_ENV_SPECS} env specs", path=path, line=root.line, key=ENV_SPECS)
    return found


def _declarations(path: str, name: str, top: _EnvSpec, specs: Mapping[str, _EnvSpec]) -> Declarations:
    """Return the environments: each has the features of its lines, and one for what else holds in it."""
    lineages = _lineages(path, specs) or {DEFAULT: ()}
    rows = {each: (top, *(specs[ancestor] for ancestor in lineage)) for each, lineage in lineages.items()}
    return Declarations(
        name=name,
        platforms=_each_once(each.platforms for each in (top, *specs.values())),
        lines=tuple(
            (("platforms", name), line) for each in (*specs.values(), top) for name, line in each.platforms.items()
        ),
        features=(
            *(Feature(name=each.section.feature) for each in (top, *specs.values())),
            *(_settings(each, row) for each, row in rows.items()),
        ),
        environments=tuple(
            EnvironmentDeclaration(
                name=each,
                features=(_settings(each, row).name, *(spec.section.feature for spec in row)),
                no_default_feature=True,
            )
            for each, row in rows.items()
        ),
    )


def _settings(name: str, row: Iterable[_EnvSpec]) -> Feature:
    """Return the feature that has no lines, but the channels and platforms of the environment *name*."""
    channels: tuple[ChannelReference, ...] = ()
    for each in row:
        channels = (*(channel for channel in channels if channel not in each.channels), *each.channels)
    return Feature(
        name=f"environments.{name}",
        channels=channels,
        platforms=_each_once(each.platforms for each in row) or None,
    )


def _each_once(lists: Iterable[Iterable[Subdir]]) -> tuple[Subdir, ...]:
    return tuple(dict.fromkeys(subdir for subdirs in lists for subdir in subdirs))


def _lineages(path: str, specs: Mapping[str, _EnvSpec]) -> dict[str, tuple[str, ...]]:
    """Return for each env spec whose lines it has: those of its ancestors, the oldest first, and its own.

    Raises:
        ManifestError: one inherits from what is no env spec, or in the end from itself.

    """
    found: dict[str, tuple[str, ...]] = {}
    while remaining := {name: spec for name, spec in specs.items() if name not in found}:
        ready = {name: spec for name, spec in remaining.items() if found.keys() >= set(spec.parents)}
        if not ready:
            raise _inheritance_error(path, remaining, specs)
        for name, spec in ready.items():
            inherited = (ancestor for parent in spec.parents for ancestor in found[parent])
            found[name] = tuple(dict.fromkeys((*inherited, name)))
    return {name: found[name] for name in specs}


def _inheritance_error(path: str, remaining: Mapping[str, _EnvSpec], specs: Mapping[str, _EnvSpec]) -> ManifestError:
    for name, spec in remaining.items():
        for parent in spec.parents:
            if parent not in specs:
                message = f"names `{parent}`, which is no env spec of this file"
                return ManifestError(message, path=path, key=_joined(ENV_SPECS, name, "inherit_from"))
    message = f"the env specs {', '.join(remaining)} inherit from each other in a circle"
    return ManifestError(message, path=path, key=ENV_SPECS)
