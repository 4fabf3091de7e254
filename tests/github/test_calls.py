"""One call in all its ways to go wrong: how often it is sent, with which token, and what is said in the end."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest

from bot.errors import AnswerLost, GitHubError, GitHubUnavailable
from bot.github.retrying import Repeat
from bot.github.throttle import READ
from tests.github.test_github_client import Scripted

Outcome = httpx.Response | Exception


def script(*outcomes: Outcome) -> Callable[[httpx.Request], httpx.Response]:
    """Answer with one outcome after the other."""
    left: Iterable[Outcome] = iter(outcomes)

    def answer(_: httpx.Request) -> httpx.Response:
        outcome = next(iter(left))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return answer


def good(body: Any = None) -> httpx.Response:
    return httpx.Response(200, json={} if body is None else body)


def unauthorized() -> httpx.Response:
    return httpx.Response(401, json={"message": "Bad credentials"})


LOST = [
    pytest.param(httpx.ReadTimeout("slow"), id="silence"),
    pytest.param(httpx.RemoteProtocolError("cut"), id="half an answer"),
    pytest.param(httpx.Response(502, content=b"<html>"), id="a gateway's page"),
    pytest.param(httpx.Response(200, content=b"{", headers={"content-type": "application/json"}), id="half of JSON"),
    pytest.param(httpx.Response(201, content=b"<html>", headers={"content-type": "text/html"}), id="a proxy's page"),
]


@pytest.mark.parametrize("outcome", LOST)
async def test_what_makes_something_is_sent_once_when_it_may_have_been_done(outcome: Outcome) -> None:
    github = Scripted(script(outcome, good()))
    with pytest.raises(AnswerLost):
        await github.client.post("/repos/{owner}/{repo}/pulls", dict[str, str], {})
    assert len(github.requests) == 1


@pytest.mark.parametrize("outcome", LOST)
async def test_what_reads_is_sent_again(outcome: Outcome) -> None:
    github = Scripted(script(outcome, good()))
    assert await github.client.get("/meta", dict[str, str]) == {}
    assert len(github.requests) == 2


async def test_what_was_not_sent_is_sent_whatever_it_is() -> None:
    limit = httpx.Response(403, json={"message": "no"}, headers={"retry-after": "3"})
    github = Scripted(script(httpx.ConnectError("no route"), limit, good()))
    await github.client.post("/repos/{owner}/{repo}/pulls", dict[str, str], {})
    assert len(github.requests) == 3
    assert github.clock.sleeps[-1] == 3


async def test_a_token_that_died_in_mid_job_is_replaced_once() -> None:
    github = Scripted(script(unauthorized(), good(), unauthorized()))
    await github.client.post("/repos/{owner}/{repo}/pulls", dict[str, str], {})
    with pytest.raises(GitHubError, match=r"GET /meta: 401 Bad credentials; is the private key one of this App"):
        await github.client.get("/meta", dict[str, str])
    sent = [request.headers["authorization"] for request in github.requests]
    assert sent == ["token t", "token new", "token new"]


async def test_what_was_just_made_is_looked_for_twice() -> None:
    github = Scripted(script(httpx.Response(404, json={"message": "Not Found"}), good()))
    assert await github.client.get("/meta", dict[str, str], repeat=Repeat.FRESH) == {}


async def test_a_refusal_says_all_that_github_said() -> None:
    errors = [
        {"resource": "PullRequest", "field": "head", "code": "invalid"},
        {"resource": "PullRequest", "code": "custom", "message": "No commits between main and x"},
        "and a sentence",
    ]
    github = Scripted(script(httpx.Response(422, json={"message": "Validation Failed", "errors": errors})))
    with pytest.raises(GitHubError) as caught:
        await github.client.post("/repos/{owner}/{repo}/pulls", dict[str, str], {})
    assert caught.value.status == 422
    assert str(caught.value).endswith("PullRequest head invalid, No commits between main and x, and a sentence")


@pytest.mark.parametrize("errors", [3, [3], {"a": 1}, [None], "one sentence"])
async def test_odd_errors_are_errors_of_ours_all_the_same(errors: object) -> None:
    github = Scripted(script(*(httpx.Response(422, json={"message": "m", "errors": errors}) for _ in range(4))))
    with pytest.raises(GitHubError):
        await github.client.get("/meta", dict[str, str])


async def test_what_drips_is_given_up() -> None:
    github = Scripted(script())

    async def forever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(AnswerLost, match="did not answer GET /meta in time"):
        await github.client.call("GET /meta", READ, forever, repeat=Repeat.UNSENT, seconds=0)


async def test_pages_are_followed_on_githubs_own_host_only() -> None:
    def linked(url: str, page: int) -> httpx.Response:
        return httpx.Response(200, json=[page], headers={"link": f'<{url}>; rel="next"'})

    next_page = "https://github.example/api/v3/app/installations?page=2"
    github = Scripted(script(linked(next_page, 1), good([2])))
    pages = [page async for page in github.client.pages("/app/installations{?per_page}", list[int], per_page=1)]
    assert pages == [[1], [2]]
    assert [request.url.query for request in github.requests] == [b"per_page=1", b"page=2"]


async def test_a_limit_that_graphql_hides_in_200_holds_up_the_whole_installation() -> None:
    body = {"errors": [{"message": "You have exceeded a secondary rate limit"}]}
    github = Scripted(script(httpx.Response(200, json=body)))
    with pytest.raises(GitHubUnavailable):
        await github.client.query("{ x }", int, {})
    with pytest.raises(GitHubUnavailable, match="limits this installation"):
        await github.client.get("/meta", dict[str, str])
    assert len(github.requests) == 1
