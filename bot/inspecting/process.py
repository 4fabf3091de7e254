"""One inspector, from the parent's side: started, given orders, attended to meanwhile, killed."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, Protocol

import msgspec

from bot.children.bounds import MEBIBYTE, OUT_OF_MEMORY, OUT_OF_PROCESSOR_TIME
from bot.children.child import Child
from bot.children.starting import child_environment, manner_of_death
from bot.errors import CondabotError, InspectionStopped
from bot.inspecting.limits import ScanLimits
from bot.inspecting.protocol import (
    LONGEST,
    Answered,
    Ask,
    Begin,
    Ended,
    Failed,
    File,
    FromParent,
    Hello,
    Learned,
    Logged,
    Order,
    Recall,
    Remember,
    Result,
    Solve,
    encode,
    from_child,
)
from bot.settings import Sources
from bot.updating.inspection import Stop

log = logging.getLogger(__name__)

MODULE: Final = "bot.composition.inspector"
ATTENDED_AT_ONCE: Final = 64
LONGEST_LOGGED: Final = 20_000
"""Characters of what a child says for the log."""

ADVICE: Final = "name what needs no updates in ignorePaths (.github/condabot.yml)"
_FOLDERS: Final = ("TMPDIR", "TEMP", "TMP")


class Attendant(Protocol):
    """What an inspector may ask of its parent, in the name of one repository."""

    async def solve(self, question: bytes) -> bytes:
        """Return the encoded answer to an encoded question."""
        ...

    def recall(self, key: bytes) -> bytes | None:
        """Return what this repository's inspections put under *key*."""
        ...

    def remember(self, key: bytes, report: bytes) -> None:
        """Keep *report* for this repository's next inspections."""
        ...

    def learn(self, url: str) -> None:
        """Let files be read where *url* is, if that may be."""
        ...


class InspectorProcess:
    """A running child. Made by `start`; after anything but an answer it must be killed."""

    def __init__(self, child: Child, sources: Sources, folder: str, limits: ScanLimits) -> None:
        self.sources = sources
        self._child = child
        self._folder = folder
        self._limits = limits
        self._turns = asyncio.Semaphore(ATTENDED_AT_ONCE)
        self._writing = asyncio.Lock()
        self._results: asyncio.Queue[Result | None] = asyncio.Queue()
        self._attendant: Attendant | None = None
        self._helping: set[asyncio.Task[None]] = set()
        self._listening = asyncio.create_task(self._listen())
        self._begun = 0
        self._held = 0

    @classmethod
    async def start(
        cls,
        sources: Sources,
        hello: Callable[[Sources, str, Mapping[str, str]], Hello],
        limits: ScanLimits,
        environment: Mapping[str, str],
    ) -> "InspectorProcess":
        """Start a child for *sources* with a folder of its own; *hello* is told both, and what environment it has."""
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="condabot-inspector-")
        seen = child_environment(environment) | dict.fromkeys(_FOLDERS, folder)
        try:
            child = cls(await Child.start(MODULE, seen), sources, folder, limits)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        try:
            await child._send(encode(hello(sources, folder, seen)))
        except BaseException:  # cancelled: nobody else knows of this child yet
            await child.kill()
            raise
        return child

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._child.process.pid

    @property
    def is_usable(self) -> bool:
        """Whether it may begin another inspection: alive, and neither old nor big."""
        fresh = self._begun < self._limits.inspections and self._held <= self._limits.recycle_above
        return fresh and self._child.is_alive

    async def begin(self, generation: int, attendant: Attendant) -> None:
        """Begin an inspection, with *attendant* to help."""
        self._begun += 1
        self._attendant = attendant
        await self.tell(Begin(generation=generation, processor_seconds=self._limits.processor_seconds))

    async def give(self, path: str, content: bytes) -> None:
        """Send a file."""
        await self._send(encode(File(path, content)))

    async def ask(self, order: Order) -> Result:
        """Return the result of *order*.

        Raises:
            CondabotError: it cannot be carried out.
            InspectionStopped: a bound was met, or the child died.

        """
        await self.tell(order)
        result = await self._results.get()
        if result is None:
            raise await self._death()
        if isinstance(result, Failed):
            raise self._failure(result)
        if isinstance(result, Ended):
            self._held = result.held
        return result

    async def tell(self, message: FromParent) -> None:
        """Send *message*."""
        await self._send(encode(message))

    async def kill(self) -> None:
        """End it at once with all that it started, and wait until it and its folder are gone."""
        await self._child.kill()
        helping = (self._listening, *self._helping)
        for task in helping:
            task.cancel()
        await asyncio.gather(*helping, return_exceptions=True)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _send(self, content: bytes) -> None:
        async with self._writing:
            await self._child.send(content)

    async def _listen(self) -> None:
        """Attend to what the child says until it is gone, or says what no child does."""
        try:
            while True:
                await self._take(await self._child.receive(longest=LONGEST))
        except (OSError, asyncio.IncompleteReadError):
            pass
        except (ValueError, msgspec.DecodeError):
            with suppress(ProcessLookupError):
                self._child.process.kill()
        finally:
            self._results.put_nowait(None)

    async def _take(self, content: bytes) -> None:
        message = from_child(content)
        if isinstance(message, Solve | Recall | Learned):
            await self._turns.acquire()
            task = asyncio.create_task(self._help(message))
            self._helping.add(task)
            task.add_done_callback(self._helping.discard)
        elif isinstance(message, Remember):
            if self._attendant:
                self._attendant.remember(message.key, message.report)
        elif isinstance(message, Logged):
            log.error("an inspector says: %s", message.text[:LONGEST_LOGGED])
        else:
            self._results.put_nowait(message)

    async def _help(self, ask: Ask) -> None:
        try:
            await self.tell(Answered(ask.number, await self._answer(ask)))
        finally:
            self._turns.release()

    async def _answer(self, ask: Ask) -> bytes | None:
        if self._attendant is None:
            return None
        match ask:
            case Solve():
                return await self._attendant.solve(ask.question)
            case Recall():
                return self._attendant.recall(ask.key)
            case Learned():
                self._attendant.learn(ask.url)
                return None

    def _failure(self, result: Failed) -> CondabotError:
        if not result.defect:
            return CondabotError(result.message)
        log.error("an inspector failed: %s", result.defect[:LONGEST_LOGGED])
        return InspectionStopped(Stop.DEFECT, result.message)

    async def _death(self) -> InspectionStopped:
        status = await self._child.process.wait()
        if status == OUT_OF_MEMORY:
            by, more = Stop.MEMORY, f"more than {self._limits.memory // MEBIBYTE} MB of memory"
        elif status == OUT_OF_PROCESSOR_TIME:
            by, more = Stop.PROCESSOR, f"more than {self._limits.processor_seconds:g} seconds of processor time"
        else:
            how = manner_of_death(status)
            return InspectionStopped(Stop.DEATH, f"the process that reads this repository ended ({how}); {ADVICE}")
        return InspectionStopped(by, f"this repository needs {more}; {ADVICE}")
