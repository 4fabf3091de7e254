"""`condabot serve`, `worker` and `all` as programs: they start, say so, and end when they are told to."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cli.test_running import ON_LINUX, children, is_there

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pkcs8, unencrypted = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, unencrypted).decode()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not below pytest's own: run by root, PostgreSQL is another user, who may not enter that."""
    with TemporaryDirectory(prefix="condabot-") as path:
        yield Path(path)


@pytest.fixture
def environment(database: str, private_key: str, tmp_path: Path, unused_tcp_port: int) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],  # noqa: TID251 -- where programs are
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "DATABASE_URL": database,
        "CONDABOT_CACHE_DIR": str(tmp_path / "cache"),
        "CONDABOT_APP_ID": "77",
        "CONDABOT_PRIVATE_KEY": private_key,
        "CONDABOT_WEBHOOK_SECRET": "not-a-secret-" * 3,
        "CONDABOT_GITHUB_API": "http://127.0.0.1:9",
        "CONDABOT_PORT": str(unused_tcp_port),
    }


async def test_serve_answers_until_it_is_told_to_stop(environment: Mapping[str, str]) -> None:
    process = await started(("serve",), environment)
    url = address(environment)

    said = await line(process)
    answers = [await answer(f"{url}{path}") for path in ("/health", "/ready")]
    process.send_signal(signal.SIGTERM)

    assert said == f"condabot listens on {url}/webhook"
    assert answers == ["alive", "ready"]
    assert await line(process) == "condabot stops"
    assert await process.wait() == 0


async def test_a_worker_works_until_it_is_told_to_stop(environment: Mapping[str, str]) -> None:
    process = await started(("worker",), environment)

    said = await line(process)
    niceness = os.getpriority(os.PRIO_PROCESS, process.pid)
    process.send_signal(signal.SIGTERM)

    assert said == "condabot works"
    assert niceness > os.getpriority(os.PRIO_PROCESS, 0), "who takes webhooks goes first"
    assert await process.wait() == 0


@ON_LINUX
async def test_all_runs_both_parts_and_a_database_and_leaves_none_of_them_behind(
    environment: Mapping[str, str], data_dir: Path
) -> None:
    process = await started(("all",), {**environment, "DATABASE_URL": "", "CONDABOT_DATA_DIR": str(data_dir)})
    serving = f"condabot listens on {address(environment)}/webhook"
    try:
        assert sorted([await line(process), await line(process)]) == sorted([serving, "condabot works"])
        parts = named_children(process.pid)
        assert database_runs(data_dir)

        os.kill(parts["serve"], signal.SIGKILL)
        assert await line(process) == serving
        again = named_children(process.pid)
        assert await answer(f"{address(environment)}/ready") == "ready"
    finally:
        process.send_signal(signal.SIGTERM)

    assert await process.wait() == 0
    assert (again["worker"], again["serve"] == parts["serve"]) == (parts["worker"], False)
    assert [each for each in (*parts.values(), *again.values()) if is_there(each)] == []
    assert not database_runs(data_dir)


def database_runs(data_dir: Path) -> bool:
    """Tell whether the server of *data_dir* has not stopped cleanly."""
    return (data_dir / "postgres" / "postmaster.pid").exists()


def named_children(process: int) -> dict[str, int]:
    """Return the parts of `condabot all` that run, by their names."""
    found = {part(child): child for child in children(process)}
    return {name: child for name, child in found.items() if name in {"serve", "worker"}}


def part(process: int) -> str:
    """Return the last word of the command of a process."""
    return Path(f"/proc/{process}/cmdline").read_text().rstrip("\0").rpartition("\0")[2]


def address(environment: Mapping[str, str]) -> str:
    return f"http://127.0.0.1:{environment['CONDABOT_PORT']}"


async def answer(url: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(url)).text


async def started(arguments: tuple[str, ...], environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments), env=environment, stdout=asyncio.subprocess.PIPE
    )


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().rstrip("\n")
