"""The App as a whole: a delivery comes in, a worker scans."""

import asyncio
from functools import partial

from aiohttp.test_utils import TestClient, TestServer

from bot.app import Service, build_app
from bot.handlers import requests_of
from bot.handlers.policy import WebhookPolicy
from bot.jobs.report import Assignment, RunReport
from bot.jobs.upkeep import Duties
from bot.jobs.worker import Work, run_worker
from bot.store.database import make_pool
from bot.store.repositories import InstalledRepository
from tests.jobs.conftest import no_command, no_look
from tests.web.conftest import SECRET, Running, push

POLICY = WebhookPolicy(is_relevant=lambda path: path.endswith("pixi.toml"), branch_prefix="condabot/", bot="condabot")


async def test_a_delivery_becomes_a_scan(empty_database: str) -> None:
    """On a database without tables, which the start of the intake migrates."""
    scanned: asyncio.Queue[Assignment] = asyncio.Queue()

    async def scan(assignment: Assignment) -> RunReport:
        scanned.put_nowait(assignment)
        return RunReport(outcomes=("nothing to update",))

    work = Work(
        scan=scan, look=no_look, carry_out=no_command, expander=partial(requests_of, policy=POLICY), duties=Duties()
    )
    service = Service(conninfo=empty_database, webhook_secrets=(SECRET,))
    async with TestClient(TestServer(build_app(service))) as client, make_pool(empty_database) as pool:
        worker = asyncio.create_task(run_worker(empty_database, pool, work))
        assert await Running(client=client, database=empty_database).deliver(push()) == 202
        async with asyncio.timeout(60):
            assignment = await scanned.get()
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert assignment.repository == InstalledRepository(installation_id=7, repository_id=70)
    assert assignment.reason == "a push"
