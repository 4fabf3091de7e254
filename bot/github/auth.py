"""Who we are to GitHub: the App's signature, and a token for each job, for one repository and no more rights than used.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/about-authentication-with-a-github-app
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Protocol

import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.clock import Clock
from bot.errors import GitHubError, SettingsError
from bot.github.api import Api
from bot.github.calls import Caller
from bot.github.client import Client
from bot.github.etags import EtagCaches
from bot.github.model import RepositoryReference
from bot.github.permissions import Permissions, may_write, within
from bot.github.retrying import Repeat
from bot.github.throttle import READ, THE_APP, Budget, Budgets, Priority

log = logging.getLogger(__name__)

CLOCK_DRIFT = timedelta(seconds=60)
LIFETIME = timedelta(minutes=9)
"""GitHub accepts at most ten minutes, and recommends dating a signature a minute back."""

SKEW_THAT_COUNTS = timedelta(seconds=10)
"""A clock that is off by less is not why GitHub refuses a signature."""

TOKENS = "/app/installations/{installation_id}/access_tokens"


class Signer(Protocol):
    """Holds the private keys: signs, and gives nothing away."""

    @property
    def app_id(self) -> str:
        """What the App is called in signatures: its number or its client id."""
        ...

    @property
    def key(self) -> int:
        """Which of its keys signs."""
        ...

    def sign(self, now: datetime) -> str:
        """Return a JSON web token by which the App is known for some minutes from *now* on."""
        ...

    def pass_over(self, key: int) -> bool:
        """Sign by another key than *key*, which GitHub does not know; say whether there is one."""
        ...


class AppSigner:
    """A signer with the keys in memory, the newest first. While keys are rotated there are two.

    GitHub does not say which keys it knows. The newest signs until GitHub refuses it; then the next one does, and the
    first again after the last: so it is no matter whether a key is made known here or there first.
    https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps

    Raises:
        SettingsError: one of *private_keys* is not an RSA key in PEM.

    """

    def __init__(self, app_id: str, *private_keys: str) -> None:
        self.app_id = app_id
        self.key = 0
        self._keys = tuple(map(_rsa_key, private_keys))

    def sign(self, now: datetime) -> str:
        """Return a JSON web token (RS256) of the App."""
        issued = now - CLOCK_DRIFT
        claims = {"iat": int(issued.timestamp()), "exp": int((issued + LIFETIME).timestamp()), "iss": self.app_id}
        return jwt.encode(claims, self._keys[self.key], algorithm="RS256")

    def pass_over(self, key: int) -> bool:
        """Sign by another key than *key*, unless that is done already; say whether there is one."""
        if len(self._keys) > 1 and key == self.key:
            self.key = (key + 1) % len(self._keys)
            log.warning("GitHub does not know private key %s of %s; the next one signs", key + 1, len(self._keys))
        return key != self.key


def _rsa_key(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"not a private key in PEM: {error}", key="CONDABOT_PRIVATE_KEY") from error
    if not isinstance(key, RSAPrivateKey):
        raise SettingsError("GitHub's keys are RSA keys, this one is not", key="CONDABOT_PRIVATE_KEY")
    return key


@dataclass(slots=True)
class Skew:
    """How far GitHub's clock is ahead of ours, as far as we had to learn it."""

    ahead: timedelta = timedelta()

    def learn(self, date: datetime | None, now: datetime) -> bool:
        """Take in that GitHub's clock says *date*; say whether that changes anything."""
        ahead = date - now if date else self.ahead
        changed = abs(ahead - self.ahead) >= SKEW_THAT_COUNTS
        self.ahead = ahead if changed else self.ahead
        return changed


@dataclass(slots=True, kw_only=True)
class AppCredential:
    """The App itself: a signature for each request, by GitHub's clock where ours is off."""

    signer: Signer
    clock: Clock
    skew: Skew
    key: int = 0

    def header(self) -> str:
        """Return the header `authorization`."""
        self.key = self.signer.key
        return f"bearer {self.signer.sign(self.clock.now() + self.skew.ahead)}"

    async def renew(self, date: datetime | None) -> bool:
        """Say whether a signature by GitHub's clock is another one, or else one by another key."""
        return self.skew.learn(date, self.clock.now()) or self.signer.pass_over(self.key)


