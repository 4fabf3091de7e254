"""The service as a whole: a delivery comes in, a worker of the same process scans."""

import asyncio
from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.app import Service, build_app, stop_without_worker
from bot.jobs.report import RunReport
from tests.web.conftest import POLICY, SECRET, Running, push


async def test_a_delivery_becomes_a_scan(empty_database: str) -> None:
    """On a database without tables, which the start migrates; stopping ends the worker too."""
    scanned: asyncio.Queue[tuple[int, int]] = asyncio.Queue()

    async def scan(installation_id: int, repository_id: int) -> RunReport:
        scanned.put_nowait((installation_id, repository_id))
        return RunReport(outcomes=("nothing to update",))

    service = Service(conninfo=empty_database, webhook_secrets=(SECRET,), policy=POLICY, scan=scan)
    async with TestClient(TestServer(build_app(service))) as client:
        running = Running(client=client, database=empty_database)
        assert await running.deliver(push()) == 202
        async with asyncio.timeout(30):
            assert await scanned.get() == (7, 70)


async def test_a_service_whose_worker_died_stops(caplog: pytest.LogCaptureFixture) -> None:
    async def defective() -> None:
        raise ZeroDivisionError

    work = asyncio.create_task(defective())
    await asyncio.wait([work])
    with pytest.raises(web.GracefulExit):
        stop_without_worker(work)
    assert "the worker died" in caplog.text


async def test_a_worker_that_was_stopped_stops_nothing_else() -> None:
    work = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait([work])
    stop_without_worker(cast("asyncio.Task[None]", work))
