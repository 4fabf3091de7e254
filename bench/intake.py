"""How soon a burst of pushes is acknowledged, and what becomes of it, while another process reads a lock of 50 MB.

`python -m bench.intake 1000` sends ten signed pushes for each of so many repositories to a real `condabot serve`. The
worker beside it is real but for the scan, which takes half a second and does nothing: scans are only counted.
"""

import argparse
import asyncio
import hmac
import json
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import aiohttp
import psycopg

from bench.figures import Figure, head
from bench.holding import REMARK, lock
from bench.measuring import processor_of, resident_of
from bot import lockfiles
from bot.children.bounds import stand_back
from bot.cli.options import process_environment
from bot.clock import SystemClock
from bot.demo.stage import Keys
from bot.handlers import requests_of
from bot.handlers.policy import WebhookPolicy
from bot.jobs.report import Assignment, CommandAssignment, LookAssignment, RunReport
from bot.jobs.upkeep import Duties
from bot.jobs.worker import Work, keep_working
from bot.leaving import run_and_leave
from bot.store.database import make_pool
from bot.store.embedded import embedded_postgres
from bot.store.migrate import migrate
from bot.updating.read.relevance import is_relevant

REPOSITORIES, PUSHES = 200, 10
AT_ONCE = 8
A_SCAN = 0.5
SCANS_AT_ONCE = 40
LOCK = 50_000_000 - 2_000
SECRET = "s" * 40
ACKNOWLEDGED = 0.05
KILOBYTES = 7
LEFT = """
SELECT (SELECT count(*) FROM delivery WHERE state = 'new') + (SELECT count(*) FROM repository WHERE due_at <= now())
     + (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name = 'repository')
"""
SCANS = "SELECT count(*), max(scans) FROM (SELECT count(*) AS scans FROM run GROUP BY repository_id) AS each"


async def intake(repositories: int = REPOSITORIES) -> AsyncIterator[Figure]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder), at_end="delete") as conninfo:
        migrate(conninfo)
        port = _free_port()
        async with _command("-m", "bot", "serve", env=_variables(conninfo, port)) as serve:
            url = f"http://127.0.0.1:{port}"
            await _listens(serve)
            async with _command("-m", "bench.intake", "--work", conninfo), _command("-m", "bench.intake", "--read"):
                seconds, took = await _send(url, repositories)
                held, busy = resident_of(serve.pid), processor_of(serve.pid)
                await _worked_off(conninfo)
        for figure in _figures(conninfo, repositories, seconds):
            yield figure
        yield Figure(what="  in a second", value=repositories * PUSHES / took, unit="pushes")
        yield Figure(
            what="  processor time of `condabot serve` for one", value=1_000_000 * busy / len(seconds), unit="µs"
        )
        yield Figure(what="  memory of `condabot serve` afterwards", value=held, budget=150, unit="MiB")


def _figures(conninfo: str, repositories: int, seconds: list[float]) -> Iterator[Figure]:
    what = f"{len(seconds):,} pushes over {repositories:,} repositories"
    hundredths = statistics.quantiles(seconds, n=100)
    yield Figure(what=f"{what}: acknowledged, p50", value=hundredths[49], unit="s")
    yield Figure(what="  p99", value=hundredths[98], budget=ACKNOWLEDGED, unit="s")
    with psycopg.connect(conninfo) as connection:
        [(stored,)] = connection.execute("SELECT count(*) FROM delivery").fetchall()
        [(scanned, most)] = connection.execute(SCANS).fetchall()
    assert (stored, scanned) == (len(seconds), repositories), "a push was lost"
    yield Figure(what="  the most scans of a repository", value=most, budget=2, unit="scans")


async def _send(url: str, repositories: int) -> tuple[list[float], float]:
    """Send all pushes, those of a repository one after the other; return how long each took, and all of them."""
    waiting = iter([number for number in range(1, repositories + 1) for _ in range(PUSHES)])
    seconds: list[float] = []

    async def send(session: aiohttp.ClientSession) -> None:
        for number in waiting:
            body = _push(number)
            began = time.perf_counter()
            async with session.post(f"{url}/webhook", data=body, headers=_headers(body)) as response:
                assert response.status == HTTPStatus.ACCEPTED, await response.text()
            seconds.append(time.perf_counter() - began)

    began = time.perf_counter()
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(send(session))
    return seconds, time.perf_counter() - began


def _push(number: int) -> bytes:
    payload = {
        "ref": "refs/heads/main",
        "commits": [{"added": [], "removed": [], "modified": ["pixi.toml"]}],
        "repository": {"id": number, "default_branch": "main"},
        "installation": {"id": number // 40 + 1},
        "padding": "x" * KILOBYTES * 1000,
    }
    return json.dumps(payload).encode()


def _headers(body: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": str(uuid4()),
        "X-Hub-Signature-256": f"sha256={hmac.new(SECRET.encode(), body, 'sha256').hexdigest()}",
    }


async def _worked_off(conninfo: str) -> None:
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        while await (await connection.execute(LEFT)).fetchone() != (0,):  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.1)


def _variables(conninfo: str, port: int) -> dict[str, str]:
    return {
        **process_environment(),
        "CONDABOT_APP_ID": "1",
        "CONDABOT_PRIVATE_KEY": Keys.generate().private_key,
        "CONDABOT_WEBHOOK_SECRET": SECRET,
        "CONDABOT_PORT": str(port),
        "DATABASE_URL": conninfo,
    }


@asynccontextmanager
async def _command(*arguments: str, env: dict[str, str] | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def _listens(serve: asyncio.subprocess.Process) -> None:
    assert serve.stdout
    async for line in serve.stdout:
        if b"listens" in line:
            return
    raise AssertionError("it does not serve")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        number: int = listener.getsockname()[1]
        return number


async def _work(conninfo: str) -> None:
    """Be a worker whose scans do nothing."""

    async def do(_: Assignment | LookAssignment | CommandAssignment) -> RunReport:
        await asyncio.sleep(A_SCAN)
        return RunReport()

    policy = WebhookPolicy(is_relevant=is_relevant, branch_prefix="condabot/", bot="condabot[bot]")
    expander = partial(requests_of, policy=policy)
    work = Work(scan=do, look=do, carry_out=do, expander=expander, duties=Duties(), concurrency=SCANS_AT_ONCE)
    stand_back()
    async with make_pool(conninfo) as pool:
        await keep_working(conninfo, pool, work, SystemClock())


def _read() -> None:
    """Read a lock of 50 MB again and again, as an inspector does."""
    stand_back()
    text = lock(0, ()) + REMARK * (LOCK // len(REMARK))
    while True:
        lockfiles.parse("pixi.lock", text.encode())


async def _main(repositories: int) -> None:
    print(head(), flush=True)
    async for figure in intake(repositories):
        print(figure, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description=__doc__)
    parser.add_argument("repositories", type=int, nargs="?", default=REPOSITORIES)
    parser.add_argument("--work", metavar="CONNINFO", help="be the worker")
    parser.add_argument("--read", action="store_true", help="be the reader")
    asked = parser.parse_args()
    if asked.read:
        _read()
    run_and_leave(lambda: asyncio.run(_work(asked.work) if asked.work else _main(asked.repositories)))
