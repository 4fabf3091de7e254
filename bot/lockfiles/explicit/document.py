"""The text of an `@EXPLICIT` file: read, and rewritten in the hash style found.

Such a file names no versions that are asked for, so it moves only with the manifest that it was made from. That is told
by its name (Snakemake's `NAME.linux-64.pin.txt`, or `NAME.lock`, beside `NAME.yaml` or in a folder `locks` there), or
by a comment that names the manifest.
Lines stay where they are as far as packages can be installed in that order; one that moves takes its old line.
"""

import posixpath
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import LockError, RewriteRefused
from bot.lockfiles.archives import read_archive_url
from bot.lockfiles.base import Solutions
from bot.lockfiles.install_order import in_install_order
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Lock, LockedEnvironment, LockedPypi, LockFormat, Record, Relocking

EXPLICIT: Final = LockFormat(
    name="explicit",
    names_channels=False,
    is_complete=False,
    pypi=LockedPypi.NOTHING,
    relocking=Relocking.NEVER,
    check="",
)
ENVIRONMENT: Final = "default"
MARK: Final = "@EXPLICIT"

_SUBDIR = r"(?P<subdir>(?:linux|osx|win)-[a-z0-9]+)"
_PINNED: Final = re.compile(rf"(?P<stem>.+)\.{_SUBDIR}\.pin\.txt")
_RENDERED: Final = re.compile(rf"conda-{_SUBDIR}\.lock")
_NAMED: Final = re.compile(rf"(?:.*[-_.])?{_SUBDIR}\.(?:lock|pin\.txt)")
_CALLED: Final = re.compile(
    rf"(?P<stem>.+?)(?:[-_.]{_SUBDIR})?(?:[-_.](?:conda-)?(?:lock|pin|explicit))?\.(?:txt|lock)"
)
_TELLING: Final = re.compile(
    r"(?:.*[-_.])?(?:conda|envs?|environments?|explicit|lock(?:ed)?|pin(?:ned)?|spec|linux|osx|macos|win(?:dows)?)"
    r"(?:[-_.].*)?\.(?:txt|lock)"
)
_LOCK_FOLDER: Final = re.compile(
    r"\.?(?:(?:conda|env)[-_]?)?(?:lock|locked|lockfile|pin|pinned|explicit)s?", re.IGNORECASE
)
"""A folder of lists whose manifests lie around it: `requirements/locks` beside `requirements/py312.yml`."""
_OTHERS: Final = re.compile(
    r"(?:Cargo|Gemfile|Pipfile|composer|deno|flake|mix|pdm|poetry|uv|yarn)\.lock|(?:requirements|CMakeLists)\.txt"
)
"""Well-known files of other programs, which are not looked into."""
_BEGINS: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*+(?:#[^\n]*+)?\r?\n)*+[ \t]*+@EXPLICIT[ \t]*+\r?(?:\n|\Z)")
_COMMENTED_PLATFORM: Final = re.compile(rf"#\s*platform:\s*{_SUBDIR}\s*")
_INPUT_HASH: Final = re.compile(r"^(# input_hash: )([0-9a-f]{64})(?=\r?$)", re.MULTILINE)
_PIP: Final = re.compile(r"#\s*pip\s")
_PATH: Final = re.compile(r"[\w./-]+\.(?:ya?ml|toml)\b")
_HASH: Final = re.compile(r"(?P<prefix>sha256:)?(?P<digest>[0-9a-fA-F]+)")
_LENGTHS: Final = {"md5": 32, "sha256": 64}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line with a package: its text, its number from 1, and the record that it stands for."""

    text: str
    number: int
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """The lines before the packages, with the packages, and behind them; line ends are left out."""

    path: str
    head: tuple[str, ...]
    packages: tuple[_Line, ...]
    tail: tuple[str, ...]
    subdir: Subdir


def is_list(path: str) -> bool:
    """Tell whether the name of *path* ends in a platform, as in `conda-linux-64.lock` and `x.osx-64.pin.txt`."""
    return _NAMED.fullmatch(path.rpartition("/")[2]) is not None


def may_be_list(path: str, *, beside: bool) -> bool:
    """Tell whether the file at *path* may be a list by its name; *beside* a manifest nearly any name will do."""
    name = path.rpartition("/")[2]
    if _OTHERS.fullmatch(name) or not name.endswith((".txt", ".lock")):
        return False
    return beside or _TELLING.fullmatch(name) is not None


def begins_explicit(path: str, content: bytes) -> bool:
    """Tell whether *content* is a list, whatever it is called but YAML: only comments stand before the mark."""
    return not path.endswith((".yml", ".yaml")) and _BEGINS.match(content) is not None


def parse(path: str, text: str) -> Lock:
    """Return what *text* locks. *path* is kept in the lock and named in errors.

    Raises:
        LockError: it is no `@EXPLICIT` file, or does not tell its platform.

    """
    return _lock_of(_read(path, text))


def rewrite(lock: Lock, text: str, solutions: Solutions) -> str:
    """Return *text*, from which *lock* was parsed, with the records of *solutions*.

    Raises:
        LockError: it is for another platform, locks pip packages, has comments between its packages, or a record lacks
            the hash that the file gives.
        RewriteRefused: the result would not be what was planned.

    """
    document = _read(lock.path, text)
    if _lock_of(document) != lock:
        raise RewriteRefused(f"{lock.path} is not the text that its lock was read from")
    if not solutions:
        return text
    return write(lock, text, in_install_order(_at_their_places(document, _solved(document, solutions))))


def write(lock: Lock, text: str, records: tuple[Record, ...]) -> str:
    """Return *text*, from which *lock* was parsed, with *records* in their order; lines of the same URL stay.

    Raises:
        LockError, RewriteRefused: as for `rewrite`.

    """
    document = _read(lock.path, text)
    newline = "\r\n" if "\r\n" in text else "\n"
    known = {line.record.url: line for line in document.packages}
    suffix = _suffix_of(document)
    written = [_written(record, known.get(record.url), suffix) for record in records]
    rewritten = newline.join([*document.head, *written, *document.tail])
    if _urls(lock.path, rewritten) != [each.url for each in records]:
        raise RewriteRefused(f"the rewritten {lock.path} did not read back as planned")
    return rewritten


def _urls(path: str, text: str) -> list[str]:
    try:
        return [line.record.url for line in _read(path, text).packages]
    except LockError as error:
        raise RewriteRefused(f"the rewritten {path} cannot be read: {error}") from error


def rendered_subdir(path: str) -> Subdir | None:
    """Return the platform of a file that has the name under which conda-lock renders it, else None."""
    found = _RENDERED.fullmatch(path.rpartition("/")[2])
    return Subdir(found["subdir"]) if found else None


def source_of(path: str, text: str, manifests: Container[str]) -> str | None:
    """Return the one of *manifests* that the file at *path* was made from, by its name or its comments; else None."""
    folder, slash, name = path.rpartition("/")
    if pinned := _PINNED.fullmatch(name):
        return _beside(f"{folder}{slash}{pinned['stem']}", manifests)
    comments = text.partition(MARK)[0]
    named = {place for each in _PATH.findall(comments) for place in (f"{folder}{slash}{each}", each)}
    found = sorted(place for place in named if place in manifests)
    if found:
        return found[0] if len(found) == 1 else None
    called = None if _RENDERED.fullmatch(name) else _CALLED.fullmatch(name)
    if called is None:
        return None
    above, between, name_of_folder = folder.rpartition("/")
    outer = f"{above}{between}{called['stem']}" if _LOCK_FOLDER.fullmatch(name_of_folder) else ""
    return _beside(f"{folder}{slash}{called['stem']}", manifests) or (_beside(outer, manifests) if outer else None)


def around_locks(path: str) -> tuple[str, ...]:
    """Return the folder around that of *path*, if that is called as a folder of locks; else nothing."""
    above, _, name = posixpath.dirname(path).rpartition("/")
    return (above,) if _LOCK_FOLDER.fullmatch(name) else ()


def input_hash(text: str) -> str | None:
    """Return the content hash that *text* quotes in its head, as conda-lock writes it; None without one."""
    found = _INPUT_HASH.search(text)
    return found[2] if found else None


def with_input_hash(text: str, digest: str | None) -> str:
    """Return *text* with *digest* as the content hash that it quotes, if it quotes one; unchanged without a digest."""
    return _INPUT_HASH.sub(rf"\g<1>{digest}", text) if digest else text


def _beside(stem: str, manifests: Container[str]) -> str | None:
    return next((each for each in (f"{stem}.yaml", f"{stem}.yml") if each in manifests), None)


def is_explicit(text: str) -> bool:
    """Tell whether *text* has the mark of these files on a line of its own."""
    return any(line.strip() == MARK for line in text.splitlines())


def locks_pip_packages(text: str) -> bool:
    """Tell whether *text* names pip packages in comments, as conda-lock renders them."""
    return any(_PIP.match(line) for line in text.splitlines())


def _read(path: str, text: str) -> _Document:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    marks = [number for number, line in enumerate(lines) if line.strip() == MARK]
    if len(marks) != 1:
        raise LockError(f"there is not one line `{MARK}`, so this is no explicit list of packages", path=path, line=1)
    numbers = [number for number, line in enumerate(lines) if number > marks[0] and _is_package(line)]
    start, end = (numbers[0], numbers[-1] + 1) if numbers else (marks[0] + 1, marks[0] + 1)
    if len(numbers) != end - start:
        raise LockError("comments or empty lines stand between the packages", path=path, line=start + 1)
    packages = tuple(_line(path, number + 1, lines[number]) for number in numbers)
    return _Document(
        path=path,
        head=tuple(lines[:start]),
        packages=packages,
        tail=tuple(lines[end:]),
        subdir=_subdir(path, lines, packages),
    )


def _is_package(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _line(path: str, number: int, text: str) -> _Line:
    url, _, fragment = text.strip().partition("#")
    archive = read_archive_url(url, path=path, line=number)
    hashes = _hashes(path, number, fragment)
    record = Record(
        name=archive.name,
        version=archive.version,
        build=archive.build,
        build_number=archive.build_number,
        subdir=archive.subdir,
        url=url,
        md5=hashes.get("md5"),
        sha256=hashes.get("sha256"),
    )
    return _Line(text=text, number=number, record=record)


def _hashes(path: str, number: int, fragment: str) -> Mapping[str, str]:
    if not fragment:
        return {}
    found = _HASH.fullmatch(fragment)
    for algorithm, length in _LENGTHS.items():
        if found and len(found["digest"]) == length and (algorithm == "sha256" or not found["prefix"]):
            return {algorithm: found["digest"].lower()}
    raise LockError(f"`#{fragment}` is neither an md5 nor a sha256 hash", path=path, line=number)


def _subdir(path: str, lines: list[str], packages: tuple[_Line, ...]) -> Subdir:
    comment = next((found for line in lines if (found := _COMMENTED_PLATFORM.fullmatch(line))), None)
    named = comment or _NAMED.fullmatch(path.rpartition("/")[2])
    subdirs = {line.record.subdir for line in packages} - {"noarch"}
    if named is None and len(subdirs) != 1:
        raise LockError(
            "neither its name nor a comment `# platform: linux-64` says which platform this is for", path=path
        )
    subdir = named["subdir"] if named else subdirs.pop()
    if stray := next((line for line in packages if line.record.subdir not in (subdir, "noarch")), None):
        raise LockError(f"{stray.record.url} is not for {subdir}", path=path, line=stray.number)
    return Subdir(subdir)


def _lock_of(document: _Document) -> Lock:
    records = tuple(line.record for line in document.packages)
    environment = LockedEnvironment(
        name=ENVIRONMENT, channels=(), conda={document.subdir: records}, pypi={document.subdir: ()}
    )
    return Lock(path=document.path, format=EXPLICIT, version=1, environments=(environment,))


def _solved(document: _Document, solutions: Solutions) -> Mapping[PackageName, Record]:
    if solutions.keys() != {(ENVIRONMENT, document.subdir)}:
        raise LockError(f"it is for {document.subdir} alone", path=document.path)
    if locks_pip_packages("\n".join((*document.head, *document.tail))):
        raise LockError("it lists pip packages, which condabot cannot resolve again", path=document.path)
    return {record.name: record for record in solutions[ENVIRONMENT, document.subdir]}


def _at_their_places(document: _Document, records: Mapping[PackageName, Record]) -> Iterator[Record]:
    """Yield *records* where packages of their names stand now, the new ones behind them."""
    old = [line.record.name for line in document.packages]
    yield from (records[name] for name in old if name in records)
    yield from (records[name] for name in sorted(records.keys() - set(old)))


def _suffix_of(document: _Document) -> Callable[[Record], str]:
    """Return what the file writes behind a URL, judged by its first line."""
    fragment = document.packages[0].text.strip().partition("#")[2] if document.packages else "md5"
    if not fragment:
        return lambda _: ""
    prefix = "#sha256:" if fragment.startswith("sha256:") else "#"
    algorithm = "sha256" if prefix != "#" or len(fragment) == _LENGTHS["sha256"] else "md5"

    def suffix(record: Record) -> str:
        digest = record.sha256 if algorithm == "sha256" else record.md5
        if digest is None:
            raise LockError(f"the channel gives no {algorithm} hash for {record.url}", path=document.path)
        return prefix + digest

    return suffix


def _written(record: Record, line: _Line | None, suffix: Callable[[Record], str]) -> str:
    if line is None:
        return record.url + suffix(record)
    for before, after in ((line.record.sha256, record.sha256), (line.record.md5, record.md5)):
        if before and after and before != after:
            raise RewriteRefused(
                f"{record.url} has the hash {before} in the lock and {after} in the channel: find out which is right"
            )
    return line.text
