"""What a client sends, where to, and what it makes of odd answers; against a scripted GitHub."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.errors import AnswerLost, EgressRefused, GitHubError, GitHubUnavailable
from bot.github.api import Api, graphql_endpoint
from bot.github.auth import TokenCredential
from bot.github.client import Client
from bot.github.commits import move_branch
from bot.github.contents import BlobCache, blob_id, read
from bot.github.model import FileMode, Oid, RepositoryReference, TreeEntry
from bot.github.overview import overview, pulls_of_branch
from bot.github.permissions import WRITE
from bot.github.pulls import ensure
from bot.github.throttle import Priority
from bot.model.update import BranchName
from tests.clocks import ManualClock
from tests.github.conftest import local

BASE = "https://github.example/api/v3"
REPOSITORY = RepositoryReference(id=1, node_id="R_1", owner="acme", name="app")
Answer = Callable[[httpx.Request], httpx.Response]


class Scripted:
    """A client whose GitHub is the function *answer*; `requests` are those that it got."""

    def __init__(self, answer: Answer, *, cache: dict[str, Any] | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.clock = ManualClock()
        self._answer = answer
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._handle))
        credential = TokenCredential(token="t", again=self._again)  # noqa: S106 - one letter is no secret
        api = Api(http, base_url=BASE, clock=self.clock, credential=credential, cache=cache)
        budget = local(self.clock).budget(7, Priority.PERSON)
        self.client = Client(api=api, budget=budget, repository=REPOSITORY, permissions=WRITE, app_id=77)

    async def _again(self) -> str:
        return "new"

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)


def always(status: int, body: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, json=body, headers=named)


@pytest.mark.parametrize(
    ("base", "endpoint"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://ghe.example/api/v3", "https://ghe.example/api/graphql"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/graphql"),
    ],
)
def test_graphql_is_beside_the_rest_api_of_the_same_host(base: str, endpoint: str) -> None:
    assert graphql_endpoint(base) == endpoint


async def test_variables_are_escaped_and_every_call_names_its_version() -> None:
    github = Scripted(always(200, {}))
    await github.client.get("/repos/{owner}/{repo}/contents/{path}{?ref}", dict[str, str], path="a/b#c?d{e}", ref="x&y")
    (request,) = github.requests
    assert request.url.raw_path == b"/api/v3/repos/acme/app/contents/a%2Fb%23c%3Fd%7Be%7D?ref=x%26y"
    assert request.headers["x-github-api-version"] == "2022-11-28"
    assert request.headers["user-agent"] == "condabot"
    assert request.headers["authorization"] == "token t"


@pytest.mark.parametrize("value", ["", ".", ".."])
async def test_a_variable_never_climbs(value: str) -> None:
    github = Scripted(always(200, {}))
    with pytest.raises(GitHubError, match="cannot stand for path in a URL"):
        await github.client.get("/repos/{owner}/{repo}/contents/{path}", dict[str, str], path=value)
    assert github.requests == []


@pytest.mark.parametrize("url", ["https://evil.example/x", "//evil.example/x", "https://github.example/other"])
async def test_no_other_host_gets_the_token(url: str) -> None:
    github = Scripted(always(200, {}))
    with pytest.raises(EgressRefused, match="is not GitHub's API"):
        await github.client.api._request("GET", url, {})
    assert github.requests == []


async def test_graphql_goes_to_the_configured_host() -> None:
    github = Scripted(always(200, {"data": 3}))
    assert await github.client.query("{ x }", int, {}) == 3
    assert str(github.requests[0].url) == "https://github.example/api/graphql"


@pytest.mark.parametrize(
    ("answer", "kind", "retry_after"),
    [
        pytest.param(always(404, {"message": "Not Found"}), GitHubError, None, id="what is not there"),
        pytest.param(always(301, {"message": "Moved"}), GitHubUnavailable, None, id="a renamed repository"),
        pytest.param(always(503), AnswerLost, None, id="a server error"),
        pytest.param(always(429, {}), GitHubUnavailable, 60, id="a 429 that names no time"),
        pytest.param(always(429, {}, retry_after="90"), GitHubUnavailable, 90, id="a 429 that does"),
        pytest.param(
            always(403, {"message": "You have exceeded a secondary rate limit"}),
            GitHubUnavailable,
            60,
            id="a secondary limit that shows only in its sentence",
        ),
        pytest.param(
            always(403, {}, x_ratelimit_remaining="0", x_ratelimit_limit="5000", x_ratelimit_reset="1785586500"),
            GitHubUnavailable,
            900,
            id="a primary limit",
        ),
        pytest.param(
            always(429, {}, x_ratelimit_remaining="0"), GitHubUnavailable, 60, id="a primary limit without a time"
        ),
        pytest.param(always(403, {"message": "no permission"}), GitHubError, None, id="a missing permission"),
        pytest.param(always(200, {"id": "seven"}), GitHubError, None, id="an answer of another shape"),
        pytest.param(
            lambda _: httpx.Response(200, content=b"<html>", headers={"content-type": "application/json"}),
            AnswerLost,
            None,
            id="HTML that is called JSON",
        ),
        pytest.param(
            lambda _: httpx.Response(502, content=b"<html>", headers={"content-type": "application/json"}),
            AnswerLost,
            None,
            id="HTML that is called JSON, from a gateway",
        ),
        pytest.param(
            lambda _: httpx.Response(200, content=b"<html>", headers={"content-type": "text/html"}),
            AnswerLost,
            None,
            id="HTML with 200, of a proxy",
        ),
        pytest.param(
            lambda _: httpx.Response(200, content=b'{"a": ', headers={"content-type": "application/json"}),
            AnswerLost,
            None,
            id="half an answer",
        ),
        pytest.param(lambda _: httpx.Response(529), AnswerLost, None, id="a status that no standard knows"),
        pytest.param(always(429, {}, retry_after="9" * 30), GitHubUnavailable, 24 * 3600, id="a limit without end"),
        pytest.param(
            lambda _: httpx.Response(200, content=b"{}", headers={"content-type": "application/json; charset=rot"}),
            AnswerLost,
            None,
            id="a character set that nobody knows",
        ),
        pytest.param(
            lambda _: httpx.Response(200, content=b"[" * 100_000, headers={"content-type": "application/json"}),
            AnswerLost,
            None,
            id="JSON without bottom",
        ),
    ],
)
async def test_a_failed_call_is_one_of_our_errors(
    answer: Answer, kind: type[GitHubError], retry_after: int | None
) -> None:
    github = Scripted(answer)
    with pytest.raises(GitHubError) as caught:
        await github.client.get("/rate_limit", dict[str, int])
    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after", None) == retry_after


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        ({"type": "RATE_LIMITED", "message": "API rate limit exceeded"}, GitHubUnavailable, None),
        ({"message": "You have exceeded a secondary rate limit"}, GitHubUnavailable, None),
        ({"message": "Something went wrong while executing your query"}, AnswerLost, None),
        ({"type": "NOT_FOUND", "message": "Could not resolve"}, GitHubError, 404),
        ({"type": "FORBIDDEN", "message": "Resource not accessible"}, GitHubError, 403),
        ({"message": "Field 'x' doesn't exist"}, GitHubError, None),
    ],
)
async def test_errors_of_graphql_come_with_status_200(
    error: dict[str, str], kind: type[GitHubError], status: int | None
) -> None:
    github = Scripted(always(200, {"data": None, "errors": [error]}))
    with pytest.raises(GitHubError, match=error["message"][:10]) as caught:
        await github.client.query("{ x }", int, {})
    assert type(caught.value) is kind
    assert caught.value.status == status


async def test_a_graphql_limit_lasts_until_the_reset_in_the_headers() -> None:
    body = {"errors": [{"type": "RATE_LIMITED", "message": "limit"}]}
    headers = {"x_ratelimit_limit": "5000", "x_ratelimit_remaining": "0", "x_ratelimit_reset": "1785585900"}
    with pytest.raises(GitHubUnavailable) as caught:
        await Scripted(always(200, body, **headers)).client.query("{ x }", int, {})
    assert caught.value.retry_after == 300


async def test_an_unchanged_answer_is_taken_from_memory() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("if-none-match") == '"1"':
            return httpx.Response(304)
        return httpx.Response(200, json={"a": 1}, headers={"etag": '"1"'})

    github = Scripted(answer, cache={})
    for _ in range(2):
        assert await github.client.get("/meta", dict[str, int]) == {"a": 1}
    assert len(github.requests) == 2


def entry(content: bytes) -> TreeEntry:
    return TreeEntry(path="pixi.lock", mode=FileMode.REGULAR, oid=blob_id(content), size=len(content))


@pytest.mark.parametrize("blob", [{"text": "cut"}, {"text": None}, None])
@pytest.mark.parametrize("content", ["d3Jvbmc=", "A"])
async def test_content_that_is_not_what_was_asked_for_is_refused(blob: object, content: str) -> None:
    """Also what an honest GitHub cuts off: its id does not fit, and the whole is asked for."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/graphql"):
            return httpx.Response(200, json={"data": {"node": {"b0": blob}}})
        return httpx.Response(200, json={"content": content})

    with pytest.raises(GitHubError, match="the content of blob"):
        await read(Scripted(answer).client, [entry(b"right")], BlobCache())


