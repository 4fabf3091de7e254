"""One request to the REST API as handlers see it, and their reply."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from bot.demo.github.auth import Credential, InstallationCredential
from bot.demo.github.errors import ApiError, not_found
from bot.demo.github.git import MissingObjectError
from bot.demo.github.hooks import WebhookSender
from bot.demo.github.model import Account, CheckRun, Issue, JsonObject, PullRequest
from bot.demo.github.openapi import Operation
from bot.demo.github.repository import Repository
from bot.demo.github.representations import Representations
from bot.demo.github.state import State

DEFAULT_PAGE_SIZE = 30
LARGEST_PAGE = 100
RAW = "application/vnd.github.raw"
SHA = "application/vnd.github.sha"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a request: `facts` are filled up to the operation's schema; `raw` is sent as it is."""

    status: int = 200
    facts: Any = None
    raw: bytes | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request that has been authenticated and may be done."""

    state: State
    webhooks: WebhookSender
    operation: Operation
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: JsonObject
    accept: str
    path: str
    credential: Credential

    @cached_property
    def show(self) -> Representations:
        """Return what turns nouns into facts."""
        return Representations(self.state)

    @property
    def actor(self) -> Account:
        """Return who makes the changes of this request."""
        return self.installation.actor

    @property
    def installation(self) -> InstallationCredential:
        """Return the installation that asks. Raises ApiError 401 when it is not one."""
        if not isinstance(self.credential, InstallationCredential):
            raise ApiError(401, "Bad credentials")  # pragma: no cover - the dispatcher has asked before
        return self.credential

    @cached_property
    def repository(self) -> Repository:
        """Return the repository of the path. Raises ApiError 404."""
        return self.state.repository(f"{self.parameters['owner']}/{self.parameters['repo']}")

    @property
    def pull(self) -> PullRequest:
        """Return the pull request of the path. Raises ApiError 404."""
        pull = self.repository.pulls.get(self.number("pull_number"))
        if pull is None:
            raise not_found()
        return pull

    @property
    def thread(self) -> Issue | PullRequest:
        """Return the issue or pull request of the path. Raises ApiError 404."""
        thread = self.repository.thread(self.number("issue_number"))
        if thread is None:
            raise not_found()
        return thread

    @property
    def check_run(self) -> CheckRun:
        """Return the check run of the path. Raises ApiError 404."""
        run = self.repository.check_runs.get(self.number("check_run_id"))
        if run is None:
            raise not_found()
        return run

    def number(self, name: str) -> int:
        """Return a path parameter that must be a number. Raises ApiError 404."""
        if not self.parameters[name].isdecimal():
            raise not_found()
        return int(self.parameters[name])

    def commit(self, expression: str) -> str:
        """Return the commit that *expression* names. Raises ApiError 422 as GitHub does."""
        try:
            return self.repository.git.resolve(expression)
        except MissingObjectError:
            raise ApiError(422, f"No commit found for SHA: {expression}") from None

    def page(self, items: Sequence[Any]) -> "Page":
        """Return the asked-for part of *items*.

        https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        size = min(max(int(self.query.get("per_page", DEFAULT_PAGE_SIZE)), 1), LARGEST_PAGE)
        number = max(int(self.query.get("page", 1)), 1)
        last = max(-(-len(items) // size), 1)
        wanted = {"next": number + 1, "last": last} if number < last else {}
        wanted |= {"prev": number - 1, "first": 1} if number > 1 else {}
        links = ", ".join(f'<{self._page_url(page)}>; rel="{name}"' for name, page in wanted.items())
        return Page(items=items[(number - 1) * size : number * size], headers={"link": links} if links else {})

    def _page_url(self, page: int) -> str:
        return f"{self.state.url}{self.path}?{urlencode({**self.query, 'page': page})}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list, with the `Link` header that leads to the others."""

    items: Sequence[Any]
    headers: Mapping[str, str]

    def reply(self, fact: Callable[[Any], JsonObject]) -> Reply:
        """Return the items as a plain list of facts."""
        return Reply(facts=[fact(each) for each in self.items], headers=self.headers)


Handler = Callable[[Call], Reply]
