"""What an operator lets condabot say of itself to channels and package indexes, each below one URL.

Rules:
1. A credential is for URLs below its prefix: scheme, host and port are the same, and the path by whole segments. Of two
   that fit the longer prefix wins.
2. Where `installations` are named it is for these installations of the GitHub App only.
3. No secret is in a `repr`, in a message of an error or in anything that is written: dataclasses here hide them.

The file is TOML; docs/private-channels.md has its form. `RATTLER_AUTH_FILE` is read as py-rattler reads it, which knows
hosts and no paths: an entry counts for all of `https://host`, and `*.host` for those of the known hosts that fit.
No keyring, netrc or other file of a home folder is ever asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import msgspec

from bot.errors import BadInput
from bot.urls import is_below, plain_host, spelled

SCHEMES: Final = frozenset({"http", "https", "s3"})
FIELDS: Final = {"http": "bearer, token, conda-token, or user and password", "s3": "access-key-id, secret-access-key"}


@dataclass(frozen=True, slots=True)
class Bearer:
    """`Authorization: Bearer TOKEN` (RFC 6750); with another *scheme* as some servers have it: `token TOKEN`."""

    token: str = field(repr=False)
    scheme: str = "Bearer"


@dataclass(frozen=True, slots=True)
class Basic:
    """`Authorization: Basic …` (RFC 7617)."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CondaToken:
    """`/t/TOKEN` before the path of the URL, as conda and py-rattler write it."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Key:
    """A key for a bucket at *endpoint*, an http(s) URL; each request is signed (AWS Signature Version 4)."""

    endpoint: str
    region: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


Proof: TypeAlias = Bearer | Basic | CondaToken | S3Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Says *proof* to URLs below *prefix*; None for `installations` is all of them.

    `setting` is where the operator wrote it, for sentences.
    """

    prefix: str
    proof: Proof
    setting: str
    installations: frozenset[int] | None = None

    def is_for(self, installation: int | None) -> bool:
        """Tell whether *installation* may use it; a person's own checkout, which is none, may use all."""
        return installation is None or self.installations is None or installation in self.installations

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that nobody may see."""
        match self.proof:
            case Bearer(token) | CondaToken(token):
                return (token,)
            case Basic(_, password):
                return (password,)
            case S3Key():
                return (self.proof.secret_access_key, self.proof.session_token)


def of_prefix(url: str, credentials: Iterable[Credential]) -> Credential | None:
    """Return that of *credentials* which is for *url*, of the longest prefix; the first of several with the same."""
    fitting = [each for each in credentials if is_below(url, each.prefix)]
    return max(fitting, key=lambda each: len(each.prefix), default=None)


class _Row(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    prefix: str
    installations: tuple[int, ...] | None = None
    bearer: str = ""
    token: str = ""
    conda_token: str = ""
    user: str = ""
    password: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    access_key_id: str = ""
    secret_access_key: str = ""
    session_token: str = ""

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """What it says of us: exactly one thing if it is right."""
        basic = [Basic(self.user, self.password)] if self.user or self.password else []
        tokens: list[Proof] = [
            *([Bearer(self.bearer)] if self.bearer else []),
            *([Bearer(self.token, "token")] if self.token else []),
            *([CondaToken(self.conda_token)] if self.conda_token else []),
        ]
        return (*tokens, *basic, *self._keys)

    @property
    def _keys(self) -> tuple[Proof, ...]:
        if not (self.access_key_id and self.secret_access_key):
            return ()
        key = S3Key(
            endpoint=spelled(self.endpoint or f"https://s3.{self.region}.amazonaws.com"),
            region=self.region,
            access_key_id=self.access_key_id,
            secret_access_key=self.secret_access_key,
            session_token=self.session_token,
        )
        return (key,)


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    credential: tuple[_Row, ...] = ()


def read_credentials(text: str, setting: str) -> tuple[Credential, ...]:
    """Read the TOML document *text*, which *setting* named.

    Raises:
        BadInput: it is not of the form of docs/private-channels.md; the message says where, and nothing secret.

    """
    try:
        rows = msgspec.toml.decode(text, type=_File).credential
    except (msgspec.MsgspecError, ValueError) as error:  # neither quotes a value
        raise BadInput(str(error)) from error
    return tuple(_credential(row, number, setting) for number, row in enumerate(rows, start=1))


def _credential(row: _Row, number: int, setting: str) -> Credential:
    prefix = _prefix(row.prefix, number)
    kind = "s3" if prefix.startswith("s3:") else "http"
    proofs = row.proofs
    if len(proofs) != 1 or isinstance(proofs[0], S3Key) != (kind == "s3"):
        raise BadInput(f"credential {number}, for {prefix}, needs one way to say who we are: {FIELDS[kind]}")
    if isinstance(proofs[0], Bearer) and not (proofs[0].token.isascii() and proofs[0].token.isprintable()):
        raise BadInput(f"the token of credential {number}, for {prefix}, holds what no header field can")
    installations = None if row.installations is None else frozenset(row.installations)
    return Credential(prefix=prefix, proof=proofs[0], setting=setting, installations=installations)


def _prefix(text: str, number: int) -> str:
    """Return the URL *text* in the one spelling; it is not repeated where it might hold a secret."""
    try:
        parts, prefix = urlsplit(text), spelled(text)
    except ValueError as error:
        raise BadInput(f"the prefix of credential {number} is not a URL") from error
    if parts.scheme not in SCHEMES or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise BadInput(
            f"the prefix of credential {number} must be an http, https or s3 URL without user name, query and fragment"
        )
    return prefix


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A value of `RATTLER_AUTH_FILE`, as far as it is known here; other kinds leave it without any of these."""

    bearer: str = msgspec.field(name="BearerToken", default="")
    conda_token: str = msgspec.field(name="CondaToken", default="")
    basic: "_StoredBasic | None" = msgspec.field(name="BasicHTTP", default=None)

    @property
    def proof(self) -> Proof | None:
        """What it says of us."""
        if self.basic:
            return Basic(self.basic.username, self.basic.password)
        if self.conda_token:
            return CondaToken(self.conda_token)
        return Bearer(self.bearer) if self.bearer else None


class _StoredBasic(msgspec.Struct, frozen=True, kw_only=True):
    username: str
    password: str


def read_auth_file(content: bytes, hosts: Iterable[str], setting: str) -> tuple[Credential, ...]:
    """Read a `RATTLER_AUTH_FILE`; *hosts* are those among which a `*.host` finds its own.

    Raises:
        BadInput: it is not one.

    """
    try:
        stored = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        proofs = {key: msgspec.json.decode(value, type=_Stored).proof for key, value in stored.items()}
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadInput("is not a JSON document of hosts and their credentials, as py-rattler reads it") from error
    known = tuple(dict.fromkeys(map(plain_host, hosts)))
    pairs = ((host, proof) for key, proof in proofs.items() if proof for host in _hosts(key, known))
    return tuple(Credential(prefix=f"https://{host}", proof=proof, setting=setting) for host, proof in pairs)


def _hosts(key: str, known: Sequence[str]) -> Sequence[str]:
    """Return the hosts that *key* is for; `*.prefix.dev` is for prefix.dev too. What looks like a URL is for none."""
    if key.startswith("*."):
        return [host for host in known if host == key[2:] or host.endswith(key[1:])]
    return [] if "/" in key or ":" in key else [plain_host(key)]
