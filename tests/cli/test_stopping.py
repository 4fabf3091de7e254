"""SIGTERM ends a service within ten seconds, with exit code 0 and all that it started, whatever hangs."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import ClientSession, web

from bot.demo.channel import CONDA_FORGE, ChannelData
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.localhost import LocalServer
from bot.demo.stage import Keys, Scenery, open_stage
from bot.jobs.coordinator import UPKEEP_GRACE
from bot.jobs.worker import GRACE
from bot.settings import Settings
from tests.e2e.conftest import ENVIRONMENT_YML, SMALL
from tests.processes import below, command, left

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")

ROOT = Path(__file__).parents[2]
INSPECTOR, SOLVER = "bot.composition.inspector", "bot.relock.child"
DOCKER = 10.0
"""Seconds that `docker stop` waits."""

LIMIT = 60.0
"""Seconds after which nothing will end any more. Not `DOCKER`, which a machine with other work may exceed."""


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys.generate()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not below pytest's own: run by root, PostgreSQL is another user, who may not enter that."""
    with TemporaryDirectory(prefix="condabot-") as path:
        yield Path(path)


@pytest.fixture
def environment(database: str, keys: Keys, tmp_path: Path, unused_tcp_port: int) -> Mapping[str, str]:
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "DATABASE_URL": database,
        "CONDABOT_CACHE_DIR": str(tmp_path / "cache"),
        "CONDABOT_APP_ID": "77",
        "CONDABOT_PRIVATE_KEY": keys.private_key,
        "CONDABOT_WEBHOOK_SECRET": keys.webhook_secret,
        "CONDABOT_GITHUB_API": "http://127.0.0.1:9",
        "CONDABOT_PORT": str(unused_tcp_port),
    }


async def ended(process: asyncio.subprocess.Process) -> int:
    """Tell *process* to end, and return how it did."""
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(LIMIT):
        return await process.wait()


@asynccontextmanager
async def service(*arguments: str, environment: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a service; whatever becomes of the test, nothing of it is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments), env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            for each in (*below(process.pid), process.pid):
                os.kill(each, signal.SIGKILL)
            await process.wait()


async def says(process: asyncio.subprocess.Process, start: str) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if line.decode().startswith(start):
            return
    pytest.fail(f"it ended without saying {start!r}")


def test_what_is_under_way_is_cut_off_long_before_docker_cuts_everything_off() -> None:
    assert max(GRACE, UPKEEP_GRACE) <= DOCKER / 2


async def test_an_idle_worker(environment: Mapping[str, str]) -> None:
    async with service("worker", environment=environment) as worker:
        await says(worker, "condabot works")
        started = below(worker.pid)

        assert await ended(worker) == 0
        assert left(started) == []


@pytest.mark.parametrize("name", ["serve", "worker", "all"])
async def test_a_service_that_has_not_begun(environment: Mapping[str, str], name: str) -> None:
    """Its database takes its connection and says nothing."""
    async with listening() as (port, called):
        url = f"postgresql://nobody@127.0.0.1:{port}/none"
        async with service(name, environment={**environment, "DATABASE_URL": url}) as process:
            await called.wait()
            started = below(process.pid)

            assert await ended(process) == 0
            assert left(started) == []


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[int, asyncio.Event]]:
    """Take connections and answer nothing; tell where, and when somebody came."""
    called, over = asyncio.Event(), asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await over.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], called
    finally:
        over.set()
        server.close()


async def test_serve_with_a_request_that_does_not_end(environment: Mapping[str, str]) -> None:
    async with service("serve", environment=environment) as serve:
        await says(serve, "condabot listens")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(environment["CONDABOT_PORT"]))
        writer.write(
            b"POST /webhook HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: g\r\n"
            b"X-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n"
        )
        assert b"100 Continue" in await reader.readline()  # its body is being waited for
        started = below(serve.pid)

        assert await ended(serve) == 0
        assert left(started) == []
        writer.close()


async def test_all_with_a_database_of_its_own(environment: Mapping[str, str], data_dir: Path) -> None:
    own = {**environment, "DATABASE_URL": "", "CONDABOT_DATA_DIR": str(data_dir)}
    async with service("all", environment=own) as process:
        for each in ("condabot ", "condabot "):
            await says(process, each)
        started = below(process.pid)

        assert await ended(process) == 0
        assert len(started) >= 2
        assert left(started) == []
        assert not (data_dir / "postgres" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    "freezes", [pytest.param(False, id="busy children"), pytest.param(True, id="children that answer nothing")]
)
async def test_a_worker_in_mid_scan(tmp_path: Path, database: str, keys: Keys, freezes: bool) -> None:  # noqa: FBT001
    """The channel hangs as soon as there is a solver: that waits for it, and the inspector waits for the solver."""
    channel = DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*SMALL)))
    scenery = Scenery(channel=channel, database_url=database, keys=keys)
    async with open_stage(tmp_path, scenery, works=False) as stage, hanging(stage.channel) as slow:
        repository = stage.github.create_repository("acme/app", {"environment.yml": ENVIRONMENT_YML})
        await stage.github.install("acme", [repository])
        environment = {**settings_in_words(stage.settings, stage.conninfo), "CONDABOT_MIRRORS": slow.mirror}
        async with service("worker", environment=environment) as worker:
            slow.worker = worker.pid
            await slow.hangs.wait()
            started = below(worker.pid)
            modules = {command(each)[-1] for each in started}
            for each in started if freezes else ():
                os.kill(each, signal.SIGSTOP)

            assert await ended(worker) == 0
            assert {INSPECTOR, SOLVER} <= modules
            assert left(started) == []


@dataclass(slots=True, kw_only=True)
class Slow:
    """A channel that hangs while `worker` has a solver."""

    mirror: str = ""
    worker: int = 0
    hangs: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def hang(self) -> None:
        if self.worker and any(command(each)[-1:] == [SOLVER] for each in below(self.worker)):
            self.hangs.set()
            await self.over.wait()


@asynccontextmanager
async def hanging(channel: DemoChannel) -> AsyncIterator[Slow]:
    slow = Slow()

    async def forward(request: web.Request) -> web.Response:
        await slow.hang()
        asked = {name: request.headers[name] for name in ("If-None-Match", "Range") if name in request.headers}
        async with http.get(f"{channel.url}{request.path}", headers=asked) as answer:
            kept = {name: answer.headers[name] for name in ("ETag", "Content-Range") if name in answer.headers}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)

    application = web.Application()
    application.router.add_get("/{path:.*}", forward)
    async with ClientSession(auto_decompress=False) as http, LocalServer(application) as server:
        slow.mirror = f"{CONDA_FORGE}={server.url}/conda-forge"
        yield slow
        slow.over.set()


def settings_in_words(settings: Settings, conninfo: str) -> dict[str, str]:
    """The settings as an operator gives them to a process."""
    app = settings.app
    assert app is not None
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "CONDABOT_APP_ID": app.app_id,
        "CONDABOT_PRIVATE_KEY": app.private_key,
        "CONDABOT_WEBHOOK_SECRET": app.webhook_secrets[0],
        "CONDABOT_GITHUB_API": app.github_api,
        "CONDABOT_CACHE_DIR": str(settings.channels.cache_dir),
        "CONDABOT_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": conninfo,
    }
