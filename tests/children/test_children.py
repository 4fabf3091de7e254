"""What all children share: frames that stay whole, bounds, and an end that takes along what they started."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.children import bounds
from bot.children.frames import LENGTH_BYTES, PIECE, frame, receive_frame, send_frame
from bot.children.plain import from_plain, to_plain
from bot.children.starting import kill_child, started_by

SLEEPER = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=bool({session}))
print(child.pid, flush=True)
input()
"""


async def test_a_large_frame_arrives_whole_among_small_ones() -> None:
    large = bytes(range(256)) * (3 * PIECE // 256) + b"end"
    received: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend([await receive_frame(reader) for _ in range(3)])
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1") as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        for content in (b"", large, b"last"):
            await send_frame(writer, content)
        await reader.read()
        writer.close()

    assert received == [b"", large, b"last"]
    assert frame(b"last") == (4).to_bytes(LENGTH_BYTES, "big") + b"last"


async def test_a_frame_that_is_too_long_is_refused_before_it_is_read() -> None:
    stream = asyncio.StreamReader()
    stream.feed_data((11).to_bytes(LENGTH_BYTES, "big"))

    with pytest.raises(ValueError, match="11 bytes, where 10 are the most"):
        await receive_frame(stream, longest=10)


async def test_too_much_memory_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    held = iter((1, 2, 3))
    ended: list[int] = []
    monkeypatch.setattr(bounds, "most_memory_held", lambda: next(held))
    monkeypatch.setattr(bounds, "WATCH_SECONDS", 0)
    monkeypatch.setattr("os._exit", ended.append)

    await asyncio.to_thread(bounds.watch_memory, 2, bounds.end_for_memory)

    assert ended == [bounds.OUT_OF_MEMORY]


@pytest.mark.skipif(sys.platform != "linux", reason="the quirk is of Linux")
async def test_memory_that_is_held_is_that_of_the_process_and_not_of_the_one_that_started_it() -> None:
    ballast = bytearray(300 * bounds.MEBIBYTE)
    code = "from bot.children.bounds import most_memory_held; print(most_memory_held())"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    output, _ = await child.communicate()

    assert 0 < int(output) < len(ballast) // 2


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell who started whom")
@pytest.mark.parametrize("session", [0, 1], ids=["in its group", "in a session of its own"])
async def test_a_child_takes_along_what_it_started(session: int) -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SLEEPER.format(session=session)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    pid = int(await child.stdout.readline())
    gone = asyncio.Event()
    handle = os.pidfd_open(pid)
    asyncio.get_running_loop().add_reader(handle, gone.set)
    assert started_by(child.pid) == (pid,)

    await kill_child(child)
    await gone.wait()

    asyncio.get_running_loop().remove_reader(handle)
    os.close(handle)


def test_paths_cross_the_border_and_nothing_else_that_is_not_plain() -> None:
    assert from_plain(Path, to_plain(Path("a/b"))) == Path("a/b")
    with pytest.raises(NotImplementedError, match="object does not cross"):
        to_plain(object())
    with pytest.raises(NotImplementedError, match="complex does not cross"):
        from_plain(complex, "1")
