"""Requirements and version specifiers as `pep508_rs` spells them, so that pixi finds nothing to spell anew in a lock.

Names are normalised, versions ascend, quotes are single. A comparison of `python_version` becomes one of
`python_full_version`; how comparisons are combined stays as the author of the package wrote it.
"""

import re
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.utils import canonicalize_name
from packaging.version import Version

from bot.errors import SpecError

_HEAD = re.compile(r"\s*[\w.-]+\s*(?:\[(?P<extras>[^]]*)])?\s*\(?(?P<specifier>[^;)]*)")
_COMPARISON = re.compile(r'(?P<left>\w+|"[^"]*") (?P<operator>not in|in|[<>=!~]+) (?P<right>\w+|"[^"]*")')
_PYTHON_VERSION = re.compile(r'python_version (?P<operator>[<>=!]+) "(?P<major>[0-9]+)(?:\.(?P<minor>[0-9]+))?"')
_SAME_FOR_FULL_VERSION: Final = frozenset({"<", ">="})
_WITH_NEXT_MINOR: Final = {">": ">=", "<=": "<"}
_FULL_VERSION_WITH_ZERO = re.compile(r'(?P<up_to_minor>python_full_version [<>=!]+ "[0-9]+\.[0-9]+)\.0(?=")')
_OPEN_ENDED_WILDCARD = re.compile(r"(?P<bound>[<>]=?\s*v?[0-9][0-9.]*)\.\*")


def normal_requirement(text: str) -> str:
    """Return the requirement *text* (PEP 508) as pixi writes it: `a[b]>=1,<2 ; python_full_version < '3.9'`.

    Raises:
        SpecError: it is none.

    """
    lenient = _OPEN_ENDED_WILDCARD.sub(r"\g<bound>", text)
    try:
        requirement = Requirement(lenient)
    except InvalidRequirement as error:
        raise SpecError(f"`{text}` is no requirement (PEP 508)") from error
    head = next(_HEAD.finditer(lenient))
    extras = _extras(head["extras"]) if requirement.extras else ""
    what = f" @ {requirement.url}" if requirement.url else _clauses(head["specifier"])
    marker = f" ; {_normal_marker(str(requirement.marker))}" if requirement.marker else ""
    return f"{canonicalize_name(requirement.name)}{extras}{what}{marker}"


def normal_specifier(text: str) -> str:
    """Return the version specifier *text* (PEP 440) as pixi writes it: `>=3.9,<4`.

    `>=3.6.*`, which means nothing, becomes `>=3.6` as for uv.

    Raises:
        SpecError: it is none.

    """
    try:
        return _clauses(_OPEN_ENDED_WILDCARD.sub(r"\g<bound>", text))
    except InvalidSpecifier as error:
        raise SpecError(f"`{text}` is no version specifier (PEP 440)") from error


def _extras(listed: str) -> str:
    return f"[{','.join(canonicalize_name(name.strip()) for name in listed.split(','))}]"


def _clauses(specifier: str) -> str:
    """`packaging` keeps neither extras nor clauses in their order; pixi keeps that of clauses with equal versions."""
    clauses = [Specifier(part.strip()) for part in specifier.split(",") if part.strip()]
    arbitrary = [str(each) for each in clauses if each.operator == "==="]
    ordered = sorted((each for each in clauses if each.operator != "==="), key=_version)
    return ",".join([*(f"{each.operator}{_version(each)}{_wildcard(each)}" for each in ordered), *arbitrary])


def _version(clause: Specifier) -> Version:
    return Version(clause.version.removesuffix(".*"))


def _wildcard(clause: Specifier) -> str:
    return ".*" if clause.version.endswith(".*") else ""


def _normal_marker(marker: str) -> str:
    return _COMPARISON.sub(_comparison, marker)


def _comparison(found: re.Match[str]) -> str:
    comparison = _FULL_VERSION_WITH_ZERO.sub(r"\g<up_to_minor>", _of_full_version(found[0]))
    return re.sub(r'"([^"\']*)"', r"'\1'", comparison)


def _of_full_version(comparison: str) -> str:
    found = _PYTHON_VERSION.fullmatch(comparison)
    operator = found["operator"] if found else ""
    if found is None or (found["minor"] is None and operator not in _SAME_FOR_FULL_VERSION):
        return comparison
    version = ".".join(part for part in (found["major"], found["minor"]) if part)
    if operator in _SAME_FOR_FULL_VERSION:
        return f'python_full_version {operator} "{version}"'
    if operator in _WITH_NEXT_MINOR:
        return f'python_full_version {_WITH_NEXT_MINOR[operator]} "{found["major"]}.{int(found["minor"]) + 1}"'
    return f'python_full_version {operator} "{version}.*"'
