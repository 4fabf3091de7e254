"""`environment.yml`, as conda, mamba, conda-lock and Binder read it.

Rule 1: every item of `dependencies` is a dependency or carries the reason why it is left alone.
Rule 2: conda's own reading decides. What only some tools know is honoured where it narrows: conda-lock's
`# [linux]`, its `platforms` and `category`, mamba's `sel(linux)`.
Rule 3: an item that is not written in one piece (an alias, an escape, a folded text) is never edited.

Sources: conda's "Creating an environment file manually", conda-lock's "Source configuration", micromamba's
"Specification files".
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import yaml

from bot.edits import Span
from bot.errors import ManifestError
from bot.manifests.base import Leaf, LocatedDependency, LocatedManifest, Site, located_manifest
from bot.manifests.credentials import without_credentials
from bot.manifests.items import Item, conda_item, is_template, pip_item, site_of, skipped, verbatim
from bot.manifests.paths import is_environment_name
from bot.manifests.platforms import looks_like_selector, platforms_named, platforms_selected
from bot.manifests.yaml_nodes import FOREIGN_ERRORS, Alias, Mapping, Node, Scalar, Sequence, read_yaml
from bot.model.manifest import (
    ChannelReference,
    Datasource,
    Declarations,
    Dependency,
    KeyPath,
    MachineDefaults,
    ManifestFormat,
    PackageName,
    Skip,
    SkipReason,
    Subdir,
)

_NAMES_DEPENDENCIES: Final = re.compile(r"""\bdependencies["']?\s*:""")
# Of a file with any name, so that whatever else is written in YAML is not even parsed.
_BEGINS_WITH_DEPENDENCIES: Final = re.compile(r"""^\ufeff?["']?dependencies["']?\s*:""", re.MULTILINE)
_COMMENT: Final = re.compile(r"[ \t]*,?[ \t]+#(?P<comment>[^\r\n]*)")
_BRACKETED: Final = re.compile(r"\s*\[(?P<expression>[^\[\]]+)\]")
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*\s+)*")
_BLOCKS: Final = ("|", ">")
_SEL: Final = re.compile(r"sel\((?P<platform>\w+)\)")

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
)


@dataclass(frozen=True, slots=True)
class EnvironmentYml:
    """The format `environment.yml`."""

    kind: ManifestFormat = ENVIRONMENT_YML
    mark: bytes = b"dependencies"

    def matches(self, path: str) -> bool:
        """Tell whether *path* is YAML."""
        return path.endswith((".yml", ".yaml"))

    def locate(self, path: str, text: str) -> LocatedManifest | None:
        """Read *text*; None if it is YAML, or any text, of another kind. See `Format.locate`."""
        names_dependencies = _NAMES_DEPENDENCIES if is_environment_name(path) else _BEGINS_WITH_DEPENDENCIES
        if not names_dependencies.search(text):
            return None
        root = read_yaml(path, text)
        if not isinstance(root, Mapping) or not _is_environment(path, root):
            return None
        reader = _Reader(text=text)
        located = tuple(reader.dependencies(_only_dependencies(path, root)))
        return located_manifest(path, self.kind, _declarations(path, root), located)

    def leaves(self, text: str) -> Iterator[Leaf]:
        """Yield PyYAML's events that carry text, numbered. See `Format.leaves`."""
        try:
            for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
                yield (number, type(event).__name__), getattr(event, "value", getattr(event, "anchor", None))
        except (yaml.YAMLError, *FOREIGN_ERRORS) as error:
            raise ManifestError(f"PyYAML does not read it: {str(error).partition(chr(10))[0]}") from error


def _is_environment(path: str, root: Mapping) -> bool:
    """Tell a conda environment from Helm charts, Ansible roles and others that have `dependencies` too."""
    dependencies = _resolved(root.get("dependencies"))
    if isinstance(dependencies, Scalar):
        return not dependencies.is_text and root.get("channels") is not None
    if not isinstance(dependencies, Sequence):
        return False
    items = [_resolved(item) for item in dependencies.items]
    if items and all(isinstance(item, Mapping) and not _has_known_section(item) for item in items):
        return False
    keys = {key.value for key, _ in root.pairs if isinstance(key, Scalar)}
    return is_environment_name(path) or "channels" in keys or keys <= _KNOWN_KEYS


