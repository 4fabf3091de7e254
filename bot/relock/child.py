"""The solver's process: reads a `Hello` and then questions from stdin, writes answers to stdout, ends when stdin does.

It lives by its parent's leave and ignores the keyboard. Its memory is bounded twice: a watching thread ends the process
when it has held too much, and the system refuses what is asked for beyond that in one go (RLIMIT_DATA, which on Linux
counts what is allocated and not what is mapped from files). The thread comes first because py-rattler does not end when
memory is refused: a thread of its runtime that cannot start leaves the solve waiting for ever.
"""

import asyncio
import os
import signal
import sys
import threading
import time
from collections import OrderedDict
from typing import BinaryIO

from bot.datasources.repodata import Repodata
from bot.leaving import run_and_leave
from bot.model.solve import NotSolved, SolveResult
from bot.relock.limits import MEBIBYTE
from bot.relock.protocol import LENGTH_BYTES, OUT_OF_MEMORY, Answer, Hello, Question, decode, encode, frame
from bot.relock.solver import solve
from bot.settings import ChannelSettings

HEADROOM = 1024 * MEBIBYTE
"""What may be allocated beyond what may be held: stacks of threads and reserves of the allocator."""

WATCH_SECONDS = 0.05
KEPT_GENERATIONS = 2
"""Views of repodata kept in memory: two scans may take turns, older ones are over."""


class Solver:
    """Answers questions, with one view of repodata for each generation."""

    def __init__(self, channels: ChannelSettings) -> None:
        self._channels = channels
        self._views: OrderedDict[int, Repodata] = OrderedDict()

    async def answer(self, question: Question) -> SolveResult:
        """Return the result of *question*, whatever becomes of it."""
        try:
            return await solve(self._view(question.generation), question.request)
        except Exception as error:  # noqa: BLE001 -- the border of the process: any defect is a result, and is reported
            return NotSolved(reason=f"The solver failed on this environment: {type(error).__name__}: {error}")

    def _view(self, generation: int) -> Repodata:
        if generation not in self._views:
            self._views[generation] = Repodata(self._channels)
        self._views.move_to_end(generation)
        while len(self._views) > KEPT_GENERATIONS:
            self._views.popitem(last=False)
        return self._views[generation]


def main() -> None:
    """Serve one parent until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with _own_stdout() as output:
        asyncio.run(_serve(sys.stdin.buffer, output))


async def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    hello = decode(_read(questions) or b"", Hello)
    _bound_memory(hello.memory)
    solver = Solver(hello.channels)
    while (content := _read(questions)) is not None:
        result = await solver.answer(decode(content, Question))
        answers.write(frame(encode(Answer.of(result, held=_most_memory_held()))))
        answers.flush()


def _read(stream: BinaryIO) -> bytes | None:
    """Return the next frame, or None at the end."""
    length = stream.read(LENGTH_BYTES)
    if len(length) < LENGTH_BYTES:
        return None
    return stream.read(int.from_bytes(length, "big"))


def _own_stdout() -> BinaryIO:
    """Return stdout, and let whatever else is printed in this process go to stderr, so that frames stay whole."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return output


def _bound_memory(memory: int) -> None:
    threading.Thread(target=_watch_memory, args=(memory,), daemon=True).start()
    _limit_allocations(memory + HEADROOM)


def _watch_memory(memory: int) -> None:
    while _most_memory_held() <= memory:
        time.sleep(WATCH_SECONDS)
    os._exit(OUT_OF_MEMORY)


if sys.platform == "win32":

    def _limit_allocations(_memory: int) -> None:
        """Leave allocations unlimited: Windows has no such limit."""

    def _most_memory_held() -> int:
        """Return 0: memory is not watched on Windows, where time alone is bounded."""
        return 0
else:
    import resource

    def _limit_allocations(memory: int) -> None:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        bound = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))

    def _most_memory_held() -> int:
        """Return the peak of resident memory in bytes (`ru_maxrss`: kibibytes, on macOS bytes)."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    run_and_leave(main)
