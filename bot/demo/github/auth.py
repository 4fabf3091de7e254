"""Who is asking, and what they may do.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import shake_256
from typing import Any

import jwt

from bot.demo.github import sign_in
from bot.demo.github.errors import ApiError, forbidden, not_found
from bot.demo.github.model import Account, GivenToken, InstallationToken, Level
from bot.demo.github.permissions import Alternatives
from bot.demo.github.repository import Repository
from bot.demo.github.state import Installation, State

TOKEN_LIFE = timedelta(hours=1)
JWT_LIFE_SECONDS = 600
ISSUED_AT = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
REPOSITORIES_PER_TOKEN = 500
TOKEN_PREFIX = "ghs_"  # noqa: S105 - the public prefix of installation tokens
PERSONAL_PREFIXES = ("github_pat_", "ghp_")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCredential:
    """The App itself, by JSON web token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationCredential:
    """An installation of the App, by token."""

    token: InstallationToken
    installation: Installation
    actor: Account
    demanded: list[Alternatives] = field(default_factory=list)

    def sees(self, repository: Repository) -> bool:
        """Say whether the token was made for *repository*."""
        ids = self.token.repository_ids
        return self.installation.has(repository) and (ids is None or repository.id in ids)

    def reads(self, repository: Repository) -> bool:
        """Say whether it may be read: what is public may, by everybody who is known.

        https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/choosing-permissions-for-a-github-app
        """
        return self.sees(repository) or not repository.private

    def repositories(self) -> list[Repository]:
        """Return the repositories the token was made for."""
        return [each for each in self.installation.repositories if self.sees(each)]

    def demand(self, permissions: Alternatives) -> None:
        """Raise ApiError 403 unless the token carries one of *permissions*; remember that it was needed."""
        self.demanded.append(permissions)
        if permissions and not any(self.token.allows(each) for each in permissions):
            raise forbidden("; ".join(str(each) for each in permissions))

    def demand_reading(self, repository: Repository) -> None:
        """Raise ApiError 404 unless *repository* may be read."""
        if not self.reads(repository):
            raise not_found()

    def demand_repository(self, repository: Repository) -> None:
        """Raise ApiError 404, or 403 for a public one, unless the token was made for *repository*."""
        self.demand_reading(repository)
        if not self.sees(repository):
            raise ApiError(403, "Resource not accessible by integration")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCredential:
    """A person who has signed in to the App, by token."""

    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nobody:
    """Who sends no credentials."""


Credential = AppCredential | InstallationCredential | UserCredential | Nobody


def authenticate(state: State, header: str) -> Credential:
    """Return who sent the `Authorization` *header*. Raises ApiError 401."""
    if not header:
        return Nobody()
    scheme, _, value = header.partition(" ")
    if scheme.lower() not in {"bearer", "token"} or not value:
        raise ApiError(401, "Requires authentication")
    if given := state.given.get(value):
        return _given_credential(state, given)
    if value.startswith(TOKEN_PREFIX):
        return _installation_credential(state, value)
    if value.startswith(sign_in.TOKEN_PREFIX):
        return _user_credential(state, value)
    if value.startswith(PERSONAL_PREFIXES):
        raise ApiError(401, "Bad credentials")
    _check_app_jwt(state, value)
    return AppCredential()


def _installation_credential(state: State, value: str) -> InstallationCredential:
    token = state.tokens.get(value)
    if token is None or token.expires_at <= state.now() or token.installation_id not in state.installations:
        raise ApiError(401, "Bad credentials")
    installation = state.installations[token.installation_id]
    _check_not_suspended(installation)
    return InstallationCredential(token=token, installation=installation, actor=state.app.bot)


def _given_credential(state: State, given: GivenToken) -> InstallationCredential:
    """Return who asks with a token that our App did not make: it has permissions and repositories as one of ours."""
    token = given.token
    if token.expires_at <= state.now():
        raise ApiError(401, "Bad credentials")
    repositories = [each for each in state.repositories.values() if each.id in (token.repository_ids or ())]
    installation = Installation(
        state=state,
        id=token.installation_id,
        account=given.of,
        selected=repositories,
        permissions=dict(token.permissions),
        created_at=state.now(),
    )
    return InstallationCredential(token=token, installation=installation, actor=given.of)


def _user_credential(state: State, value: str) -> UserCredential:
    grant = state.sign_ins.tokens.get(value)
    if grant is None or grant.expires_at <= state.now():
        raise ApiError(401, "Bad credentials")
    return UserCredential(login=grant.login)


