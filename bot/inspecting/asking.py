"""What a child asks its parent for, as the ports of the pipeline: solves, reports of earlier scans, open hosts."""

import asyncio
import zlib
from collections.abc import Callable
from itertools import count
from typing import Final

import msgspec

from bot.inspecting.protocol import Answered, Ask, FromChild, Learned, Recall, Remember, Solve, encode
from bot.model.report import ScanReport
from bot.relock import SolverSession
from bot.updating.ports import Solver

SOLVES_AT_ONCE: Final = 16
"""Questions that wait at the parent, for all of which it has the room; the others wait here."""

LARGEST_REPORT: Final = 64_000_000
"""Bytes of new texts in a report that is worth keeping."""

_FAST: Final = 1


class Parent:
    """The parent as its child sees it; *write* sends a frame."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._numbers = count()
        self._open: dict[int, asyncio.Future[bytes | None]] = {}
        self._turns = asyncio.Semaphore(SOLVES_AT_ONCE)

    def tell(self, message: FromChild) -> None:
        """Send *message*."""
        self._write(encode(message))

    def answered(self, message: Answered) -> None:
        """Take an answer; it is for whoever asked under its number."""
        if waiting := self._open.pop(message.number, None):
            waiting.set_result(message.content)

    async def answer(self, question: bytes) -> bytes:
        """Return the encoded answer of a solver to an encoded question."""
        async with self._turns:
            return await self._ask(lambda number: Solve(number, question)) or b"{}"

    async def learned(self, url: str) -> None:
        """Return when the parent lets files be read where *url* is, or has refused to."""
        await self._ask(lambda number: Learned(number, url))

    async def recall(self, key: bytes) -> ScanReport | None:
        """Return the report that an earlier inspection of this repository kept under *key*."""
        content = await self._ask(lambda number: Recall(number, key))
        return msgspec.json.decode(zlib.decompress(content), type=ScanReport) if content else None

    async def remember(self, key: bytes, report: ScanReport) -> None:
        """Keep *report* under *key* if nothing went wrong, and if it is not too large."""
        size = sum(len(text) for proposal in report.proposals for text in proposal.files.values())
        if not report.problems and size <= LARGEST_REPORT:
            self.tell(Remember(key, zlib.compress(msgspec.json.encode(report), _FAST)))

    async def _ask(self, asked: Callable[[int], Ask]) -> bytes | None:
        number = next(self._numbers)
        waiting: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._open[number] = waiting
        self.tell(asked(number))
        return await waiting


class AskingSessions:
    """Gives the session of one inspection, which asks the parent's solvers in one view of the channels."""

    def __init__(self, parent: Parent, generation: int) -> None:
        self._session = SolverSession(parent, generation)

    def session(self) -> Solver:
        """Return the session."""
        return self._session