async def test_a_repository_that_is_not_visible_is_not_found() -> None:
    github = Scripted(always(200, {"data": {"viewer": {"login": "condabot", "databaseId": 5}, "node": None}}))
    with pytest.raises(GitHubError, match="repository 1 is not visible"):
        await pulls_of_branch(github.client, BranchName("condabot/numpy"))


async def test_more_than_a_hundred_open_pull_requests_hide_none_of_ours() -> None:
    moment = "2026-08-01T12:00:00Z"
    commit = {"oid": "c", "committedDate": moment, "tree": {"oid": "t"}, "parents": {"nodes": []}}
    pull = {
        "number": 7, "id": "PR_7", "title": "t", "body": "b", "state": "OPEN", "headRefName": "condabot/numpy",
        "headRefOid": "c", "baseRefName": "main", "createdAt": moment, "author": {"login": "condabot", "databaseId": 5},
    }  # fmt: skip
    first = {
        "id": "R_1", "databaseId": 1, "nameWithOwner": "acme/app", "isArchived": False, "isFork": False,
        "isTemplate": False, "isPrivate": False, "defaultBranchRef": None, "closed": {"nodes": []},
        "open": {"nodes": [], "pageInfo": {"hasNextPage": True}},
        "refs": {"nodes": [{"prefix": "refs/heads/", "name": "condabot/numpy", "target": commit}]},
    }  # fmt: skip

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)["variables"]
        node = {"pulls": {"nodes": [pull]}} if "branch" in asked else first
        return httpx.Response(200, json={"data": {"viewer": {"login": "condabot", "databaseId": 5}, "node": node}})

    github = Scripted(answer)
    seen = await overview(github.client, prefix="condabot/")
    assert [each.number for each in seen.pulls] == [7]
    assert seen.branches[0].head.signed_by_github is False


