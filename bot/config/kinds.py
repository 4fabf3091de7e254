"""What a key of the configuration may be set to: each kind reads a node, and describes itself to people and editors.

A kind tells everything that is wrong below its node at once. A new kind is a class of these members, or a
`ScalarKind`; kinds nest.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final, Generic, Protocol, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.config.document import LONGEST_TEXT, ListNode, Node, ScalarNode, TableNode
from bot.errors import BadInput, ConfigurationError
from bot.model.manifest import PackageName, Subdir
from bot.model.schedule import Window, parse_window
from bot.model.subdirs import SUBDIRS
from bot.versioning.conda import validate_version
from bot.versioning.match_spec import is_virtual_package, normalise_conda_name

MOST_ITEMS: Final = 500

Schema: TypeAlias = Mapping[str, object]
"""A JSON Schema, draft 7."""

Read = TypeVar("Read")
Read_co = TypeVar("Read_co", covariant=True)
Name = TypeVar("Name")


class Kind(Protocol[Read_co]):
    """What a key may be set to."""

    @property
    def words(self) -> str:
        """What it is called in the documents, without an article."""
        ...

    @property
    def schema(self) -> Schema:
        """What is valid, for editors."""
        ...

    def read(self, node: Node) -> Read_co:
        """Return what *node* says.

        Raises:
            ConfigurationError: it says something else; names everything that is wrong in it.

        """
        ...


@dataclass(slots=True)
class Problems:
    """What was found wrong so far, so that all of it is told at once."""

    found: list[BadInput] = field(default_factory=list)

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Keep what is wrong within; the code after it goes on."""
        try:
            yield
        except ConfigurationError as error:
            self.found += error.problems

    def tell(self) -> None:
        """Raise everything that was gathered, if there is anything."""
        if self.found:
            raise ConfigurationError(tuple(self.found))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarKind(Generic[Read]):
    """A text of 1 to `LONGEST_TEXT` characters that `parse` reads, or refuses by raising `BadInput`.

    `rule` completes the sentence "KEY must be ...". `known` are texts that somebody may have meant; `why_not` says in a
    relative clause why a text that is refused is none, or nothing.
    """

    words: str
    rule: str
    parse: Callable[[str], Read]
    schema: Schema
    known: tuple[str, ...] = ()
    why_not: Callable[[str], str] = lambda _: ""

    def read(self, node: Node) -> Read:
        """Return what *node* says."""
        if not isinstance(node, ScalarNode) or not node.is_text or not 0 < len(node.value) <= LONGEST_TEXT:
            raise node.place.wrong(f"must be {self.rule}, not {node.shown}")
        try:
            return self.parse(node.value)
        except BadInput as error:
            why = self.why_not(node.value)
            hint = f", which {why}" if why else did_you_mean(node.value, self.known)
            raise node.place.wrong(f"must be {self.rule}, not {node.shown}{hint}") from error


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Return a hint at the one of *known* that *text* may mean, for the end of a sentence; empty if none is like it."""
    near = get_close_matches(text[:LONGEST_TEXT], tuple(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeNumber:
    """A whole number from 0 to `most`."""

    most: int
    words: str = "number"

    @property
    def schema(self) -> Schema:
        """An integer."""
        return {"type": "integer", "minimum": 0, "maximum": self.most}

    def read(self, node: Node) -> int:
        """Return what *node* says."""
        text = node.value if isinstance(node, ScalarNode) else ""
        if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > self.most:
            raise node.place.wrong(f"must be a whole number from 0 to {self.most}, not {node.shown}")
        return int(text)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar, with quotes or without."""

    @property
    def words(self) -> str:
        """`day`."""
        return "day"

    @property
    def schema(self) -> Schema:
        """A text in the form of a date."""
        return {"type": "string", "format": "date"}

    def read(self, node: Node) -> date:
        """Return what *node* says."""
        text = node.value if isinstance(node, ScalarNode) and len(node.value) == len("2027-01-31") else ""
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise node.place.wrong(f"must be a day such as 2027-01-31, not {node.shown}") from error


DAY: Final = Day()