def _has_known_section(item: Mapping) -> bool:
    return any(isinstance(key, Scalar) and (key.value == "pip" or _SEL.fullmatch(key.value)) for key, _ in item.pairs)


def _only_dependencies(path: str, root: Mapping) -> Node:
    found = [(key, value) for key, value in root.pairs if isinstance(key, Scalar) and key.value == "dependencies"]
    if len(found) > 1:
        raise ManifestError(
            "stands twice in the file; merge the two lists", path=path, line=found[1][0].line, key="dependencies"
        )
    return found[0][1]


def _declarations(path: str, root: Mapping) -> Declarations:
    channels = [without_credentials(name) for name in _texts(path, root, "channels")]
    return Declarations(
        name=_text(root, "name"),
        category=_text(root, "category"),
        # `nodefaults` is no channel but an instruction to conda: only what is listed, which is what condabot does.
        channels=tuple(ChannelReference(name=name) for name in channels if name != "nodefaults"),
        platforms=tuple(Subdir(name) for name in dict.fromkeys(_texts(path, root, "platforms"))),
    )


def _text(root: Mapping, key: str) -> str:
    node = _resolved(root.get(key))
    return node.value if isinstance(node, Scalar) else ""


def _texts(path: str, root: Mapping, key: str) -> list[str]:
    """Return the list of texts at *key*, or the one text; empty without it."""
    node = _resolved(root.get(key))
    nodes = node.items if isinstance(node, Sequence) else () if node is None else (node,)
    resolved = [_resolved(each) for each in nodes]
    for each in resolved:
        if not isinstance(each, Scalar):
            raise ManifestError("must be a list of texts", path=path, line=root.line, key=key)
    return [each.value for each in resolved if isinstance(each, Scalar) and each.is_text]


