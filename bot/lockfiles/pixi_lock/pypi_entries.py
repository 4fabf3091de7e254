"""Entries of PyPI packages in a `pixi.lock` and the packages they stand for, in both directions.

Version 6 does not say of which index a package is. Version 7 says it unless it is the default one, does not say whether
a source tree is editable, and gives source trees neither version nor hash: the tree itself has them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.errors import LockError, RewriteRefused, SpecError
from bot.lockfiles.pixi_lock.document import Item, PackageKind, PixiDocument
from bot.lockfiles.pixi_lock.requirements import normal_requirement, normal_specifier
from bot.lockfiles.pixi_lock.scalars import Value, entry_text
from bot.model.package import PypiPackage
from bot.versioning.match_spec import normalise_pypi_name

_INDEX_SINCE: Final = 7


def read_pypi_package(item: Item) -> PypiPackage:
    """Return the PyPI package that the entry *item* stands for.

    Raises:
        LockError: its name is missing or none, or a field has another type.

    """
    node = item.node
    try:
        name = normalise_pypi_name(node.text("name"))
    except SpecError as error:
        raise LockError(error.message, path=node.path, line=node.line, key="name") from error
    return PypiPackage(
        name=name,
        version=node.optional_text("version") or "",
        url=item.location,
        sha256=node.optional_text("sha256"),
        index=node.optional_text("index"),
        requires_dist=node.texts("requires_dist"),
        requires_python=node.optional_text("requires_python"),
        editable=node.optional_text("editable") == "true",
    )


def pypi_packages_of(document: PixiDocument) -> Mapping[str, PypiPackage]:
    """Return the PyPI packages of all entries in *document*, by location.

    Raises:
        LockError: a field is missing or has the wrong type.

    """
    found: dict[str, PypiPackage] = {}
    for item in document.packages.items:
        if item.kind is PackageKind.PYPI:
            # Version 6 may hold a source tree twice, editable and not; the selectors cannot tell which they mean.
            found.setdefault(item.location, read_pypi_package(item))
    return found


def fitted(package: PypiPackage, version: int) -> PypiPackage:
    """Return *package* as a lock of *version* says it: requirements in pixi's spelling, no field it does not know.

    Raises:
        RewriteRefused: what the package says that it needs is not in the form of PEP 508 and PEP 440.

    """
    try:
        return replace(
            package,
            requires_dist=tuple(map(normal_requirement, package.requires_dist)),
            requires_python=normal_specifier(package.requires_python or "") or None,
            index=package.index if version >= _INDEX_SINCE else None,
            editable=package.editable and version < _INDEX_SINCE,
        )
    except SpecError as error:
        raise RewriteRefused(f"{package.name} {package.version} cannot be locked: {error.message}") from error


def write_pypi_entry(package: PypiPackage) -> str:
    r"""Return the entry of *package* as `rattler_lock` writes it, lines ending in `\n`."""
    return entry_text(pypi_entry_fields(package))


def pypi_entry_fields(package: PypiPackage) -> Mapping[str, Value]:
    """Return the fields of the entry of *package* in the order of `rattler_lock`."""
    fields: dict[str, Value | None] = {
        "pypi": package.url,
        "name": package.name,
        "version": package.version or None,
        "sha256": package.sha256,
        "index": package.index,
        "requires_dist": package.requires_dist or None,
        "requires_python": package.requires_python or None,
        "editable": package.editable or None,
    }
    return {key: value for key, value in fields.items() if value is not None}