async def test_a_viewer_without_an_id_is_refused() -> None:
    github = Scripted(always(200, {"data": {"viewer": {"login": "condabot"}, "node": {"pulls": {"nodes": []}}}}))
    with pytest.raises(GitHubError, match="which account condabot is"):
        await pulls_of_branch(github.client, BranchName("condabot/numpy"))


def test_the_memory_of_contents_is_bounded_and_keeps_what_is_used() -> None:
    cache = BlobCache(limit=10)
    for name in ("a", "b"):
        cache.put(1, Oid(name), b"12345")
    assert cache.get(1, Oid("a")) == b"12345"
    cache.put(1, Oid("c"), b"1")
    assert cache.get(1, Oid("b")) is None
    assert cache.get(1, Oid("a")) == b"12345"
    assert cache.get(2, Oid("a")) is None


PULL = {"number": 3, "title": "t", "body": None, "user": {"id": 5}}


@pytest.mark.parametrize("status", [422, 403])
async def test_a_pull_request_made_by_an_attempt_before_is_taken_over(status: int) -> None:
    """Its answer was lost and the list was old: GitHub then refuses a second one, for a reason only 422 gives."""
    lists = iter([[], [PULL]])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=next(lists))
        return httpx.Response(status, json={"message": "A pull request already exists"})

    making = ensure(Scripted(answer).client, head=BranchName("condabot/numpy"), base="main", title="t", body="b")
    if status == 422:
        assert (await making).number == 3
    else:
        with pytest.raises(GitHubError, match="403"):
            await making


async def test_a_branch_is_not_judged_while_github_is_away() -> None:
    github = Scripted(always(429, {}, retry_after="900"))
    with pytest.raises(GitHubUnavailable):
        await move_branch(github.client, BranchName("condabot/numpy"), before=None, after=Oid("a" * 40))
    assert len(github.requests) == 1
