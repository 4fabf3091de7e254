"""When a process counts as alive and as ready."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.jobs.lease import open_lease
from bot.jobs.pulse import Pulse
from bot.store.database import Pool, make_pool
from bot.web import health
from bot.web.health import listening, worker_app
from bot.web.metrics import MetricsPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a worker answers to, and its pulse."""

    client: TestClient[Any, Any]
    pulse: Pulse = field(default_factory=Pulse)

    async def status(self, path: str) -> int:
        async with self.client.get(path) as response:
            return response.status


@pytest.fixture
async def watched(pool: Pool) -> AsyncIterator[Watched]:
    pulse = Pulse()
    async with TestClient(TestServer(worker_app(pool, pulse, MetricsPage(pool=pool)))) as client:
        yield Watched(client=client, pulse=pulse)


async def test_a_worker_lives_as_long_as_it_holds_its_lease(watched: Watched, database: str) -> None:
    assert await watched.status("/health") == 503
    async with open_lease(database) as lease:
        watched.pulse.lease = lease
        assert await watched.status("/health") == 503
        await lease.take(1)
        assert await watched.status("/health") == 200
    assert await watched.status("/health") == 503
    assert await watched.status("/ready") == 200
    assert await watched.status("/metrics") == 200


async def test_a_worker_whose_database_ended_its_connection_lives_no_more(watched: Watched, database: str) -> None:
    async with open_lease(database) as lease:
        watched.pulse.lease = lease
        await lease.take(1)
        pid = lease.connection.info.backend_pid
        async with make_pool(database, size=1) as other, other.connection() as connection:
            watching = asyncio.create_task(lease.watch())
            await connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
        await asyncio.wait([watching])
        assert watching.exception() is not None
        assert await watched.status("/health") == 503


async def test_without_the_database_a_worker_is_not_ready(
    watched: Watched, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    await pool.close()
    assert await watched.status("/ready") == 503


async def test_it_listens_where_it_is_told_to_and_only_meanwhile(pool: Pool, unused_tcp_port: int) -> None:
    pulse = Pulse()
    url = f"http://127.0.0.1:{unused_tcp_port}/health"
    async with httpx.AsyncClient(trust_env=False) as http:
        async with listening(worker_app(pool, pulse, MetricsPage(pool=pool)), "127.0.0.1", unused_tcp_port):
            assert (await http.get(url)).text == "the worker has no lease"
        with pytest.raises(httpx.ConnectError):
            await http.get(url)