@dataclass(frozen=True, slots=True)
class ListOf(Generic[Read]):
    """A list, in order."""

    item: Kind[Read]

    @property
    def words(self) -> str:
        """`list of patterns`."""
        return f"list of {self.item.words}s"

    @property
    def schema(self) -> Schema:
        """An array."""
        return {"type": "array", "items": self.item.schema, "maxItems": MOST_ITEMS}

    def read(self, node: Node) -> tuple[Read, ...]:
        """Return what the items of *node* say."""
        if not isinstance(node, ListNode):
            raise node.place.wrong(f"must be a list of up to {MOST_ITEMS} {self.item.words}s, not {node.shown}")
        if len(node.items) > MOST_ITEMS:
            raise node.place.wrong(f"must be a list of up to {MOST_ITEMS} {self.item.words}s, not of {len(node.items)}")
        items: list[Read] = []
        problems = Problems()
        for each in node.items:
            with problems.gathered():
                items.append(self.item.read(each))
        problems.tell()
        return tuple(items)


@dataclass(frozen=True, slots=True)
class SetOf(Generic[Read]):
    """A list whose order does not matter."""

    item: Kind[Read]

    @property
    def words(self) -> str:
        """`list of package names`."""
        return ListOf(self.item).words

    @property
    def schema(self) -> Schema:
        """An array."""
        return ListOf(self.item).schema

    def read(self, node: Node) -> frozenset[Read]:
        """Return what the items of *node* say."""
        return frozenset(ListOf(self.item).read(node))


@dataclass(frozen=True, slots=True)
class MapOf(Generic[Name, Read]):
    """Names of the user's own, each with a value."""

    name: ScalarKind[Name]
    value: Kind[Read]

    @property
    def words(self) -> str:
        """`paths to paths`."""
        return f"{self.name.words}s to {self.value.words}s"

    @property
    def schema(self) -> Schema:
        """An object."""
        names = {"propertyNames": self.name.schema, "maxProperties": MOST_ITEMS}
        return {"type": "object", "additionalProperties": self.value.schema, **names}

    def read(self, node: Node) -> Mapping[Name, Read]:
        """Return what the entries of *node* say."""
        if not isinstance(node, TableNode) or len(node.entries) > MOST_ITEMS:
            raise node.place.wrong(f"must map up to {MOST_ITEMS} {self.words}, not {node.shown}")
        found: dict[Name, Read] = {}
        problems = Problems()
        for key, value in node.entries:
            with problems.gathered():
                name = self.name.read(key)
                if name in found:
                    raise key.place.wrong("is there twice")
                found[name] = self.value.read(value)
        problems.tell()
        return found