@dataclass(slots=True, kw_only=True)
class TokenCredential:
    """The token of an installation; *again* makes another one, once: a token may expire or be revoked in mid job."""

    token: str = field(repr=False)
    again: Callable[[], Awaitable[str]]
    renewed: bool = False

    def header(self) -> str:
        """Return the header `authorization`."""
        return f"token {self.token}"

    async def renew(self, date: datetime | None) -> bool:  # noqa: ARG002 - a token has no date of ours in it
        """Say whether there is a new token."""
        if self.renewed:
            return False
        self.renewed = True
        self.token = await self.again()
        return True


class _Repository(msgspec.Struct):
    id: int
    node_id: str
    full_name: str


class _Token(msgspec.Struct):
    token: str
    permissions: dict[str, str] | None = None
    repositories: list[_Repository] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubApp:
    """The App at one GitHub. `http` must not follow redirects; it is closed by whoever made it."""

    signer: Signer
    http: httpx.AsyncClient
    base_url: str
    clock: Clock
    budgets: Budgets
    _caches: EtagCaches = field(default_factory=EtagCaches)
    _skew: Skew = field(default_factory=Skew)

    def itself(self) -> Caller:
        """Return what speaks as the App, for what no installation is asked."""
        credential = AppCredential(signer=self.signer, clock=self.clock, skew=self._skew)
        api = Api(self.http, base_url=self.base_url, clock=self.clock, credential=credential)
        return Caller(api=api, budget=self.budget(THE_APP, Priority.PERSON))

    def budget(self, installation_id: int, priority: Priority) -> Budget:
        """Return what work of *priority* may ask of an installation."""
        return self.budgets.budget(installation_id, priority)

    def reserved(self, installation_id: int, priority: Priority, *, writes: int) -> AbstractAsyncContextManager[Budget]:
        """Keep *writes* of this hour, before the work that leads to them is done; give back what was not used.

        Raises:
            GitHubUnavailable: there are not so many left; `retry_after` says when there will be.

        """
        return self.budgets.reserve(installation_id, priority, writes)

    @asynccontextmanager
    async def installation(
        self,
        installation_id: int,
        repository_id: int,
        permissions: Permissions,
        *,
        granted: Permissions | None = None,
        budget: Budget | None = None,
    ) -> AsyncIterator[Client]:
        """Make a token for one repository and give a client with it; a token that may write is revoked at the end.

        What was not *granted* is not asked for: `Client.may` tells. Without *budget* it is somebody's who waits.

        Raises:
            GitHubError: the repository is not (or no longer) part of the installation, or GitHub refused.
            GitHubUnavailable: GitHub did not answer.

        """
        asked = permissions if granted is None else within(permissions, granted)
        token = await self._token(installation_id, asked, repository_id)
        credential = self._credential(token, installation_id, asked, repository_id)
        api = Api(
            self.http,
            base_url=self.base_url,
            clock=self.clock,
            credential=credential,
            cache=self._caches.scope(installation_id, repository_id, asked),
        )
        client = Client(
            api=api,
            budget=budget or self.budget(installation_id, Priority.PERSON),
            repository=_reference(token, repository_id),
            permissions=asked if token.permissions is None else token.permissions,
            app_id=int(self.signer.app_id) if self.signer.app_id.isdecimal() else None,
        )
        try:
            yield client
        finally:
            credential.renewed = True  # there is nothing more to do with a token
            if may_write(asked):
                await _revoked(client)

    async def whole_installation(self, installation_id: int, permissions: Permissions, budget: Budget) -> Caller:
        """Make a token for all repositories of an installation, and return what speaks with it."""
        token = await self._token(installation_id, permissions)
        credential = self._credential(token, installation_id, permissions)
        api = Api(self.http, base_url=self.base_url, clock=self.clock, credential=credential)
        return Caller(api=api, budget=budget)

    def _credential(self, token: _Token, installation_id: int, permissions: Permissions, *only: int) -> TokenCredential:
        async def again() -> str:
            return (await self._token(installation_id, permissions, *only)).token

        return TokenCredential(token=token.token, again=again)

    async def _token(self, installation_id: int, permissions: Permissions, *only: int) -> _Token:
        """Make a token: one that is never used, because its answer was lost, hurts nobody and dies in an hour."""
        narrowed = {"repository_ids": list(only)} if only else {}
        return await self.itself().post(
            TOKENS,
            _Token,
            {**narrowed, "permissions": dict(permissions)},
            repeat=Repeat.SAFE,
            cost=READ,
            installation_id=installation_id,
        )


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
        if error.status == HTTPStatus.UNAUTHORIZED:
            return  # it is worthless already
        log.warning("a token was not revoked and lives for an hour: %s", error)
