"""By a token that was given: a runner's, a person's, or one that an App made elsewhere.

What it may do, nobody says beforehand: trying tells. Checks are for Apps alone, so none is written with it.
https://docs.github.com/en/rest/checks/runs#create-a-check-run
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

import httpx
import msgspec

from bot.clock import Clock
from bot.github.api import Api
from bot.github.calls import Caller
from bot.github.client import Client
from bot.github.model import RepositoryReference
from bot.github.overview import BOT
from bot.github.permissions import Permissions
from bot.github.throttle import Budget, Budgets, Priority

EXPECTED: Final[Permissions] = MappingProxyType(
    {"contents": "write", "metadata": "read", "pull_requests": "write"},
)
"""What a token is for here."""

RUNNER: Final = f"github-actions{BOT}"
"""The account of the token that a runner has of itself."""

NO_INSTALLATION: Final = 0

FOUND = """
query($owner: String!, $name: String!) {
  viewer { login }
  repository(owner: $owner, name: $name) { id databaseId nameWithOwner }
}
"""


class _Struct(msgspec.Struct, rename="camel"):
    """An object of a GraphQL answer."""


class _Viewer(_Struct):
    login: str


class _Repository(_Struct):
    id: str
    database_id: int
    name_with_owner: str


class _Found(_Struct):
    viewer: _Viewer
    repository: _Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRepository:
    """A repository by the name that it has today, and the login of whoever asked for it."""

    reference: RepositoryReference
    viewer: str

    @property
    def is_runner(self) -> bool:
        """Tell whether a runner's own token asked."""
        return self.viewer.removesuffix(BOT) == RUNNER.removesuffix(BOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenToken:
    """A token is what it is until the end: there is no other one."""

    token: str = field(repr=False)

    def header(self) -> str:
        """Return the header `authorization`."""
        return f"token {self.token}"

    async def renew(self, date: datetime | None) -> bool:
        """Say that there is no other."""
        del date
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAccess:
    """One GitHub, by one token. `http` must not follow redirects; it is closed by whoever made it.

    `graphql_url` is where GraphQL lives, empty where it is beside the REST API at `base_url`.
    """

    token: str = field(repr=False)
    http: httpx.AsyncClient
    base_url: str
    clock: Clock
    budgets: Budgets
    graphql_url: str = ""
    _named: dict[int, RepositoryReference] = field(default_factory=dict)

    async def find(self, owner: str, name: str) -> FoundRepository:
        """Return a repository.

        Raises:
            GitHubError: there is none that the token may see (status 404), or GitHub does not know the token (401).

        """
        caller = Caller(api=self._api(), budget=self.budgets.budget(NO_INSTALLATION, Priority.PERSON))
        found = await found_by(caller, owner, name)
        self._named[found.reference.id] = found.reference
        return found

    def reserved(self, installation_id: int, priority: Priority, *, writes: int) -> AbstractAsyncContextManager[Budget]:
        """Keep *writes* of this hour."""
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
        """Give a client for a repository that was found; what it may do does not depend on what is asked for."""
        del permissions
        yield Client(
            api=self._api(),
            budget=budget or self.budgets.budget(installation_id, Priority.PERSON),
            repository=self._named[repository_id],
            permissions=granted or EXPECTED,
        )

    def _api(self) -> Api:
        return Api(
            self.http,
            base_url=self.base_url,
            clock=self.clock,
            credential=GivenToken(token=self.token),
            graphql_url=self.graphql_url,
        )


async def found_by(caller: Caller, owner: str, name: str) -> FoundRepository:
    """Return a repository as *caller* sees it."""
    answer = await caller.query(FOUND, _Found, {"owner": owner, "name": name})
    today, _, called = answer.repository.name_with_owner.partition("/")
    reference = RepositoryReference(
        id=answer.repository.database_id, node_id=answer.repository.id, owner=today, name=called
    )
    return FoundRepository(reference=reference, viewer=answer.viewer.login)
