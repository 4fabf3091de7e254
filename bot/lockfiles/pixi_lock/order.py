"""Where pixi puts a selector or a package entry: `rattler_lock`'s order, which differs between versions 6 and 7.

Version 7 sorts both lists by kind (`conda`, `conda_source`, `pypi`) and location. Version 6 sorts selectors by kind,
lower-case file name and location; entries by name, PyPI's before conda's and those by their version; paths follow URLs.
"""

from dataclasses import dataclass
from typing import Final

from packaging.version import InvalidVersion, Version

from bot.lockfiles.pixi_lock.document import PackageKind, file_name

_BY_LOCATION: Final = 7
_KINDS: Final = tuple(PackageKind)
_NO_VERSION: Final = Version("0")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ListPlace:
    """A place in a list: the places of a list compare as its items should stand."""

    name: str = ""
    kind: int
    version: Version = _NO_VERSION
    is_path: bool = False
    file_name: str = ""
    location: str


def selector_place(version: int, kind: PackageKind, location: str) -> ListPlace:
    """Return the place of a selector in `environments.*.packages.*` of a lock of *version*."""
    if version >= _BY_LOCATION:
        return ListPlace(kind=_KINDS.index(kind), location=location)
    is_path = "://" not in location
    return ListPlace(
        kind=int(kind is not PackageKind.CONDA),
        is_path=is_path,
        file_name="" if is_path else file_name(location).lower(),
        location=location,
    )


def entry_place(version: int, kind: PackageKind, location: str, name: str, package_version: str) -> ListPlace:
    """Return the place of the package *name* in `packages` of a lock of *version*."""
    if version >= _BY_LOCATION:
        return selector_place(version, kind, location)
    is_pypi = kind is PackageKind.PYPI
    return ListPlace(
        name=name,
        kind=int(not is_pypi),
        version=_version(package_version) if is_pypi else _NO_VERSION,
        is_path="://" not in location,
        location=location,
    )


def purl_place(purl: str) -> tuple[str, str, str]:
    """Return the place of *purl* among the PyPI names of a record: by name, version and qualifiers, each on its own."""
    identity, _, qualifiers = purl.partition("?")
    name, _, version = identity.partition("@")
    return name, version, qualifiers


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return _NO_VERSION
