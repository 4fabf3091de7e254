"""One conversation with GitHub, with one token, about one repository; the only place that builds a URL.

Templates are constants with variables in braces (RFC 6570); what comes from outside is a variable, is percent-encoded
and is never `.`, `..` or empty: httpx would resolve those and call something else. No host but the API's gets a token.
"""

from collections.abc import AsyncIterator, Mapping, MutableMapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, LiteralString, TypeVar

import gidgethub
import gidgethub.httpx
import httpx
import msgspec

from bot.clock import Clock
from bot.errors import EgressRefused, GitHubError
from bot.github.etags import Answer
from bot.github.failures import UNNAMED_WAIT, GraphQLError, from_graphql, limit_wait, mapped
from bot.github.model import RepositoryReference
from bot.github.throttle import Throttle

T = TypeVar("T")
Variable = str | int

USER_AGENT = "condabot"
HEADERS = {"x-github-api-version": "2022-11-28"}
"""Every call names the version it was written for: https://docs.github.com/en/rest/about-the-rest-api/api-versions"""

RAW = "application/vnd.github.raw+json"
BYTES = "latin-1"
"""A charset in which every byte is a character, so that gidgethub passes on any content unchanged."""

ENCODED_JSON = "application/json; charset=utf-8"
"""What gidgethub takes for no JSON of its own making, and sends as it is."""

PIECE = 1024 * 1024
"""Bytes that are sent at once."""

ATTEMPTS = 4
PATIENCE = 20
"""Seconds that a job waits for a limit; what takes longer ends the job, which is due again then."""


def graphql_endpoint(base_url: str) -> str:
    """Return where GraphQL lives beside the REST API at *base_url*.

    https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
    """
    return base_url.removesuffix("/v3") + "/graphql"


