"""Frames on a pipe: a length (4 bytes, big-endian), and as many bytes of a message."""

import asyncio
import os
from typing import BinaryIO, Final

LENGTH_BYTES: Final = 4
PIECE: Final = 1024 * 1024
"""Bytes that are handed to a pipe at once: what waits to be written is held a second time until it is."""


def frame(content: bytes) -> bytes:
    """Return *content* with its length before it."""
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


def read_frame(stream: BinaryIO) -> bytes | None:
    """Return the content of the next frame, or None at the end."""
    length = stream.read(LENGTH_BYTES)
    if len(length) < LENGTH_BYTES:
        return None
    return stream.read(int.from_bytes(length, "big"))


async def send_frame(stream: asyncio.StreamWriter, content: bytes) -> None:
    """Write a frame with *content* piece by piece, so that no other work waits for a large one."""
    stream.write(len(content).to_bytes(LENGTH_BYTES, "big"))
    view = memoryview(content)
    for start in range(0, len(content), PIECE):
        stream.write(view[start : start + PIECE])
        await stream.drain()


async def receive_frame(stream: asyncio.StreamReader, *, longest: int | None = None) -> bytes:
    """Return the content of the next frame.

    Raises:
        IncompleteReadError: the other side is gone.
        ValueError: the frame has more than *longest* bytes.

    """
    length = int.from_bytes(await stream.readexactly(LENGTH_BYTES), "big")
    if longest is not None and length > longest:
        raise ValueError(f"a frame of {length} bytes, where {longest} are the most")
    return await stream.readexactly(length)


def own_stdout() -> BinaryIO:
    """Return stdout, and let whatever else is printed in this process go to stderr, so that frames stay whole."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return output
