"""Lists of items in YAML manifests: conda's specs, with pip's requirements in a list of their own.

Rule 1: every item is a dependency or carries the reason why it is left alone.
Rule 2: an item that is not written in one piece (an alias, an escape, a folded text) is never edited.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import yaml

from bot.edits import Span
from bot.errors import ManifestError
from bot.manifests.base import Leaf, LocatedDependency, Site
from bot.manifests.credentials import without_credentials
from bot.manifests.items import Item, conda_item, is_template, pip_item, site_of, skipped, verbatim
from bot.manifests.platforms import looks_like_selector, platforms_named, platforms_selected
from bot.model.manifest import (
    ChannelReference,
    Datasource,
    Dependency,
    KeyPath,
    PackageName,
    Role,
    Skip,
    SkipReason,
    Subdir,
)
from bot.yaml.nodes import AliasNode, MappingNode, Node, ScalarNode, SequenceNode
from bot.yaml.parsers import FOREIGN_ERRORS

_COMMENT: Final = re.compile(r"[ \t]*,?[ \t]+#(?P<comment>[^\r\n]*)")
_BRACKETED: Final = re.compile(r"\s*\[(?P<expression>[^\[\]]+)\]")
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*\s+)*")
_BLOCKS: Final = ("|", ">")
NOTHING: Final = ("", "~", "null")
"""How YAML writes that there is nothing."""

SELECTED: Final = re.compile(r"sel\((?P<platform>\w+)\)")
"""Mamba's key for a list of items on some platforms only."""


def yaml_leaves(text: str) -> Iterator[Leaf]:
    """Yield PyYAML's events that carry text, numbered. See `Format.leaves`."""
    try:
        for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
            yield (number, type(event).__name__), getattr(event, "value", getattr(event, "anchor", None))
    except (yaml.YAMLError, *FOREIGN_ERRORS) as error:
        raise ManifestError(f"PyYAML does not read it: {str(error).partition(chr(10))[0]}") from error


def only_value(path: str, table: MappingNode, key: str) -> Node | None:
    """Return the value of *key* in *table*; None without one.

    Raises:
        ManifestError: the key stands there twice.

    """
    found = [(name, value) for name, value in table.pairs if isinstance(name, ScalarNode) and name.value == key]
    if len(found) > 1:
        raise ManifestError("stands twice in the file; merge the two lists", path=path, line=found[1][0].line, key=key)
    return found[0][1] if found else None


def channels_of(path: str, table: MappingNode) -> tuple[ChannelReference, ...]:
    """Return what is named under `channels` in *table*, without credentials.

    Raises:
        ManifestError: it is no list of texts.

    """
    nodes = _text_nodes(path, table, "channels")
    return tuple(ChannelReference(name=without_credentials(each.value), line=each.line) for each in nodes)


def platforms_of(path: str, table: MappingNode) -> Mapping[Subdir, int]:
    """Return the subdirs under `platforms` in *table*, and on which line each stands first.

    Raises:
        ManifestError: it is no list of texts.

    """
    lines: dict[Subdir, int] = {}
    for each in _text_nodes(path, table, "platforms"):
        lines.setdefault(Subdir(each.value), each.line)
    return lines


def text_of(table: MappingNode, key: str) -> str:
    """Return the text at *key*; empty if there is none."""
    node = resolved(table.entries.get(key))
    return node.value if isinstance(node, ScalarNode) else ""


def texts_of(path: str, table: MappingNode, key: str) -> list[str]:
    """Return the list of texts at *key*, or the one text; empty without it.

    Raises:
        ManifestError: something else stands there.

    """
    return [each.value for each in _text_nodes(path, table, key)]


def _text_nodes(path: str, table: MappingNode, key: str) -> Iterator[ScalarNode]:
    """Yield the texts of the list at *key*, or the one text; nothing where nothing is said."""
    node = resolved(table.entries.get(key))
    if node is None or (isinstance(node, ScalarNode) and not node.form.style and node.value.lower() in NOTHING):
        return
    for item in node.items if isinstance(node, SequenceNode) else (node,):
        each = resolved(item)
        if not isinstance(each, ScalarNode):
            raise ManifestError("must be a list of texts", path=path, line=item.line, key=key)
        if not each.is_text:
            message = f"must be a list of texts, but `{each.value}` is none: put it in quotes, or take it out"
            raise ManifestError(message, path=path, line=item.line, key=key)
        yield each


