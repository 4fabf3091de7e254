"""The pages on a real database, and a GitHub that knows three people."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.github.people import People, challenge
from bot.store.database import Pool, make_pool
from bot.store.installations import InstallationFacts, see_installation
from bot.store.repositories import RepositoryFacts, see_repositories
from bot.web.pages.ports import PagesSetup
from bot.web.pages.site import routes
from tests.clocks import ManualClock

TOKEN, SECRET, SHARED = "t" * 40, "s" * 40, "c" * 40
API, WEB = "https://api.github.example", "https://github.example"
HOSTILE = "<script>alert(1)</script>\"'&\x1b[2J\u202e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person, and what GitHub lets them do: by installation, and by repository whether they may write."""

    installations: tuple[int, ...] = ()
    repositories: Mapping[str, bool] = field(default_factory=dict)


PEOPLE = {
    "writer": Known(installations=(7,), repositories={"acme/app": True}),
    "reader": Known(installations=(7,), repositories={"acme/app": False}),
    # Anybody may read a public repository: it is no right to its pages.
    "stranger": Known(installations=(8,), repositories={"acme/app": False, "other/lib": True}),
}
IDS = {"acme/app": 70, "acme/secret": 71, "other/lib": 80}


@dataclass(slots=True)
class GitHub:
    """The GitHub of these people; `gone` tokens are known no more, and a code is good once, for its verifier."""

    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    fails: bool = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.fails:
            return httpx.Response(502)
        if request.url.path == "/login/oauth/access_token":
            return self._token(parse_qs(request.content.decode()))
        login = request.headers["Authorization"].removeprefix("Bearer token-of-")
        if login in self.gone or login not in PEOPLE:
            return httpx.Response(401)
        return self._answer(request.url.path, login, PEOPLE[login])

    def _token(self, sent: Mapping[str, list[str]]) -> httpx.Response:
        login, promised = self.codes.pop(sent["code"][0], ("", ""))
        if not login or challenge(sent["code_verifier"][0]) != promised or sent["client_secret"] != [SHARED]:
            return httpx.Response(200, json={"error": "bad_verification_code"})
        return httpx.Response(200, json={"access_token": f"token-of-{login}", "expires_in": 28800})

    def _answer(self, path: str, login: str, known: Known) -> httpx.Response:
        if path == "/user":
            return httpx.Response(200, json={"login": login})
        if path == "/user/installations":
            return httpx.Response(200, json={"installations": [{"id": each} for each in known.installations]})
        repositories = [_repository(name, may_write=may) for name, may in known.repositories.items()]
        if path.startswith("/user/installations/"):
            return httpx.Response(200, json={"repositories": repositories})
        name = path.removeprefix("/repos/")
        if name not in known.repositories:
            return httpx.Response(404)
        return httpx.Response(200, json=_repository(name, may_write=known.repositories[name]))


def _repository(name: str, *, may_write: bool) -> dict[str, Any]:
    return {"id": IDS[name], "permissions": {"pull": True, "push": may_write}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages, as a browser of one person sees them, who may sign in."""

    client: TestClient[Any, Any]
    github: GitHub
    pool: Pool
    clock: ManualClock

    async def get(self, path: str) -> ClientResponse:
        return await self.client.get(path, allow_redirects=False)

    async def text(self, path: str) -> str:
        response = await self.get(path)
        assert response.status == HTTPStatus.OK, (response.status, await response.text())
        return await response.text()

    async def post(self, path: str, **fields: str) -> ClientResponse:
        return await self.client.post(path, data=fields, allow_redirects=False)

    async def enter(self, who: str) -> None:
        """Sign in as *who*: nobody, the operator, or one of `PEOPLE`."""
        if who == "operator":
            assert (await self.post("/sign-in", token=TOKEN)).status == HTTPStatus.SEE_OTHER
        elif who != "nobody":
            assert (await self.come_back(await self.begin(who))).status == HTTPStatus.OK

    async def begin(self, login: str) -> dict[str, str]:
        """Go to GitHub as *login*, and return what one comes back with."""
        response = await self.get("/sign-in/github")
        asked = parse_qs(urlsplit(response.headers["Location"]).query)
        code = f"code-of-{login}"
        self.github.codes[code] = (login, asked["code_challenge"][0])
        return {"code": code, "state": asked["state"][0]}

    async def come_back(self, query: Mapping[str, str]) -> ClientResponse:
        return await self.client.get("/sign-in/github/callback", params=dict(query), allow_redirects=False)

    async def form(self) -> str:
        """Return what the forms of this session carry."""
        return (await self.text("/")).partition('name="form" value="')[2].partition('"')[0]

    async def row(self, query: str) -> tuple[Any, ...]:
        async with self.pool.connection() as connection:
            row = await (await connection.execute(query.encode())).fetchone()
        assert row is not None
        return row

    async def do(self, statement: str, *values: object) -> None:
        async with self.pool.connection() as connection:
            await connection.execute(statement.encode(), values)


@pytest.fixture
async def world(pool: Pool) -> Pool:
    """Two accounts: one with a repository that everybody knows of and one that is secret, one with another."""
    granted = {"checks": "write", "contents": "write", "metadata": "read", "pull_requests": "write"}
    async with pool.connection() as connection:
        for identity, account in ((7, "acme"), (8, "other")):
            facts = InstallationFacts(id=identity, account=account, permissions=granted)
            await see_installation(connection, facts)
        for name, identity in IDS.items():
            facts_of = RepositoryFacts(id=identity, node_id="", full_name=name)
            await see_repositories(connection, 8 if name.startswith("other") else 7, (facts_of,))
    return pool


@pytest.fixture
async def pages(world: Pool, database: str) -> AsyncIterator[Pages]:
    github, clock = GitHub(), ManualClock()
    async with (
        make_pool(database, size=2) as reading,
        httpx.AsyncClient(transport=httpx.MockTransport(github)) as http,
    ):
        setup = PagesSetup(
            pool=world,
            reading=reading,
            clock=clock,
            webhook_secrets=(SECRET,),
            operator_token=TOKEN,
            people=People(http=http, api=API, client_id="Iv1.of-the-app", client_secret=SHARED),
            github=WEB,
        )
        app = web.Application()
        app.add_routes(routes(setup))
        async with TestClient(TestServer(app)) as client:
            yield Pages(client=client, github=github, pool=world, clock=clock)
