"""The service on localhost, and signed deliveries to it."""

import hmac
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from bot.app import Service, build_app

SECRET, OLD_SECRET = "s" * 40, "o" * 40
WAITING = "SELECT count(*) FROM delivery WHERE state = 'new'"


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()


def push(repository: int = 70) -> bytes:
    payload = {
        "ref": "refs/heads/main",
        "commits": [{"added": [], "removed": [], "modified": ["pixi.toml"]}],
        "repository": {"id": repository, "default_branch": "main"},
        "installation": {"id": 7},
    }
    return json.dumps(payload).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A service that runs, and its database."""

    client: TestClient[Any, Any]
    database: str

    async def deliver(self, body: bytes, **headers: str | None) -> int:
        """POST *body* as GitHub does, signed; a header of None is left out. Return the status."""
        usual = {
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": str(uuid4()),
            "X-Hub-Signature-256": signature(body),
            "Content-Type": "application/json",
        }
        named = usual | {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in named.items() if value is not None}
        async with self.client.post("/webhook", data=io.BytesIO(body), headers=sent) as response:
            return response.status

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(query.encode()).fetchall()

    def count(self, query: str = WAITING) -> int:
        return int(self.rows(query)[0][0])


@pytest.fixture
async def running(database: str) -> AsyncIterator[Running]:
    service = Service(conninfo=database, webhook_secrets=(SECRET, OLD_SECRET))
    async with TestClient(TestServer(build_app(service))) as client:
        assert isinstance(client.session, ClientSession)
        yield Running(client=client, database=database)
