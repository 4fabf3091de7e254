"""Calls of GitHub's API: each is bounded, within a budget, and made again only where that is safe.

The only place that builds a URL. Templates are constants with variables in braces (RFC 6570); what comes from outside
is a variable, is percent-encoded and is never `.`, `..` or empty: httpx would resolve those and call something else.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, LiteralString, TypeVar

import msgspec

from bot.errors import GitHubError, GitHubUnavailable
from bot.github.api import BYTES, HEADERS, RAW, UNKEPT, Api
from bot.github.failures import GraphQLError, from_graphql, mapped, understood
from bot.github.limits import UNNAMED_WAIT, Block
from bot.github.retrying import Repeat, retrying
from bot.github.throttle import CHORE, MUTATION, QUERY, READ, WRITE, Budget, Cost

T = TypeVar("T")
Variable = str | int
Send = Callable[[], Awaitable[Any]]

DEADLINE = 60.0
"""Seconds for one attempt: the timeouts of HTTP bound its silences, this bounds what drips."""

LARGE_DEADLINE = 300.0
"""The same, for contents of up to 50 MB."""

ENCODED_JSON = "application/json; charset=utf-8"
"""What gidgethub takes for no JSON of its own making, and sends as it is."""


class _GraphQLAnswer(msgspec.Struct):
    data: Any = None
    errors: list[GraphQLError] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Calls one GitHub with one credential, within one budget.

    Every method raises `GitHubError` or `GitHubUnavailable`, nothing else. Answers are converted to the type asked for.
    """

    api: Api
    budget: Budget

    async def get(
        self, template: LiteralString, answer: type[T], *, repeat: Repeat = Repeat.SAFE, **variables: Variable
    ) -> T:
        """GET and return the answer."""
        filled = self.filled(variables)
        data = await self.call(
            f"GET {template}",
            READ,
            lambda: self.api.getitem(template, filled, extra_headers=HEADERS),
            repeat=repeat,
        )
        return understood(f"GET {template}", data, answer)

    async def get_unkept(self, template: LiteralString, answer: type[T], **variables: Variable) -> T:
        """GET and return the answer, of which nothing is remembered to ask for it again."""
        filled = self.filled(variables)
        data = await self.call(
            f"GET {template}", READ, lambda: self.api.getitem(template, filled, extra_headers=HEADERS | UNKEPT)
        )
        return understood(f"GET {template}", data, answer)

    async def pages(
        self, template: LiteralString, answer: type[T], *, repeat: Repeat = Repeat.SAFE, **variables: Variable
    ) -> AsyncIterator[T]:
        """GET page after page; each page is one call."""
        url: str | None = template
        filled = self.filled(variables)
        while url is not None:
            data, more = await self._page(template, url, filled, repeat)
            yield understood(f"GET {template}", data, answer)
            url, filled = more, {}

    async def _page(
        self, template: LiteralString, url: str, filled: Mapping[str, str], repeat: Repeat
    ) -> tuple[Any, str | None]:
        found: tuple[Any, str | None] = await self.call(
            f"GET {template}", READ, lambda: self.api.page(url, filled), repeat=repeat
        )
        return found

    async def content(self, template: LiteralString, **variables: Variable) -> bytes:
        """GET the raw content of a file: https://docs.github.com/en/rest/git/blobs#get-a-blob."""
        filled = self.filled(variables)
        text = await self.call(
            f"GET {template}",
            READ,
            lambda: self.api.getitem(template, filled, accept=RAW, extra_headers=HEADERS),
            seconds=LARGE_DEADLINE,
        )
        return str(text or "").encode(BYTES)

    async def post(
        self,
        template: LiteralString,
        answer: type[T],
        body: Mapping[str, object],
        *,
        repeat: Repeat = Repeat.UNSENT,
        cost: Cost = WRITE,
        **variables: Variable,
    ) -> T:
        """POST the JSON object *body* and return the answer.

        Raises:
            AnswerLost: what was asked for may be there.

        """
        filled = self.filled(variables)
        data = await self.call(
            f"POST {template}",
            cost,
            lambda: self.api.post(template, filled, data=body, extra_headers=HEADERS),
            repeat=repeat,
        )
        return understood(f"POST {template}", data, answer)

    async def post_encoded(self, template: LiteralString, answer: type[T], body: bytearray, **variables: Variable) -> T:
        """POST *body*, a JSON object in bytes, which may be done twice: for what is large."""
        filled = self.filled(variables)
        data = await self.call(
            f"POST {template}",
            WRITE,
            lambda: self.api.post(template, filled, data=body, content_type=ENCODED_JSON, extra_headers=HEADERS),
            seconds=LARGE_DEADLINE,
        )
        return understood(f"POST {template}", data, answer)

    async def patch(self, template: LiteralString, body: Mapping[str, object], **variables: Variable) -> None:
        """PATCH with the JSON object *body*, which says how things shall be."""
        filled = self.filled(variables)
        await self.call(
            f"PATCH {template}", WRITE, lambda: self.api.patch(template, filled, data=body, extra_headers=HEADERS)
        )

    async def put(self, template: LiteralString, body: Mapping[str, object], **variables: Variable) -> None:
        """PUT the JSON object *body*; not once more when the answer is lost, for it may have been done."""
        filled = self.filled(variables)
        await self.call(
            f"PUT {template}",
            WRITE,
            lambda: self.api.put(template, filled, data=body, extra_headers=HEADERS),
            repeat=Repeat.UNSENT,
        )

    async def delete(self, template: LiteralString, *, cost: Cost = CHORE) -> None:
        """DELETE."""
        await self.call(f"DELETE {template}", cost, lambda: self.api.delete(template, extra_headers=HEADERS))

    async def query(self, query: str, answer: type[T], variables: Mapping[str, object]) -> T:
        """Ask by GraphQL and return `data`. *query* is a constant but for numbered aliases."""
        data = await self.call("a query", QUERY, lambda: self._graphql(query, variables))
        return understood("a query", data, answer)

    async def mutate(self, mutation: LiteralString, variables: Mapping[str, object]) -> None:
        """Change something by GraphQL, by comparing and swapping: it is asked for again when the answer is lost."""
        await self.call("a mutation", MUTATION, lambda: self._graphql(mutation, variables))

    async def _graphql(self, query: str, variables: Mapping[str, object]) -> object:
        body = {"query": query, "variables": variables}
        data = await self.api.post(self.api.graphql_url, data=body, extra_headers=HEADERS)
        answer = understood("a query", data, _GraphQLAnswer)
        if answer.errors:
            raise self._refused(from_graphql(answer.errors, self._seconds_to_reset()))
        return answer.data

    def _refused(self, error: GitHubError) -> GitHubError:
        """Return *error*, and remember a limit that came with status 200 and does not show in its headers."""
        primary = self.api.heard.primary
        if isinstance(error, GitHubUnavailable) and error.retry_after and not (primary and primary.remaining == 0):
            block = Block(seconds=error.retry_after, named=False)
            self.api.heard = replace(self.api.heard, block=block)
        return error

    def _seconds_to_reset(self) -> int:
        primary = self.api.heard.primary
        if primary is None or primary.remaining > 0:
            return UNNAMED_WAIT
        return max(1, round((primary.reset - self.api.clock.now()).total_seconds()))

    def filled(self, variables: Mapping[str, Variable]) -> dict[str, str]:
        """Return *variables* as they may stand in a URL."""
        texts = {name: str(value) for name, value in variables.items()}
        for name, value in texts.items():
            if value in {"", ".", ".."}:
                raise GitHubError(f"{value!r} cannot stand for {name} in a URL")
        return texts

    async def call(
        self, operation: str, cost: Cost, send: Send, *, repeat: Repeat = Repeat.SAFE, seconds: float = DEADLINE
    ) -> Any:
        """Have *send* make a request until it is answered or it is not worth going on."""
        return await retrying(self.api.clock, repeat)(self._known, operation, cost, send, seconds)

    async def _known(self, operation: str, cost: Cost, send: Send, seconds: float) -> Any:
        """Make one attempt, and another one if GitHub did not know us and would do now: then it has done nothing."""
        try:
            return await self._attempt(operation, cost, send, seconds)
        except GitHubError as error:
            unknown = error.status == HTTPStatus.UNAUTHORIZED
            if not (unknown and await self.api.credential.renew(self.api.heard.date)):
                raise
        return await self._attempt(operation, cost, send, seconds)

    async def _attempt(self, operation: str, cost: Cost, send: Send, seconds: float) -> Any:
        with mapped(operation, self.api.clock.now()):
            async with self.budget.turn(cost):
                try:
                    async with asyncio.timeout(seconds):
                        return await send()
                finally:
                    await self.budget.learn(self.api.heard)
