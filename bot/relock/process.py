"""One solver process, from the parent's side: started, asked, killed. It is told what it needs and inherits nothing."""

import asyncio
from collections.abc import Mapping

from bot.children.bounds import MEBIBYTE, OUT_OF_MEMORY
from bot.children.child import Child
from bot.children.starting import manner_of_death
from bot.errors import SolverFailed
from bot.relock.limits import SolverLimits
from bot.relock.protocol import Held, Hello, decode, encode
from bot.settings import ChannelSettings


class SolverProcess:
    """A running child. Made by `start`; after `SolverFailed`, or a cancelled `ask`, it must be killed."""

    def __init__(self, child: Child, channels: ChannelSettings, limits: SolverLimits) -> None:
        self.channels = channels
        self._child = child
        self._limits = limits
        self._asked = 0
        self._held = 0

    @classmethod
    async def start(
        cls, channels: ChannelSettings, limits: SolverLimits, environment: Mapping[str, str]
    ) -> "SolverProcess":
        """Start a child that sees those of *environment* that it may, and where to import this package from."""
        child = await Child.start("bot.relock.child", environment)
        try:
            await child.send(encode(Hello(channels=channels, memory=limits.memory)))
        except BaseException:  # cancelled: nobody else knows of this child yet
            await child.kill()
            raise
        return cls(child, channels, limits)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._child.process.pid

    @property
    def is_usable(self) -> bool:
        """Whether it may be asked again: alive, and neither old nor big."""
        fresh = self._asked < self._limits.solves and self._held <= self._limits.recycle_above
        return fresh and self._child.is_alive

    async def ask(self, question: bytes) -> bytes:
        """Return the encoded `Answer` to an encoded `Question`.

        Raises:
            SolverFailed: it took too long or died; the message is a sentence.

        """
        self._asked += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._child.send(question)
                answer = await self._child.receive()
        except TimeoutError as error:
            raise SolverFailed(f"The solver did not finish within {self._limits.seconds:g} seconds.") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise SolverFailed(await self._death()) from error
        self._held = decode(answer, Held).held
        return answer

    async def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        await self._child.kill()

    async def _death(self) -> str:
        status = await self._child.process.wait()
        if status == OUT_OF_MEMORY:
            return f"The solver needed more than {self._limits.memory // MEBIBYTE} MB of memory."
        return f"The solver stopped before it was done ({manner_of_death(status)})."
