"""Who is answered before anything is read, and that nobody waits for somebody else's slow socket."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from bot.web.webhook import LARGE_AT_ONCE, LARGEST_BODY, SMALL_BODY
from tests.web.conftest import Running, push, signature

BODY = push()
SIGNED = f"X-Hub-Signature-256: {signature(BODY)}"
NAMED = ("X-GitHub-Event: push", "X-GitHub-Delivery: one")
REFUSED = [
    pytest.param([], 401, id="no signature"),
    pytest.param(["X-Hub-Signature-256: sha256="], 401, id="half a signature"),
    pytest.param([f"X-Hub-Signature-256: sha256={'g' * 64}"], 401, id="letters that are no digits"),
    pytest.param([f"X-Hub-Signature: sha1={'0' * 40}"], 401, id="the old header"),
    pytest.param([SIGNED, "Content-Encoding: gzip"], 415, id="gzip"),
    pytest.param([SIGNED, "Content-Encoding: identity"], 415, id="any encoding"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """A connection on which a request has begun."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def status(self) -> int:
        return int((await self.reader.readline()).split()[1])


@asynccontextmanager
async def begun(running: Running, headers: Sequence[str]) -> AsyncIterator[Socket]:
    """Send the head of a delivery, and nothing of its body."""
    server = running.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    head = ("POST /webhook HTTP/1.1", "Host: localhost", *NAMED, *headers, "", "")
    writer.write("\r\n".join(head).encode())
    try:
        yield Socket(reader=reader, writer=writer)
    finally:
        writer.close()


def long(length: int) -> str:
    return f"Content-Length: {length}"


@pytest.mark.parametrize(("headers", "status"), REFUSED)
@pytest.mark.parametrize("length", [long(100), "Transfer-Encoding: chunked"], ids=["of a length", "of any length"])
async def test_who_cannot_have_githubs_signature_is_answered_before_a_byte_of_the_body_is_read(
    running: Running, headers: list[str], status: int, length: str
) -> None:
    async with begun(running, [*headers, length]) as socket:
        assert await socket.status() == status


async def test_a_body_that_says_it_is_too_large_is_refused_before_a_byte_of_it_is_read(running: Running) -> None:
    async with begun(running, [SIGNED, long(LARGEST_BODY + 1)]) as socket:
        assert await socket.status() == 413


async def test_forty_sockets_that_send_a_byte_each_make_no_delivery_wait(running: Running) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(40):
            slow = await stack.enter_async_context(begun(running, [SIGNED, long(len(BODY))]))
            slow.send(BODY[:1])
        assert await running.deliver(BODY) == 202
    assert running.count() == 1


@pytest.mark.parametrize("length", [long(SMALL_BODY + 1), "Transfer-Encoding: chunked"], ids=["large", "of any length"])
async def test_forty_large_bodies_that_do_not_come_make_no_small_delivery_wait(running: Running, length: str) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(40):
            await stack.enter_async_context(begun(running, [SIGNED, length]))
        assert await running.deliver(BODY) == 202


async def test_of_large_bodies_few_are_read_at_once_and_the_others_are_told_so(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.webhook.SECONDS_TO_WAIT", 0)
    async with AsyncExitStack() as stack:
        large = [
            await stack.enter_async_context(begun(running, [SIGNED, long(SMALL_BODY + 1)]))
            for _ in range(LARGE_AT_ONCE + 1)
        ]
        ends = [asyncio.create_task(each.status()) for each in large]
        done, waiting = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        assert [each.result() for each in done] == [503]
        for each in large:
            each.send(b" " * (SMALL_BODY + 1))
        assert {await each for each in waiting} == {401}


async def test_a_delivery_that_comes_byte_by_byte_is_believed_when_it_is_whole(running: Running) -> None:
    async with begun(running, [SIGNED, long(len(BODY))]) as socket:
        for byte in BODY:
            socket.send(bytes([byte]))
            await socket.writer.drain()
        assert await socket.status() == 202
    assert running.rows("SELECT guid, body FROM delivery") == [("one", BODY)]
