"""`environment.yml`, as conda, mamba, conda-lock and Binder read it.

Rule 1: a file of another kind that has `dependencies` too is told from an environment.
Rule 2: conda's own reading decides. What only some tools know is honoured where it narrows: conda-lock's
`# [linux]`, its `platforms` and `category`, mamba's `sel(linux)`.

Sources: conda's "Creating an environment file manually", conda-lock's "Source configuration", micromamba's
"Specification files".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.manifests.base import ForeignLock, Leaf, LocatedManifest, located_manifest
from bot.manifests.paths import matches_pattern
from bot.manifests.yaml_dialects import dialect
from bot.manifests.yaml_items import (
    SELECTED,
    ItemReader,
    Section,
    channels_of,
    only_value,
    platforms_of,
    resolved,
    text_of,
    yaml_leaves,
)
from bot.manifests.yaml_rules import read_yaml
from bot.model.manifest import Declarations, MachineDefaults, ManifestFormat
from bot.yaml.nodes import MappingNode, ScalarNode, SequenceNode

DEPENDENCIES: Final = "dependencies"

_NAMES: Final = "**/{environment,env}*.{yml,yaml}"
_PLACES: Final = "{binder,.binder,doc,docs,ci,conda,requirements,devtools}/**/*.{yml,yaml}"
_NAMES_DEPENDENCIES: Final = re.compile(r"""\bdependencies["']?\s*:""")
# Of a file with any name, so that whatever else is written in YAML is not even parsed.
_BEGINS_WITH_DEPENDENCIES: Final = re.compile(r"""^\ufeff?["']?dependencies["']?\s*:""", re.MULTILINE)

_KNOWN_KEYS: Final = frozenset(
    {"name", "channels", "dependencies", "platforms", "category", "variables", "prefix", "extras"}
    | {"allow-pypi-requests", "pip-repositories", "channel-priority", "channel_priority"}
)

ENVIRONMENT_YML: Final = ManifestFormat(
    name="environment.yml",
    machine=MachineDefaults.CONDA_LOCK,
    is_pixi=False,
    adds_python=False,
    is_source_of_conda_lock=True,
    may_be_exported=True,
    is_named_by_file=True,
    is_line_by_line=False,
    last_feature_wins=False,
    default_channels=("defaults",),
)


@dataclass(frozen=True, slots=True)
class EnvironmentYml:
    """The format `environment.yml`."""

    kind: ManifestFormat = ENVIRONMENT_YML
    patterns: tuple[str, ...] = (_NAMES, _PLACES)
    mark: bytes = b"dependencies"
    described: str = "`environment*.yml` and `env*.yml`"
    otherwise: str = "has no list under `dependencies`, so it is no environment"
    behind: tuple[str, ...] = ()
    foreign_locks: tuple[ForeignLock, ...] = ()

    def matches(self, path: str) -> bool:
        """Tell whether *path* is YAML."""
        return path.endswith((".yml", ".yaml"))

    def locate(self, path: str, text: str) -> LocatedManifest | None:
        """Read *text*; None if it is YAML, or any text, of another kind. See `Format.locate`."""
        names_dependencies = _NAMES_DEPENDENCIES if _is_environment_name(path) else _BEGINS_WITH_DEPENDENCIES
        if not names_dependencies.search(text) or dialect(path, text):
            return None
        root = read_yaml(path, text)
        if not isinstance(root, MappingNode) or not _is_environment(path, root):
            return None
        dependencies = only_value(path, root, DEPENDENCIES)
        located = tuple(ItemReader(text=text, selectors=True).items(dependencies, Section(at=(DEPENDENCIES,))))
        return located_manifest(path, self.kind, _declarations(path, root), located)

    def leaves(self, text: str) -> Iterator[Leaf]:
        """Yield PyYAML's events. See `Format.leaves`."""
        return yaml_leaves(text)


def _is_environment_name(path: str) -> bool:
    return matches_pattern(path, _NAMES)


def _is_environment(path: str, root: MappingNode) -> bool:
    """Tell a conda environment from Helm charts, Ansible roles and others that have `dependencies` too."""
    dependencies = resolved(root.entries.get(DEPENDENCIES))
    if isinstance(dependencies, ScalarNode):
        return not dependencies.is_text and root.entries.get("channels") is not None
    if not isinstance(dependencies, SequenceNode):
        return False
    items = [resolved(item) for item in dependencies.items]
    if items and all(isinstance(item, MappingNode) and not _has_known_section(item) for item in items):
        return False
    keys = root.keys.keys()
    return _is_environment_name(path) or "channels" in keys or keys <= _KNOWN_KEYS


def _has_known_section(item: MappingNode) -> bool:
    return any(name == "pip" or SELECTED.fullmatch(name) for name in item.keys)


def _declarations(path: str, root: MappingNode) -> Declarations:
    platforms = platforms_of(path, root)
    return Declarations(
        name=text_of(root, "name"),
        category=text_of(root, "category"),
        channels=channels_of(path, root),
        platforms=tuple(platforms),
        lines=tuple((("platforms", name), line) for name, line in platforms.items()),
    )
