"""The solver's process: reads a `Hello` and then questions from stdin, writes answers to stdout, ends when stdin does.

It lives by its parent's leave and ignores the keyboard. Its memory is bounded (`bot.children.bounds`).
"""

import asyncio
import signal
import sys
from collections import OrderedDict
from typing import BinaryIO

from bot.children.bounds import bound_memory, most_memory_held
from bot.children.frames import frame, own_stdout, read_frame
from bot.datasources.repodata import Repodata
from bot.leaving import run_and_leave
from bot.model.solve import NotSolved, SolveResult
from bot.relock.protocol import Answer, Hello, Question, decode, encode
from bot.relock.refuted import Listings
from bot.relock.solver import solve
from bot.settings import ChannelSettings

KEPT_GENERATIONS = 2
"""Views of repodata kept in memory: two scans may take turns, older ones are over."""


class Solver:
    """Answers questions, with one view of repodata for each generation."""

    def __init__(self, channels: ChannelSettings) -> None:
        self._channels = channels
        self._views: OrderedDict[int, Listings] = OrderedDict()

    async def answer(self, question: Question) -> SolveResult:
        """Return the result of *question*, whatever becomes of it."""
        try:
            listings = self._view(question.generation)
            return await solve(listings.repodata, question.whole, listings, question.earlier, question.elsewhere)
        except Exception as error:  # noqa: BLE001 -- the border of the process: any defect is a result, and is reported
            return NotSolved(reason=f"The solver failed on this environment: {type(error).__name__}: {error}")

    def _view(self, generation: int) -> Listings:
        if generation not in self._views:
            self._views[generation] = Listings(Repodata(self._channels))
        self._views.move_to_end(generation)
        while len(self._views) > KEPT_GENERATIONS:
            self._views.popitem(last=False)
        return self._views[generation]


def main() -> None:
    """Serve one parent until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with own_stdout() as output:
        asyncio.run(_serve(sys.stdin.buffer, output))


async def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    hello = decode(read_frame(questions) or b"", Hello)
    bound_memory(hello.memory)
    solver = Solver(hello.channels)
    while (content := read_frame(questions)) is not None:
        result = await solver.answer(decode(content, Question))
        answers.write(frame(encode(Answer.of(result, held=most_memory_held()))))
        answers.flush()


if __name__ == "__main__":
    run_and_leave(main)
