"""What the text of one item says: a conda match spec, or a line that pip understands.

Rule: an item is never refused. What has no version that condabot could move gets a `Skip` with its reason.

Sources: CEP 29 (match specs), PEP 508 and pip's requirements file format.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.edits import Span
from bot.errors import SpecError
from bot.manifests.base import Site
from bot.manifests.credentials import without_credentials
from bot.model.manifest import MatchSpec, PackageName, Skip, SkipReason
from bot.versioning.match_spec import (
    is_explicit_package,
    is_name_pattern,
    is_virtual_package,
    normalise_conda_name,
    normalise_pypi_name,
    parse_match_spec,
)

_LONGEST_NAME: Final = 100
_LONGEST_ITEM: Final = 1_000
_TEMPLATE: Final = re.compile(r"\{\{|\{%|<%|\$\{|\{[A-Z_]+\}|@[A-Z_]+@")
_ALTERNATIVE_BUILDS: Final = re.compile(r"(?P<rest>[^\[\]|]+[=\s])(?P<builds>[\w*]+(?:\|[\w*]+)+)\s*", re.ASCII)
_ANY_BUILD: Final = "_"
_LEADING_NAME: Final = re.compile(r"[A-Za-z0-9_][\w.-]*", re.ASCII)

_PIP_FILE_OPTION: Final = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:\s|=|(?<=-[rc])\S)")
_PIP_EDITABLE: Final = re.compile(r"(?:-e|--editable)(?:\s|=)")
_PIP_REQUIREMENT: Final = re.compile(
    r"\s*(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:\(\s*)?(?P<version>[^();@]*?)\s*(?:\)\s*)?(?:;.*)?",
    re.ASCII,
)
_PIP_VCS: Final = re.compile(r"(?:git|hg|svn|bzr)\+")
_PATH: Final = re.compile(r"\.{1,2}(?:\[|$)|file:|.*[/\\]|\S*\.(?:whl|zip|tar\.\w+)(?:\s|$)")
_EGG: Final = re.compile(r"#egg=([\w.-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What the text of an item says. `version` is where its version stands in that text; None without one.

    What is left alone still has its `match_spec` or `file`, where the text says so much.
    """

    name: PackageName
    version: Span | None = None
    match_spec: MatchSpec | None = None
    file: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    skip: Skip | None = None


def conda_item(text: str) -> Item:
    """Return what *text* says as a conda match spec."""
    if skip := _too_long(text) or _not_a_match_spec(text):
        return replace(skipped(_name_in(text[:_LONGEST_ITEM]), skip), file=package_file(text))
    try:
        parsed = parse_match_spec(text)
    except SpecError as error:
        invalid = skipped(_name_in(text), Skip(reason=SkipReason.INVALID_SPEC, detail=str(error)))
        return replace(invalid, match_spec=_as_conda_reads(text))
    item = Item(name=parsed.spec.name, version=parsed.version_span, match_spec=parsed.spec)
    if is_virtual_package(item.name):
        return left_alone(item, Skip(reason=SkipReason.VIRTUAL_PACKAGE, detail=text))
    return left_alone(item, _skip(SkipReason.SELECTOR, text)) if parsed.spec.when else item


def _as_conda_reads(text: str) -> MatchSpec | None:
    """Return *text* with its build as a regular expression: conda alone reads `nompi*|mpi*` as one of several globs.

    https://github.com/conda/conda/blob/main/conda/models/match_spec.py (`GlobStrMatch`)
    """
    found = _ALTERNATIVE_BUILDS.fullmatch(text)
    if found is None:
        return None
    try:
        spec = parse_match_spec(f"{found['rest']}{_ANY_BUILD}").spec
    except SpecError:
        return None
    if spec.build != _ANY_BUILD:
        return None
    return replace(spec, build=f"^(?:{found['builds'].replace('*', '.*')})$")


def package_file(text: str) -> str:
    """Return the URL or path of the one conda package that *text* asks for, without hash; empty if it is no such."""
    location = text.partition("#")[0].strip()
    is_file = is_explicit_package(location) and location.endswith((".conda", ".tar.bz2"))
    return without_credentials(location) if is_file and not is_template(location) else ""


def pip_item(text: str) -> Item:
    """Return what *text* says as a line of a requirements file."""
    if skip := _too_long(text) or _not_a_requirement(text):
        return _as_asked(skipped(_pip_name_in(text[:_LONGEST_ITEM]), skip), text)
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        detail = f"`{text}` is not a requirement (PEP 508): {str(error).partition(chr(10))[0]}"
        return skipped(_pip_name_in(text), _skip(SkipReason.INVALID_SPEC, detail))
    located = _PIP_REQUIREMENT.fullmatch(text)
    if located is None:  # a version of PEP 440's `===`, which may be any text
        return skipped(_pip_name_in(text), _skip(SkipReason.INVALID_SPEC, text))
    return Item(
        name=normalise_pypi_name(requirement.name),
        version=Span(*located.span("version")) if located["version"] else None,
        extras=tuple(sorted(requirement.extras)),
        marker=str(requirement.marker or ""),
    )


