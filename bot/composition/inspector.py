"""The process that looks at repositories: it lives by its parent's leave, see `bot.inspecting`.

It reads a `Hello` and then orders from stdin, writes results and questions to stdout, and ends when stdin does: a
thread sees to that, whatever the rest is at. It ignores the keyboard. When it ends by itself, it first ends what it
started, and removes its folder.
"""

import asyncio
import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from bot.children.bounds import bound_memory, end_for_memory
from bot.children.frames import frame, own_stdout, read_frame
from bot.children.starting import kill_all, started_by
from bot.composition.egress import egress_policy
from bot.composition.engine import Engine, Reach, open_engine_on
from bot.inspecting.asking import AskingSessions, Parent
from bot.inspecting.protocol import Answered, Begin, File, Hello, Logged, Order, from_parent, hello
from bot.inspecting.serving import Inspector
from bot.leaving import run_and_leave
from bot.planning.policy import Policy
from bot.updating.inspecting import OwnInspection


def main() -> None:
    """Serve one parent until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with own_stdout() as output:
        told = hello(read_frame(sys.stdin.buffer) or b"")
        bound_memory(told.memory, partial(_leave, told.folder, end_for_memory))
        asyncio.run(_serve(told, sys.stdin.buffer, output))


async def _serve(told: Hello, source: BinaryIO, output: BinaryIO) -> None:
    parent, messages = Parent(_writer(output)), asyncio.Queue[Begin | File | Order]()
    logging.basicConfig(level=logging.WARNING, handlers=[_ParentsLog(parent)])
    loop = asyncio.get_running_loop()

    def listen() -> None:
        while (content := read_frame(source)) is not None:
            message = from_parent(content)
            if isinstance(message, Answered):
                loop.call_soon_threadsafe(parent.answered, message)
            else:
                loop.call_soon_threadsafe(messages.put_nowait, message)
        _leave(told.folder, partial(os._exit, 0))

    threading.Thread(target=listen, daemon=True).start()
    async with open_engine_on(AskingSessions(parent, 0), _reach(told, parent), Policy()) as engine:
        await Inspector(parent, lambda generation: OwnInspection(_engine(engine, parent, generation))).serve(messages)


class _ParentsLog(logging.Handler):
    """Has the parent log what is worth a warning: nobody sees what this process prints."""

    def __init__(self, parent: Parent) -> None:
        super().__init__()
        self._parent = parent

    def emit(self, record: logging.LogRecord) -> None:
        self._parent.tell(Logged(self.format(record)))


def _writer(output: BinaryIO) -> Callable[[bytes], None]:
    """Return what writes a frame whole, from whichever thread."""
    turn = threading.Lock()

    def write(content: bytes) -> None:
        with turn:
            output.write(frame(content))
            output.flush()

    return write


def _engine(engine: Engine, parent: Parent, generation: int) -> Engine:
    """Return *engine* for one inspection."""
    return replace(engine, pool=AskingSessions(parent, generation), memory=parent)


def _reach(told: Hello, parent: Parent) -> Reach:
    return Reach(
        channels=told.channels,
        indexes=told.indexes,
        egress=egress_policy(told.channels, told.indexes, told.egress),
        environment=told.environment,
        processes=told.processes,
        learned=parent.learned,
    )


def _leave(folder: str, end: Callable[[], None]) -> None:
    """End this process by *end*, and with it everything that is its own."""
    kill_all(started_by(os.getpid()))
    shutil.rmtree(folder, ignore_errors=True)
    end()


if __name__ == "__main__":
    run_and_leave(main)
