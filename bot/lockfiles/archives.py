"""The URL of a built conda package says what it is: `…/linux-64/numpy-2.1.0-py312h58c1407_1.conda` (CEP 26, CEP 36).

Lockfiles that hold little more than URLs are read this way.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from bot.errors import LockError, SpecError
from bot.model.manifest import PackageName
from bot.versioning.match_spec import normalise_conda_name

SUFFIXES: Final = (".conda", ".tar.bz2")

_FILE_NAME: Final = re.compile(r"(?P<name>[^/]+)-(?P<version>[^/-]+)-(?P<build>[^/-]+)")
_BUILD_NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{1,18}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What a URL says of the package behind it. `subdir` may be `noarch`."""

    name: PackageName
    version: str
    build: str
    build_number: int
    subdir: str


def read_archive_url(url: str, *, path: str, line: int) -> Archive:
    """Return what *url* says; *path* and *line* say where it stands, for errors.

    Raises:
        LockError: it is not the URL of a built conda package.

    """
    folder, _, file_name = url.rpartition("/")
    suffix = next((each for each in SUFFIXES if file_name.endswith(each)), None)
    parts = _FILE_NAME.fullmatch(unquote(file_name.removesuffix(suffix))) if suffix else None
    if parts is None or "://" not in folder:
        raise LockError(f"{url} is not the URL of a built conda package", path=path, line=line)
    try:
        name = normalise_conda_name(parts["name"])
    except SpecError as error:
        raise LockError(error.message, path=path, line=line) from error
    number = _BUILD_NUMBER.search(parts["build"])
    return Archive(
        name=name,
        version=parts["version"],
        build=parts["build"],
        build_number=int(number[0]) if number else 0,
        subdir=folder.rpartition("/")[2],
    )
