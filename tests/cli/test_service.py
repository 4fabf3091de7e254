"""`condabot serve` and `condabot worker` as programs: they start, say so, and end when they are told to."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pkcs8, unencrypted = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, unencrypted).decode()


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


@pytest.mark.parametrize("arguments", [("serve", "--no-worker"), ("serve",)])
async def test_serve_answers_until_it_is_told_to_stop(
    environment: Mapping[str, str], arguments: tuple[str, ...]
) -> None:
    process = await started(arguments, environment)
    url = f"http://127.0.0.1:{environment['CONDABOT_PORT']}"

    said = await line(process)
    async with httpx.AsyncClient(trust_env=False) as http:
        answers = [(await http.get(f"{url}{path}")).text for path in ("/health", "/ready")]
    process.send_signal(signal.SIGTERM)

    assert said == f"condabot listens on {url}/webhook"
    assert answers == ["alive", "ready"]
    assert await line(process) == "condabot stops"
    assert await process.wait() == 0


async def test_a_worker_works_until_it_is_told_to_stop(environment: Mapping[str, str]) -> None:
    process = await started(("worker",), environment)

    said = await line(process)
    process.send_signal(signal.SIGTERM)

    assert said == "condabot works"
    assert await process.wait() == 0


async def started(arguments: tuple[str, ...], environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments), env=environment, stdout=asyncio.subprocess.PIPE
    )


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().rstrip("\n")
