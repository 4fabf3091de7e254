"""The real `condabot serve`: what is not GitHub's is turned away, leaves nothing, and makes no real delivery wait."""

import asyncio
import gzip
import hmac
import io
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp
import psycopg
import pytest

from bot.demo.stage import Keys

SECRET = "s" * 40
PAYLOAD = {
    "ref": "refs/heads/main",
    "commits": [{"added": [], "removed": [], "modified": ["pixi.toml"]}],
    "repository": {"id": 70, "default_branch": "main"},
    "installation": {"id": 7},
}
BODY = json.dumps(PAYLOAD).encode()
DEEP = b"[" * 200_000
LARGE = b" " * 27_262_976
SLOW = 40


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request, and how it is answered."""

    status: int
    body: bytes = field(default=BODY, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


TABLE = {
    "no signature": Sent(status=401),
    "an empty one": Sent(status=401, headers={"X-Hub-Signature-256": ""}),
    "one by another secret": Sent(status=401, headers={"X-Hub-Signature-256": signature(BODY, "x" * 40)}),
    "one of another body": Sent(status=401, headers={"X-Hub-Signature-256": signature(BODY + b" ")}),
    "one in capitals": Sent(status=401, headers={"X-Hub-Signature-256": signature(BODY).upper()}),
    "one in other letters": Sent(status=401, headers={"X-Hub-Signature-256": "sha256=" + "é" * 64}),
    "the old header": Sent(status=401, headers={"X-Hub-Signature": "sha1=" + "0" * 40}),
    "gzip, signed": Sent(
        status=415,
        body=gzip.compress(BODY),
        headers={"X-Hub-Signature-256": signature(gzip.compress(BODY)), "Content-Encoding": "gzip"},
    ),
    "26 MiB, signed": Sent(status=413, body=LARGE, headers={"X-Hub-Signature-256": signature(LARGE)}),
    "26 MiB, unsigned": Sent(status=401, body=LARGE),
    "deep JSON, signed": Sent(status=400, body=DEEP, headers={"X-Hub-Signature-256": signature(DEEP)}),
    "deep JSON, unsigned": Sent(status=401, body=DEEP),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The command that serves, at a URL, and its database."""

    url: str
    database: str

    async def send(self, sent: Sent) -> int:
        headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": str(uuid4()), **sent.headers}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.post(f"{self.url}/webhook", data=io.BytesIO(sent.body), headers=headers) as answer,
        ):
            return answer.status

    async def deliver(self) -> int:
        """Send a delivery of GitHub's."""
        return await self.send(Sent(status=202, headers={"X-Hub-Signature-256": signature(BODY)}))

    def stored(self) -> int:
        with psycopg.connect(self.database) as connection:
            [(count,)] = connection.execute("SELECT count(*) FROM delivery").fetchall()
        return int(count)

    @asynccontextmanager
    async def slow(self) -> AsyncIterator[None]:
        """Hold a connection on which one byte of a body has come."""
        at = urlsplit(self.url)
        _, writer = await asyncio.open_connection(at.hostname, at.port)
        head = ("POST /webhook HTTP/1.1", "Host: x", f"X-Hub-Signature-256: {signature(BODY)}", "Content-Length: 900")
        writer.write("\r\n".join((*head, "", "{")).encode())
        await writer.drain()
        try:
            yield
        finally:
            writer.close()


@pytest.fixture
async def serving(tmp_path: Path, database: str, keys: Keys) -> AsyncIterator[Serving]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    variables = {
        "PATH": os.defpath,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "CONDABOT_APP_ID": "1",
        "CONDABOT_PRIVATE_KEY": keys.private_key,
        "CONDABOT_WEBHOOK_SECRET": SECRET,
        "CONDABOT_DATA_DIR": str(tmp_path),
        "CONDABOT_PORT": str(port),
        "DATABASE_URL": database,
    }
    serve = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", env=variables, stdout=asyncio.subprocess.PIPE
    )
    assert serve.stdout
    assert b"listens" in await serve.stdout.readline()
    try:
        yield Serving(url=f"http://127.0.0.1:{port}", database=database)
    finally:
        serve.terminate()
        await serve.communicate()


async def test_what_is_not_githubs_is_turned_away_and_leaves_nothing(serving: Serving) -> None:
    answers = {name: await serving.send(sent) for name, sent in TABLE.items()}

    assert answers == {name: sent.status for name, sent in TABLE.items()}
    assert serving.stored() == 0
    assert await serving.deliver() == 202


async def test_a_real_delivery_is_taken_while_all_of_that_goes_on_and_forty_sockets_are_slow(serving: Serving) -> None:
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        for _ in range(SLOW):
            await stack.enter_async_context(serving.slow())
        others = {name: group.create_task(serving.send(sent)) for name, sent in TABLE.items()}
        assert await serving.deliver() == 202

    assert {name: each.result() for name, each in others.items()} == {name: each.status for name, each in TABLE.items()}
    assert serving.stored() == 1
