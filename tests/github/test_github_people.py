"""People whom GitHub knows: where they are sent, and that only what GitHub says counts."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.errors import GitHubError
from bot.github.people import LONGEST_SESSION, PER_PAGE, People, web_address

SHARED = "hunter2"
API = "https://api.github.example"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def people(answer: Callable[[httpx.Request], httpx.Response], api: str = API) -> People:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return People(http=http, api=api, client_id="Iv1.x", client_secret=SHARED)


def says(content: object, status: int = 200) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, json=content)


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://github.corp.example/api/v3", "https://github.corp.example"),
        ("https://api.octocorp.ghe.example", "https://octocorp.ghe.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_people_are_sent_where_people_see_their_github(api: str, web: str) -> None:
    assert web_address(api) == web


def test_what_is_asked_of_github() -> None:
    url = people(says({})).sign_in_url(state="s t", verifier=VERIFIER, callback="https://bot.example/back")

    assert parse_qs(urlsplit(url).query) == {
        "client_id": ["Iv1.x"],
        "state": ["s t"],
        # https://www.rfc-editor.org/rfc/rfc7636#appendix-B
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "code_challenge_method": ["S256"],
        "redirect_uri": ["https://bot.example/back"],
    }
    assert "redirect_uri" not in people(says({})).sign_in_url(state="s", verifier="v", callback="")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (says({"error": "bad_verification_code"}), HTTPStatus.UNAUTHORIZED),
        (says({}, 500), HTTPStatus.INTERNAL_SERVER_ERROR),
        (says({}, 302), HTTPStatus.FOUND),
        (lambda _: httpx.Response(200, text="<html>"), None),
        (says([]), None),
    ],
)
async def test_whom_github_does_not_let_in_is_not_in(
    answer: Callable[[httpx.Request], httpx.Response], status: int | None
) -> None:
    with pytest.raises(GitHubError) as caught:
        await people(answer).token(code="c", verifier="v", callback="")
    assert caught.value.status == status
    assert SHARED not in str(caught.value)


async def test_a_lost_connection_is_no_answer() -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("x", request=request)

    with pytest.raises(GitHubError, match="ConnectTimeout"):
        await people(lost).login("t")


@pytest.mark.parametrize(
    ("sent", "used"), [({"expires_in": 60}, 60), ({"expires_in": 10**9}, LONGEST_SESSION), ({}, LONGEST_SESSION)]
)
async def test_a_token_is_used_for_no_longer_than_it_lives(sent: dict[str, int], used: int) -> None:
    token = await people(says({"access_token": "t"} | sent)).token(code="c", verifier="v", callback="")
    assert (token.value, token.seconds) == ("t", used)
    assert "'t'" not in repr(token)


async def test_installations_are_read_page_by_page_and_not_for_ever() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["page"])
        start = PER_PAGE * int(request.url.params["page"])
        return httpx.Response(200, json={"installations": [{"id": start + n} for n in range(PER_PAGE)]})

    assert len(await people(answer).installations("t")) == 3 * PER_PAGE
    assert asked == ["1", "2", "3"]


async def test_repositories_come_with_what_may_be_done_there() -> None:
    listed = [{"id": 1, "permissions": {"push": True}}, {"id": 2, "permissions": {"pull": True}}, {"id": 3}]
    seen = await people(says({"repositories": listed})).repositories("t", 7, page=1)
    assert (dict(seen.may_write), seen.more) == ({1: True, 2: False, 3: False}, False)


@pytest.mark.parametrize(
    ("answer", "may"),
    [
        (says({"id": 70, "permissions": {"pull": True, "push": True}}), True),
        (says({"id": 70, "permissions": {"pull": True}}), False),
        (says({"id": 70, "permissions": {}}), None),
        (says({"id": 70}), None),
        # The name is another repository's by now.
        (says({"id": 71, "permissions": {"push": True}}), None),
        (says({}, 404), None),
        (says({}, 403), None),
        (says({}, 301), None),
    ],
)
async def test_only_a_clear_answer_gives_a_right(
    answer: Callable[[httpx.Request], httpx.Response],
    may: bool | None,  # noqa: FBT001
) -> None:
    assert await people(answer).may_write("t", "acme/app", 70) is may


@pytest.mark.parametrize("name", ["", "acme", "acme/", "/app", "../app", "acme/.."])
async def test_a_name_that_is_none_is_not_asked_for(name: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise AssertionError

    assert await people(answer).may_write("t", name, 70) is None


async def test_a_name_stays_in_its_place_in_the_url() -> None:
    paths: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(404)

    await people(answer).may_write("t", "acme/a?b#c/../d", 70)
    assert paths == [b"/repos/acme/a%3Fb%23c%2F..%2Fd"]
