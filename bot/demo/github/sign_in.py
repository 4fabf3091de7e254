"""People sign in to the App with their GitHub accounts: codes, and the tokens they are exchanged for.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
"""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256, shake_256
from urllib.parse import urlsplit

from bot.demo.github.model import App

CODE_LIFE = timedelta(minutes=10)
TOKEN_LIFE = timedelta(hours=8)
REFRESH_LIFE = timedelta(days=184)
TOKEN_PREFIX = "ghu_"  # noqa: S105 - the public prefix of people's tokens
REFRESH_PREFIX = "ghr_"
LOOPBACK = frozenset({"127.0.0.1", "[::1]", "localhost"})


class SignInRefusedError(Exception):
    """GitHub's word for why there is no token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a code or token stands for; `redirect` and `challenge` are those of a code."""

    login: str
    expires_at: datetime
    redirect: str = ""
    challenge: str = ""


@dataclass(slots=True, kw_only=True)
class SignIns:
    """The codes and tokens that are good now. Everything in here is the same in every run."""

    codes: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)
    refreshers: dict[str, Grant] = field(default_factory=dict)
    made: int = 0

    def code(self, login: str, redirect: str, challenge: str, now: datetime) -> str:
        """Return a code that stands for *login* for ten minutes, once."""
        code = self._word("code")[:20]
        self.codes[code] = Grant(login=login, expires_at=now + CODE_LIFE, redirect=redirect, challenge=challenge)
        return code

    def exchange(self, app: App, asked: Mapping[str, str], now: datetime) -> dict[str, str | int]:
        """Return tokens for a code, or for a token that refreshes. Raises SignInRefusedError."""
        if asked.get("client_id") != app.client_id or not _same(asked.get("client_secret", ""), app.client_secret):
            raise SignInRefusedError("incorrect_client_credentials")
        if asked.get("grant_type") == "refresh_token":
            grant = self.refreshers.pop(asked.get("refresh_token", ""), None)
            if grant is None or grant.expires_at <= now:
                raise SignInRefusedError("bad_refresh_token")
            return self._tokens(grant.login, now)
        grant = self.codes.pop(asked.get("code", ""), None)
        if grant is None or grant.expires_at <= now or not _verifies(asked.get("code_verifier", ""), grant.challenge):
            raise SignInRefusedError("bad_verification_code")
        if asked.get("redirect_uri", grant.redirect) != grant.redirect:
            raise SignInRefusedError("redirect_uri_mismatch")
        return self._tokens(grant.login, now)

    def _tokens(self, login: str, now: datetime) -> dict[str, str | int]:
        token, refresher = TOKEN_PREFIX + self._word("token")[:36], REFRESH_PREFIX + self._word("refresher")[:76]
        self.tokens[token] = Grant(login=login, expires_at=now + TOKEN_LIFE)
        self.refreshers[refresher] = Grant(login=login, expires_at=now + REFRESH_LIFE)
        return {
            "access_token": token,
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "refresh_token": refresher,
            "refresh_token_expires_in": int(REFRESH_LIFE.total_seconds()),
            "scope": "",
            "token_type": "bearer",
        }

    def _word(self, kind: str) -> str:
        self.made += 1
        return shake_256(f"{kind} {self.made}".encode()).hexdigest(40)


def is_registered(app: App, redirect: str) -> bool:
    """Say whether people may be sent back to *redirect*: it begins like a registered address.

    On this machine the port is free, as it is for programs that take any.
    """
    wanted = urlsplit(redirect)
    for each in map(urlsplit, app.callback_urls):
        same_host = each.netloc == wanted.netloc or (each.hostname == wanted.hostname and each.hostname in LOOPBACK)
        below = wanted.path == each.path or wanted.path.startswith(f"{each.path.rstrip('/')}/")
        if each.scheme == wanted.scheme and same_host and below:
            return True
    return False


def _verifies(verifier: str, challenge: str) -> bool:
    """Say whether *verifier* is what the code was asked for with (PKCE).

    https://www.rfc-editor.org/rfc/rfc7636#section-4.6
    """
    if not challenge:
        return True
    return _same(base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode(), challenge)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
