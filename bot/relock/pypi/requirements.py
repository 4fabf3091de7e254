"""Requirements from outside: judged before uv reads them, and spelled as pixi's lock spells them.

uv reads requirements as lines of a file, in which a line may also be an option (`--index-url …`) or a path. So each one
must be a requirement of PEP 508 on a single line, without a URL; what is written is `packaging`'s spelling of it.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import rattler
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from bot.errors import SpecError
from bot.model.package import CoreMetadata

_OPEN_ENDED_WILDCARD: Final = re.compile(r"([<>]=?\s*[0-9][0-9.]*)\.\*")
_LOCK: Final = """\
version: 6
environments:
  default:
    channels: []
    indexes: []
    packages:
      linux-64:
      - pypi: https://files.example/a-1-py3-none-any.whl
packages:
- pypi: https://files.example/a-1-py3-none-any.whl
  name: a
  version: '1'
"""


def safe_requirement(text: str) -> str:
    """Return the requirement *text*, which an index is to fulfil, on one line.

    Raises:
        SpecError: it is none, or names a URL; the message is a sentence.

    """
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        raise SpecError(f"{text[:200]!a} is no requirement (PEP 508).") from error
    spelled = str(requirement)
    if requirement.url is not None:
        raise SpecError(f"{requirement.name} is asked for by URL; condabot resolves what indexes offer.")
    if not spelled.isprintable():
        raise SpecError(f"The requirement {spelled[:200]!a} holds characters that no requirement needs.")
    return spelled


def safe_name(text: str) -> str:
    """Return the normalised name *text* of a project.

    Raises:
        SpecError: it is none; the message is a sentence.

    """
    try:
        return canonicalize_name(text, validate=True)
    except InvalidName as error:
        raise SpecError(f"{text[:200]!a} is no name of a PyPI package.") from error


def pypi_version(text: str) -> str | None:
    """Return *text* in PEP 440's normal form, None if it is no version of PEP 440."""
    try:
        return str(Version(text))
    except (InvalidVersion, ValueError):  # a number of thousands of digits raises the latter
        return None


def as_locked(metadata: CoreMetadata) -> CoreMetadata:
    """Return *metadata* as pixi's lock spells them; the library that pixi writes its lock with does it.

    `>=3.6.*` means nothing by PEP 440 and becomes `>=3.6`, as with uv.

    Raises:
        SpecError: a requirement or the version specifier is none; the message names what is wrong.

    """
    with TemporaryDirectory(prefix="condabot-requirements-") as folder:
        path = Path(folder) / "pixi.lock"
        path.write_text(_LOCK + "".join(_lines(metadata)), encoding="utf-8")
        try:
            lock = rattler.LockFile.from_path(path)
        except Exception as error:
            raise SpecError(str(error)) from error
    [(_, environment)] = lock.environments()
    [package] = next(iter(environment.pypi_packages().values()))
    return CoreMetadata(
        requires_dist=tuple(package.requires_dist),
        requires_python=(package.requires_python or "").replace(", ", ","),
    )


def _lines(metadata: CoreMetadata) -> Iterable[str]:
    if metadata.requires_dist:
        yield "  requires_dist:\n"
        yield from (f"  - {_quoted(each)}\n" for each in metadata.requires_dist)
    if metadata.requires_python:
        yield f"  requires_python: {_quoted(metadata.requires_python)}\n"


def _quoted(text: str) -> str:
    mended = _OPEN_ENDED_WILDCARD.sub(r"\1", " ".join(text.split()))
    return "'{}'".format(mended.replace("'", "''"))
