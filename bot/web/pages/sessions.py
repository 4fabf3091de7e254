"""Who signed in: kept by the browser, in a cookie that nobody can read or make. Nothing of it is kept here.

Keys are derived from the webhook's secrets, the newest first: that one seals, all of them open, so that a rotation ends
no session. The operator's token goes into them too, so that another one ends every session.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from aiohttp import web
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

T = TypeVar("T", bound=msgspec.Struct)

PURPOSE = b"condabot: session of the pages, version 1"
KEY_BYTES, NONCE_BYTES = 32, 12
LONGEST_COOKIE = 4096
SESSION, STARTED = "condabot", "condabot-sign-in"
OPERATOR_SPAN = timedelta(hours=12)
SIGN_IN_SPAN = timedelta(minutes=10)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signed in, until `until`: the operator, or whom GitHub knows as `login` by `token`.

    Its forms carry `form`, which no other site can know.
    """

    form: str
    until: datetime
    login: str = ""
    token: str = ""

    def owns(self, form: str) -> bool:
        """Tell whether a form was on a page of this session."""
        return hmac.compare_digest(form.encode("utf-8", "surrogateescape"), self.form.encode())

    def __repr__(self) -> str:
        return f"Session(login={self.login!r}, until={self.until})"


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in with GitHub that began in this browser; it has to come back with `state`."""

    state: str
    verifier: str
    until: datetime


class Sealer:
    """Seals values with AES-GCM, each for one cookie, and opens them."""

    def __init__(self, webhook_secrets: Sequence[str], operator_token: str) -> None:
        salt = operator_token.encode() or None
        keys = [HKDF(SHA256(), KEY_BYTES, salt=salt, info=PURPOSE).derive(each.encode()) for each in webhook_secrets]
        self._ciphers = [AESGCM(key) for key in keys]

    def seal(self, value: msgspec.Struct, name: str) -> str:
        """Return *value* as a text for the cookie *name*."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[0].encrypt(nonce, msgspec.json.encode(value), name.encode())
        return urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()

    def open(self, text: str, name: str, kind: type[T]) -> T | None:
        """Return what was sealed for the cookie *name*; None if it was not, or not by us."""
        if not text.isascii() or len(text) > LONGEST_COOKIE:
            return None
        try:
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        for cipher in self._ciphers:
            try:
                return msgspec.json.decode(
                    cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], name.encode()), type=kind
                )
            except (InvalidTag, ValueError, msgspec.DecodeError):
                continue
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """The cookies; over https if `secure`, and then under names that no other host can set.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
    """

    sealer: Sealer
    secure: bool

    def session(self, request: web.Request, now: datetime) -> Session | None:
        """Return whose session *request* belongs to."""
        found = self.sealer.open(request.cookies.get(self._named(SESSION), ""), SESSION, Session)
        return found if found and found.until > now else None

    def begin(self, response: web.StreamResponse, session: Session, now: datetime) -> None:
        """Have the browser keep *session*, and send it with what comes from our own pages only."""
        text = self.sealer.seal(session, SESSION)
        self._set(response, SESSION, text, same_site="Strict", span=session.until - now)

    def end(self, response: web.StreamResponse) -> None:
        """Have the browser forget the session."""
        self._set(response, SESSION, "", same_site="Strict", span=timedelta(0))

    def started(self, request: web.Request, now: datetime) -> Started | None:
        """Return which sign-in began in the browser of *request*."""
        found = self.sealer.open(request.cookies.get(self._named(STARTED), ""), STARTED, Started)
        return found if found and found.until > now else None

    def start(self, response: web.StreamResponse, started: Started, now: datetime) -> None:
        """Have the browser keep a sign-in that began; Lax, or it would not come along from GitHub."""
        self._set(response, STARTED, self.sealer.seal(started, STARTED), same_site="Lax", span=started.until - now)

    def finish(self, response: web.StreamResponse) -> None:
        """Have the browser forget the sign-in: a state counts once."""
        self._set(response, STARTED, "", same_site="Lax", span=timedelta(0))

    def _set(self, response: web.StreamResponse, name: str, text: str, *, same_site: str, span: timedelta) -> None:
        response.set_cookie(
            self._named(name),
            text,
            max_age=int(span.total_seconds()),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite=same_site,
        )

    def _named(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name


def new_session(until: datetime, *, login: str = "", token: str = "") -> Session:
    """Return a session that nobody has had before."""
    return Session(form=secrets.token_urlsafe(16), until=until, login=login, token=token)
