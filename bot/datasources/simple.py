"""A project's page of a simple index, in its JSON form -> releases (PEP 691, PEP 700; file names by PEP 427 and 625).

Rules:
1. The page is hostile: whatever it is, it is read, or `BadInput` says in a few words what it is instead.
2. What the page as a whole says must make sense; a single file that does not is no file.
3. A yanked file is none (PEP 592), and a version without files is no release.
4. Versions and version specifiers come out as `packaging` writes them, so they may stand in a manifest and in Markdown.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urldefrag, urljoin

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name, parse_sdist_filename
from packaging.version import Version

from bot.errors import BadInput
from bot.model.manifest import PackageName, Subdir
from bot.model.package import PypiFile
from bot.model.update import Release

LONGEST_FILE_NAME = 255
LONGEST_SPECIFIER = 200
_WHEEL_PARTS = frozenset({5, 6})
_READABLE_VERSION = re.compile(r"1\.\d{1,3}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SPECIFIER = re.compile(r"[\w.,<>=!~*+ -]*", re.ASCII)
_PYTHON_3 = re.compile(r"(?:py|cp)3\d*", re.ASCII)
_LINUX = r"(?:manylinux(?:\d+|_\d+_\d+)|linux)_"
_PLATFORM_TAGS = {
    subdir: re.compile(pattern, re.ASCII)
    for subdir, pattern in {
        "linux-32": f"{_LINUX}i686",
        "linux-64": f"{_LINUX}x86_64",
        "linux-aarch64": f"{_LINUX}aarch64",
        "linux-armv7l": f"{_LINUX}armv7l",
        "linux-ppc64le": f"{_LINUX}ppc64le",
        "linux-riscv64": f"{_LINUX}riscv64",
        "linux-s390x": f"{_LINUX}s390x",
        "osx-64": r"macosx_\d+_\d+_(?:x86_64|intel|fat3|fat64|universal2?)",
        "osx-arm64": r"macosx_\d+_\d+_(?:arm64|universal2)",
        "win-32": "win32",
        "win-64": "win_amd64",
        "win-arm64": "win_arm64",
    }.items()
}


class _Meta(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    api_version: str


class _File(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    filename: str
    url: str
    hashes: dict[str, str] = {}
    requires_python: str | None = None
    core_metadata: bool | dict[str, str] | None = None
    yanked: bool | str | None = None
    upload_time: datetime | None = None

    @property
    def is_yanked(self) -> bool:
        """A reason is a yes, even an empty one (PEP 592)."""
        return self.yanked is not None and self.yanked is not False


class _Page(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    meta: _Meta
    name: str
    files: tuple[_File, ...]
    versions: tuple[str, ...] | None = None


def read_project(body: bytes, name: PackageName, base_url: str) -> tuple[Release, ...]:
    """Return the releases of the project *name* on its page *body*, ascending by PEP 440; `subdirs` are empty.

    URLs of files may be relative to *base_url*, that of the page.

    Raises:
        BadInput: the page is not one of this project; the message completes "it answered with …".

    """
    page = _decode(body)
    if not _READABLE_VERSION.fullmatch(page.meta.api_version):
        raise BadInput("a version of the simple index that condabot does not know")
    if not _is_called(page.name, name):
        raise BadInput("another project than the one asked for")
    releases = (_release(version, files, base_url) for version, files in sorted(_by_version(page, name).items()))
    return tuple(release for release in releases if release.files)


def installable(releases: Iterable[Release], subdirs: Sequence[Subdir]) -> tuple[Release, ...]:
    """Return *releases* with those of *subdirs* that each has a wheel for, of whatever version of Python 3."""
    return tuple(replace(each, subdirs=_subdirs(each.files, subdirs)) for each in releases)


def _decode(body: bytes) -> _Page:
    try:
        return msgspec.json.decode(body, type=_Page)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput("something that is not a project's page in JSON (PEP 691)") from error


def _by_version(page: _Page, name: PackageName) -> Mapping[Version, Sequence[_File]]:
    """Return the files of *page* that are of *name*, and of one of its versions where it lists them (PEP 700)."""
    listed = None if page.versions is None else {_version(text) for text in page.versions}
    found: dict[Version, list[_File]] = defaultdict(list)
    for file in page.files:
        version = _version_in(file.filename, name)
        if version is not None and (listed is None or version in listed):
            found[version].append(file)
    return found


def _version_in(file_name: str, name: PackageName) -> Version | None:
    """Return the version in the name of a wheel or source archive of *name*; None for any other file.

    `packaging` expands the compressed tags of a wheel's name, of which a hostile one has millions: tags are left out.
    """
    if len(file_name) > LONGEST_FILE_NAME:
        return None
    if not file_name.endswith(".whl"):
        return _version_of_sdist(file_name, name)
    parts = file_name.removesuffix(".whl").split("-")
    if len(parts) not in _WHEEL_PARTS or not _is_called(parts[0], name):
        return None
    return _version(parts[1])


def _version_of_sdist(file_name: str, name: PackageName) -> Version | None:
    try:
        found, version = parse_sdist_filename(file_name)
    except ValueError:
        return None
    return version if _is_called(found, name) else None


def _is_called(text: str, name: PackageName) -> bool:
    return PackageName(canonicalize_name(text)) == name


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except ValueError:  # InvalidVersion is one; a number of thousands of digits raises another
        return None


def _release(version: Version, files: Sequence[_File], base_url: str) -> Release:
    usable = (_file(each, base_url) for each in files if not each.is_yanked)
    return Release(
        version=str(version),
        subdirs=frozenset(),
        built=min(filter(None, (_in_utc(each.upload_time) for each in files)), default=None),
        files=tuple(file for file in usable if file is not None),
    )


def _file(file: _File, base_url: str) -> PypiFile | None:
    try:
        url = urldefrag(urljoin(base_url, file.url)).url
    except ValueError:
        return None
    core_metadata = file.core_metadata if isinstance(file.core_metadata, dict) else {}
    return PypiFile(
        name=file.filename,
        url=url,
        sha256=_sha256(file.hashes),
        requires_python=_specifier(file.requires_python or ""),
        metadata_sha256=_sha256(core_metadata),
    )


def _sha256(hashes: Mapping[str, str]) -> str | None:
    digest = hashes.get("sha256", "").lower()
    return digest if _SHA256.fullmatch(digest) else None


@lru_cache(maxsize=1024)
def _specifier(text: str) -> str:
    """Return *text* as a version specifier; like pip, take what is none for no demand at all."""
    if len(text) > LONGEST_SPECIFIER or not _SPECIFIER.fullmatch(text):
        return ""
    try:
        return str(SpecifierSet(text))
    except InvalidSpecifier:
        return ""


def _in_utc(moment: datetime | None) -> datetime | None:
    """Return *moment* in UTC, which it is in unless it says otherwise (PEP 700)."""
    if moment is None or moment.tzinfo is None:
        return moment and moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _subdirs(files: Iterable[PypiFile], subdirs: Sequence[Subdir]) -> frozenset[str]:
    tags = {tag for file in files if file.is_wheel for tag in _platform_tags(file.name)}
    return frozenset(subdir for subdir in subdirs if any(_fits(tag, subdir) for tag in tags))


def _platform_tags(wheel: str) -> Iterable[str]:
    """Return the platform tags of a wheel for CPython 3, none for another Python."""
    *_, python, _, platform = wheel.removesuffix(".whl").split("-")
    return platform.split(".") if any(map(_PYTHON_3.fullmatch, python.split("."))) else ()


def _fits(tag: str, subdir: Subdir) -> bool:
    pattern = _PLATFORM_TAGS.get(subdir)
    return tag == "any" or (pattern is not None and pattern.fullmatch(tag) is not None)
