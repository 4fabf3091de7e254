"""One solver process, from the parent's side: started, asked, killed. It is told what it needs and inherits nothing."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import bot
from bot.errors import SolverFailed
from bot.relock.limits import MEBIBYTE, SolverLimits
from bot.relock.protocol import LENGTH_BYTES, OUT_OF_MEMORY, Answer, Hello, decode, encode, frame
from bot.settings import ChannelSettings

ALLOWED = frozenset(
    {
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "NO_PROXY",
        "RATTLER_AUTH_FILE",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "TZ",
        "USERPROFILE",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR",
    }
)
"""The variables that a child may be given: locale, folders, proxies, certificates and channel credentials."""

_ROOT = Path(bot.__file__).parent.parent


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return those of *environment* that a child may see; proxies are named in capitals or in small letters."""
    return {name: value for name, value in environment.items() if name.upper() in ALLOWED}


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
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-s", "-P", "-m", "bot.relock.child"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=child_environment(environment) | {"PYTHONPATH": str(_ROOT)},
            cwd=_ROOT,
        )
        child = cls(process, limits)
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

    async def ask(self, question: bytes) -> Answer:
        """Return the answer to an encoded `Question`.

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
        self._held = answer.held
        return answer

    async def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _send(self, content: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 -- started with PIPE
        with suppress(ConnectionError):  # a dead child shows itself when its answer is read
            stdin.write(frame(content))
            await stdin.drain()

    async def _receive(self) -> Answer:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 -- started with PIPE
        length = int.from_bytes(await stdout.readexactly(LENGTH_BYTES), "big")
        return decode(await stdout.readexactly(length), Answer)

    async def _death(self) -> str:
        status = await self._process.wait()
        if status == OUT_OF_MEMORY:
            return f"The solver needed more than {self._limits.memory // MEBIBYTE} MB of memory."
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        return f"The solver stopped before it was done ({how})."