def _as_asked(item: Item, text: str) -> Item:
    """Return *item*, which is left alone, with the extras and the marker that *text* has, if it is a requirement."""
    try:
        requirement = Requirement(text[:_LONGEST_ITEM])
    except (InvalidRequirement, RecursionError):
        return item
    return replace(item, extras=tuple(sorted(requirement.extras)), marker=str(requirement.marker or ""))


def is_specifier(text: str) -> bool:
    """Tell whether *text* is a version specifier (PEP 440), or empty."""
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


def is_template(text: str) -> bool:
    """Tell whether *text* is filled in by Jinja, a shell or another program before anybody reads it."""
    return _TEMPLATE.search(text) is not None


def skipped(name: str, skip: Skip) -> Item:
    """Return an item that is left alone; *name* is the name as far as one can be told."""
    text = _printable(without_credentials(name.strip())[:_LONGEST_NAME])
    shown = replace(skip, detail=_printable(skip.detail))
    try:
        return Item(name=normalise_conda_name(text), skip=shown)
    except SpecError:
        return Item(name=PackageName(text), skip=shown)


def left_alone(item: Item, skip: Skip) -> Item:
    """Return *item*, which stands as it is and is never moved; why it was left alone already comes first."""
    return item if item.skip else replace(item, version=None, skip=replace(skip, detail=_printable(skip.detail)))


def verbatim(item: Item, value: str, written: str) -> Item:
    """Return *item*, read in *value*, as it can be edited where it is *written*: up to the end of its version the same.

    *written* is what stands between the quotes. Where it differs before, by an escape or a line break, the item is
    left alone; behind the version a marker may be written in any way.
    """
    end = item.version.end if item.version else 0
    if item.skip or (written[:end] == value[:end] and "\\" not in written[:end]):
        return item
    detail = "written with escapes or over several lines: write it as plain text on one line"
    return left_alone(item, Skip(reason=SkipReason.NOT_TEXT, detail=detail))


def site_of(item: Item, inner: Span, quote: str, delimiters: str = "") -> Site | None:
    """Return the site of the version of *item*, whose text stands at *inner* within *quote*; None without a version."""
    if item.version is None or item.skip is not None:
        return None
    return Site(
        version=Span(inner.start + item.version.start, inner.start + item.version.end),
        scalar=Span(inner.start - len(quote), inner.end + len(quote)),
        quote=quote,
        delimiters=delimiters,
    )


def _printable(text: str) -> str:
    """Return *text* with a replacement character for each that would do something else than show itself."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _skip(reason: SkipReason, detail: str) -> Skip:
    return Skip(reason=reason, detail=without_credentials(detail))


def _too_long(text: str) -> Skip | None:
    if len(text) <= _LONGEST_ITEM:
        return None
    return _skip(SkipReason.INVALID_SPEC, f"longer than {_LONGEST_ITEM} characters: {text[:_LONGEST_NAME]}…")


def _not_a_match_spec(text: str) -> Skip | None:
    if is_template(text):
        return _skip(SkipReason.TEMPLATE, text)
    if is_explicit_package(text):
        return _skip(SkipReason.EXPLICIT_URL if "://" in text else SkipReason.PATH, text)
    if is_name_pattern(text):
        return _skip(SkipReason.NAME_PATTERN, text)
    return None


def _not_a_requirement(text: str) -> Skip | None:
    """Return why pip reads no name and version in *text*, or None if it does."""
    reason = _pip_option(text) or _pip_location(text)
    return None if reason is None else _skip(reason, text)


def _pip_option(text: str) -> SkipReason | None:
    if is_template(text):
        return SkipReason.TEMPLATE
    if _PIP_EDITABLE.match(text):
        return SkipReason.EDITABLE
    if _PIP_FILE_OPTION.match(text):
        return SkipReason.REQUIREMENTS_FILE
    # A requirement with a hash or another option of its own: a new version would need that changed as well.
    return SkipReason.PIP_OPTION if text.startswith("-") or " --" in text else None


def _pip_location(text: str) -> SkipReason | None:
    """Return why *text* is a place and no version: it is one itself, or names one after `@`."""
    requirement, _, _ = text.partition(";")
    locations = (requirement, requirement.partition("@")[2].strip())
    if any(_PIP_VCS.match(location) for location in locations):
        return SkipReason.GIT
    if any(location.startswith("file:") for location in locations):
        return SkipReason.PATH
    if "://" in requirement:
        return SkipReason.EXPLICIT_URL
    return SkipReason.PATH if any(_PATH.match(location) for location in locations) else None


def _name_in(text: str) -> str:
    """Guess the name in a spec that is not one, to have something to call it by."""
    if is_explicit_package(text):
        return _name_of_file(text)
    without_channel = text.rpartition("::")[2].strip()
    found = _LEADING_NAME.match(without_channel)
    return found[0] if found else without_channel


def _name_of_file(text: str) -> str:
    """Return the name in `…/name-version-build.conda`."""
    file_name = text.partition("#")[0].strip().rpartition("/")[2]
    return file_name.rsplit("-", 2)[0] or text


def _pip_name_in(text: str) -> str:
    if egg := _EGG.search(text):
        return egg[1]
    named = re.match(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:@|[=<>!~;]|--|$)", text, re.ASCII)
    return named[1] if named else text
