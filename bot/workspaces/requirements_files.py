"""Files that lines of `pip:` name (`-r`, `-c`): what stands in them counts as written, and is never rewritten.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
conda runs pip in the folder of the environment file, so paths are from there; those in such a file from its own folder.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from bot.errors import BadInput
from bot.manifests.decoding import decode
from bot.manifests.items import pip_item
from bot.model.environment import Environment, Requirement, Workspace
from bot.model.manifest import Datasource, Dependency, Manifest, Role, SkipReason
from bot.model.report import Recognised

DEEPEST: Final = 5
"""So many files may name one another in a row."""

MOST_LINES: Final = 2_000
"""Lines that are read for one environment file."""

_NAMES_A_FILE: Final = re.compile(
    r"(?P<option>-r|--requirement|-c|--constraint)(?:\s+|\s*=\s*|(?<=-[rc]))(?P<path>\S.*)"
)
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_OWN_OPTIONS: Final = re.compile(r"\s--.*$")
_CONSTRAINTS: Final = frozenset({"-c", "--constraint"})
_ELSEWHERE: Final = frozenset({SkipReason.PATH, SkipReason.EDITABLE, SkipReason.GIT, SkipReason.EXPLICIT_URL})


class _UnknownError(Exception):
    """What a file asks for cannot be known; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A file that a line names; it `limits` only what is asked for elsewhere if that is a line of constraints."""

    path: str
    limits: bool


def requirements_files(manifest: Manifest, files: Mapping[str, bytes]) -> frozenset[str]:
    """Return the paths of the files that *manifest* names, and of those that the ones among *files* name in turn."""
    found: set[str] = set()
    waiting = [(manifest.path, each.skip.detail) for each in _lines_of(manifest) if each.skip]
    for _ in range(DEEPEST):
        named = {each.path for by, text in waiting if (each := _named(by, text)) is not None} - found
        found |= named
        waiting = [(path, text) for path in named if path in files for text in _readable(path, files[path])]
    return frozenset(found)


def unknown_files(manifest: Manifest, files: Mapping[str, bytes]) -> Iterator[Recognised]:
    """Yield what is said of the lines of *manifest* that name a file which is not known."""
    for line in _lines_of(manifest):
        try:
            _all_lines(manifest, line, files)
        except _UnknownError as error:
            sentence = f"{error}, so that what line {line.line} asks for with it does not count"
            yield Recognised(path=manifest.path, sentence=sentence)


def with_requirements_files(workspace: Workspace, files: Mapping[str, bytes]) -> Workspace:
    """Return *workspace* with what the files say that lines of its `pip:` name.

    Where a file is not known, as one behind a URL, what pip installs by it binds nothing: see `unknown_files`. What is
    locked a lock tells.
    """
    manifest = workspace.manifests[0]
    if workspace.lock is not None or not any(_lines_of(manifest)):
        return workspace
    environments = (_with_lines(each, manifest, files) for each in workspace.environments)
    return replace(workspace, environments=tuple(environments))


def _lines_of(manifest: Manifest) -> Iterator[Dependency]:
    for each in manifest.dependencies:
        is_file = each.skip is not None and each.skip.reason is SkipReason.REQUIREMENTS_FILE
        if is_file and each.datasource is Datasource.PYPI and each.role is Role.DEPENDENCY:
            yield each


def _all_lines(manifest: Manifest, line: Dependency, files: Mapping[str, bytes]) -> Sequence[tuple[str, Dependency]]:
    """Return what stands in the file that *line* names, each with the path where it stands.

    Raises:
        _UnknownError: it is not known whole.

    """
    found = tuple(islice(_read(manifest.path, line.skip.detail if line.skip else "", files), MOST_LINES + 1))
    if len(found) > MOST_LINES:
        raise _UnknownError(f"more than {MOST_LINES} lines are not read")
    return found


def _with_lines(environment: Environment, manifest: Manifest, files: Mapping[str, bytes]) -> Environment:
    included: list[Requirement] = []
    for line in _lines_of(manifest):
        there = tuple(
            each.name for each in environment.platforms if not line.platforms or each.subdir in line.platforms
        )
        with suppress(_UnknownError):  # it is told: see `unknown_files`
            for path, each in _all_lines(manifest, line, files):
                its = replace(each, platforms=line.platforms)
                included.append(Requirement(manifest=path, dependency=its, platforms=there))
    lines = [each for each in included if each.dependency.skip is None]
    wanted = [each for each in lines if each.dependency.role is Role.DEPENDENCY]
    asked = {each.dependency.name for each in (*environment.requirements, *wanted)}
    limits = [each for each in lines if each.dependency.role is Role.CONSTRAINT and each.dependency.name in asked]
    elsewhere = (each for each in included if each.dependency.skip and each.dependency.skip.reason in _ELSEWHERE)
    return replace(
        environment,
        requirements=(*environment.requirements, *wanted, *limits),
        references=(*environment.references, *elsewhere),
        included=tuple(included),
    )


def _read(
    by: str, text: str, files: Mapping[str, bytes], around: tuple[str, ...] = (), *, limits: bool = False
) -> Iterator[tuple[str, Dependency]]:
    """Yield the lines of the file that *text*, a line of *by*, names, each with the path where it stands."""
    named = _named(by, text)
    if named is None:
        raise _UnknownError(f"`{text}` names no file of the repository")
    path = named.path
    if path not in files:
        raise _UnknownError(f"{path} is not among the files of the repository that are read")
    if path in around:
        raise _UnknownError(f"{path} names itself")
    if len(around) >= DEEPEST:
        raise _UnknownError(f"{path} is named by more than {DEEPEST} files in a row")
    for line, said in _texts(path, files[path]):
        if _NAMES_A_FILE.match(said):
            yield from _nested(path, line, said, files, (*around, path), limits=limits or named.limits)
        else:
            yield path, _dependency(said, line, limits=limits or named.limits)


def _nested(
    path: str, line: int, text: str, files: Mapping[str, bytes], around: tuple[str, ...], *, limits: bool
) -> Iterator[tuple[str, Dependency]]:
    try:
        yield from _read(path, text, files, around, limits=limits)
    except _UnknownError as error:
        raise _UnknownError(f"{path}:{line}: {error}") from error


def _dependency(text: str, line: int, *, limits: bool) -> Dependency:
    item = pip_item(text)
    return Dependency(
        name=item.name,
        datasource=Datasource.PYPI,
        version=text[item.version.start : item.version.end] if item.version else "",
        at=("requirements-file", line),
        line=line,
        role=Role.CONSTRAINT if limits else Role.DEPENDENCY,
        extras=item.extras,
        marker=item.marker,
        skip=item.skip,
    )


def _named(by: str, text: str) -> _Named | None:
    """Return the file that *text*, a line of the file *by*, names; None if it is none of the repository."""
    found = _NAMES_A_FILE.match(text)
    if found is None or "://" in found["path"]:
        return None
    written = found["path"].strip().strip("'\"")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(by), written))
    is_inside = not path.startswith(("/", "../")) and path not in {".", ".."}
    return _Named(path=path, limits=found["option"] in _CONSTRAINTS) if is_inside else None


def _readable(path: str, content: bytes) -> list[str]:
    try:
        return [text for _, text in _texts(path, content)]
    except _UnknownError:
        return []  # the reading will say so


def _texts(path: str, content: bytes) -> Iterator[tuple[int, str]]:
    """Yield what stands in the lines of a requirements file, those that go on joined, with the number of the first."""
    try:
        text = decode(path, content).removeprefix("\ufeff")
    except BadInput as error:
        raise _UnknownError(f"{path} cannot be read: {error.message}") from error
    first, joined = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        first = first if joined else number
        if line.endswith("\\"):
            joined += line[:-1] + " "
            continue
        said = _COMMENT.sub("", joined + line).strip()
        joined = ""
        if said:
            yield first, said if said.startswith("-") else _OWN_OPTIONS.sub("", said).strip()
    if said := _COMMENT.sub("", joined).strip():
        yield first, said
