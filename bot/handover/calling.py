"""HTTP to a target of the operator, as whom the operator said: bounded, and never elsewhere.

Rules:
1. Whatever goes wrong is a `HandOverFailed`, a sentence that names the target and says what to do.
2. No redirect is followed: what is sent would go where the operator has not said.
3. What a target says is read up to a bound, and shown without our secrets and on one line.
"""

from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from bot import __version__
from bot.credentials import Basic, Bearer
from bot.errors import HandOverFailed
from bot.redaction import Redactor
from bot.rendering.printable import printable
from bot.targets import Target

LONGEST_ANSWER: Final = 1_000_000
"""Bytes of an answer that are read."""

LONGEST_WORDS: Final = 300
"""Characters of what a target says that people are shown."""

_ADVICE: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "it does not know us: what CONDABOT_TARGETS_FILE says of us is not, or no longer, right",
    HTTPStatus.FORBIDDEN: "we may not do that there",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "it takes nothing so large",
    HTTPStatus.TOO_MANY_REQUESTS: "it asks us to come less often",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a target said."""

    status: int
    headers: httpx.Headers
    content: bytes


class Caller:
    """Calls *target* with *http*."""

    def __init__(self, target: Target, http: httpx.AsyncClient) -> None:
        self.target = target
        self._http = http
        self._redact = Redactor.of(target.secrets)

    @property
    def headers(self) -> Mapping[str, str]:
        """Who we are, as the operator said."""
        match self.target.proof:
            case Bearer(token, scheme):
                return {"Authorization": f"{scheme} {token}"}
            case Basic(user, password):
                return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}
            case None:
                return {}

    async def __call__(
        self,
        method: str,
        path: str,
        *,
        passing: Collection[int],
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Reply:
        """Return what is said to a request of *path* below the target, if its status is among *passing*.

        Raises:
            HandOverFailed: nothing is said, or something else.

        """
        said = {**self.headers, **(headers or {})}
        return self.passed(await self.asked(method, self.url(path), headers=said, content=content), passing)

    def passed(self, reply: Reply, passing: Collection[int]) -> Reply:
        """Return *reply* if its status is among *passing*.

        Raises:
            HandOverFailed: it is not.

        """
        if reply.status not in passing:
            raise self.failed(self._why(reply))
        return reply

    async def asked(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None = None) -> Reply:
        """Return what is said to a request of *url* with no more than *headers*, whatever it is.

        Raises:
            HandOverFailed: nothing is said.

        """
        sent = {"User-Agent": f"condabot/{__version__}", **headers}
        try:
            async with self._http.stream(method, url, headers=sent, content=content) as response:
                return Reply(status=response.status_code, headers=response.headers, content=await self._read(response))
        except (httpx.TimeoutException, TimeoutError) as error:
            raise self.failed("it did not answer in time") from error
        except httpx.ProxyError as error:
            raise self.failed(
                f"{urlsplit(url).hostname} may not be called: CONDABOT_EGRESS_HOSTS can allow it"
            ) from error
        except httpx.TransportError as error:
            raise self.failed("it cannot be reached") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise self.failed("it answered with something that is not HTTP as it should be") from error

    def url(self, path: str) -> str:
        """Return the URL of *path* below the target."""
        return f"{self.target.url}/{path}"

    def joined(self, location: str) -> str | None:
        """Return the URL that *location* is, which the target said; None if that is elsewhere, or none."""
        base = self.url("")
        try:
            found = urljoin(base, location)
            is_here = urlsplit(found)[:2] == urlsplit(base)[:2]
        except ValueError:
            return None
        return found if is_here else None

    def read(self, reply: Reply, kind: type[T]) -> T:
        """Return the JSON document of *reply* as a *kind*.

        Raises:
            HandOverFailed: it is none.

        """
        try:
            return msgspec.json.decode(reply.content, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self.failed("its answer is not one of what it should be: is the URL the right one?") from error

    def failed(self, reason: str) -> HandOverFailed:
        """Return the error whose sentence says *reason* of the target."""
        return HandOverFailed(f"{self.target.name} ({self.target.kind}): {reason}")

    def _why(self, reply: Reply) -> str:
        """Return what is wrong, in our words as far as there are any, and in those of the target."""
        advice = _ADVICE.get(reply.status, "")
        if HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
            advice = "it leads elsewhere, where nothing is sent: CONDABOT_TARGETS_FILE has to name the URL itself"
        words = printable(self._redact(" ".join(reply.content.decode(errors="replace").split())))[:LONGEST_WORDS]
        return "; ".join(filter(None, (f"it answered {reply.status}", advice, words)))

    async def _read(self, response: httpx.Response) -> bytes:
        """Return what *response* holds, which is not more than it may.

        Raises:
            HandOverFailed: it is.

        """
        content = bytearray()
        async for part in response.aiter_bytes():
            content += part
            if len(content) > LONGEST_ANSWER:
                raise self.failed("its answer has no end")
        return bytes(content)
