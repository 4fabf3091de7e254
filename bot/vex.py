"""OpenVEX documents -> what a repository says itself of vulnerabilities (pure).

The form: https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md. Of two statements about the same, the later counts;
they are returned in that order. A statement is about packages of conda or of PyPI, named by package URLs: among its
products, or among their subcomponents. One that names none is about something that no lock holds, and counts for
nothing. So does one that lacks what the form demands; that is told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar
from urllib.parse import unquote

import msgspec

from bot.errors import BadInput, SpecError
from bot.model.advisory import Product, Statement, StatementStatus
from bot.versioning.match_spec import normalise_conda_name, normalise_pypi_name

LARGEST: Final = 1_000_000
"""Bytes of a document that is read."""

MOST_STATEMENTS: Final = 2_000
MOST_PRODUCTS: Final = 200
_CONTEXT: Final = "https://openvex.dev/ns"
_NORMALISED: Final = {"conda": normalise_conda_name, "pypi": normalise_pypi_name}
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)

JUSTIFICATIONS: Final = {
    "component_not_present": "the component is not in it",
    "vulnerable_code_not_present": "the vulnerable code is not in it",
    "vulnerable_code_not_in_execute_path": "the vulnerable code is never run",
    "vulnerable_code_cannot_be_controlled_by_adversary": "nobody else has the vulnerable code in hand",
    "inline_mitigations_already_exist": "it is kept from harm already",
}
"""The labels that a justification may be, in plain words."""

_Read = TypeVar("_Read")


class _Component(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="@id", default="")
    identifiers: dict[str, str] = {}
    subcomponents: "list[str | _Component]" = []


class _Vulnerability(msgspec.Struct, frozen=True):
    name: str = ""
    aliases: list[str] = []


class _Statement(msgspec.Struct, frozen=True):
    vulnerability: str | _Vulnerability
    status: StatementStatus
    products: list[str | _Component] = []
    subcomponents: list[str | _Component] = []
    justification: str = ""
    impact_statement: str = ""
    action_statement: str = ""
    status_notes: str = ""
    timestamp: str = ""
    last_updated: str = ""


class _Document(msgspec.Struct, frozen=True):
    context: str = msgspec.field(name="@context")
    statements: list[msgspec.Raw]
    timestamp: str = ""
    last_updated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VexDocument:
    """What a document says, the latest last, and sentences on what of it does not count."""

    statements: tuple[Statement, ...]
    faults: tuple[str, ...] = ()


def read_vex(path: str, content: bytes) -> VexDocument:
    """Return what *content*, the file at *path*, says.

    Raises:
        BadInput: it is no OpenVEX document that can be read.

    """
    if len(content) > LARGEST:
        raise BadInput(f"has {len(content)} bytes; an OpenVEX document is read up to {LARGEST}", path=path)
    document = _decoded(content, _Document, path)
    if not document.context.startswith(_CONTEXT):
        raise BadInput(f"is no OpenVEX document: its `@context` is not {_CONTEXT}", path=path)
    if len(document.statements) > MOST_STATEMENTS:
        raise BadInput(f"has more than {MOST_STATEMENTS} statements", path=path)
    found: list[tuple[datetime, Statement]] = []
    faults: list[str] = []
    for number, raw in enumerate(document.statements, 1):
        try:
            found.append(_statement(path, _decoded(bytes(raw), _Statement, path), document))
        except BadInput as error:
            faults.append(f"statement {number} does not count: {error.message}")
    return VexDocument(
        statements=tuple(each for _, each in sorted(found, key=lambda each: each[0])), faults=tuple(faults)
    )


def _decoded(content: bytes, form: type[_Read], path: str) -> _Read:
    try:
        return msgspec.json.decode(content, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"is not OpenVEX: {_line(str(error))}", path=path) from error


def _statement(path: str, found: _Statement, document: _Document) -> tuple[datetime, Statement]:
    ids = [found.vulnerability] if isinstance(found.vulnerability, str) else _names(found.vulnerability)
    ids = [text for each in ids if (text := _line(each))]
    if not ids:
        raise BadInput("it names no vulnerability")
    products = tuple(_products(found))
    if not products:
        raise BadInput("it names no package of conda or PyPI (`pkg:conda/…`, `pkg:pypi/…`)")
    statement = Statement(
        ids=frozenset(map(str.upper, ids)), status=found.status, reason=_reason(found), source=path, products=products
    )
    told = (found.last_updated, found.timestamp, document.last_updated, document.timestamp)
    return next(filter(None, map(_moment, told)), _BEFORE_ALL), statement


def _names(vulnerability: _Vulnerability) -> list[str]:
    return [vulnerability.name, *vulnerability.aliases]


def _reason(found: _Statement) -> str:
    """Return why, in words; who says that something is not affected has to say it."""
    justification = JUSTIFICATIONS.get(found.justification, "")
    if found.status is StatementStatus.NOT_AFFECTED and not (justification or _line(found.impact_statement)):
        raise BadInput("`not_affected` needs a `justification` of the form's, or an `impact_statement`")
    action = found.action_statement if found.status is StatementStatus.AFFECTED else ""
    return ": ".join(filter(None, map(_line, (justification, found.impact_statement or action or found.status_notes))))


def _products(found: _Statement) -> Iterator[Product]:
    """Yield the packages that *found* is about: those of its products, else those that are in them."""
    every = found.products[:MOST_PRODUCTS]
    for product in every:
        inner = product.subcomponents if isinstance(product, _Component) else []
        own = tuple(_named(product))
        yield from own or (each for part in (*inner, *found.subcomponents)[:MOST_PRODUCTS] for each in _named(part))


def _named(component: str | _Component) -> Iterable[Product]:
    written = (component,) if isinstance(component, str) else (component.id, *component.identifiers.values())
    return dict.fromkeys(filter(None, map(read_product, written)))


def read_product(text: str) -> Product | None:
    """Return the package of conda or PyPI that the package URL *text* names, None if it names none.

    https://github.com/package-url/purl-spec
    """
    scheme, _, rest = text.partition(":")
    kind, _, named = rest.lstrip("/").partition("/")
    normalise = _NORMALISED.get(kind.lower())
    if scheme.lower() != "pkg" or normalise is None:
        return None
    name, _, version = named.partition("#")[0].partition("?")[0].partition("@")
    try:
        return Product(name=normalise(unquote(name)), ecosystem=kind.lower(), version=unquote(version) or None)
    except SpecError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _line(text: str) -> str:
    return " ".join(text.split())
