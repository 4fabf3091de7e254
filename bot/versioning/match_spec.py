"""Reads conda match specs in every spelling people use, and says where the version stands in the text.

Rule 1: py-rattler is the judge of meaning. Whatever is returned here was printed for the solver, read again by
py-rattler, and found equal to what py-rattler reads in the given text; anything else is a `SpecError`.
Rule 2: credentials in a channel's URL are dropped, and no error quotes them.

Sources: CEP 29 (match spec), CEP 26 (names), PEP 503 (PyPI names).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import rattler
from packaging.utils import InvalidName, canonicalize_name
from rattler.exceptions import (
    CanonicalMatchSpecError,
    InvalidChannelError,
    InvalidMatchSpecError,
    InvalidPackageNameError,
)

from bot.edits import Span
from bot.errors import SpecError
from bot.model.manifest import MatchSpec, PackageName
from bot.versioning.clauses import CLAUSE

LONGEST = 1024
"""Characters: no match spec is longer, and no parser is asked to read what is."""

_Spec = TypeVar("_Spec", rattler.MatchSpec, rattler.NamelessMatchSpec)

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@|/t/[^/\s]+")

_HEAD = re.compile(r"(?:[^\[\]]*::)?\s*+(?P<name>[\w.-]+)", re.ASCII)
_ANONYMOUS_CLAUSE = re.sub(r"\?P<\w+>", "?:", CLAUSE)
_ITEM = rf"[(\s]*+{_ANONYMOUS_CLAUSE}(?:\s*\))*+"
_VERSION = re.compile(rf"\s*+(?P<version>{_ITEM}(?:\s*[,|]{_ITEM})*+)", re.ASCII)
_BUILD = re.compile(r"(?:=|\s+)(?P<build>[\w.*+!^$-]+)\s*", re.ASCII)
_BRACKETS = re.compile(r"\s*\[(?P<content>.*)\]\s*", re.DOTALL)
_BRACKET_VERSION = re.compile(r"""(?:^|,)\s*version\s*=\s*(?P<quote>['"]?)(?P<version>[^'"]*?)(?P=quote)\s*(?=,|$)""")
_STARRED_EXACT = re.compile(r"==[^,|=]*\*")
_UNSAFE = re.compile(r"""['"\\\x00-\x1f]""")
_UNSAFE_CONDITION = re.compile(r"""['\\\x00-\x1f]""")
_UNSAFE_CHANNEL = re.compile(rf"{_UNSAFE.pattern}|[\s\[\]]|::")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMatchSpec:
    """A match spec, and where its version stands in the text it was read from (operator included; None without one).

    The text at `version_span` may be replaced by any other version spec of the same form. It has the same meaning
    as `spec.version`, which is in the solver's spelling: no blanks, and `1.26.*` where `==1.26.*` is written.
    """

    spec: MatchSpec
    version_span: Span | None


def normalise_conda_name(text: str) -> PackageName:
    """Return the conda package name *text* in lower case.

    Raises:
        SpecError: it is empty or has characters that no package name has (CEP 26).

    """
    try:
        name = rattler.PackageName(text).normalized
    except InvalidPackageNameError as error:
        raise SpecError(f"`{_quotable(text)}` is not a package name: use letters, digits, `-`, `_` and `.`") from error
    if not name:
        raise SpecError("the package name is missing")
    return PackageName(name)


def normalise_pypi_name(text: str) -> PackageName:
    """Return the PyPI project name *text* as PEP 503 normalises it: lower case, runs of `-_.` as one `-`.

    Raises:
        SpecError: it is not a project name.

    """
    try:
        return PackageName(canonicalize_name(text, validate=True))
    except InvalidName as error:
        raise SpecError(
            f"`{_quotable(text)}` is not a PyPI project name: use letters, digits, `-`, `_` and `.`"
        ) from error


def is_virtual_package(name: PackageName) -> bool:
    """Tell whether *name* is provided by the machine and not by a channel, as `__glibc` is (CEP 30)."""
    return name.startswith("__")


def asks_for_record(spec: MatchSpec) -> bool:
    """Tell whether a package must be there for *spec*: not for one with a condition, nor of what a machine provides."""
    return spec.when is None and not is_virtual_package(spec.name)


def is_explicit_package(text: str) -> bool:
    """Tell whether *text* names one package file by its URL or path instead of a match spec."""
    location = text.split("#", 1)[0].strip()
    is_file = "/" in location and location.endswith((".conda", ".tar.bz2"))
    return "::" not in location and (is_file or "://" in location)


def is_name_pattern(text: str) -> bool:
    """Tell whether *text* asks for many packages by a glob or regular expression in place of a name."""
    name = re.split(r"[\s=<>!~\[]", text.rsplit("::", 1)[-1].strip(), maxsplit=1)[0]
    return "*" in name or name.startswith("^")


def parse_match_spec(text: str) -> ParsedMatchSpec:
    """Return the match spec that *text* is, in any spelling that conda, mamba or pixi accept.

    Raises:
        SpecError: it is no match spec, or one of a kind that condabot does not move; the sentence says which.

    """
    body = text.split("#", 1)[0]
    judge = _judged(rattler.MatchSpec, body)
    head = _HEAD.match(body)
    if head is None:
        raise SpecError(f"`{_quotable(text)}` does not start with the name of a package")
    return _parse(normalise_conda_name(head["name"]), body, head.end(), judge)


def parse_nameless(name: PackageName, text: str) -> ParsedMatchSpec:
    """Return the match spec of the package *name* whose version, build and brackets are *text*: a TOML value of pixi.

    Raises:
        SpecError: as for `parse_match_spec`.

    """
    judge = rattler.MatchSpec.from_nameless(_judged(rattler.NamelessMatchSpec, text), name)
    return _parse(name, text, 0, judge)


def canonical_version_spec(text: str) -> str | None:
    """Return the version spec *text*, in any spelling, as py-rattler prints it; None if it asks for no version.

    Unlike the text itself, the canonical spelling means the same to py-rattler's `VersionSpec`.

    Raises:
        SpecError: it is no version spec, or more than one: it names a build or a channel, or has brackets.

    """
    judge = _judged(rattler.NamelessMatchSpec, text)
    if "[" in text or "::" in text or judge.build is not None:
        raise SpecError(f"`{_quotable(text)}` is more than a version spec: it names a build or has brackets")
    return judge.version


@lru_cache(maxsize=16_384)
def solver_spec(spec: MatchSpec, version: str | None = None) -> str:
    """Return *spec* as text for the solver, with *version* in place of its own if one is given.

    The form is `channel::name[version='…',build='…']`, or the bare name where nothing else is asked for.

    Raises:
        SpecError: a part holds a character that would end it: a quote, a backslash, a control character.

    """
    fields = {
        "version": solver_version(spec.version if version is None else version),
        "build": spec.build,
        "build_number": spec.build_number,
        "subdir": spec.subdir,
        "md5": spec.md5,
        "sha256": spec.sha256,
        "license": spec.license,
        "license_family": spec.license_family,
        "track_features": spec.track_features,
    }
    written = [f"{key}='{_safe(value, _UNSAFE)}'" for key, value in fields.items() if value]
    brackets = ",".join([*written, *([f"when='{_safe(spec.when, _UNSAFE_CONDITION)}'"] if spec.when else [])])
    prefix = f"{_safe(spec.channel, _UNSAFE_CHANNEL)}::" if spec.channel else ""
    return f"{prefix}{spec.name}[{brackets}]" if brackets else f"{prefix}{spec.name}"


def solver_version(version_spec: str) -> str:
    """Return *version_spec* as it may stand in `[version='…']`: no blanks, and `1.2.*` where `==1.2.*` is written.

    py-rattler reads a leading `==1.2.*` as `1.2.*` outside of brackets, but as `==1.2` within them.
    """
    compact = re.sub(r"\s+", "", version_spec)
    return compact.removeprefix("==") if re.match(r"==[^,|]*\*", compact) else compact


def _safe(value: str, unsafe: re.Pattern[str]) -> str:
    if unsafe.search(value):
        raise SpecError(f"`{_quotable(value)}` has a character that cannot be part of a match spec")
    return value


def _judged(kind: Callable[[str], _Spec], text: str) -> _Spec:
    if len(text) > LONGEST:
        raise SpecError(f"a text of {len(text)} characters is not a match spec")
    try:
        return kind(text)
    except InvalidMatchSpecError as error:
        raise SpecError(f"`{_quotable(text)}` is not a match spec: {_first_line(error)}") from error


def _parse(name: PackageName, text: str, start: int, judge: rattler.MatchSpec) -> ParsedMatchSpec:
    span = _version_span(text, start)
    spec = MatchSpec(
        name=name,
        version=solver_version(text[span.start : span.end]) if span else "",
        build=judge.build,
        build_number=judge.build_number,
        channel=_channel_name(judge.channel) if judge.channel else None,
        subdir=judge.subdir,
        md5=judge.md5.hex() if judge.md5 else None,
        sha256=judge.sha256.hex() if judge.sha256 else None,
        when=judge.condition,
    )
    _require_same_meaning(text, spec, judge)
    return ParsedMatchSpec(spec=spec, version_span=span)


def _channel_name(channel: rattler.Channel) -> str:
    """Return the channel's own name if that leads to it, else its URL without credentials."""
    url = channel.base_url
    return channel.name if channel.name and _leads_to(channel.name, url) else _quotable(url.rstrip("/"))


def _leads_to(name: str, url: str) -> bool:
    """Tell whether a channel called *name* is the one at *url*; a name cut from a URL need not be one at all."""
    try:
        return rattler.Channel(name).base_url == url
    except InvalidChannelError:
        return False


def _version_span(text: str, start: int) -> Span | None:
    """Find the version in *text*, where *start* is the end of the name.

    Before a build a single `=` is none of the version's: `=1.26=py311_0` asks for exactly 1.26.
    """
    version = _VERSION.match(text, start)
    if version is None:
        return _bracket_version_span(text, start)
    build = _BUILD.match(text, version.end())
    if _bracket_version_span(text, (build or version).end()) is not None:
        raise SpecError(f"`{_quotable(text)}` gives the version twice")
    span = Span(*version.span("version"))
    return _without_fuzzy_operator(text, span) if build else span


def _bracket_version_span(text: str, start: int) -> Span | None:
    """Find the version in the brackets at *start*, after which nothing else may stand."""
    brackets = _BRACKETS.fullmatch(text, start)
    if brackets is None and text[start:].strip():
        raise SpecError(f"`{_quotable(text[start:].strip())}` in `{_quotable(text)}` is neither a version nor a build")
    found = list(_BRACKET_VERSION.finditer(brackets["content"])) if brackets else []
    if len(found) > 1:
        raise SpecError(f"`{_quotable(text)}` gives the version twice")
    if not found or brackets is None:
        return None
    offset = brackets.start("content")
    return Span(offset + found[0].start("version"), offset + found[0].end("version"))


def _without_fuzzy_operator(text: str, span: Span) -> Span:
    operator = re.match(r"=\s*+(?!=)(?=[^,|]*$)", text[span.start : span.end])
    return Span(span.start + operator.end(), span.end) if operator else span


def _require_same_meaning(text: str, spec: MatchSpec, judge: rattler.MatchSpec) -> None:
    """Compare what the solver will be given with what the text means to py-rattler."""
    try:
        same = rattler.MatchSpec(solver_spec(spec)).to_canonical_string() == judge.to_canonical_string()
    except (InvalidMatchSpecError, CanonicalMatchSpecError) as error:
        raise SpecError(f"`{_quotable(text)}` cannot be written for the solver: {_first_line(error)}") from error
    if same:
        return
    if _STARRED_EXACT.search(text):
        raise SpecError(f"`{_quotable(text)}` has a star that solvers ignore after `==` here: write `1.2.*` or `==1.2`")
    raise SpecError(f"`{_quotable(text)}` asks for more than a version, build, channel, subdir, hash and condition")


def _first_line(error: Exception) -> str:
    return _quotable(str(error).partition("\n")[0])


def _quotable(text: str) -> str:
    """Return *text* without the credentials of any URL in it."""
    return _CREDENTIALS.sub("", text)
