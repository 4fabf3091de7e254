"""`conda-project.yml`: it asks for no package itself, but names the environment files that each environment is made of.

Source: conda-project's `project_file.py`. Its locks are conda-lock's (`conda-lock.NAME.yml`), which name their sources.
"""

import posixpath
from collections.abc import Iterator
from typing import Final

from bot.manifests.decoding import decode
from bot.manifests.paths import matches_pattern
from bot.manifests.yaml_items import resolved
from bot.manifests.yaml_rules import read_yaml
from bot.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

PATTERN: Final = "**/conda-project.{yml,yaml}"
_ENVIRONMENTS: Final = "environments"


def is_conda_project(path: str) -> bool:
    """Tell whether *path* has the name of a project of conda-project."""
    return matches_pattern(path, PATTERN)


def environment_files(path: str, content: bytes) -> tuple[str, ...]:
    """Return the paths of the environment files that the project *content* at *path* names, each once.

    Raises:
        ManifestError: it cannot be read.

    """
    root = read_yaml(path, decode(path, content))
    environments = resolved(root.entries.get(_ENVIRONMENTS)) if isinstance(root, MappingNode) else None
    folder = posixpath.dirname(path)
    lists = environments.pairs if isinstance(environments, MappingNode) else ()
    names = (name for _, files in lists for name in _texts(resolved(files)))
    return tuple(dict.fromkeys(posixpath.normpath(posixpath.join(folder, name)) for name in names))


def _texts(node: Node | None) -> Iterator[str]:
    items = node.items if isinstance(node, SequenceNode) else ()
    yield from (item.value for item in map(resolved, items) if isinstance(item, ScalarNode))
