"""The match spec that a table of pixi stands for: `{ version = "1.*", build = "py*", when = { any = [...] } }`.

Source: https://pixi.prefix.dev/latest/concepts/package_specifications/ and `pixi_spec` in prefix-dev/pixi.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot.errors import SpecError
from bot.manifests.credentials import without_credentials
from bot.manifests.toml_document import Table
from bot.model.manifest import MatchSpec
from bot.versioning.match_spec import solver_spec
from bot.versioning.records import is_match_spec

_KEYS: Final = {
    "build": "build",
    "build-number": "build_number",
    "channel": "channel",
    "subdir": "subdir",
    "md5": "md5",
    "sha256": "sha256",
    "license": "license",
    "license-family": "license_family",
    "track-features": "track_features",
}
_OTHER_KEYS: Final = frozenset({"extras", "flags"})
"""What asks for more than a record: pixi reads repodata of revision 3 for it, of which condabot knows nothing."""

_WORDS: Final = {"all": " and ", "any": " or "}
_PACKAGE: Final = re.compile(r"[\w.-]+", re.ASCII)
_FILE_NAME: Final = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-(?P<build>[\w.+]+?)(?:\.conda|\.tar\.bz2)")


def with_table(spec: MatchSpec, table: Table) -> MatchSpec:
    """Return *spec*, which has the version of *table*, with everything else that it asks for.

    Raises:
        SpecError: a solver cannot be told.

    """
    if beyond := sorted(_OTHER_KEYS & table.keys()):
        raise SpecError(f"`{beyond[0]}` is not understood here: condabot solves by version, build and features")
    written: dict[str, Any] = {
        field: without_credentials(_words(table[key])) for key, field in _KEYS.items() if key in table
    }
    found = replace(spec, **written, when=_condition(table["when"]) if "when" in table else None)
    if not is_match_spec(solver_spec(found)):
        raise SpecError(f"what `{spec.name}` is given is no match spec")
    return found


def of_file(spec: MatchSpec, file_name: str) -> MatchSpec:
    """Return *spec* for the one package that is called *file_name*, as far as its parts can be told (CEP 26)."""
    found = _FILE_NAME.fullmatch(file_name)
    named = replace(spec, version=f"=={found['version']}", build=found["build"]) if found else spec
    return named if found and found["name"] == spec.name and is_match_spec(solver_spec(named)) else spec


def _condition(value: object) -> str:
    """Return the condition *value* in a solver's words: `(__unix and python[version=">=3.10"])`."""
    if isinstance(value, str):
        return value
    table: Mapping[str, Any] = value if isinstance(value, dict) else {}
    for key, word in _WORDS.items():
        if table.keys() == {key} and isinstance(table[key], list) and table[key]:
            return f"({word.join(map(_condition, table[key]))})"
    return _package(table)


def _package(table: Mapping[str, Any]) -> str:
    name, known = table.get("package"), {"version": "version", **_KEYS}
    if not isinstance(name, str) or not _PACKAGE.fullmatch(name) or not table.keys() - {"package"} <= known.keys():
        raise SpecError("`when` is a match spec, a table with `package`, or a list under `all` or `any`")
    parts = {known[key]: _words(value) for key, value in table.items() if key != "package"}
    if any('"' in text for text in parts.values()):
        raise SpecError("a quote cannot be part of a condition")
    brackets = ",".join(f'{field}="{text}"' for field, text in parts.items())
    return f"{name}[{brackets}]" if parts else name


def _words(value: object) -> str:
    """Return *value* as text, the items of a list with blanks between them."""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
