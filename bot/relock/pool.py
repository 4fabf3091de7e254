"""A pool of solver processes: so many solves at a time, first come first served, each with bounds on time and memory.

`solve` never raises for an environment, a channel or a child that fails: those are results. A child that crashed, was
killed or ran out of time costs the one request that it was on; the next request gets a new one.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from itertools import count
from typing import Protocol, Self

from bot.errors import SolverFailed
from bot.model.package import Record
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.relock.limits import SolverLimits
from bot.relock.process import SolverProcess
from bot.relock.protocol import Answer, Question, decode, encode
from bot.relock.recollection import Recollection
from bot.settings import ChannelSettings


class Answerer(Protocol):
    """Answers questions, from whichever process."""

    async def answer(self, question: bytes) -> bytes:
        """Return the encoded `Answer` to an encoded `Question`."""
        ...


class SolverPool:
    """Up to `processes` children, started when they are needed or asked for: `async with SolverPool(...) as pool`.

    `environment` is what children may see of the process's environment; they get what `child_environment` leaves of it.
    A child reads channels as it was told when it was started, so questions about private channels of different people
    are never answered by the same child. Every question to a child is asked within what `measured` gives.
    """

    def __init__(
        self,
        channels: ChannelSettings,
        *,
        processes: int,
        limits: SolverLimits | None = None,
        environment: Mapping[str, str] | None = None,
        measured: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._channels = channels
        self._measured = measured
        self._processes = processes
        self._limits = limits or SolverLimits()
        self._environment = environment or {}
        self._generations = count()
        self._slots = asyncio.Semaphore(processes)
        self._idle: list[SolverProcess] = []
        self._early: list[asyncio.Task[SolverProcess]] = []
        self._alive: set[SolverProcess] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Kill every child. Solves under way, and later ones, are `NotSolved`."""
        self._closed = True
        for starting in self._early:
            starting.cancel()
        await asyncio.gather(*self._early, return_exceptions=True)
        await asyncio.gather(*(self._end(child) for child in tuple(self._alive)))

    def start(self) -> None:
        """Have all children start now: who will ask has something else to do until then."""
        self._early += [asyncio.create_task(self._started(self._channels)) for _ in range(self._processes)]

    def session(self) -> "SolverSession":
        """Return a session: it reads channels afresh, and once. One for each scan."""
        return SolverSession(self, self.generation())

    def generation(self) -> int:
        """Return a new view of the channels, for the questions of somebody else's session."""
        return next(self._generations)

    async def solve(self, request: SolveRequest) -> SolveResult:
        """Solve *request* in a session of its own."""
        return await self.session().solve(request)

    async def answer(self, question: bytes) -> bytes:
        """Return the encoded `Answer` to an encoded `Question`: for sessions, which see to it that it is asked once."""
        return await self.answer_from(self._channels, question)

    async def answer_from(self, channels: ChannelSettings, question: bytes) -> bytes:
        """Return the encoded `Answer` to an encoded `Question`, with what *channels* say of how channels are read."""
        async with self._slots:
            try:
                async with self._child(channels) as child:
                    with self._measured():
                        return await child.ask(question)
            except SolverFailed as error:
                reason = "condabot is stopping." if self._closed else str(error)
                return encode(Answer.of(NotSolved(reason=reason), held=0))

    @asynccontextmanager
    async def _child(self, channels: ChannelSettings) -> AsyncIterator[SolverProcess]:
        """Lend a child; it is kept only if it answered and may be asked again."""
        child = await self._take(channels)
        keep = False
        try:
            if self._closed:
                raise SolverFailed("The pool is closed.")
            yield child
            keep = child.is_usable and not self._closed
        finally:
            if keep:
                self._idle.append(child)
            else:
                await asyncio.shield(self._end(child))

    async def _take(self, channels: ChannelSettings) -> SolverProcess:
        """Return the child for *channels* that was used last, which has most in memory, or a new one."""
        if self._early and channels == self._channels:
            return await self._early.pop()
        for child in [each for each in reversed(self._idle) if each.channels == channels]:
            self._idle.remove(child)
            if child.is_usable:
                return child
            await self._end(child)
        while self._idle and len(self._alive) >= self._processes:  # one that is for other channels makes room
            await self._end(self._idle.pop(0))
        return await self._started(channels)

    async def _started(self, channels: ChannelSettings) -> SolverProcess:
        child = await SolverProcess.start(channels, self._limits, self._environment)
        self._alive.add(child)
        return child

    async def _end(self, child: SolverProcess) -> None:
        await child.kill()
        self._alive.discard(child)


class SolverSession:
    """One state of the channels, for one scan: what is asked twice is solved once. Safe for concurrent use.

    Children read channels each for themselves when they are first asked in a session; what is committed is to be
    compared with the channel once more (`CondaDatasource.find`). Thousands of solutions have mostly the same records,
    so each record is held once.
    """

    def __init__(self, pool: Answerer, generation: int) -> None:
        self._pool = pool
        self._generation = generation
        self._results: dict[bytes, SolveResult] = {}
        self._records: dict[str, Record] = {}
        self._underway: dict[bytes, asyncio.Lock] = {}
        self._recollection = Recollection()

    async def solve(self, request: SolveRequest) -> SolveResult:
        """Return the result of *request*; the same request has the same result throughout the session.

        That of a doubtful one may be without words, which are asked for once they are wanted.
        """
        question = Question.of(request, generation=self._generation)
        key = hashlib.sha256(encode(question.without_doubt)).digest()
        async with self._underway.setdefault(key, asyncio.Lock()):
            known = self._results.get(key)
            if known is None or (isinstance(known, Unsolvable) and not known.text and not request.is_doubtful):
                self._results[key] = await self._asked(question, request)
        return self._results[key]

    async def _asked(self, question: Question, request: SolveRequest) -> SolveResult:
        """Return the result of *question*, which is *request* and goes out with what one like it came to."""
        question = question.beside(self._recollection.like(request), self._recollection.elsewhere(request))
        result = self._shared(decode(await self._pool.answer(encode(question)), Answer).result)
        if isinstance(result, Solution):
            self._recollection.add(request, result)
        return result

    def _shared(self, result: SolveResult) -> SolveResult:
        if not isinstance(result, Solution):
            return result
        held = ((self._records.setdefault(record.url, record), record) for record in result.records)
        return Solution(records=tuple(known if known == record else record for known, record in held))
