"""gidgethub with our manners: one host, bounded pieces, and what each answer says of limits.

No host but the API's gets a token. What is not sent or not answered is one of our errors at once.
"""

from collections.abc import AsyncIterator, Mapping, MutableMapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol

import gidgethub.httpx
import httpx

from bot import metrics
from bot.clock import Clock
from bot.errors import AnswerLost, EgressRefused, GitHubUnavailable
from bot.github.etags import Answer
from bot.github.limits import NOTHING, Heard, heard

USER_AGENT = "condabot"
HEADERS = {"x-github-api-version": "2022-11-28"}
"""Every call names the version it was written for: https://docs.github.com/en/rest/about-the-rest-api/api-versions"""

UNKEPT = {"cache-control": "no-store"}
"""Asks for what is not to be kept by its ETag: answers that are large, and others keep better (RFC 9111, 5.2.1.5)."""

JSON = "application/vnd.github+json"
RAW = "application/vnd.github.raw+json"
BYTES = "latin-1"
"""A charset in which every byte is a character, so that gidgethub passes on any content unchanged."""

PIECE = 1024 * 1024
"""Bytes that are sent at once."""

UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
"""What goes wrong before a request leaves."""


class Credential(Protocol):
    """Who we are to GitHub in one conversation."""

    def header(self) -> str:
        """Return the header `authorization`."""
        ...

    async def renew(self, date: datetime | None) -> bool:
        """Say whether it is worth asking again, after GitHub, whose clock says *date*, did not know us."""
        ...


def graphql_endpoint(base_url: str) -> str:
    """Return where GraphQL lives beside the REST API at *base_url*.

    https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
    """
    return base_url.removesuffix("/v3") + "/graphql"


class Api(gidgethub.httpx.GitHubAPI):
    """One GitHub, spoken to with one credential. `heard` is what its last answer said of limits."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        clock: Clock,
        credential: Credential,
        cache: MutableMapping[str, Answer] | None = None,
        graphql_url: str = "",
    ) -> None:
        super().__init__(http, USER_AGENT, cache=cache, base_url=base_url)
        self.graphql_url = graphql_url or graphql_endpoint(base_url)
        self.clock = clock
        self.credential = credential
        self.heard: Heard = NOTHING

    async def page(self, url: str, variables: Mapping[str, str]) -> tuple[Any, str | None]:
        """GET one page, and where the next one is: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api."""
        data, more, _ = await self._make_request("GET", url, variables, b"", JSON, extra_headers=HEADERS)
        return data, more

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send; a server error has no body (some are HTML called JSON), and no status that Python does not know.

        Raises:
            GitHubUnavailable: the request was not sent.
            AnswerLost: it was, and what came back is no answer of GitHub's.

        """
        self.heard = NOTHING
        if not (url.startswith(f"{self.base_url}/") or url == self.graphql_url):
            raise EgressRefused(f"{url} is not GitHub's API at {self.base_url}")
        sent = {**headers, "authorization": self.credential.header()}
        try:
            status, answered, content = await self._exchange(method, url, sent, body)
        except UNSENT as error:
            raise GitHubUnavailable(f"GitHub cannot be reached: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise AnswerLost(f"GitHub's answer was lost: {type(error).__name__}") from error
        metrics.github_answered("graphql" if url == self.graphql_url else "core", status)
        self.heard = heard(status, answered, content)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return HTTPStatus(status) if status in set(HTTPStatus) else HTTPStatus.BAD_GATEWAY, answered, b""
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES and content and not _is_expected(headers, answered):
            raise AnswerLost(f"somebody else answered in GitHub's place, with {answered.get('content-type')}")
        return status, answered, content

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send and receive piece by piece: large contents hold up nothing else.

        Raw ones are not kept by their ETag, nor is what is asked for `UNKEPT`.
        """
        sent = _pieces(body) if len(body) > PIECE else bytes(body)
        async with self._client.stream(method, url, headers=dict(headers), content=sent) as response:
            content = b"".join([piece async for piece in response.aiter_bytes()])
        answered = dict(response.headers)
        is_raw = headers.get("accept") == RAW and response.status_code == HTTPStatus.OK
        if is_raw:
            answered["content-type"] = f"text/plain; charset={BYTES}"
        if is_raw or headers.get("cache-control") == UNKEPT["cache-control"]:
            answered.pop("etag", None)
            answered.pop("last-modified", None)
        return response.status_code, answered, content


def _is_expected(asked: Mapping[str, str], answered: Mapping[str, str]) -> bool:
    """Tell whether an answer is of the kind that was asked for: a proxy's page of HTML comes with 200 too."""
    return asked.get("accept") == RAW or answered.get("content-type", "").startswith("application/json")


async def _pieces(body: bytes | bytearray) -> AsyncIterator[bytes]:
    with memoryview(body) as view:
        for start in range(0, len(view), PIECE):
            yield bytes(view[start : start + PIECE])
