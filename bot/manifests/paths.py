"""Patterns of paths, and what they choose.

Patterns are those of git: `*` and `?` stay within one directory, `**` spans any number of them, `{a,b}` and `[ab]`
choose. Matching is by path from the top of the repository, with `/` between directories.
"""

import fnmatch
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

DEFAULT_IGNORE_PATHS: Final = (
    "**/{test,tests,testing,testdata,test-data,test_data,__tests__,fixtures,__fixtures__}/**",
    "**/{example,examples,demo,demos,tutorial,tutorials,benchmarks,template,templates}/**",
    "**/{vendor,third_party,node_modules,.pixi}/**",
)
"""Directories whose manifests are seen but not managed, unless the configuration says otherwise."""

_ANNOTATED: Final = "**/{Dockerfile*,Containerfile*,Makefile,*.sh,*.yml,*.yaml,*.toml}"
_SCRIPTS: Final = ("*.{py,pyw}", "**/{bin,dev,notebooks,script,scripts,tools}/*.{py,pyw}")
_ENVIRONMENTS: Final = "**/{env,envs,environment,environments,conda,conda-envs}/**/*.{yml,yaml}"

_MOST_ALTERNATIVES: Final = 100
_BRACES: Final = re.compile(r"\{([^{}]*)\}")


def is_annotated_path(path: str) -> bool:
    """Tell whether comments such as `# renovate: datasource=conda depName=…` are looked for in *path*."""
    return matches_pattern(path, _ANNOTATED)


def is_script_path(path: str) -> bool:
    """Tell whether a Python file at *path* is looked into for the environment that a script brings along."""
    return first_match(path, _SCRIPTS) is not None


def is_environment_path(path: str) -> bool:
    """Tell whether YAML at *path* is looked into because of the folder that it lies in."""
    return matches_pattern(path, _ENVIRONMENTS)


def first_match(path: str, patterns: Iterable[str]) -> str | None:
    """Return the first of *patterns* that *path* matches."""
    return next((pattern for pattern in patterns if matches_pattern(path, pattern)), None)


def ignored_by(path: str, patterns: Iterable[str]) -> str | None:
    """Return the first of *patterns* that *path* matches; None if there is none, or one with `!` matches as well."""
    every = tuple(patterns)
    found = first_match(path, (each for each in every if not each.startswith("!")))
    if found is None or first_match(path, (each[1:] for each in every if each.startswith("!"))) is not None:
        return None
    return found


def matches_pattern(path: str, pattern: str) -> bool:
    """Tell whether *path* matches *pattern*, in time proportional to the product of their lengths."""
    parts, name = _parts(pattern)
    # The names of most files of a repository do not fit, so that nothing else needs to be looked at.
    if name is not None and name.fullmatch(path, path.rfind("/") + 1) is None:
        return False
    directories_and_name = path.split("/")
    ends = {0}
    for number, part in enumerate(parts):
        if part == "**":
            at_least = min(ends, default=len(directories_and_name)) + (number == len(parts) - 1)
            ends = set(range(at_least, len(directories_and_name) + 1))
        else:
            ends = {
                end + 1 for end in ends if end < len(directories_and_name) and _fits(directories_and_name[end], part)
            }
    return len(directories_and_name) in ends


@lru_cache(maxsize=512)
def _parts(pattern: str) -> tuple[tuple[str, ...], re.Pattern[str] | None]:
    """Return the parts of *pattern* between slashes, and the last one as an expression; None if any name will do."""
    parts = tuple(pattern.split("/"))
    return parts, None if parts[-1] == "**" else _expression(parts[-1])


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