_COUNTS: Final = {
    **dict.fromkeys(("h", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks"), timedelta(weeks=1)),
}
_SPAN: Final = rf"([0-9]{{1,4}}) ?({'|'.join(_COUNTS)})"
_NAME: Final = r"[A-Za-z0-9_.-]+"
_ADVISORY_ID: Final = r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}"
_LICENSE: Final = r"[A-Za-z0-9][A-Za-z0-9.+-]{0,99}"
SYSTEMS: Final[Mapping[str, str]] = {
    "archspec": "__archspec",
    "cuda": "__cuda",
    "glibc": "__glibc",
    "macos": "__osx",
}
"""What `systemFloor` names, and the virtual packages that stand for it."""
_PREFIX: Final = r"[A-Za-z0-9](?:[._/-]?[A-Za-z0-9]){0,38}[._/-]?"


def _span(text: str) -> timedelta:
    found = re.fullmatch(_SPAN, text)
    if found is None:
        raise BadInput("is no span of time")
    return int(found[1]) * _COUNTS[found[2]]


def _platform(text: str) -> Subdir:
    if text not in SUBDIRS:
        raise BadInput("is no platform")
    return Subdir(text)


def _license(text: str) -> str:
    if not re.fullmatch(_LICENSE, text):
        raise BadInput("is no licence")
    return text


def _advisory_id(text: str) -> str:
    if not re.fullmatch(_ADVISORY_ID, text):
        raise BadInput("is no id of an advisory")
    return text


def _system(text: str) -> str:
    if text not in SYSTEMS:
        raise BadInput("is no system package")
    return SYSTEMS[text]


def _branch_prefix(text: str) -> str:
    if not re.fullmatch(_PREFIX, text):
        raise BadInput("is no beginning of a branch's name")
    return text


def _version(text: str) -> str:
    validate_version(text)
    return text


def _timezone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput("is no time zone") from error


def _virtual(text: str) -> PackageName:
    name = normalise_conda_name(text)
    if not is_virtual_package(name):
        raise BadInput("is no virtual package")
    return name


def text_kind(words: str) -> ScalarKind[str]:
    """Return the kind of any short text that is called *words*."""
    return ScalarKind(
        words=words,
        rule=f"a {words} of 1 to {LONGEST_TEXT} characters, in quotes if it looks like a number or the like",
        parse=str,
        schema={"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
    )


PATTERN: Final = text_kind("pattern")
"""A pattern of paths, as in `bot.manifests.paths`."""

REPOSITORY_PATH: Final = text_kind("path")
"""A path from the top of the repository."""

SPAN: Final[ScalarKind[timedelta]] = ScalarKind(
    words="span",
    rule="a span of time such as `7 days`, `12 hours` or `2 weeks`",
    parse=_span,
    schema={"type": "string", "pattern": f"^{_SPAN}$"},
)

TIMEZONE: Final[ScalarKind[ZoneInfo]] = ScalarKind(
    words="time zone",
    rule="a time zone of the IANA database, such as `Europe/Berlin`",
    parse=_timezone,
    schema={"type": "string", "pattern": r"^[A-Za-z0-9_+/-]+$", "maxLength": LONGEST_TEXT},
)

WINDOW: Final[ScalarKind[Window]] = ScalarKind(
    words="window",
    rule="a window of time such as `before 6am on monday`, `every weekday`, `at any time` or `* 0-5 * * 1`",
    parse=parse_window,
    schema={"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
)

VERSION: Final[ScalarKind[str]] = ScalarKind(
    words="version",
    rule="a version of a package, in quotes if it looks like a number",
    parse=_version,
    schema={"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
)

VIRTUAL_PACKAGE: Final[ScalarKind[PackageName]] = ScalarKind(
    words="virtual package",
    rule="the name of a virtual package, such as `__cuda`",
    parse=_virtual,
    schema={"type": "string", "pattern": f"^__{_NAME}$", "maxLength": LONGEST_TEXT},
)

PACKAGE: Final[ScalarKind[PackageName]] = ScalarKind(
    words="package name",
    rule="a package name of letters, digits, `-`, `_` and `.`",
    parse=normalise_conda_name,
    schema={"type": "string", "pattern": f"^{_NAME}$", "maxLength": LONGEST_TEXT},
)

PLATFORM: Final[ScalarKind[Subdir]] = ScalarKind(
    words="platform",
    rule="a platform such as `linux-64`, `osx-arm64` or `win-64`",
    parse=_platform,
    schema={"type": "string", "enum": list(SUBDIRS)},
    known=SUBDIRS,
)

ADVISORY_ID: Final[ScalarKind[str]] = ScalarKind(
    words="advisory id",
    rule="the id of an advisory, such as `CVE-2026-1234` or `GHSA-xxxx-xxxx-xxxx`",
    parse=_advisory_id,
    schema={"type": "string", "pattern": f"^{_ADVISORY_ID}$"},
)

LICENSE: Final[ScalarKind[str]] = ScalarKind(
    words="licence",
    rule="the name of a licence in SPDX, such as `AGPL-3.0-only`",
    parse=_license,
    schema={"type": "string", "pattern": f"^{_LICENSE}$"},
)

SYSTEM: Final[ScalarKind[str]] = ScalarKind(
    words="system package",
    rule=f"one of {', '.join(SYSTEMS)}",
    parse=_system,
    schema={"type": "string", "enum": list(SYSTEMS)},
    known=tuple(SYSTEMS),
)

BRANCH_PREFIX: Final[ScalarKind[str]] = ScalarKind(
    words="prefix",
    rule="the beginning of a branch's name, of up to 40 letters, digits, `-`, `_`, `.` and `/`",
    parse=_branch_prefix,
    schema={"type": "string", "pattern": f"^{_PREFIX}$"},
)
