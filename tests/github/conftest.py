"""The App and a GitHub on which everything must fit GitHub's own description."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation
from bot.github.auth import AppSigner, GitHubApp
from bot.github.client import Client
from bot.github.contents import tree
from bot.github.model import Branch, RepositoryOverview, TreeEntry
from bot.github.overview import overview
from bot.github.permissions import READ, Permissions
from bot.github.throttle import LOCAL_PACE, Throttles
from tests.clocks import ManualClock

APP_ID = 77
PREFIX = "condabot/"
FILES: dict[str, str | bytes] = {
    "pixi.toml": "[dependencies]\nnumpy = '2.1.*'\n",
    "ci/run.sh": "#!/bin/sh\n",
    "logo.png": b"\x89PNG\xff\x00",
}
MODES = {"ci/run.sh": 0o100755}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppKey:
    private: str
    public: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A GitHub with the App installed in one repository, and the App."""

    github: FakeGitHub
    repository: Repository
    installation: Installation
    app: GitHubApp
    clock: ManualClock

    def client(self, permissions: Permissions = READ) -> AbstractAsyncContextManager[Client]:
        return self.app.installation(self.installation.id, self.repository.id, permissions)

    def asked(self) -> list[str]:
        """Return the operations asked of GitHub so far, by its own names."""
        return [each.operation for each in self.github.requests]


@pytest.fixture(scope="session")
def app_key() -> AppKey:
    return made_key()


def made_key() -> AppKey:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, none = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, none)
    public = key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
    return AppKey(private=private.decode(), public=public)


@pytest.fixture(scope="session")
def signer(app_key: AppKey) -> AppSigner:
    return AppSigner(str(APP_ID), app_key.private)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
async def world(
    tmp_path: Path, app_key: AppKey, signer: AppSigner, clock: ManualClock, http: httpx.AsyncClient
) -> AsyncIterator[World]:
    github = FakeGitHub(tmp_path / "github", app_key.public, app_id=APP_ID, webhook_secret="w" * 40, clock=clock.now)
    await github.start()
    repository = github.create_repository("acme/app", FILES, modes=MODES)
    installation = await github.install("acme", [repository])
    app = GitHubApp(signer=signer, http=http, base_url=github.url, clock=clock, budgets=local(clock))
    yield World(github=github, repository=repository, installation=installation, app=app, clock=clock)
    await github.stop()
    assert github.violations == []


def local(clock: ManualClock) -> Throttles:
    """Return budgets that wait for nothing."""
    return Throttles(pace=LOCAL_PACE, clock=clock)


async def look(client: Client) -> tuple[RepositoryOverview, Branch, tuple[TreeEntry, ...]]:
    """Return what a scan knows before it reads files."""
    seen = await overview(client, prefix=PREFIX)
    assert seen.default_branch is not None
    return seen, seen.default_branch, await tree(client, seen.default_branch.head.tree)
