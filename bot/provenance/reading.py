"""The files of an archive's `info/` -> its `Provenance`.

Nothing here is believed, and nothing is raised for what stands in them: what cannot be read is not stated. A recipe
that is not rendered is a template; what is filled in there is not known, and told as nothing.

Sources: https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html (the files), CEP 31 (where a
package was built), CEP 14 and CEP 40 (recipe.yaml, and what is rendered of it).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

import msgspec

from bot.errors import BadInput
from bot.model.provenance import PackageSource, Provenance
from bot.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from bot.yaml.parsers import LIBYAML
from bot.yaml.reading import Limit, Rules, read_yaml

T = TypeVar("T")

ABOUT: Final = "info/about.json"
INDEX: Final = "info/index.json"
LINK: Final = "info/link.json"
PATHS: Final = "info/paths.json"
RENDERED: Final = "info/recipe/rendered_recipe.yaml"
RECIPE: Final = "info/recipe/recipe.yaml"
META: Final = "info/recipe/meta.yaml"
FILES: Final = (ABOUT, INDEX, LINK, PATHS, RENDERED, RECIPE, META)
"""What is read of an archive."""

LICENSES: Final = "info/licenses/"
"""Where licence files are, of which only the names are told."""

LONGEST_RECIPE: Final = 100_000
"""Characters of a recipe that are kept, so that it can be compared."""

MOST: Final = 50
"""Sources, patches, maintainers, scripts and commands of one package that are told."""

_RULES: Final = Rules(
    parser=LIBYAML,
    error=BadInput,
    events=Limit(most=20_000, sentence="has too many YAML events"),
    depth=Limit(most=32, sentence="is nested too deep"),
    aliases=Limit(most=0, sentence="has a YAML alias"),
    second_document="holds more than one YAML document",
    not_yaml="is not YAML",
)
_TEMPLATE: Final = re.compile(r"\{\{|\$\{\{|\{%")
_URL: Final = re.compile(r"(?:https?|git|ssh|ftp)(?:\+\w+)?://\S{1,500}")
_COMMIT: Final = re.compile(r"[0-9a-fA-F]{7,64}")
_SCRIPT: Final = re.compile(
    r"etc/conda/(?:(?:de)?activate|env_vars)\.d/[^/]+|(?:bin|Scripts|python-scripts)/\.[^/]+-(?:pre-link|post-link|pre-unlink)\.(?:sh|bat)"
)
_STARTUP: Final = re.compile(r"(?:.*/)?site-packages/(?:[^/]+\.pth|(?:sitecustomize|usercustomize)\.py)")


class _Extra(msgspec.Struct, frozen=True):
    remote_url: object = None
    sha: object = None
    flow_run_id: object = None
    maintainers: object = msgspec.field(name="recipe-maintainers", default=None)


class _About(msgspec.Struct, frozen=True):
    extra: _Extra = _Extra()


class _Index(msgspec.Struct, frozen=True):
    name: str
    version: str
    build: str
    build_number: object = None


class _NoArch(msgspec.Struct, frozen=True):
    entry_points: list[str] = []


class _Link(msgspec.Struct, frozen=True):
    noarch: _NoArch | None = None


class _Path(msgspec.Struct, frozen=True):
    path: str = msgspec.field(name="_path")


class _Paths(msgspec.Struct, frozen=True):
    paths: list[_Path]


def read_provenance(files: Mapping[str, bytes]) -> Provenance:
    """Return what *files* say of the archive that has them: those of `FILES`, and the names of licences."""
    extra = (_decoded(files.get(ABOUT), _About) or _About()).extra
    name, recipe, text = _recipe(files)
    listed = _decoded(files.get(PATHS), _Paths)
    paths = [_one_line(each.path) for each in listed.paths] if listed else []
    index = _decoded(files.get(INDEX), _Index)
    link = _decoded(files.get(LINK), _Link) or _Link()
    commands = link.noarch.entry_points if link.noarch else []
    return Provenance(
        sources=_few(_sources(recipe)),
        recipe=name.rpartition("/")[2],
        feedstock=_matched(_URL, extra.remote_url),
        commit=_matched(_COMMIT, extra.sha),
        run=_one_line(extra.flow_run_id),
        maintainers=_few(_texts(extra.maintainers) or _maintainers(recipe)),
        scripts=_few(sorted(filter(_SCRIPT.fullmatch, paths))),
        startup=_few(sorted(filter(_STARTUP.fullmatch, paths))),
        licenses=_few(sorted(_one_line(name.removeprefix(LICENSES)) for name in files if name.startswith(LICENSES))),
        identity=_one_line(f"{index.name}-{index.version}-{index.build}") if index else "",
        build_number=index.build_number if index and type(index.build_number) is int else None,
        lists_files=listed is not None,
        commands=_few(sorted({_one_line(each.partition("=")[0]) for each in commands} - {""})),
        recipe_text=text if len(text) <= LONGEST_RECIPE else "",
    )


def _recipe(files: Mapping[str, bytes]) -> tuple[str, MappingNode | None, str]:
    """Return what the recipe is called that tells the most, the recipe, and its text.

    What rattler-build renders has the recipe in a file that says more of the build, which is another one each time.
    """
    for name in (RENDERED, META, RECIPE):
        if name in files:
            text = files[name].decode(errors="replace")
            try:
                root = read_yaml(name, text, _RULES)
            except BadInput:
                return name, None, text
            inner = root.entries.get("recipe") if isinstance(root, MappingNode) else None
            if isinstance(inner, MappingNode):
                return name, inner, text[inner.start : inner.end]
            return name, root if isinstance(root, MappingNode) else None, text
    return "", None, ""


def _sources(recipe: MappingNode | None) -> Iterator[PackageSource]:
    for each in _listed(recipe.entries.get("source") if recipe else None):
        if not isinstance(each, MappingNode):
            continue
        patches = _few(_scalars(each.entries.get("patches")))
        git = _first(each, "git", "git_url")
        if _URL.fullmatch(git):
            yield PackageSource(url=git, commit=_first(each, "rev", "git_rev", "tag"), patches=patches)
        for url in _scalars(each.entries.get("url")):
            if _URL.fullmatch(url):
                yield PackageSource(url=url, sha256=_first(each, "sha256").lower(), patches=patches)


def _maintainers(recipe: MappingNode | None) -> list[str]:
    extra = recipe.entries.get("extra") if recipe else None
    return list(_scalars(extra.entries.get("recipe-maintainers"))) if isinstance(extra, MappingNode) else []


def _first(table: MappingNode, *keys: str) -> str:
    return next((text for key in keys for text in _scalars(table.entries.get(key))), "")


def _listed(node: Node | None) -> Iterable[Node]:
    return node.items if isinstance(node, SequenceNode) else [node] if node else []


def _scalars(node: Node | None) -> Iterator[str]:
    """Yield the texts at *node*, one or a list of them; none that is a template, or that is nothing."""
    for each in _listed(node):
        if isinstance(each, ScalarNode) and not each.is_null and not _TEMPLATE.search(each.value):
            yield _one_line(each.value)


def _texts(value: object) -> list[str]:
    return [_one_line(each) for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _matched(pattern: re.Pattern[str], value: object) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _one_line(value: object) -> str:
    return " ".join(value.split())[:500] if isinstance(value, str) else ""


def _few(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))[:MOST]


def _decoded(content: bytes | None, form: type[T]) -> T | None:
    try:
        return msgspec.json.decode(content, type=form) if content is not None else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
