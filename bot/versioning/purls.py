"""What conda packages are called on PyPI: by package URLs in locks, and in maps of names.

https://github.com/package-url/purl-spec
https://pixi.sh/latest/reference/pixi_manifest/#conda-pypi-map-optional
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import msgspec
from packaging.version import InvalidVersion, Version

from bot.errors import BadInput, SpecError
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.pypi_names import NameMap
from bot.versioning.match_spec import normalise_pypi_name

_PYPI_PURL = re.compile(r"pkg:/*pypi/(?P<name>[^/@?#]+)(?:@(?P<version>[^?#]+))?(?:[?#].*)?", re.IGNORECASE)


class PurlSource(StrEnum):
    """Where a PyPI name comes from, as the qualifier `source` says it (pixi's `pypi_mapping`)."""

    HASH = "hash-mapping"
    COMPRESSED = "compressed-mapping"
    PROJECT = "project-defined-mapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiPurl:
    """A package URL of PyPI as read; `version` is None where it names none, as in almost every lock."""

    name: PackageName
    version: str | None


def pypi_purl(name: str, source: PurlSource | None) -> str:
    """Return the package URL of the PyPI project *name*; *source* is None where its name is that of the package."""
    return f"pkg:pypi/{name}" if source is None else f"pkg:pypi/{name}?source={source}"


@lru_cache(maxsize=16_384)
def read_pypi_purl(text: str) -> PypiPurl | None:
    """Return what *text* names on PyPI, or None if it is a package URL of another kind, or none at all."""
    match = _PYPI_PURL.fullmatch(text)
    if match is None:
        return None
    try:
        name = normalise_pypi_name(unquote(match["name"]))
    except SpecError:
        return None
    return PypiPurl(name=name, version=unquote(match["version"]) if match["version"] else None)


def purls_of(names: Iterable[str], source: PurlSource) -> tuple[str, ...]:
    """Return the package URLs of *names*, sorted; what PyPI has no project of that name for is left out."""
    return tuple(sorted({pypi_purl(name, source) for name in names if _is_project_name(name)}))


def same_name_purls(record: Record) -> tuple[str, ...]:
    """Return the package URL of the project that has the name of *record*; none if PyPI could have no such release."""
    possible = _is_project_name(record.name) and _is_pypi_version(record.version)
    return (pypi_purl(record.name, None),) if possible else ()


def is_guessed(purl: str) -> bool:
    """Tell whether *purl*, which was looked up, only has the name of the package: no mapping says so."""
    return "?source=" not in purl


def channel_url(record: Record) -> str:
    """Return the URL of the channel that *record* comes from: what stands before its subdir and its file."""
    return record.url.rsplit("/", 2)[0]


@lru_cache(maxsize=16_384)
def is_of_conda_forge(url: str) -> bool:
    """Tell whether *url*, of a package or of a channel, is one of conda-forge to pixi: whose names are PyPI's, mostly.

    https://github.com/prefix-dev/pixi/blob/main/crates/pypi_mapping/src/channel.rs
    """
    return urlsplit(url).path.startswith("/conda-forge")


def read_name_map(content: bytes) -> NameMap:
    """Return the JSON object *content*: for each conda package its name on PyPI, a list of names, or null for none.

    Raises:
        BadInput: it is something else.

    """
    try:
        found = msgspec.json.decode(content, type=dict[str, str | list[str] | None])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput("is no JSON object of PyPI names by the names of conda packages") from error
    return {PackageName(name.lower()): _listed(names) for name, names in found.items()}


def _is_project_name(text: str) -> bool:
    try:
        normalise_pypi_name(text)
    except SpecError:
        return False
    return True


@lru_cache(maxsize=16_384)
def _is_pypi_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _listed(names: str | list[str] | None) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())
