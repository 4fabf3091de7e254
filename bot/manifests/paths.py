"""Which files of a repository may be manifests, told by their paths alone.

Patterns are those of git: `*` and `?` stay within one directory, `**` spans any number of them, `{a,b}` and `[ab]`
choose. Matching is by path from the top of the repository, with `/` between directories.
"""

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

DEFAULT_IGNORE_PATHS: Final = (
    "**/{test,tests,testing,testdata,test-data,test_data,__tests__,fixtures,__fixtures__}/**",
    "**/{example,examples,demo,demos,tutorial,tutorials,benchmarks,template,templates}/**",
    "**/{vendor,third_party,node_modules,.pixi}/**",
)
"""Directories whose manifests are seen but not managed, unless the configuration says otherwise."""

_ENVIRONMENT_NAMES: Final = "**/{environment,env}*.{yml,yaml}"
_ENVIRONMENT_PLACES: Final = "{binder,.binder,doc,docs,ci,conda,requirements,devtools}/**/*.{yml,yaml}"
_PIXI_TOML: Final = "**/pixi.toml"
_PYPROJECT_TOML: Final = "**/pyproject.toml"
_ANNOTATED: Final = "**/{Dockerfile*,Containerfile*,Makefile,*.sh,*.yml,*.yaml,*.toml}"

_MOST_ALTERNATIVES: Final = 100
_BRACES: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Paths that may be manifests, in the order given.

    `managed` are to be read; their content has the last word. `ignored` are seen but not managed, with the pattern
    that hides each.
    """

    managed: tuple[str, ...]
    ignored: Mapping[str, str] = field(default_factory=dict)


def candidate_paths(
    paths: Iterable[str],
    *,
    ignore_paths: Iterable[str] = DEFAULT_IGNORE_PATHS,
    include_paths: Iterable[str] = (),
) -> Candidates:
    """Choose from *paths* those that may be manifests.

    *ignore_paths* are patterns of what not to manage. *include_paths* are patterns of further manifests (a
    conda-lock's sources, what somebody ticked): they are candidates whatever their names, and never ignored.
    """
    ignore, include = tuple(ignore_paths), tuple(include_paths)
    managed: list[str] = []
    ignored: dict[str, str] = {}
    for path in paths:
        if first_match(path, include):
            managed.append(path)
        elif is_manifest_path(path):
            pattern = first_match(path, ignore)
            if pattern is None:
                managed.append(path)
            else:
                ignored[path] = pattern
    return Candidates(managed=tuple(managed), ignored=ignored)


def is_manifest_path(path: str) -> bool:
    """Tell whether a file at *path* may be a manifest of conda, mamba, conda-lock or pixi."""
    return is_environment_name(path) or is_environment_place(path) or is_pixi_toml(path) or is_pyproject_toml(path)


def is_environment_name(path: str) -> bool:
    """Tell whether *path* has the name of an environment file, such as `environment.yml` or `env-dev.yaml`."""
    return matches_pattern(path, _ENVIRONMENT_NAMES)


def is_environment_place(path: str) -> bool:
    """Tell whether *path* is YAML in a directory where environment files of any name are kept, such as `ci/`."""
    return matches_pattern(path, _ENVIRONMENT_PLACES)


def is_pixi_toml(path: str) -> bool:
    """Tell whether *path* is a `pixi.toml`."""
    return matches_pattern(path, _PIXI_TOML)


def is_pyproject_toml(path: str) -> bool:
    """Tell whether *path* is a `pyproject.toml`."""
    return matches_pattern(path, _PYPROJECT_TOML)


def is_annotated_path(path: str) -> bool:
    """Tell whether comments such as `# renovate: datasource=conda depName=…` are looked for in *path*."""
    return matches_pattern(path, _ANNOTATED)


def first_match(path: str, patterns: Iterable[str]) -> str | None:
    """Return the first of *patterns* that *path* matches."""
    return next((pattern for pattern in patterns if matches_pattern(path, pattern)), None)


def matches_pattern(path: str, pattern: str) -> bool:
    """Tell whether *path* matches *pattern*, in time proportional to the product of their lengths."""
    directories_and_name = path.split("/")
    ends = {0}
    parts = pattern.split("/")
    for number, part in enumerate(parts):
        if part == "**":
            at_least = min(ends, default=len(directories_and_name)) + (number == len(parts) - 1)
            ends = set(range(at_least, len(directories_and_name) + 1))
        else:
            ends = {
                end + 1 for end in ends if end < len(directories_and_name) and _fits(directories_and_name[end], part)
            }
    return len(directories_and_name) in ends


def _fits(name: str, part: str) -> bool:
    return _expression(part).fullmatch(name) is not None


@lru_cache(maxsize=512)
def _expression(part: str) -> re.Pattern[str]:
    """Return the pattern of one name as a regular expression; `fnmatch` writes one that does not backtrack."""
    return re.compile("|".join(fnmatch.translate(alternative) for alternative in _alternatives(part)))


def _alternatives(part: str) -> list[str]:
    """Return *part* with each `{a,b}` replaced by every choice, `a` and `b`."""
    braces = _BRACES.search(part)
    if braces is None:
        return [part]
    before, after = part[: braces.start()], part[braces.end() :]
    ends = _alternatives(after)
    chosen = [f"{before}{choice}{end}" for choice in braces[1].split(",") for end in ends]
    return chosen[:_MOST_ALTERNATIVES]
