"""The one redactor: nothing secret is in a line that somebody reads, whoever wrote the line.

Two kinds of secrets are taken out: those that look like one (GitHub's tokens, JWTs, private keys, `Authorization`,
user information and conda tokens in URLs), and those that this process was told to keep (`Redactor.of`), as they are,
percent-encoded and in base64. What is cut is cut after this: half a secret looks like none.

Forms: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/ (`ghs_…` with
dots are the stateless ones of 2026), RFC 7519 (JWT), RFC 7468 (PEM), RFC 9110 section 11.6.2, RFC 3986 section 3.2.1.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Final, Self
from urllib.parse import quote, quote_plus

HIDDEN: Final = "***"
SHORTEST: Final = 4
"""Characters of a configured secret that is looked for: shorter ones would be found everywhere."""

_PATTERNS: Final = (
    (re.compile(r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL), HIDDEN),
    (re.compile(r"\b(?:gh[opsur]_|github_pat_)[A-Za-z0-9._-]{10,}"), HIDDEN),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?"), HIDDEN),
    (
        re.compile(
            r"((?:proxy-)?authorization['\"]?\s*[:=,]\s*(?:b?['\"])?)"
            r"(?:(?:bearer|basic|token|digest|aws4-hmac-sha256)\s+)?[^\s'\"),]+(?:,\s*\w+=[^\s'\"),]+)*",
            re.IGNORECASE,
        ),
        rf"\g<1>{HIDDEN}",
    ),
    (re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/-]{8,}=*", re.IGNORECASE), rf"\g<1> {HIDDEN}"),
    (re.compile(r"(?<=://)[^/?#\s'\"<>]+@"), ""),
    (re.compile(r"(?<=/t/)[^/\s'\"<>]+(?=/|\s|['\"<>)]|$)"), HIDDEN),
    (re.compile(r"(?<=[?&])(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s'\"]+", re.IGNORECASE), r"\g<1>***"),
)


class Redactor:
    """Takes secrets out of texts. Made by `of`."""

    def __init__(self, known: re.Pattern[str] | None) -> None:
        self._known = known

    @classmethod
    def of(cls, secrets: Iterable[str]) -> Self:
        """Return one that knows *secrets* in all forms that they take on the way."""
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        return cls(re.compile("|".join(map(re.escape, longest_first))) if forms else None)

    def __call__(self, text: str) -> str:
        """Return *text* without secrets."""
        if self._known:
            text = self._known.sub(HIDDEN, text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text


def _forms(secret: str) -> Iterable[str]:
    raw = secret.encode()
    yield secret
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (each(raw).rstrip(b"=").decode() for each in (b64encode, urlsafe_b64encode))
    yield from (repr(secret)[1:-1], secret.replace("\n", "\\n"))
