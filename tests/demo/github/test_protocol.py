"""What every request goes through: headers, conditional requests, limits, faults, observers."""

import httpx
import pytest

from bot.demo.github.openapi import rest_description
from bot.demo.github.protocol import DropConnection
from bot.demo.github.repository import Repository
from bot.demo.github.rest import HANDLERS
from bot.demo.github.server import FakeGitHub
from bot.demo.github.validation import response_problems
from tests.demo.github.conftest import MovableClock

HERE = "/repos/acme/app"


async def test_a_request_without_user_agent_is_refused(github: FakeGitHub, api: httpx.AsyncClient) -> None:
    refused = await api.get(HERE, headers={"User-Agent": ""})

    assert refused.status_code == 403
    assert "User-Agent" in refused.json()["message"]
    assert github.requests[-1].operation == ""


@pytest.mark.usefixtures("github")
async def test_an_unknown_api_version_is_refused(api: httpx.AsyncClient) -> None:
    assert (await api.get(HERE, headers={"X-GitHub-Api-Version": "2020-01-01"})).status_code == 400


@pytest.mark.usefixtures("github")
@pytest.mark.parametrize("body", [b"{", b'"text"'])
async def test_a_body_that_is_no_json_object_is_refused(api: httpx.AsyncClient, body: bytes) -> None:
    assert (await api.post(f"{HERE}/git/blobs", content=body)).status_code == 400


async def test_a_conditional_request_is_answered_304_and_is_free(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository
) -> None:
    first = await api.get(f"{HERE}/contents/pixi.toml")
    again = await api.get(f"{HERE}/contents/pixi.toml", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]

    repository.commit("main", {"pixi.toml": "other"})
    changed = await api.get(f"{HERE}/contents/pixi.toml", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert github.violations == []


async def test_the_budget_of_an_hour_runs_out_and_comes_back(
    github: FakeGitHub, api: httpx.AsyncClient, clock: MovableClock
) -> None:
    github.rate_limits.limit = 2
    assert [(await api.get(HERE)).status_code for _ in range(3)] == [200, 200, 403]

    refused = await api.get(HERE)
    assert refused.headers["x-ratelimit-remaining"] == "0"
    reset = int(refused.headers["x-ratelimit-reset"])
    assert reset > github.state.now().timestamp()

    clock.advance(minutes=59, seconds=60)
    github.rate_limits.limit = 5000
    assert (await api.get("/rate_limit")).status_code == 401  # the token is gone with the hour


async def test_observers_see_every_write_in_order_and_may_break_the_connection(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository
) -> None:
    seen: list[str] = []

    def before(count: int, method: str, path: str) -> None:
        seen.append(f"before {count} {method} {path}")

    async def after(count: int, method: str, path: str) -> None:
        seen.append(f"after {count} {method} {path}")
        if count == 2:
            raise DropConnection

    github.before_write, github.after_write = before, after
    await api.get(HERE)
    await api.post(f"{HERE}/git/blobs", json={"content": "x"})
    with pytest.raises(httpx.TransportError):
        await api.post(f"{HERE}/git/refs", json={"ref": "refs/heads/b", "sha": repository.head("main")})

    assert seen == [
        f"before 1 POST {HERE}/git/blobs",
        f"after 1 POST {HERE}/git/blobs",
        f"before 2 POST {HERE}/git/refs",
        f"after 2 POST {HERE}/git/refs",
    ]
    assert (github.before_write, github.after_write) == (before, after)
    assert repository.head("b")


@pytest.mark.parametrize(
    ("method", "path", "body", "violation"),
    [
        pytest.param("PATCH", "/pulls/1", {"labels": ["x"]}, "undocumented member labels", id="an ignored member"),
        pytest.param("GET", "/pulls?stat=open", None, "unknown query parameter stat", id="an ignored parameter"),
        pytest.param("GET", "/pulls?per_page=x", None, "query parameter per_page", id="a parameter of a wrong type"),
        pytest.param("GET", "/pulls?state=merged", None, "query parameter state", id="a value that does not exist"),
        pytest.param("POST", "/git/refs", {"ref": "refs/heads/x"}, '"sha" is a required', id="a missing member"),
        pytest.param("POST", "/pulls", None, "a request body is required", id="no body"),
        pytest.param("DELETE", "/git/refs/heads%2Fx", {"a": 1}, "no request body", id="a body too many"),
        pytest.param("GET", "/pulls/", None, "no such operation", id="a trailing slash"),
        pytest.param("PUT", "/contents/a", {"message": "x"}, "no such operation", id="an operation not built"),
    ],
)
async def test_what_does_not_fit_githubs_description_is_a_violation(
    lenient_github: FakeGitHub, api: httpx.AsyncClient, method: str, path: str, body: object, violation: str
) -> None:
    await api.request(method, f"{HERE}{path}", json=body) if body else await api.request(method, f"{HERE}{path}")

    assert len(lenient_github.violations) == 1
    assert violation in lenient_github.violations[0]


@pytest.mark.parametrize(
    ("body", "violation"),
    [
        pytest.param({"query": "{ viewer { shoeSize } }"}, "shoeSize", id="a field GitHub does not have"),
        pytest.param({"query": "{ viewer { bio } }"}, "not part of this GitHub", id="a field this GitHub lacks"),
        pytest.param({"query": "{"}, "cannot be parsed", id="no GraphQL"),
        pytest.param({"question": "?"}, "has no query", id="no query"),
    ],
)
async def test_graphql_that_does_not_fit_is_a_violation(
    lenient_github: FakeGitHub, api: httpx.AsyncClient, body: dict[str, str], violation: str
) -> None:
    await api.post("/graphql", json=body)

    assert len(lenient_github.violations) == 1
    assert violation in lenient_github.violations[0]


@pytest.mark.usefixtures("github")
async def test_graphql_is_only_posted(api: httpx.AsyncClient) -> None:
    assert (await api.get("/graphql")).status_code == 404


async def test_a_failure_of_this_github_is_a_violation(
    lenient_github: FakeGitHub,
    api: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_call: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(HANDLERS, "repos/get", broken)

    assert (await api.get(HERE)).status_code == 500
    assert "this GitHub failed: ZeroDivisionError" in lenient_github.violations[0]
    assert "Error handling request" in caplog.text


@pytest.mark.parametrize(
    ("status", "body", "problems"),
    [
        pytest.param(418, {}, ["status 418 is not documented"], id="a status GitHub never gives"),
        pytest.param(204, {"a": 1}, ["response 204 has no body"], id="a body where none belongs"),
        pytest.param(204, None, [], id="no body"),
        pytest.param(500, {}, [], id="a failure that can always happen"),
    ],
)
def test_our_own_answers_are_checked_too(status: int, body: object, problems: list[str]) -> None:
    found = rest_description().find("DELETE", "/installation/token")

    assert found is not None
    assert response_problems(rest_description(), found[0], status, body) == problems
