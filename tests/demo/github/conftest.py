"""A GitHub, an App's key, a clock that moves, and a place where webhooks arrive."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gidgethub.httpx
import gidgethub.sansio
import httpx
import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation

APP_ID = 4242
WEBHOOK_SECRET = "a secret for tests, long enough to be one"  # noqa: S105 - made for these tests
MANIFEST = '[workspace]\nchannels = ["conda-forge"]\n\n[dependencies]\nnumpy = ">=1.26,<2"\n'
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nothing here is encrypted; the usual ones load slowly
ACCEPT = {"X-GitHub-Api-Version": "2022-11-28", "User-Agent": "condabot-tests"}


@dataclass(slots=True)
class MovableClock:
    """The present moment plus what was added: tokens of gidgethub are made with the real one."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 - JSON web tokens are made with the real clock

    def advance(self, **by: float) -> None:
        self.ahead += timedelta(**by)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppKey:
    """The key pair of the App."""

    private: rsa.RSAPrivateKey
    public: bytes


@dataclass(slots=True)
class Receiver:
    """The App's webhook endpoint: every event that arrived and was signed rightly."""

    events: list[gidgethub.sansio.Event] = field(default_factory=list)
    status: int = 202

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.events.append(gidgethub.sansio.Event.from_http(request.headers, body, secret=WEBHOOK_SECRET))
        return web.Response(status=self.status)

    def all_names(self) -> list[str]:
        return [".".join(filter(None, (each.event, each.data.get("action")))) for each in self.events]

    def names(self) -> list[str]:
        """Return what was told, but for the check suites, which every push asks for."""
        return [each for each in self.all_names() if not each.startswith("check_suite.")]

    def last(self, event: str) -> Any:
        return next(each.data for each in reversed(self.events) if each.event == event)


@pytest.fixture(scope="session")
def app_key() -> AppKey:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return AppKey(private=key, public=public)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def lenient_github(tmp_path: Path, app_key: AppKey, clock: MovableClock) -> AsyncIterator[FakeGitHub]:
    """A GitHub whose violations are the test's own business."""
    github = FakeGitHub(tmp_path / "github", app_key.public, app_id=APP_ID, webhook_secret=WEBHOOK_SECRET, clock=clock)
    await github.start()
    yield github
    await github.stop()


@pytest.fixture
async def github(lenient_github: FakeGitHub) -> AsyncIterator[FakeGitHub]:
    """A GitHub on which everything must fit GitHub's description."""
    yield lenient_github
    await lenient_github.settle()
    assert lenient_github.violations == []


@pytest.fixture
async def receiver(lenient_github: FakeGitHub) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/webhook", receiver.receive)
    server = TestServer(application)
    await server.start_server()
    lenient_github.webhook_url = str(server.make_url("/webhook"))
    yield receiver
    await lenient_github.settle()
    await server.close()


@pytest.fixture
def repository(lenient_github: FakeGitHub) -> Repository:
    files = {"pixi.toml": MANIFEST, ".github/workflows/ci.yml": "on: push\n"}
    return lenient_github.create_repository("acme/app", files)


@pytest.fixture
async def installation(lenient_github: FakeGitHub, repository: Repository) -> Installation:
    return await lenient_github.install("acme", [repository])


@pytest.fixture
def app_jwt(app_key: AppKey) -> str:
    now = datetime.now(UTC)  # noqa: TID251 - GitHub judges it by the real clock
    claims = {"iat": now - timedelta(minutes=1), "exp": now + timedelta(minutes=9), "iss": str(APP_ID)}
    return jwt.encode(claims, app_key.private, algorithm="RS256")


@pytest.fixture
async def http(lenient_github: FakeGitHub) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=lenient_github.url, headers=ACCEPT, verify=NO_CERTIFICATES) as client:
        yield client


@pytest.fixture
async def token(http: httpx.AsyncClient, installation: Installation, app_jwt: str) -> str:
    response = await http.post(
        f"/app/installations/{installation.id}/access_tokens", headers={"Authorization": f"Bearer {app_jwt}"}
    )
    return str(response.json()["token"])


@pytest.fixture
def api(http: httpx.AsyncClient, token: str) -> httpx.AsyncClient:
    """A client with an installation token."""
    http.headers["Authorization"] = f"Bearer {token}"
    return http


@pytest.fixture
def as_app(http: httpx.AsyncClient, app_jwt: str) -> httpx.AsyncClient:
    """A client that is the App itself."""
    http.headers["Authorization"] = f"Bearer {app_jwt}"
    return http


GraphQL = Callable[..., Awaitable[Any]]


@pytest.fixture
def graphql(api: httpx.AsyncClient) -> GraphQL:
    async def ask(query: str, **variables: Any) -> Any:
        response = await api.post("/graphql", json={"query": query, "variables": variables})
        return response.json()

    return ask


async def run_git(*arguments: str, cwd: Path) -> str:
    """Run the git program as a person who has no configuration; the hook needs the event loop to go on."""
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@people.example", "-c", "commit.gpgsign=false")
    process = await asyncio.create_subprocess_exec(
        "git", *identity, *arguments, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()