class Api(gidgethub.httpx.GitHubAPI):
    """gidgethub with our manners: no foreign host, no transport exceptions, retries without real sleep in tests."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        clock: Clock,
        token: str | None = None,
        cache: MutableMapping[str, Answer] | None = None,
    ) -> None:
        super().__init__(http, USER_AGENT, oauth_token=token, cache=cache, base_url=base_url)
        self.graphql_url = graphql_endpoint(base_url)
        self.clock = clock

    async def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes = b"",
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send; a lost connection counts as 503, and a server error has no body (some are HTML called JSON)."""
        if not (url.startswith(f"{self.base_url}/") or url == self.graphql_url):
            raise EgressRefused(f"{url} is not GitHub's API at {self.base_url}")
        try:
            status, answered, content = await self._exchange(method, url, headers, body)
        except httpx.HTTPError:
            return HTTPStatus.SERVICE_UNAVAILABLE, {}, b""
        return status, answered, content if status < HTTPStatus.INTERNAL_SERVER_ERROR else b""

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send and receive piece by piece: large contents hold up nothing else. Raw ones are not kept by their ETag."""
        sent = _pieces(body) if len(body) > PIECE else bytes(body)
        async with self._client.stream(method, url, headers=dict(headers), content=sent) as response:
            content = b"".join([piece async for piece in response.aiter_bytes()])
        answered = dict(response.headers)
        if headers.get("accept") == RAW and response.status_code == HTTPStatus.OK:
            answered["content-type"] = f"text/plain; charset={BYTES}"
            answered.pop("etag", None)
            answered.pop("last-modified", None)
        return response.status_code, answered, content

    async def handle_rate_limit_error(
        self,
        *,
        method: str,  # noqa: ARG002 - gidgethub's signature
        url: str,  # noqa: ARG002 - gidgethub's signature
        exception: gidgethub.HTTPException,
        attempt: int,
    ) -> bool:
        """Try again after server errors and short limits; every request of ours may be repeated."""
        wait = self._wait(exception, attempt)
        if wait is None or wait > PATIENCE or attempt >= ATTEMPTS:
            return False
        await self.clock.sleep(wait)
        return True

    def _wait(self, exception: gidgethub.HTTPException, attempt: int) -> float | None:
        if exception.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return 2.0 ** (attempt - 1)
        return limit_wait(exception, self.clock.now())


async def _pieces(body: bytes | bytearray) -> AsyncIterator[bytes]:
    with memoryview(body) as view:
        for start in range(0, len(view), PIECE):
            yield bytes(view[start : start + PIECE])


class _GraphQLAnswer(msgspec.Struct):
    data: Any = None
    errors: list[GraphQLError] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What a job talks to GitHub with. Every method raises `GitHubError` or `GitHubUnavailable`, nothing else.

    *owner* and *repo* in templates are the repository's own. Answers are converted to the type asked for.
    """

    api: Api
    throttle: Throttle
    repository: RepositoryReference

    async def get(self, template: LiteralString, answer: type[T], **variables: Variable) -> T:
        """GET and return the answer."""
        with self._mapped(f"GET {template}"):
            async with self.throttle.reading():
                data = await self.api.getitem(template, self._filled(variables), extra_headers=HEADERS)
            return msgspec.convert(data, answer)

    async def post(
        self, template: LiteralString, answer: type[T], body: Mapping[str, object], **variables: Variable
    ) -> T:
        """POST the JSON object *body* and return the answer."""
        with self._mapped(f"POST {template}"):
            async with self.throttle.writing():
                data = await self.api.post(template, self._filled(variables), data=body, extra_headers=HEADERS)
            return msgspec.convert(data, answer)

    async def post_encoded(self, template: LiteralString, answer: type[T], body: bytearray, **variables: Variable) -> T:
        """POST *body*, a JSON object in bytes, and return the answer: for what is large."""
        with self._mapped(f"POST {template}"):
            async with self.throttle.writing():
                data = await self.api.post(
                    template,
                    self._filled(variables),
                    data=body,
                    content_type=ENCODED_JSON,
                    extra_headers=HEADERS,
                )
            return msgspec.convert(data, answer)

    async def content(self, template: LiteralString, **variables: Variable) -> bytes:
        """GET the raw content of a file: https://docs.github.com/en/rest/git/blobs#get-a-blob."""
        with self._mapped(f"GET {template}"):
            async with self.throttle.reading():
                text = await self.api.getitem(template, self._filled(variables), accept=RAW, extra_headers=HEADERS)
            return str(text or "").encode(BYTES)

    async def patch(self, template: LiteralString, body: Mapping[str, object], **variables: Variable) -> None:
        """PATCH with the JSON object *body*."""
        with self._mapped(f"PATCH {template}"):
            async with self.throttle.writing():
                await self.api.patch(template, self._filled(variables), data=body, extra_headers=HEADERS)

    async def query(self, query: str, answer: type[T], variables: Mapping[str, object]) -> T:
        """Ask by GraphQL and return `data`. *query* is a constant but for numbered aliases."""
        with self._mapped("a query"):
            async with self.throttle.reading():
                data = await self._graphql(query, variables)
            return msgspec.convert(data, answer)

    async def mutate(self, mutation: LiteralString, variables: Mapping[str, object]) -> None:
        """Change something by GraphQL."""
        with self._mapped("a mutation"):
            async with self.throttle.writing():
                await self._graphql(mutation, variables)

    async def revoke(self) -> None:
        """Make the token worthless: https://docs.github.com/en/rest/apps/installations#revoke-an-installation-access-token."""
        with self._mapped("DELETE /installation/token"):
            await self.api.delete("/installation/token", extra_headers=HEADERS)

    async def _graphql(self, query: str, variables: Mapping[str, object]) -> object:
        body = {"query": query, "variables": variables}
        answer = msgspec.convert(
            await self.api.post(self.api.graphql_url, data=body, extra_headers=HEADERS), _GraphQLAnswer
        )
        if answer.errors:
            raise from_graphql(answer.errors, self._seconds_to_reset())
        return answer.data

    def _seconds_to_reset(self) -> int:
        limit = self.api.rate_limit
        if limit is None or limit.remaining > 0:
            return UNNAMED_WAIT
        return max(1, round((limit.reset_datetime - self.api.clock.now()).total_seconds()))

    def _filled(self, variables: Mapping[str, Variable]) -> dict[str, str]:
        filled = {"owner": self.repository.owner, "repo": self.repository.name}
        filled |= {name: str(value) for name, value in variables.items()}
        for name, value in filled.items():
            if value in {"", ".", ".."}:
                raise GitHubError(f"{value!r} cannot stand for {name} in a URL")
        return filled

    def _mapped(self, operation: str) -> AbstractContextManager[None]:
        return mapped(operation, self.api.clock.now())
