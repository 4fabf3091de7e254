"""Pages are there only where somebody can sign in, and the intake never calls anybody but the GitHub of its people."""

from http import HTTPStatus

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.app import Service, build_app
from bot.composition.pages import open_people
from bot.settings import AppSettings, PagesSettings, Settings

SECRET, TOKEN, SHARED = "s" * 40, "t" * 40, "c" * 40


def application(github_api: str) -> AppSettings:
    return AppSettings(app_id="77", private_key="a key", webhook_secrets=(SECRET,), github_api=github_api)


@pytest.mark.parametrize(
    ("pages", "status"),
    [(PagesSettings(), HTTPStatus.NOT_FOUND), (PagesSettings(operator_token=TOKEN), HTTPStatus.OK)],
    ids=["nobody can sign in", "the operator can"],
)
async def test_pages_are_served_where_somebody_can_sign_in(
    database: str, pages: PagesSettings, status: HTTPStatus
) -> None:
    service = Service(conninfo=database, webhook_secrets=(SECRET,), pages=pages)
    async with TestClient(TestServer(build_app(service))) as client:
        async with client.get("/") as response:
            assert response.status == status
        async with client.get("/sign-in/github") as response:
            assert response.status == HTTPStatus.NOT_FOUND
        async with client.get("/metrics") as response:
            assert response.status == (HTTPStatus.FORBIDDEN if pages.operator_token else HTTPStatus.OK)


async def test_a_secure_address_has_secure_cookies(database: str) -> None:
    pages = PagesSettings(operator_token=TOKEN, url="https://bot.example")
    service = Service(conninfo=database, webhook_secrets=(SECRET,), pages=pages)
    async with TestClient(TestServer(build_app(service))) as client:
        response = await client.post("/sign-in", data={"token": TOKEN}, allow_redirects=False)
        kept = response.headers["Set-Cookie"]
    assert kept.startswith("__Host-condabot=")
    assert "Secure" in kept


async def test_without_a_client_nobody_is_asked_who_people_are() -> None:
    async with open_people(Settings.from_env({}), application("https://api.github.example")) as people:
        assert people is None


async def test_people_are_asked_for_at_their_github_through_the_proxy_alone() -> None:
    async def user(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer token"
        return web.json_response({"login": "octo"})

    app = web.Application()
    app.router.add_get("/user", user)
    settings = Settings.from_env({"CONDABOT_CLIENT_ID": "Iv1.x", "CONDABOT_CLIENT_SECRET": SHARED})
    async with TestServer(app) as github, TestServer(web.Application()) as other:
        address = application(str(github.make_url("")).rstrip("/"))
        async with open_people(settings, address) as people:
            assert people is not None
            assert await people.login("token") == "octo"
            answer = await people.http.get(str(other.make_url("/user")))
    assert answer.status_code == HTTPStatus.FORBIDDEN
