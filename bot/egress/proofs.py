"""A request for a URL below a credential's prefix -> the request that says who we are.

S3's signature is AWS Signature Version 4 with an unsigned payload, for path-style URLs:
https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from bot.credentials import Basic, Bearer, CondaToken, Credential, S3Key

_UNSIGNED: Final = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What is really asked for: nobody may see it."""

    url: str = field(repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


def prove(credential: Credential, method: str, url: str, now: datetime) -> Proven:
    """Return the request for *url*, which is below the prefix of *credential*."""
    match credential.proof:
        case Bearer(token, scheme):
            return Proven(url=url, fields={"Authorization": f"{scheme} {token}"})
        case Basic(user, password):
            basic = b64encode(f"{user}:{password}".encode()).decode()
            return Proven(url=url, fields={"Authorization": f"Basic {basic}"})
        case CondaToken(token):
            parts = urlsplit(url)
            return Proven(url=urlunsplit(parts._replace(path=f"{token_path(token)}{parts.path}")))
        case S3Key():
            return _signed(credential.proof, method, url, now.astimezone(UTC))


def token_path(token: str) -> str:
    """Return what stands between the host and the path for a conda token."""
    return f"/t/{quote(token, safe='')}"


def without_token(url: str, credential: Credential) -> str:
    """Return *url* as it is without the conda token that *credential* put into it."""
    if not isinstance(credential.proof, CondaToken):
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.removeprefix(token_path(credential.proof.token))))


def _signed(key: S3Key, method: str, url: str, now: datetime) -> Proven:
    parts, endpoint = urlsplit(url), urlsplit(key.endpoint)
    path = quote(f"{endpoint.path}/{parts.netloc}{unquote(parts.path)}", safe="/-_.~")
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    fields = {"host": endpoint.netloc, "x-amz-content-sha256": _UNSIGNED, "x-amz-date": moment}
    if key.session_token:
        fields["x-amz-security-token"] = key.session_token
    names = ";".join(sorted(fields))
    lines = "".join(f"{name}:{fields[name]}\n" for name in sorted(fields))
    request = f"{method}\n{path}\n\n{lines}\n{names}\n{_UNSIGNED}"
    scope = f"{moment[:8]}/{key.region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(_signing_key(key, scope), text.encode(), hashlib.sha256).hexdigest()
    sent = {name: value for name, value in fields.items() if name != "host"}
    proof = f"AWS4-HMAC-SHA256 Credential={key.access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return Proven(
        url=urlunsplit((endpoint.scheme, endpoint.netloc, path, "", "")), fields={**sent, "Authorization": proof}
    )


def _signing_key(key: S3Key, scope: str) -> bytes:
    """Return the key of a day, a region and a service: each part of *scope* is signed with the key so far."""
    found = f"AWS4{key.secret_access_key}".encode()
    for part in scope.split("/"):
        found = hmac.new(found, part.encode(), hashlib.sha256).digest()
    return found
