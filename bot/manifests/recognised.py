"""Files that are recognised and left alone, each kind with the sentence that says so.

What is made by a program is changed where the program reads; recipes and lockfiles have keepers of their own.
"""

import re
from typing import Final

from bot.manifests import conda_project
from bot.manifests.header import header_comment
from bot.manifests.paths import first_match
from bot.manifests.yaml_dialects import dialect

_BY_PATH: Final = (
    ("**/{meta.yaml,meta.yml}", "a recipe of conda-build; recipes are not managed"),
    ("**/{recipe.yaml,recipe.yml}", "a recipe of rattler-build; recipes are not managed"),
    ("**/{conda_build_config,variants}.{yaml,yml}", "the variants of a recipe; recipes are not managed"),
    ("**/construct.{yaml,yml}", "an installer of constructor; its `specs` are not managed"),
    ("**/pixi.lock", "a lockfile of pixi; it follows its manifest and is never changed by itself"),
    ("**/*conda-lock.{yml,yaml}", "a lockfile of conda-lock; it follows its manifests and is never changed by itself"),
    ("**/conda.toml", "a manifest of conda-workspaces, which is not supported"),
    (
        "**/anaconda-project-lock.{yml,yaml}",
        "a lockfile of anaconda-project; what it locks stays as it is",
    ),
    (conda_project.PATTERN, "a project of conda-project; the environment files that it names are read"),
    (
        "**/{environment,env}*{.yml,.yaml,}.{j2,jinja,jinja2,in,tmpl,tpl,template,mustache}",
        "a template of an environment: what it says is only known once it is filled in",
    ),
    (
        "**/pixi*.toml.{j2,jinja,jinja2,in,tmpl,tpl,template,mustache}",
        "a template of a manifest of pixi: what it says is only known once it is filled in",
    ),
    ("**/{environment,env}*.{YML,YAML,Yml,Yaml}", "conda reads `.yml` and `.yaml`, in small letters"),
)

_SPEC_LISTS: Final = (
    "**/{conda_env,conda-env,conda_requirements,conda-requirements,conda_deps,conda-deps}*.txt",
    "**/{requirements_conda,requirements-conda,environment_conda,environment-conda}*.txt",
)

_MAY_BE_SPEC_LISTS: Final = (
    *_SPEC_LISTS,
    "**/*conda*.txt",
    "**/*conda*/**/*.txt",
    "**/{requirements,reqs,packages,package-list,package_list,environment,env}*.txt",
)
_SPEC: Final = re.compile(
    r"(?:[\w./:-]+::)?[A-Za-z0-9_][\w.-]* ?"  # a channel, and the name
    r"(?:(?:[=<>!~]=?|(?<= )) ?[\w.*+!,|<>=~-]+(?:[ =][\w.*]+)?)?"  # a version, and a build
)
_OF_CONDA: Final = re.compile(r"::|(?<![=<>!~])=(?!=)|\w \d")
"""What a spec of conda has and a requirement of pip has not: a channel, a single `=`, a version behind a blank."""
_CALLED_UP: Final = re.compile(r"\b(?:conda|mamba|micromamba)\b(?:[^\n]|\n#){0,200}--file\b")
"""A comment that says how to use the file, as `conda list --export` writes one."""
_LONGEST_SPEC: Final = 200
_LONGEST_COMMENT: Final = 5_000

_EXPLICIT: Final = re.compile(r"^@EXPLICIT[ \t]*\r?$", re.MULTILINE)
_GENERATED: Final = re.compile(
    r"(?<!not )\b(?:auto-?)?generated\b(?! (?:from|by|with|using) (?:this|it)\b)|\b(?:do not|don't) edit\b",
    re.IGNORECASE,
)
_MANUAL: Final = re.compile(r"\b(?:manually edited|edited (?:manually|by hand))\b", re.IGNORECASE)


def recognise(path: str, text: str) -> str | None:
    """Return what the file at *path* is and why it is left alone; None if it is nothing of that kind.

    *text* may be a part of its text, or nothing: then only the path tells.
    """
    by_path = next((sentence for pattern, sentence in _BY_PATH if first_match(path, (pattern,))), None)
    if by_path:
        return by_path
    if _EXPLICIT.search(text):
        return "an explicit list of package files (`@EXPLICIT`); it names no versions to move"
    if path.endswith((".yml", ".yaml")) and (sentence := dialect(path, text)):
        return sentence
    line = generated_header(header_comment(text))
    return f"a generated file (`{line}`); change what it is made from" if line else None


def spec_list(path: str, text: str = "") -> str | None:
    """Return what *text* at *path*, which is no lockfile, is if it is a list of specs for conda: by name or content."""
    is_named = first_match(path, _SPEC_LISTS) is not None
    if not is_named and not (path.endswith(".txt") and _lists_specs(text)):
        return None
    return "a list for `conda install --file`; what it asks for is not managed"


def may_be_spec_list(path: str) -> bool:
    """Tell whether the file at *path* is looked into for a list of specs for conda."""
    return first_match(path, _MAY_BE_SPEC_LISTS) is not None


def _lists_specs(text: str) -> bool:
    """Tell whether *text* is one spec a line, and conda's: one of them, or a comment that calls conda, says so."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    specs = [line.partition(" #")[0] for line in lines if line and not line.startswith("#")]
    if not specs or not all(len(each) <= _LONGEST_SPEC and _SPEC.fullmatch(each) for each in specs):
        return False
    comments = "\n".join(line for line in lines if line.startswith("#"))[:_LONGEST_COMMENT]
    return _CALLED_UP.search(comments) is not None or any(map(_OF_CONDA.search, specs))


def generated_header(header: str) -> str | None:
    """Return the line of *header*, a file's leading comment, that says a program made the file; None without one.

    A header that says the file may be manually edited wins.
    """
    if _MANUAL.search(header):
        return None
    lines = (line.lstrip("# ").rstrip() for line in header.splitlines())
    return next((line for line in lines if _GENERATED.search(line)), None)
