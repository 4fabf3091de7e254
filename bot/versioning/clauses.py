"""Reads a version spec into its clauses and where each stands, so that a rewrite can splice.

Rule: whether a text is a version spec at all is not decided here. py-rattler or `packaging` has accepted it before,
so this module only finds the parts: `>=1.26, <2|3.*` is two alternatives, of two clauses and of one.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.edits import Span
from bot.errors import SpecError

CLAUSE = r"(?P<operator>===|~=|==|!=|<=|>=|=|<|>)?\s*(?P<version>[\w!+-]+(?:\.[\w!+-]+)*|(?=\*))(?P<star>(?:\.?\*)*)"
"""One clause: an operator, a version, and the star that stands for any further segments (CEP 29, PEP 440)."""

_CLAUSE = re.compile(CLAUSE, re.ASCII)
_EPOCH_AND_NUMBERS = re.compile(r"(?P<epoch>(?:[0-9]+!)?)(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?:[a-z._-].*)?")
_ZERO = re.compile(r"0+(?:\.0+)*(?:\.?[a-z]+0*)?", re.IGNORECASE)


class Role(StrEnum):
    """What a clause does to the versions that a version spec admits."""

    ANY = "any"
    EXACT = "exact"
    FUZZY = "fuzzy"
    COMPATIBLE = "compatible"
    FLOOR = "floor"
    CAP = "cap"
    EXCLUSION = "exclusion"


_ROLES = {
    "~=": Role.COMPATIBLE,
    "!=": Role.EXCLUSION,
    ">=": Role.FLOOR,
    ">": Role.FLOOR,
    "<": Role.CAP,
    "<=": Role.CAP,
    "=": Role.FUZZY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One condition on a version: `>=1.26`, `1.26.*`, `*`.

    `version` has neither operator nor star and stands at `at` in the version spec;
    `operator` and `star` are as written, empty where there is none. `text` is the whole clause.
    """

    text: str
    operator: str
    version: str
    star: str
    at: Span

    @property
    def role(self) -> Role:
        """What the clause does; `1.26.*` and `=1.26` are both fuzzy."""
        if not self.version:
            return Role.ANY
        return _ROLES.get(self.operator, Role.FUZZY if self.star else Role.EXACT)

    @property
    def is_open_floor(self) -> bool:
        """Whether this is a floor of zero, such as `>=0.0.0a0`: written to let pre-releases in, not to keep any out."""
        return self.role is Role.FLOOR and _ZERO.fullmatch(self.version) is not None

    @property
    def span(self) -> Span:
        """Where the whole clause stands in the version spec."""
        end = self.at.end + len(self.star)
        return Span(end - len(self.text), end)

    @property
    def implied_cap(self) -> "Clause | None":
        """What `~=1.2.3` and `==1.2.*` mean by way of a cap: `<1.3` for both; None where there is none (PEP 440)."""
        prefix = _EPOCH_AND_NUMBERS.fullmatch(self.version)
        if prefix is None or self.role not in (Role.COMPATIBLE, Role.FUZZY):
            return None
        numbers = prefix["numbers"].split(".")
        kept = numbers if self.star else numbers[:-1]
        version = ".".join([*kept[:-1], str(int(kept[-1]) + 1)]) if kept else ""
        text = f"{prefix['epoch']}{version}"
        return Clause(text=f"<{text}", operator="<", version=text, star="", at=self.at) if kept else None

    def with_version(self, version: str) -> str:
        """Return the clause with another version, without blanks."""
        return f"{self.operator}{version}{self.star}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Clauses that must all hold, joined by commas. `span` covers its parentheses, but no blanks around them."""

    clauses: tuple[Clause, ...]
    span: Span


def read_alternatives(version_spec: str) -> tuple[Alternative, ...]:
    """Return the alternatives of *version_spec*, in order; none for a blank text.

    Raises:
        SpecError: it is not made of clauses, or has alternatives within a group, as in `(1.2|1.3),!=1.2.5`.

    """
    if not version_spec.strip():
        return ()
    everything = Span(0, len(version_spec))
    return tuple(_read_alternative(version_spec, span) for span in _split(version_spec, everything, "|"))


def clauses_of(version_spec: str) -> tuple[Clause, ...]:
    """Return the clauses of all alternatives of *version_spec*, in order.

    Raises:
        SpecError: as `read_alternatives`.

    """
    return tuple(clause for each in read_alternatives(version_spec) for clause in each.clauses)


def pinned_version(version_spec: str) -> str | None:
    """Return the version that a pin names: `1.26.4` of `==1.26.4`, `1.26` of `=1.26`; None for what is no pin."""
    try:
        clauses = clauses_of(version_spec)
    except SpecError:
        return None
    is_pin = len(clauses) == 1 and clauses[0].role in {Role.EXACT, Role.FUZZY}
    return clauses[0].version if is_pin else None


def least_version(version_spec: str) -> str | None:
    """Return where a range begins: `1.0` of `>=1.0,<1.1` and of `~=1.0`; None for a pin, and where nothing says it."""
    try:
        clauses = clauses_of(version_spec)
    except SpecError:
        return None
    floors = [each.version for each in clauses if each.role in {Role.FLOOR, Role.COMPATIBLE}]
    return floors[0] if len(floors) == 1 else None


def roles_of(version_spec: str) -> frozenset[Role]:
    """Return what the clauses do; nothing for alternatives within a group, which no strategy moves."""
    try:
        return frozenset(clause.role for clause in clauses_of(version_spec))
    except SpecError:
        return frozenset()


def _read_alternative(text: str, span: Span) -> Alternative:
    outer = _without_blanks(text, span)
    inner = _without_parentheses(text, outer)
    clauses = tuple(_read_clause(text, _without_blanks(text, part)) for part in _split(text, inner, ","))
    return Alternative(clauses=clauses, span=outer)


def _read_clause(text: str, span: Span) -> Clause:
    written = text[span.start : span.end]
    found = _CLAUSE.fullmatch(text, span.start, span.end)
    if found is None:
        raise SpecError(f"`{written}` in `{text}` is not a single clause, such as `>=1.2` or `1.2.*`")
    return Clause(
        text=written,
        operator=found["operator"] or "",
        version=found["version"],
        star=found["star"],
        at=Span(*found.span("version")),
    )


def _split(text: str, span: Span, separator: str) -> list[Span]:
    parts = []
    start = span.start
    for part in text[span.start : span.end].split(separator):
        parts.append(Span(start, start + len(part)))
        start += len(part) + len(separator)
    return parts


def _without_parentheses(text: str, span: Span) -> Span:
    while text.startswith("(", span.start, span.end) and text.endswith(")", span.start, span.end):
        span = _without_blanks(text, Span(span.start + 1, span.end - 1))
    return span


def _without_blanks(text: str, span: Span) -> Span:
    part = text[span.start : span.end]
    return Span(span.start + len(part) - len(part.lstrip()), span.end - len(part) + len(part.rstrip()))
