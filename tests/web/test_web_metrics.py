"""Who may read metrics, and what stands in them of the database."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request
from prometheus_client.parser import text_string_to_metric_families

from bot.store.database import Pool
from bot.store.halts import Cause, halt
from bot.web import metrics
from bot.web.metrics import MetricsPage, may_read

TOKEN = "t" * 40
Client = TestClient[Any, Any]
FILL = """
INSERT INTO installation (installation_id, suspended, next_at) VALUES
    (7, false, now() - interval '2 hours'), (8, true, now() - interval '3 days');
INSERT INTO repository (repository_id, installation_id, wanted_at, priority) VALUES
    (70, 7, now() - interval '1 hour', 50), (71, 7, now() - interval '2 hours', 10),
    (72, 7, now() + interval '1 day', 60), (80, 8, now() - interval '3 days', 10);
INSERT INTO delivery (guid, event, state, received_at) VALUES ('a', 'push', 'new', now() - interval '1 minute');
"""


@pytest.fixture
async def client(pool: Pool) -> AsyncIterator[Client]:
    app = web.Application()
    app.router.add_get("/metrics", MetricsPage(pool=pool).handle)
    async with TestClient(TestServer(app)) as client:
        yield client


async def values(client: Client) -> dict[tuple[str, str], float]:
    async with client.get("/metrics") as response:
        assert response.status == 200
        text = await response.text()
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {
        (each.name.removeprefix("condabot_"), each.labels.get("priority") or each.labels.get("host", "")): each.value
        for each in samples
    }


async def test_what_waits_is_read_when_somebody_asks(client: Client, pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute(FILL.encode())

    seen = await values(client)

    assert seen["queue_length", "push"] == seen["queue_length", "day"] == 1
    # Nobody has their turn before it comes, or while their account is suspended.
    assert seen["queue_length", "person"] == 0
    assert seen["queue_oldest_seconds", ""] == pytest.approx(7200, abs=60)
    assert seen["inbox_length", ""] == 1
    assert seen["inbox_oldest_seconds", ""] == pytest.approx(60, abs=30)
    assert (seen["writes_halted", ""], seen["database_up", ""]) == (0, 1)
    assert ("github_budget_min", "") not in seen


async def test_a_halt_is_seen(client: Client, pool: Pool) -> None:
    async with pool.connection() as connection:
        await halt(connection, Cause.PERSON, "x")
    assert (await values(client))["writes_halted", ""] == 1


async def test_the_smallest_budget_is_told(client: Client, pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO budget (installation_id, core_limit, core_remaining, core_reset) VALUES "
            "(1, 5000, 4000, now() + interval '1 h'), (2, 5000, 1000, now() + interval '1 h'), "
            "(3, 5000, 0, now() - interval '1 h'), (4, 0, 0, 'epoch')"
        )
    assert (await values(client))["github_budget_min", ""] == 0.2


async def test_a_channel_that_fails_is_seen_by_its_host(client: Client, pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("INSERT INTO channel (url) VALUES ('https://conda.example/forge')")
        await connection.execute(
            "INSERT INTO channel_subdir (channel_id, subdir, failures, next_at) "
            "SELECT channel_id, subdir, failures, now() - age FROM channel, (VALUES "
            "('noarch', 0, interval '2 minutes'), ('linux-64', 3, interval '-1 h')) AS seen (subdir, failures, age)"
        )
    seen = await values(client)
    assert seen["repodata_age_seconds", "conda.example"] == pytest.approx(120, abs=30)
    assert seen["repodata_failing", "conda.example"] == 1


async def test_without_the_database_the_process_still_tells_its_own(
    client: Client, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "PATIENCE", 0.1)
    await pool.close()
    assert (await values(client))["database_up", ""] == 0


@pytest.mark.parametrize(
    ("token", "headers", "address", "may"),
    [
        ("", {}, "127.0.0.1", True),
        ("", {}, "::1", True),
        ("", {}, "10.0.0.7", False),
        ("", {}, None, False),
        ("", {"X-Forwarded-For": "10.0.0.7"}, "127.0.0.1", False),
        ("", {"Forwarded": "for=10.0.0.7"}, "127.0.0.1", False),
        ("", {"Authorization": "Bearer "}, "10.0.0.7", False),
        (TOKEN, {"Authorization": f"Bearer {TOKEN}"}, "10.0.0.7", True),
        (TOKEN, {"Authorization": f"Bearer {TOKEN[:-1]}"}, "10.0.0.7", False),
        (TOKEN, {"Authorization": f"Basic {TOKEN}"}, "10.0.0.7", False),
        (TOKEN, {}, "127.0.0.1", False),
    ],
)
def test_metrics_are_for_the_operator(token: str, headers: dict[str, str], address: str | None, may: bool) -> None:  # noqa: FBT001
    request = make_mocked_request("GET", "/metrics", headers=headers).clone(remote=address or "")
    assert may_read(request, token) is may


async def test_whoever_may_not_read_reads_nothing(pool: Pool) -> None:
    app = web.Application()
    app.router.add_get("/metrics", MetricsPage(pool=pool, operator_token=TOKEN).handle)
    async with TestClient(TestServer(app)) as client, client.get("/metrics") as response:
        assert response.status == 403
        assert "condabot_" not in await response.text()
