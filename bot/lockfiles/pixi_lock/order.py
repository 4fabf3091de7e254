"""Where pixi puts a selector or a package entry: `rattler_lock`'s order, which differs between versions 6 and 7.

Version 7 sorts both lists by kind (`conda`, `conda_source`, `pypi`) and location. Version 6 sorts selectors by kind,
lower-case file name and location, and entries by name, PyPI's before conda's; paths follow URLs.
"""

from typing import Final, TypeAlias

from bot.lockfiles.pixi_lock.document import PackageKind

Key: TypeAlias = tuple[str, ...]
"""A place in a list: the keys of a list compare as its items should stand."""

_BY_LOCATION: Final = 7
_KINDS: Final = tuple(PackageKind)


def selector_key(version: int, kind: PackageKind, location: str) -> Key:
    """Return the place of a selector in `environments.*.packages.*` of a lock of *version*."""
    if version >= _BY_LOCATION:
        return (str(_KINDS.index(kind)), location)
    rank = "0" if kind is PackageKind.CONDA else "1"
    if "://" not in location:
        return (rank, "1", location)
    return (rank, "0", location.rpartition("/")[2].lower(), location)


def entry_key(version: int, kind: PackageKind, location: str, name: str) -> Key:
    """Return the place of the package *name* in `packages` of a lock of *version*."""
    if version >= _BY_LOCATION:
        return selector_key(version, kind, location)
    return (name, "1" if kind is PackageKind.CONDA else "0", "0" if "://" in location else "1", location)