def _resolved(node: Node | None) -> Node | None:
    """Return what an alias stands for, any other node itself."""
    return node.target if isinstance(node, Alias) else node


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """A list of items: where it stands, what reads its items, and what holds for all of them."""

    at: KeyPath
    datasource: Datasource = Datasource.CONDA
    platforms: tuple[Subdir, ...] = ()

    def item(self, text: str) -> Item:
        return pip_item(text) if self.datasource is Datasource.PYPI else conda_item(text)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads items from *text*. Counts how often each name stands in each list, for the key paths."""

    text: str
    occurrences: Counter[tuple[KeyPath, PackageName]] = field(default_factory=Counter)

    def dependencies(self, node: Node) -> Iterator[LocatedDependency]:
        """Yield every item under `dependencies`."""
        yield from self._items(node, _Section(at=("dependencies",)))

    def _items(self, node: Node | None, section: _Section) -> Iterator[LocatedDependency]:
        # Micromamba takes `sel(linux): name` as a list of one.
        for each in node.items if isinstance(node, Sequence) else (node,):
            if isinstance(each, Mapping):
                yield from self._table(each, section)
            elif isinstance(each, Scalar | Alias | Sequence) and not _is_empty_list(node, each):
                yield self._single(each, section)

    def _table(self, table: Mapping, section: _Section) -> Iterator[LocatedDependency]:
        """Yield the items of a nested list such as `pip:`; those of any other table are left alone."""
        for key, value in table.pairs:
            inner = _nested_section(key, section)
            if inner is not None:
                yield from self._items(value, inner)
                continue
            for each in value.items if isinstance(value, Sequence) else (key,):
                yield self._misplaced(each, table, section)

    def _misplaced(self, node: Node, table: Mapping, section: _Section) -> LocatedDependency:
        """Return an item that stands in a *table* which means nothing there: `- numpy:`, `- run: [numpy]`."""
        source = self._source(table)
        skip = Skip(reason=SkipReason.NOT_TEXT, detail=f"a table, where conda expects text: {source}")
        if is_template(source):
            skip = Skip(reason=SkipReason.TEMPLATE, detail=source)
        name = section.item(node.value).name if isinstance(node, Scalar) else source
        return self._located(node, section, skipped(name, skip), None)

    def _single(self, node: Scalar | Alias | Sequence, section: _Section) -> LocatedDependency:
        item = self._item(node, section)
        site = self._site(node, item) if isinstance(node, Scalar) else None
        return self._located(node, section, item, site)

    def _item(self, node: Scalar | Alias | Sequence, section: _Section) -> Item:
        if isinstance(node, Sequence):
            return skipped(
                self._source(node), Skip(reason=SkipReason.NOT_TEXT, detail="a list, where conda expects text")
            )
        if isinstance(node, Alias):
            target = _resolved(node)
            name = section.item(target.value).name if isinstance(target, Scalar) else f"*{node.name}"
            return skipped(
                name, Skip(reason=SkipReason.ALIAS, detail=f"`*{node.name}`: edit the item that it stands for")
            )
        if not node.is_text:
            detail = f"`{node.value}`, which YAML reads as a number, a boolean or nothing: put it in quotes"
            return skipped(node.value or "(empty)", Skip(reason=SkipReason.NOT_TEXT, detail=detail))
        item = section.item(node.value)
        if node.anchor and re.search(rf"\*{re.escape(node.anchor)}(?![\w-])", self.text):
            detail = f"`&{node.anchor}`: the same text is used in other places of the file"
            return skipped(item.name, Skip(reason=SkipReason.ALIAS, detail=detail))
        inner = self._inner(node)
        return verbatim(item, node.value, self.text[inner.start : inner.end] if inner else "")

    def _site(self, node: Scalar, item: Item) -> Site | None:
        inner = self._inner(node)
        return None if inner is None else site_of(item, inner, node.style, ",[]{}" if node.in_flow else "")

    def _inner(self, node: Scalar) -> Span | None:
        """Return where the text of *node* stands between its quotes; None for a block, whose lines are indented."""
        properties = _PROPERTIES.match(self.text, node.span.start)
        if node.style in _BLOCKS or properties is None:
            return None
        return Span(properties.end() + len(node.style), node.span.end - len(node.style))

    def _located(self, node: Node, section: _Section, item: Item, site: Site | None) -> LocatedDependency:
        comment = self._comment(node)
        platforms, skip = _selected(comment, section, item.skip)
        occurrence = self.occurrences[section.at, item.name]
        self.occurrences[section.at, item.name] += 1
        dependency = Dependency(
            name=item.name,
            datasource=section.datasource,
            version="" if site is None else self.text[site.version.start : site.version.end],
            at=(*section.at, item.name, occurrence),
            line=node.line,
            platforms=platforms,
            match_spec=item.match_spec,
            extras=item.extras,
            marker=item.marker,
            comment=comment,
            skip=skip,
        )
        return LocatedDependency(dependency=dependency, site=None if skip else site)

    def _comment(self, node: Node) -> str:
        found = _COMMENT.match(self.text, node.span.end)
        return found["comment"].strip() if found else ""

    def _source(self, node: Node) -> str:
        return without_credentials(self.text[node.span.start : node.span.end].strip().partition("\n")[0])


def _is_empty_list(holder: Node | None, item: Node) -> bool:
    """Tell whether *item* is the nothing in `pip:` with no list below it."""
    return item is holder and isinstance(item, Scalar) and not item.is_text


def _nested_section(key: Node, section: _Section) -> _Section | None:
    """Return the section that *key* opens in a list of conda items: pip's or mamba's. None if it opens none."""
    if not isinstance(key, Scalar) or section.datasource is Datasource.PYPI:
        return None
    at = (*section.at, key.value)
    if key.value == "pip":
        return replace(section, at=at, datasource=Datasource.PYPI)
    selector = _SEL.fullmatch(key.value)
    platforms = platforms_named(selector["platform"]) if selector else ()
    return replace(section, at=at, platforms=platforms) if platforms else None


def _selected(comment: str, section: _Section, skip: Skip | None) -> tuple[tuple[Subdir, ...], Skip | None]:
    """Return the platforms that the section and a selector in *comment* leave, and the skip with a selector's own."""
    bracketed = _BRACKETED.match(comment)
    if bracketed is None or not looks_like_selector(bracketed["expression"]):
        return section.platforms, skip
    selected = platforms_selected(bracketed["expression"])
    platforms = tuple(name for name in selected if not section.platforms or name in section.platforms)
    if platforms:
        return platforms, skip
    return section.platforms, skip or Skip(reason=SkipReason.SELECTOR, detail=f"# {bracketed[0].strip()}")
