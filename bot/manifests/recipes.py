"""Recipes and their variants, read for what they name and never changed.

What a recipe asks for at run time, and what its variants pin, are facts about a package that moves elsewhere: the pull
request tells where else it is named. Nothing depends on them.

Rule 1: read by lines and their indentation. conda-build's recipes are templates, not YAML, and rendering one would run
what a stranger wrote; rattler-build's are YAML, and are read the same way.
Rule 2: no text makes this raise anything. What is not understood is not told.

Sources: conda-build's meta.yaml and conda_build_config.yaml
(https://docs.conda.io/projects/conda-build/en/stable/resources/define-metadata.html), CEP 13 and CEP 14.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.errors import SpecError
from bot.manifests.paths import first_match
from bot.model.manifest import PackageName
from bot.versioning.match_spec import normalise_conda_name

LONGEST: Final = 100_000
"""Bytes of the largest file that is read, and characters of it."""

_RECIPES: Final = "**/{meta,recipe}.{yaml,yml}"
_VARIANTS: Final = ("**/{conda_build_config,variants}.{yaml,yml}", "**/.ci_support/*.{yaml,yml}")

_LONGEST_LINE: Final = 1_000
_DASH: Final = re.compile(r"-[ \t]+")
_KEY: Final = re.compile(r"""(?P<quote>["']?)(?P<key>[\w./-]+)(?P=quote)[ \t]*:(?:[ \t]+(?P<value>.*))?""")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_FLOW_ITEM: Final = re.compile(r""""(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\[\],"'\s][^\[\],]*)""")
_PIN: Final = re.compile(r"""\bpin_compatible\(\s*["'](?P<name>[\w.-]+)["']""")
_SPEC: Final = re.compile(r"(?:[\w.-]+::)?(?P<name>[A-Za-z0-9_][\w.-]*)(?P<spec>(?:[\s=<>!~\[].*)?)")

_RUN: Final = {"run": "run", "run_constrained": "run_constraints", "run_constraints": "run_constraints"}
_NOT_OF_THE_PACKAGE: Final = frozenset({"test", "tests"})
_NOT_PINS: Final = frozenset(
    {"zip_keys", "pin_run_as_build", "extend_keys", "ignore_version", "ignore_build_only_deps"}
)


class RecipeSection(StrEnum):
    """The part of a recipe in which a package is named."""

    RUN = "run"
    RUN_CONSTRAINTS = "run_constraints"
    VARIANT = "variant"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeLine:
    """A line that names a package. `spec` is what stands behind the name, as written; it may hold a template."""

    path: str
    line: int
    name: PackageName
    spec: str
    section: RecipeSection


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """An item of a list, or the value of a key: its number, and the keys that lead to it."""

    number: int
    keys: tuple[str, ...]
    text: str


def is_recipe_path(path: str) -> bool:
    """Tell whether a file at *path* has the name of a recipe or of its variants."""
    return first_match(path, (_RECIPES, *_VARIANTS)) is not None


def read_recipe(path: str, text: str) -> tuple[RecipeLine, ...]:
    """Return the lines of *text*, found at *path*, that name a package; none if it is no recipe and no variants."""
    lines = _lines(text[:LONGEST])
    if first_match(path, _VARIANTS):
        return tuple(found for line in lines if (found := _variant(path, line)))
    return tuple(found for line in lines if (found := _requirement(path, line)))


def _requirement(path: str, line: _Line) -> RecipeLine | None:
    section = _section(line.keys)
    found = _SPEC.fullmatch(line.text)
    pin = _PIN.search(line.text)
    name = _name(pin["name"] if pin else found["name"] if found else "")
    if section is None or name is None:
        return None
    spec = line.text if pin else found["spec"].strip() if found else ""
    return RecipeLine(path=path, line=line.number, name=name, spec=spec, section=section)


def _section(keys: tuple[str, ...]) -> RecipeSection | None:
    """Return where *keys* lead: `requirements`, `run`, and in rattler-build's recipes `then` or `else` behind that."""
    if "requirements" not in keys or not _NOT_OF_THE_PACKAGE.isdisjoint(keys):
        return None
    inside = [key for key in keys[keys.index("requirements") + 1 :] if key not in {"then", "else"}]
    return RecipeSection(_RUN[inside[0]]) if len(inside) == 1 and inside[0] in _RUN else None


def _variant(path: str, line: _Line) -> RecipeLine | None:
    """A variant is a name and a version; in names `_` stands for `-` as well."""
    keys = [key for key in line.keys if key not in {"then", "else"}]
    name = _name(keys[0]) if len(keys) == 1 and keys[0] not in _NOT_PINS else None
    if name is None or not line.text:
        return None
    return RecipeLine(path=path, line=line.number, name=name, spec=line.text, section=RecipeSection.VARIANT)


def _name(text: str) -> PackageName | None:
    try:
        return normalise_conda_name(text)
    except SpecError:
        return None


def _lines(text: str) -> Iterator[_Line]:
    """Yield what *text* lists, and under which keys: a stack of keys and the columns at which they stand."""
    keys: list[tuple[int, str]] = []
    block_from: int | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        indent = len(line) - len(line.lstrip())
        if _says_nothing(line) or (block_from is not None and indent > block_from):
            continue
        column, content = _after_dashes(line)
        is_item = column > indent
        keys = [each for each in keys if each[0] < indent or (is_item and each[0] == indent)]
        key = _KEY.fullmatch(content)
        value = ((key["value"] or "") if key else content).strip()
        keys += [(column, key["key"])] if key else []
        block_from = column if value.startswith(("|", ">")) and key else None
        if block_from is None and (is_item or key):
            yield from (_Line(number=number, keys=tuple(name for _, name in keys), text=each) for each in _items(value))


def _says_nothing(line: str) -> bool:
    content = line.strip()
    return not content or content.startswith(("#", "{%")) or len(line) > _LONGEST_LINE


def _after_dashes(line: str) -> tuple[int, str]:
    """Return the column at which *line* begins after its indent and the dashes of items, and its text from there."""
    column, content = len(line) - len(line.lstrip()), line.strip()
    while found := _DASH.match(content):
        content, column = content[found.end() :], column + found.end()
    return column, _COMMENT.sub("", content)


def _items(value: str) -> Iterator[str]:
    """Yield *value*, or what it lists between brackets, without quotes."""
    if value.startswith("["):
        for each in _FLOW_ITEM.finditer(value):
            yield (each["double"] or each["single"] or each["bare"] or "").strip()
    elif value:
        yield value[1:-1] if value[:1] == value[-1:] and value[:1] in {'"', "'"} else value
