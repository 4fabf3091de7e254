"""One solver process, from the parent's side: started, asked, killed. It is told what it needs and inherits nothing."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Mapping
from contextlib import suppress

from bot.children.bounds import MEBIBYTE, OUT_OF_MEMORY
from bot.children.frames import receive_frame, send_frame
from bot.children.starting import kill_child, manner_of_death, start_child
from bot.errors import SolverFailed
from bot.relock.limits import SolverLimits
from bot.relock.protocol import Held, Hello, decode, encode
from bot.settings import ChannelSettings


class SolverProcess:
    """A running child. Made by `start`; after `SolverFailed`, or a cancelled `ask`, it must be killed."""

    def __init__(self, process: Process, limits: SolverLimits) -> None:
        self._process = process
        self._limits = limits
        self._asked = 0
        self._held = 0

    @classmethod
    async def start(
        cls, channels: ChannelSettings, limits: SolverLimits, environment: Mapping[str, str]
    ) -> "SolverProcess":
        """Start a child that sees those of *environment* that it may, and where to import this package from."""
        child = cls(await start_child("bot.relock.child", environment), limits)
        try:
            await child._send(encode(Hello(channels=channels, memory=limits.memory)))
        except BaseException:  # cancelled: nobody else knows of this child yet
            await child.kill()
            raise
        return child

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def is_usable(self) -> bool:
        """Whether it may be asked again: alive, and neither old nor big."""
        fresh = self._asked < self._limits.solves and self._held <= self._limits.recycle_above
        return fresh and self._process.returncode is None

    async def ask(self, question: bytes) -> bytes:
        """Return the encoded `Answer` to an encoded `Question`.

        Raises:
            SolverFailed: it took too long or died; the message is a sentence.

        """
        self._asked += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._send(question)
                answer = await self._receive()
        except TimeoutError as error:
            raise SolverFailed(f"The solver did not finish within {self._limits.seconds:g} seconds.") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise SolverFailed(await self._death()) from error
        self._held = decode(answer, Held).held
        return answer

    async def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        await kill_child(self._process)

    async def _send(self, content: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 -- started with PIPE
        with suppress(ConnectionError):  # a dead child shows itself when its answer is read
            await send_frame(stdin, content)

    async def _receive(self) -> bytes:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 -- started with PIPE
        return await receive_frame(stdout)

    async def _death(self) -> str:
        status = await self._process.wait()
        if status == OUT_OF_MEMORY:
            return f"The solver needed more than {self._limits.memory // MEBIBYTE} MB of memory."
        return f"The solver stopped before it was done ({manner_of_death(status)})."
