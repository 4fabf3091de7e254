"""People who sign in by the App's own OAuth, and what GitHub says that they may see and do.

A person's token has no more rights than both the person and the App have. It is asked for on every page: whoever lost
their access has lost it here too.
https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
https://docs.github.com/en/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec

from bot.errors import GitHubError
from bot.github.api import HEADERS, USER_AGENT

T = TypeVar("T")

MOST_PAGES = 3
PER_PAGE = 100
"""GitHub's most."""

LONGEST_SESSION = 8 * 3600
"""Seconds. GitHub's tokens of people live for as long, where they end at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserToken:
    """A person's token, and for how many seconds it is used."""

    value: str = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accessible:
    """Some of an installation's repositories that a person sees: by id whether they may write there; `more` follow."""

    may_write: Mapping[int, bool]
    more: bool


class _Token(msgspec.Struct):
    access_token: str = ""
    expires_in: int = LONGEST_SESSION
    error: str = ""


class _Login(msgspec.Struct):
    login: str


class _Id(msgspec.Struct):
    id: int


class _Installations(msgspec.Struct):
    installations: list[_Id]


class _Permissions(msgspec.Struct):
    pull: bool = False
    push: bool = False


class _Repository(msgspec.Struct):
    id: int
    permissions: _Permissions = msgspec.field(default_factory=_Permissions)


class _Repositories(msgspec.Struct):
    repositories: list[_Repository]


def web_address(api: str) -> str:
    """Return where people see the GitHub whose API is at *api*.

    https://docs.github.com/en/enterprise-server/rest/quickstart
    https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
    """
    parts = urlsplit(api)
    if parts.path.rstrip("/").endswith("/api/v3"):
        return api.rstrip("/").removesuffix("/api/v3")
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"


def challenge(verifier: str) -> str:
    """Return what is told of *verifier* beforehand (PKCE, RFC 7636 section 4.2, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """GitHub, as people who sign in are known there. `http` has a deadline and follows no redirect."""

    http: httpx.AsyncClient
    api: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def web(self) -> str:
        """Return where people see this GitHub."""
        return web_address(self.api)

    def sign_in_url(self, *, state: str, verifier: str, callback: str) -> str:
        """Return where a person says that they are who they are, and comes back with *state*."""
        asked = {"client_id": self.client_id, "state": state}
        asked |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
        asked |= {"redirect_uri": callback} if callback else {}
        return f"{self.web}/login/oauth/authorize?{urlencode(asked)}"

    async def token(self, *, code: str, verifier: str, callback: str) -> UserToken:
        """Return the token of the person who came back with *code*.

        Raises:
            GitHubError: GitHub does not know the code, or did not answer.

        """
        sent = {"client_id": self.client_id, "client_secret": self.client_secret, "code": code}
        sent |= {"code_verifier": verifier} | ({"redirect_uri": callback} if callback else {})
        request = self.http.build_request(
            "POST", f"{self.web}/login/oauth/access_token", data=sent, headers={"Accept": "application/json"}
        )
        answer = await self._answer(request, _Token)
        if not answer.access_token:
            raise GitHubError("GitHub did not let this person in", status=HTTPStatus.UNAUTHORIZED)
        return UserToken(value=answer.access_token, seconds=min(answer.expires_in, LONGEST_SESSION))

    async def login(self, token: str) -> str:
        """Return the name of the person whose *token* it is."""
        return (await self._get(token, "/user", _Login)).login

    async def installations(self, token: str) -> frozenset[int]:
        """Return the installations that a person has to do with; of very many, some."""
        found: set[int] = set()
        for page in range(1, MOST_PAGES + 1):
            answer = await self._get(token, f"/user/installations?per_page={PER_PAGE}&page={page}", _Installations)
            found.update(each.id for each in answer.installations)
            if len(answer.installations) < PER_PAGE:
                break
        return frozenset(found)

    async def repositories(self, token: str, installation_id: int, *, page: int) -> Accessible:
        """Return page *page*, from 1 on, of the repositories of an installation that a person sees."""
        path = f"/user/installations/{installation_id:d}/repositories?per_page={PER_PAGE}&page={page:d}"
        answer = await self._get(token, path, _Repositories)
        may_write = {each.id: each.permissions.push for each in answer.repositories}
        return Accessible(may_write=may_write, more=len(answer.repositories) == PER_PAGE)

    async def may_write(self, token: str, full_name: str, repository_id: int) -> bool | None:
        """Return whether a person may write to a repository; None if they may not even see it."""
        owner, _, name = full_name.partition("/")
        if {owner, name} & {"", ".", ".."}:
            return None
        try:
            answer = await self._get(token, f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}", _Repository)
        except GitHubError as error:
            if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.MOVED_PERMANENTLY}:
                return None
            raise
        if answer.id != repository_id or not (answer.permissions.pull or answer.permissions.push):
            return None
        return answer.permissions.push

    async def _get(self, token: str, path: str, answer: type[T]) -> T:
        headers = HEADERS | {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
        return await self._answer(self.http.build_request("GET", f"{self.api}{path}", headers=headers), answer)

    async def _answer(self, request: httpx.Request, answer: type[T]) -> T:
        request.headers["User-Agent"] = USER_AGENT
        try:
            response = await self.http.send(request)
        except httpx.HTTPError as error:
            raise GitHubError(f"GitHub does not answer: {type(error).__name__}") from error
        if response.status_code != HTTPStatus.OK:
            raise GitHubError(f"GitHub answered {response.status_code}", status=response.status_code)
        try:
            return msgspec.json.decode(response.content, type=answer)
        except msgspec.DecodeError as error:
            raise GitHubError("GitHub's answer made no sense") from error
