"""Whether the PyPI packages of a lock can live with the conda packages that an update brings (PEP 508, PEP 440).

A lock may hold wheels beside conda packages. They are not solved again here, so an update may not break what they ask
of a conda package of the same name, nor move python out of what they are made for.
"""

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement

from bot.errors import SpecError
from bot.model.manifest import PackageName, Subdir
from bot.model.package import PypiPackage, Record
from bot.versioning.markers import applies
from bot.versioning.match_spec import normalise_pypi_name
from bot.versioning.pep440 import satisfies

PYTHON = PackageName("python")


def broken_by(
    before: Iterable[Record], after: Iterable[Record], packages: Iterable[PypiPackage], subdir: Subdir
) -> tuple[str, ...]:
    """Return a sentence for each demand of *packages* that *before* met and *after* does not."""
    old, new = _versions(before), _versions(after)
    return tuple(
        f"the locked PyPI package {package.name} {package.version} needs {name} {specifier}, "
        f"and that would be {new[name]}"
        for package in packages
        for name, specifier in _demands(package, subdir, new.get(PYTHON, ""))
        if name in new and not _meets(specifier, new[name]) and _meets(specifier, old.get(name, ""))
    )


def _versions(records: Iterable[Record]) -> dict[PackageName, str]:
    return {record.name: record.version for record in records}


def _demands(package: PypiPackage, subdir: Subdir, python: str) -> Iterable[tuple[PackageName, str]]:
    if package.requires_python:
        yield PYTHON, package.requires_python
    for text in package.requires_dist:
        try:
            requirement = Requirement(text)
            counts = applies(str(requirement.marker or ""), subdir, python)
        except (InvalidRequirement, SpecError):
            continue
        if counts and requirement.specifier:
            yield normalise_pypi_name(requirement.name), str(requirement.specifier)


def _meets(specifier: str, version: str) -> bool:
    """What cannot be compared is not held against an update."""
    try:
        return not version or satisfies(specifier, version)
    except SpecError:
        return True
