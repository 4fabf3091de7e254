"""Which wheels a python takes, told by their file names (PEP 425, PEP 427)."""

import posixpath
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename


def is_wheel(url: str) -> bool:
    """Tell whether *url*, or a path, is that of a wheel: something that installs without being built."""
    return bool(_tags(url))


def source_folder(location: str, base: str) -> str | None:
    """Return the folder that a source tree at *location*, relative to *base*, stands in; None for a wheel."""
    return None if is_wheel(location) else posixpath.normpath(posixpath.join(base, location))


def is_for_python(url: str, python: str) -> bool:
    """Tell whether CPython *python* (`3.12.4`) takes the wheel at *url*; what is no wheel is taken by all."""
    tags = _tags(url)
    minor = tuple(int(part) for part in python.split(".")[:2] if part.isdigit())
    return not tags or any(_takes(minor, tag) for tag in tags)


def _tags(url: str) -> frozenset[Tag]:
    try:
        return parse_wheel_filename(unquote(urlsplit(url).path.rpartition("/")[2]))[3]
    except (InvalidWheelFilename, ValueError):
        return frozenset()


def _takes(python: tuple[int, ...], tag: Tag) -> bool:
    wanted = _version(tag.interpreter)
    if tag.interpreter.startswith("py"):
        return wanted <= python
    is_stable = tag.abi in {"abi3", "none"}
    return tag.interpreter.startswith("cp") and (wanted <= python if is_stable else wanted == python)


def _version(interpreter: str) -> tuple[int, ...]:
    """`cp312` is 3.12, `py3` any 3."""
    digits = interpreter[2:]
    return tuple(int(part) for part in (digits[:1], digits[1:]) if part.isdigit())
