"""The real command goes out by its own proxy alone, with all its children: solvers, inspectors, uv.

All that it is to call has a name that only the operator's proxy knows. That proxy hears who comes by ours: one request
for each connection. Where `strace` is installed, every connection of every process is seen too, whatever made it.
"""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from psycopg.conninfo import conninfo_to_dict

from bot.demo.channel import ChannelData
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.stage import Scenery, Stage, open_stage
from tests.corporate import Corporate
from tests.e2e.conftest import ENVIRONMENT_YML, SMALL

GITHUB, MIRROR = "github.example", "mirror.example"
CONNECTED = re.compile(
    r"connect\(\d+, \{sa_family=AF_INET6?, sin6?_port=htons\((\d+)\).*?(?:inet_addr|inet_pton)\(.*?\"(.*?)\""
)
DNS = 53


@pytest.fixture
async def stage(tmp_path: Path, database: str) -> AsyncIterator[Stage]:
    channel = DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*SMALL)))
    async with open_stage(tmp_path, Scenery(channel=channel, database_url=database), works=False) as stage:
        yield stage


async def test_no_call_passes_beside_the_proxy(stage: Stage, tmp_path: Path) -> None:
    repository = stage.github.create_repository("acme/small", {"environment.yml": ENVIRONMENT_YML})
    await stage.github.install(repository.owner.login, [repository])
    github, channel = port_of(stage.github.url), port_of(stage.channel.url)
    log = tmp_path / "connections"
    async with Corporate({GITHUB: github, MIRROR: channel}) as corporate:
        command = [*tracing(log), sys.executable, "-m", "bot", "worker"]
        worker = await asyncio.create_subprocess_exec(*command, env=environment(stage, corporate.port))
        try:
            await stage.idle()
            allowed = listeners_below(worker.pid) | {corporate.port, port_of_database(stage), DNS}
        finally:
            worker.terminate()
            await worker.wait()

    assert [pull.state for pull in repository.pulls.values()] == ["open"]
    assert {host_of(head) for head in corporate.heads} == {GITHUB, MIRROR}
    assert [head for head in corporate.heads if "\r\nConnection: close\r\n" not in head] == []
    if log.exists():
        called = {int(port) for port, _ in CONNECTED.findall(log.read_text(errors="replace"))}
        assert called
        assert called - allowed == set()


def tracing(log: Path) -> list[str]:
    """Return what writes down every connection of a command and its children; nothing where that is not installed."""
    strace = shutil.which("strace")
    return [strace, "-D", "-f", "-qq", "-e", "trace=connect", "-e", "signal=none", "-o", str(log)] if strace else []


def environment(stage: Stage, proxy: int) -> dict[str, str]:
    app = stage.settings.app
    assert app is not None
    mirrors = (
        f"{each.canonical}=http://{MIRROR}:{port_of(each.url)}{urlsplit(each.url).path}"
        for each in stage.settings.channels.mirrors
    )
    return {
        "PATH": os.defpath,
        "HOME": str(stage.settings.data_dir),
        "CONDABOT_APP_ID": app.app_id,
        "CONDABOT_PRIVATE_KEY": app.private_key,
        "CONDABOT_WEBHOOK_SECRET": app.webhook_secrets[0],
        "CONDABOT_GITHUB_API": f"http://{GITHUB}:8080",
        "CONDABOT_MIRRORS": " ".join(mirrors),
        "CONDABOT_CACHE_DIR": str(stage.settings.channels.cache_dir),
        "CONDABOT_DATA_DIR": str(stage.settings.data_dir),
        "CONDABOT_PYPI_MAPPING_URL": "",
        "DATABASE_URL": stage.conninfo,
        "HTTP_PROXY": f"http://127.0.0.1:{proxy}",
        "HTTPS_PROXY": f"http://127.0.0.1:{proxy}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def port_of_database(stage: Stage) -> int:
    return int(str(conninfo_to_dict(stage.conninfo).get("port", 0)))


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


def host_of(head: str) -> str:
    return urlsplit(head.split(" ", 2)[1]).hostname or ""


def listeners_below(pid: int) -> set[int]:
    """Return the ports on which *pid*, or what it started, listens (proc(5), net/tcp)."""
    inodes = {inode for each in below(pid) for inode in sockets_of(each)}
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and row[9] in inodes}


def below(pid: int) -> Iterable[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from below(int(child))


def sockets_of(pid: int) -> Iterable[str]:
    for each in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(each.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            yield target.removeprefix("socket:[").removesuffix("]")