def _check_app_jwt(state: State, value: str) -> None:
    claims = _claims(state, value)
    now = state.now().timestamp()
    if str(claims["iss"]) not in {str(state.app.id), state.app.client_id}:
        raise ApiError(401, "'Issuer' claim ('iss') must be an Integer")
    if claims["exp"] <= now:
        raise ApiError(401, "'Expiration time' claim ('exp') must be a numeric value representing a future time")
    if claims["exp"] > now + JWT_LIFE_SECONDS:
        raise ApiError(401, "'Expiration time' claim ('exp') is too far in the future")
    if type(claims["iat"]) is not int or claims["iat"] > now:
        raise ApiError(401, ISSUED_AT)


def _claims(state: State, value: str) -> Mapping[str, Any]:
    # The moment is compared with the injected clock, so PyJWT must not compare it with its own.
    options: Any = {"verify_exp": False, "verify_iat": False, "require": ["iss", "iat", "exp"]}
    try:
        return jwt.decode(value, state.app.public_key, algorithms=["RS256"], options=options)
    except jwt.PyJWTError as error:
        raise ApiError(401, "A JSON web token could not be decoded") from error


def create_token(
    state: State,
    installation: Installation,
    *,
    repositories: Sequence[Repository] | None,
    permissions: Mapping[str, str] | None,
) -> InstallationToken:
    """Make a token for *installation*, narrowed to *repositories* and *permissions* where they are given.

    Raises ApiError 422 for more than is granted, 403 while suspended.
    """
    _check_not_suspended(installation)
    token = InstallationToken(
        value=_token_value(state, installation),
        installation_id=installation.id,
        repository_ids=None if repositories is None else _granted_ids(installation, repositories),
        permissions=_narrowed(installation, permissions),
        expires_at=state.now() + TOKEN_LIFE,
    )
    state.tokens[token.value] = token
    return token


def give_token(
    state: State, of: Account, prefix: str, repositories: Sequence[Repository], permissions: Mapping[str, str]
) -> str:
    """Make a token that is not our App's, for what *permissions* say of *repositories*; return it."""
    number = state.next_id()
    value = prefix + shake_256(f"given {number}".encode()).hexdigest(18)
    token = InstallationToken(
        value=value,
        installation_id=number,
        repository_ids=frozenset(each.id for each in repositories),
        permissions={"metadata": Level.READ, **{name: Level(level) for name, level in permissions.items()}},
        expires_at=state.now() + TOKEN_LIFE,
    )
    state.given[value] = GivenToken(token=token, of=of)
    return value


def _check_not_suspended(installation: Installation) -> None:
    if installation.suspended_at:
        raise ApiError(403, "This installation has been suspended")


def _granted_ids(installation: Installation, repositories: Sequence[Repository]) -> frozenset[int]:
    if len(repositories) > REPOSITORIES_PER_TOKEN:
        raise ApiError(422, f"A token is limited to {REPOSITORIES_PER_TOKEN} repositories.")
    if not all(installation.has(each) for each in repositories):
        raise unreachable_repository()
    return frozenset(each.id for each in repositories)


def unreachable_repository() -> ApiError:
    """Return the refusal of a token for a repository that the installation does not include."""
    return ApiError(
        422,
        "There is at least one repository that does not exist or is not accessible to the parent installation.",
    )


def _narrowed(installation: Installation, permissions: Mapping[str, str] | None) -> dict[str, Level]:
    if permissions is None:
        return dict(installation.permissions)
    wanted = {name: Level(level) for name, level in permissions.items()}
    for name, level in wanted.items():
        granted = installation.permissions.get(name)
        if granted is None or not granted.includes(level):
            raise ApiError(422, "The permissions requested are not granted to this installation.")
    return {"metadata": Level.READ, **wanted}


def _token_value(state: State, installation: Installation) -> str:
    """Return a token in the long format: a prefix, the App's id and three parts with dots, 520 characters.

    Or in the one before, with 36 characters after the prefix, where `state.long_tokens` says so.
    https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    """
    seed = f"{installation.id}-{state.next_id()}".encode()
    noise = base64.urlsafe_b64encode(shake_256(seed).digest(375)).decode()
    if not state.long_tokens:
        return TOKEN_PREFIX + shake_256(seed).hexdigest(18)
    return f"{TOKEN_PREFIX}{state.app.id}_{noise[:40]}.{noise[40:300]}.{noise[300:]}"
