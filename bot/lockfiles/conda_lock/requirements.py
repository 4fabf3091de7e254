"""What pip packages of a `conda-lock.yml` need: requirements (PEP 508), and the constraints that stand for them there.

conda-lock writes a dependency of a pip package in Poetry's words: `>=1,<2` as in PEP 440, a bare `1.2` for that very
version, `*` for any, `||` between ranges. It names those alone that count on the platform, and keeps no markers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias

from packaging.requirements import InvalidRequirement, Requirement

from bot.errors import SpecError
from bot.model.manifest import PackageName, Subdir
from bot.model.package import PypiPackage
from bot.versioning.markers import applies
from bot.versioning.match_spec import normalise_pypi_name
from bot.versioning.pep440 import validate_version_spec

Needs: TypeAlias = Mapping[PackageName, Mapping[PackageName, str]]
"""What each package needs: names, and version specifiers (PEP 440)."""

_ALL_BUT_ONE: Final = re.compile(r"<(?!=)(?P<version>[^\s,|]+)\s*\|\|\s*>(?P=version)(?=[\s,]|$)")


def read_requirement(depend: str) -> str:
    """Return *depend*, a name and a constraint, as a requirement; without a version where PEP 440 cannot say it."""
    name, _, constraint = depend.partition(" ")
    clauses = [each.strip() for each in _ALL_BUT_ONE.sub(r"!=\g<version>", constraint).split(",")]
    specifier = ",".join(each if each[0] in "<>=!~" else f"=={each}" for each in clauses if each not in ("", "*"))
    try:
        validate_version_spec(specifier)
    except SpecError:
        return name
    return f"{name}{specifier}"


def needs_of(
    packages: Iterable[PypiPackage],
    extras: Mapping[PackageName, AbstractSet[str]],
    *,
    subdir: Subdir,
    python: str,
) -> Needs:
    """Return what *packages* need with *python* on *subdir*, the *extras* that are asked of them included.

    They ask extras of each other, too. What is no requirement, or cannot be judged, does not count.
    """
    by_name = {package.name: package for package in packages}
    asked = {name: set(extras.get(name, ())) for name in by_name}
    needs: dict[PackageName, Mapping[PackageName, str]] = {}
    waiting = list(by_name)
    while waiting:
        name = waiting.pop()
        counting = list(_counting(by_name[name], asked[name], subdir, python))
        needs[name] = {normalise_pypi_name(each.name): str(each.specifier) for each in counting}
        for each in counting:
            needed = normalise_pypi_name(each.name)
            if needed in asked and not asked[needed].issuperset(each.extras):
                asked[needed].update(each.extras)
                waiting.append(needed)
    return needs


def _counting(package: PypiPackage, extras: AbstractSet[str], subdir: Subdir, python: str) -> Iterator[Requirement]:
    for text in package.requires_dist:
        try:
            requirement = Requirement(text)
            counts = applies(str(requirement.marker or ""), subdir, python, extras)
        except (InvalidRequirement, SpecError, RecursionError):
            continue
        if counts:
            yield requirement
