"""Who we are to GitHub: the App's signature, and a token for each job, for one repository and no more rights than used.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/about-authentication-with-a-github-app
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.clock import Clock
from bot.errors import GitHubError, SettingsError
from bot.github.client import HEADERS, Api, Client
from bot.github.etags import EtagCaches, Recent
from bot.github.failures import mapped
from bot.github.model import RepositoryReference
from bot.github.permissions import Permissions, may_write
from bot.github.throttle import GITHUB_PACE, Pace, Throttle

log = logging.getLogger(__name__)

CLOCK_DRIFT = timedelta(seconds=60)
LIFETIME = timedelta(minutes=9)
"""GitHub accepts at most ten minutes, and recommends dating a signature a minute back."""

THROTTLES = 4096
TOKENS = "/app/installations/{installation_id}/access_tokens"


class Signer(Protocol):
    """Holds the private key: signs, and gives nothing away."""

    def sign(self, now: datetime) -> str:
        """Return a JSON web token by which the App is known for some minutes from *now* on."""
        ...


class AppSigner:
    """A signer with the key in memory.

    Raises:
        SettingsError: *private_key* is not an RSA key in PEM.

    """

    def __init__(self, app_id: str, private_key: str) -> None:
        self._app_id = app_id
        self._key = _rsa_key(private_key)

    def sign(self, now: datetime) -> str:
        """Return a JSON web token (RS256) of the App."""
        issued = now - CLOCK_DRIFT
        claims = {"iat": int(issued.timestamp()), "exp": int((issued + LIFETIME).timestamp()), "iss": self._app_id}
        return jwt.encode(claims, self._key, algorithm="RS256")


def _rsa_key(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"not a private key in PEM: {error}", key="CONDABOT_PRIVATE_KEY") from error
    if not isinstance(key, RSAPrivateKey):
        raise SettingsError("GitHub's keys are RSA keys, this one is not", key="CONDABOT_PRIVATE_KEY")
    return key


class _Repository(msgspec.Struct):
    id: int
    node_id: str
    full_name: str


class _Token(msgspec.Struct):
    token: str
    repositories: list[_Repository] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubApp:
    """The App at one GitHub. `http` must not follow redirects; it is closed by whoever made it."""

    signer: Signer
    http: httpx.AsyncClient
    base_url: str
    clock: Clock
    pace: Pace = GITHUB_PACE
    _caches: EtagCaches = field(default_factory=EtagCaches)
    _throttles: Recent[int, Throttle] = field(default_factory=lambda: Recent(THROTTLES))

    @asynccontextmanager
    async def installation(
        self, installation_id: int, repository_id: int, permissions: Permissions
    ) -> AsyncIterator[Client]:
        """Make a token for one repository and give a client with it; a token that may write is revoked at the end.

        Raises:
            GitHubError: the repository is not (or no longer) part of the installation, or GitHub refused.
            GitHubUnavailable: GitHub did not answer.

        """
        client = await self._client(installation_id, repository_id, permissions)
        try:
            yield client
        finally:
            if may_write(permissions):
                await _revoked(client)

    async def _client(self, installation_id: int, repository_id: int, permissions: Permissions) -> Client:
        app = Api(self.http, base_url=self.base_url, clock=self.clock)
        now = self.clock.now()
        with mapped(f"POST {TOKENS}", now):
            answer = await app.post(
                TOKENS,
                {"installation_id": str(installation_id)},
                data={"repository_ids": [repository_id], "permissions": dict(permissions)},
                jwt=self.signer.sign(now),
                extra_headers=HEADERS,
            )
            token = msgspec.convert(answer, _Token)
        api = Api(
            self.http,
            base_url=self.base_url,
            clock=self.clock,
            token=token.token,
            cache=self._caches.scope(installation_id, repository_id, permissions),
        )
        return Client(api=api, throttle=self._throttle(installation_id), repository=_reference(token, repository_id))

    def _throttle(self, installation_id: int) -> Throttle:
        return self._throttles.setdefault(installation_id, Throttle(self.pace, self.clock))


def _reference(token: _Token, repository_id: int) -> RepositoryReference:
    """Return what the token is for, by the name it has today."""
    for each in token.repositories:
        if each.id == repository_id:
            owner, _, name = each.full_name.partition("/")
            return RepositoryReference(id=each.id, node_id=each.node_id, owner=owner, name=name)
    raise GitHubError(f"GitHub gave a token that is not for repository {repository_id}")


async def _revoked(client: Client) -> None:
    try:
        await client.revoke()
    except GitHubError as error:
        log.warning("a token was not revoked and lives for an hour: %s", error)
