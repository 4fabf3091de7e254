"""The places that an operator has environments handed over to: `CONDABOT_TARGETS_FILE`.

Rules:
1. A target is the operator's: repositories name it by its name, and say nothing of where it is or who we are there.
2. Where `installations` are named it is for these installations of the GitHub App only.
3. No secret is in a `repr`, in a message of an error or in anything that is written.

The file is TOML; docs/handing-over.md has its form.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import msgspec

from bot.credentials import Basic, Bearer
from bot.errors import BadInput
from bot.model.bundle import TargetKind
from bot.urls import spelled

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_NAMESPACE: Final = re.compile(r"[A-Za-z0-9._-]*(?:/[A-Za-z0-9._-]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place of some `kind` at `url`, where we say `proof` of ourselves.

    Everything is handed over into `namespace`; empty for one that is called as the repository's owner. None for
    `installations` is all of them.
    """

    name: str
    kind: TargetKind
    url: str
    proof: Bearer | Basic | None = None
    namespace: str = ""
    installations: frozenset[int] | None = None

    def is_for(self, installation: int) -> bool:
        """Tell whether repositories of *installation* may name it."""
        return self.installations is None or installation in self.installations

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that nobody may see."""
        match self.proof:
            case Bearer(token):
                return (token,)
            case Basic(_, password):
                return (password,)
            case None:
                return ()


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    kind: TargetKind
    url: str
    namespace: str = ""
    installations: tuple[int, ...] | None = None
    bearer: str = ""
    user: str = ""
    password: str = ""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    target: tuple[_Row, ...] = ()


def read_targets(text: str) -> tuple[Target, ...]:
    """Read the TOML document *text*.

    Raises:
        BadInput: it is not of the form of docs/handing-over.md; the message says where, and nothing secret.

    """
    try:
        rows = msgspec.toml.decode(text, type=_File).target
    except (msgspec.MsgspecError, ValueError) as error:  # neither quotes a value
        raise BadInput(str(error)) from error
    _require_one_each(row.name for row in rows)
    return tuple(map(_target, rows))


def _require_one_each(names: Iterable[str]) -> None:
    seen = set[str]()
    for name in names:
        if not _NAME.fullmatch(name):
            raise BadInput(f"{name!r} is no name of a target: letters, digits, '.', '_' and '-', at most 63")
        if name in seen:
            raise BadInput(f"there are two targets called {name}")
        seen.add(name)


def _target(row: _Row) -> Target:
    if row.bearer and (row.user or row.password):
        raise BadInput(f"target {row.name} has two ways to say who we are: bearer, or user and password")
    if not (row.bearer.isascii() and (row.bearer.isprintable() or not row.bearer)):
        raise BadInput(f"the token of target {row.name} holds what no header field can")
    if not _NAMESPACE.fullmatch(row.namespace):
        raise BadInput(f"the namespace of target {row.name} is none: letters, digits, '.', '_', '-' and '/'")
    basic = Basic(row.user, row.password) if row.user or row.password else None
    return Target(
        name=row.name,
        kind=row.kind,
        url=_url(row),
        proof=Bearer(row.bearer) if row.bearer else basic,
        namespace=row.namespace,
        installations=None if row.installations is None else frozenset(row.installations),
    )


def _url(row: _Row) -> str:
    """Return the URL of *row* in the one spelling; it is not repeated where it might hold a secret."""
    try:
        parts, url = urlsplit(row.url), spelled(row.url)
    except ValueError as error:
        raise BadInput(f"the URL of target {row.name} is none") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
        raise BadInput(f"the URL of target {row.name} must be an http(s) URL without user name and query")
    return url