def resolved(node: Node | None) -> Node | None:
    """Return what an alias stands for, any other node itself."""
    return node.target if isinstance(node, AliasNode) else node


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A list of items: where it stands, what reads its items, and what holds for all of them."""

    at: KeyPath
    feature: str = "default"
    datasource: Datasource = Datasource.CONDA
    platforms: tuple[Subdir, ...] = ()

    def item(self, text: str) -> Item:
        """Return what *text* says in this list."""
        return pip_item(text) if self.datasource is Datasource.PYPI else conda_item(text)


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads items from *text*. Counts how often each name stands in each list, for the key paths.

    *selectors* says whether conda-lock's `# [linux]` and mamba's `sel(linux)` mean anything in this file.
    """

    text: str
    selectors: bool
    occurrences: Counter[tuple[KeyPath, PackageName]] = field(default_factory=Counter)

    def items(self, node: Node | None, section: Section) -> Iterator[LocatedDependency]:
        """Yield every item of the list *node*, and of the lists in it. None is an empty list."""
        # Micromamba takes `sel(linux): name` as a list of one.
        for each in node.items if isinstance(node, SequenceNode) else (node,):
            if isinstance(each, MappingNode):
                yield from self._table(each, section)
            elif isinstance(each, ScalarNode | AliasNode | SequenceNode) and not _is_empty_list(node, each):
                yield self._single(each, section)

    def _table(self, table: MappingNode, section: Section) -> Iterator[LocatedDependency]:
        """Yield the items of a nested list such as `pip:`; those of any other table are left alone."""
        for key, value in table.pairs:
            inner = self._nested(key, section)
            if inner is not None:
                yield from self.items(value, inner)
                continue
            for each in value.items if isinstance(value, SequenceNode) else (key,):
                yield self._misplaced(each, key, table, section)

    def _nested(self, key: Node, section: Section) -> Section | None:
        """Return the section that *key* opens in a list of conda items: pip's or mamba's. None if it opens none."""
        if not isinstance(key, ScalarNode) or section.datasource is Datasource.PYPI:
            return None
        at = (*section.at, key.value)
        if key.value == "pip":
            return replace(section, at=at, datasource=Datasource.PYPI)
        selector = SELECTED.fullmatch(key.value) if self.selectors else None
        platforms = platforms_named(selector["platform"]) if selector else ()
        return replace(section, at=at, platforms=platforms) if platforms else None

    def _misplaced(self, node: Node, key: Node, table: MappingNode, section: Section) -> LocatedDependency:
        """Return an item in a *table* which means nothing there: `- numpy:`, `- run: [numpy]`.

        conda refuses an `environment.yml` with it (its `InvalidInstaller`), and mamba passes over the table (libmamba's
        `api/install.cpp`), so no environment has what a list there names. What becomes of a template nobody can say,
        and a name with a value (`- numpy: 1.26`) is rather a spec that somebody misspelt.
        """
        source = self._source(table)
        name = section.item(node.value).name if isinstance(node, ScalarNode) else source
        detail = f"a table, where conda expects text: {source}"
        if is_template(source):
            return self._located(node, section, skipped(name, Skip(reason=SkipReason.TEMPLATE, detail=source)), None)
        found = self._located(node, section, skipped(name, Skip(reason=SkipReason.NOT_TEXT, detail=detail)), None)
        is_passed_over = self.selectors and node is not key and not self._source(key).startswith("sel(")
        return replace(found, dependency=replace(found.dependency, role=Role.UNREAD)) if is_passed_over else found

    def _single(self, node: ScalarNode | AliasNode | SequenceNode, section: Section) -> LocatedDependency:
        item = self._item(node, section)
        site = self._site(node, item) if isinstance(node, ScalarNode) else None
        return self._located(node, section, item, site)

    def _item(self, node: ScalarNode | AliasNode | SequenceNode, section: Section) -> Item:
        if isinstance(node, SequenceNode):
            return skipped(
                self._source(node), Skip(reason=SkipReason.NOT_TEXT, detail="a list, where conda expects text")
            )
        if isinstance(node, AliasNode):
            target = resolved(node)
            skip = Skip(reason=SkipReason.ALIAS, detail=f"`*{node.name}`: edit the item that it stands for")
            if not isinstance(target, ScalarNode):
                return skipped(f"*{node.name}", skip)
            item = section.item(target.value)
            return replace(item, version=None, skip=skip) if target.is_text else skipped(item.name, skip)
        if not node.is_text:
            detail = f"`{node.value}`, which YAML reads as a number, a boolean or nothing: put it in quotes"
            return skipped(node.value or "(empty)", Skip(reason=SkipReason.NOT_TEXT, detail=detail))
        item = section.item(node.value)
        if node.form.anchor and re.search(rf"\*{re.escape(node.form.anchor)}(?![\w-])", self.text):
            detail = f"`&{node.form.anchor}`: the same text is used in other places of the file"
            return replace(item, version=None, skip=Skip(reason=SkipReason.ALIAS, detail=detail))
        inner = self._inner(node)
        return verbatim(item, node.value, self.text[inner.start : inner.end] if inner else "")

    def _site(self, node: ScalarNode, item: Item) -> Site | None:
        inner = self._inner(node)
        return None if inner is None else site_of(item, inner, node.form.style, ",[]{}" if node.form.in_flow else "")

    def _inner(self, node: ScalarNode) -> Span | None:
        """Return where the text of *node* stands between its quotes; None for a block, whose lines are indented."""
        properties = _PROPERTIES.match(self.text, node.span.start)
        if node.form.style in _BLOCKS or properties is None:
            return None
        return Span(properties.end() + len(node.form.style), node.span.end - len(node.form.style))

    def _located(self, node: Node, section: Section, item: Item, site: Site | None) -> LocatedDependency:
        comment = self._comment(node)
        platforms, skip = section.platforms, item.skip
        if self.selectors:
            platforms, skip = _selected(comment, section, item.skip)
        occurrence = self.occurrences[section.at, item.name]
        self.occurrences[section.at, item.name] += 1
        dependency = Dependency(
            name=item.name,
            datasource=section.datasource,
            version="" if site is None else self.text[site.version.start : site.version.end],
            at=(*section.at, item.name, occurrence),
            line=node.line,
            feature=section.feature,
            platforms=platforms,
            match_spec=item.match_spec,
            file=item.file,
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
    return item is holder and isinstance(item, ScalarNode) and not item.is_text


def _selected(comment: str, section: Section, skip: Skip | None) -> tuple[tuple[Subdir, ...], Skip | None]:
    """Return the platforms that the section and a selector in *comment* leave, and the skip with a selector's own."""
    bracketed = _BRACKETED.match(comment)
    if bracketed is None or not looks_like_selector(bracketed["expression"]):
        return section.platforms, skip
    selected = platforms_selected(bracketed["expression"])
    platforms = tuple(name for name in selected if not section.platforms or name in section.platforms)
    if platforms:
        return platforms, skip
    return section.platforms, skip or Skip(reason=SkipReason.SELECTOR, detail=f"# {bracketed[0].strip()}")
