"""Inspectors: as many at once as are asked for, kept for the next inspection, replaced when one fails or grows."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, Self, TypeVar

from bot.errors import CondabotError, ConfigurationError, EgressRefused, InspectionStopped
from bot.inspecting.limits import ScanLimits
from bot.inspecting.process import ADVICE, InspectorProcess
from bot.inspecting.protocol import (
    AskManners,
    Body,
    Describe,
    End,
    Ended,
    Explain,
    Given,
    HasLooked,
    HasResolved,
    Hello,
    Introduce,
    Introduced,
    IsPrepared,
    Listed,
    LookAt,
    Mannered,
    MergedText,
    MergeText,
    Order,
    Prepare,
    ReadText,
    Refused,
    RelockAll,
    Result,
    Scan,
    Scanned,
    Text,
    Wanted,
)
from bot.model.report import Problem
from bot.settings import ChannelSettings, EgressSettings, Sources
from bot.updating.inspection import (
    Circumstances,
    Inspected,
    Inspection,
    Introduction,
    Looked,
    Manners,
    Prepared,
    Resolved,
    Stop,
    Words,
)
from bot.updating.memory import Shelf

FAREWELL: Final = 10.0
"""Seconds in which a child that has nothing more to do must say so; else it is replaced."""

R = TypeVar("R")


class Solvers(Protocol):
    """Answers questions for whoever encodes them, each in a view of the channels (`bot.relock.SolverPool`)."""

    def generation(self) -> int:
        """Return a new view."""
        ...

    async def answer_from(self, channels: ChannelSettings, question: bytes) -> bytes:
        """Return the encoded answer to an encoded question, with *channels* as somebody may read them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplies:
    """What inspectors are told, and what they may ask for: solves, reports on the shelf, hosts of files to be opened.

    `sources` say what an installation reads from: inspectors of one never work for another if these differ.
    `environment` is what they may see of the process's environment; they get what `child_environment` leaves of it.
    """

    sources: Callable[[int], Sources]
    egress: EgressSettings
    environment: Mapping[str, str]
    processes: int
    solvers: Solvers
    allow_files_at: Callable[[str], object]
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class _Attending:
    """Helps with one repository."""

    supplies: Supplies
    sources: Sources
    repository_id: int

    async def solve(self, question: bytes) -> bytes:
        return await self.supplies.solvers.answer_from(self.sources.channels, question)

    def recall(self, key: bytes) -> bytes | None:
        return self.supplies.shelf.take(self.repository_id, key)

    def remember(self, key: bytes, report: bytes) -> None:
        self.supplies.shelf.put(self.repository_id, key, report)

    def learn(self, url: str) -> None:
        with suppress(EgressRefused):  # it stays refused, and whoever reads it hears why
            self.supplies.allow_files_at(url)


class Inspectors:
    """Makes inspections in children: `async with Inspectors(supplies) as inspections`; at the end they are gone."""

    def __init__(self, supplies: Supplies, limits: ScanLimits | None = None) -> None:
        self._supplies = supplies
        self._limits = limits or ScanLimits()
        self._idle: list[InspectorProcess] = []
        self._alive: set[InspectorProcess] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Kill every child. Inspections under way are stopped."""
        self._idle.clear()
        await asyncio.gather(*map(self.end, tuple(self._alive)))

    @asynccontextmanager
    async def open(self, installation_id: int, repository_id: int) -> AsyncIterator[Inspection]:
        """Give an inspection; its child is started with the first order, and killed if one was not answered."""
        attending = _Attending(self._supplies, self._supplies.sources(installation_id), repository_id)
        inspection = _RemoteInspection(self, self._limits, attending)
        try:
            yield inspection
        finally:
            await asyncio.shield(inspection.close())

    async def begun(self, attendant: _Attending) -> InspectorProcess:
        """Return a child that has begun an inspection."""
        child = await self._take(attendant.sources)
        try:
            await child.begin(self._supplies.solvers.generation(), attendant)
        except BaseException:  # cancelled: nobody else knows that this child was taken
            await self.end(child)
            raise
        return child

    def keep(self, child: InspectorProcess) -> None:
        """Let *child* be used again."""
        self._idle.append(child)

    async def end(self, child: InspectorProcess) -> None:
        """Kill *child*."""
        await child.kill()
        self._alive.discard(child)

    async def _take(self, sources: Sources) -> InspectorProcess:
        """Return the child for *sources* that was used last, which has most in memory, or a new one."""
        for child in [each for each in reversed(self._idle) if each.sources == sources]:
            self._idle.remove(child)
            if child.is_usable:
                return child
            await self.end(child)
        if self._idle:  # one that is for others makes room
            await self.end(self._idle.pop(0))
        child = await InspectorProcess.start(sources, self._hello, self._limits, self._supplies.environment)
        self._alive.add(child)
        return child

    def _hello(self, sources: Sources, folder: str, environment: Mapping[str, str]) -> Hello:
        return Hello(
            channels=sources.channels,
            indexes=sources.indexes,
            egress=self._supplies.egress,
            environment=dict(environment),
            folder=folder,
            processes=self._supplies.processes,
            memory=self._limits.memory,
        )


class _RemoteInspection:
    """One look at one repository, by a child. `is_answered` is false from the moment of an order to its answer."""

    def __init__(self, inspectors: Inspectors, limits: ScanLimits, attendant: _Attending) -> None:
        self._inspectors = inspectors
        self._attendant = attendant
        self._seconds = limits.seconds
        self._left = limits.seconds
        self._child: InspectorProcess | None = None
        self._is_answered = True

    async def listed(self, sizes: Mapping[str, int]) -> tuple[str, ...]:
        return await self._reading(Listed(sizes), {})

    async def given(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        return await self._reading(Given(), files)

    async def manners(self) -> Manners:
        return self._expected(Mannered, await self._ask(AskManners())).manners

    async def scan(self, circumstances: Circumstances) -> Inspected:
        return self._expected(Scanned, await self._ask(Scan(circumstances))).inspected

    async def introduce(self, circumstances: Circumstances) -> Introduction:
        return self._expected(Introduced, await self._ask(Introduce(circumstances))).introduction

    async def look(self, now: datetime, wrong: tuple[Problem, ...]) -> Looked:
        return self._expected(HasLooked, await self._ask(LookAt(now, wrong))).looked

    async def relock(self, now: datetime) -> Resolved:
        return self._expected(HasResolved, await self._ask(RelockAll(now))).resolved

    async def explain(self, now: datetime, package: str) -> str:
        return self._expected(Body, await self._ask(Explain(now, package))).text

    async def merged(self, began: bytes, theirs: bytes, ours: bytes) -> bytes | None:
        return self._expected(MergedText, await self._ask(MergeText(began, theirs, ours))).content

    async def prepared(self, key: str) -> Prepared:
        return self._expected(IsPrepared, await self._ask(Prepare(key))).prepared

    async def text(self, key: str, path: str) -> bytes:
        return self._expected(Text, await self._ask(ReadText(key, path))).content

    async def body(self, key: str, words: Words) -> str:
        return self._expected(Body, await self._ask(Describe(key, words))).text

    async def close(self) -> None:
        """Keep the child if it has nothing to do and says so; else kill it."""
        if self._child is None:
            return
        child, self._child = self._child, None
        if self._is_answered and await _says_farewell(child) and child.is_usable:
            self._inspectors.keep(child)
        else:
            await self._inspectors.end(child)

    async def _reading(self, order: Order, files: Mapping[str, bytes]) -> tuple[str, ...]:
        result = await self._ask(order, files)
        if isinstance(result, Refused):
            raise ConfigurationError(tuple(each.error for each in result.faults))
        return self._expected(Wanted, result).paths

    def _expected(self, kind: type[R], result: Result) -> R:
        if isinstance(result, kind):
            return result
        self._is_answered = False
        raise InspectionStopped(Stop.DEFECT, "the process that reads this repository answered something else")

    async def _ask(self, order: Order, files: Mapping[str, bytes] | None = None) -> Result:
        loop = asyncio.get_running_loop()
        began, self._is_answered = loop.time(), False
        try:
            async with asyncio.timeout(self._left):
                result = await self._answer(order, files or {})
        except TimeoutError as error:
            sentence = f"this repository needs more than {self._seconds:g} seconds; {ADVICE}"
            raise InspectionStopped(Stop.TIME, sentence) from error
        self._left -= loop.time() - began
        self._is_answered = True
        return result

    async def _answer(self, order: Order, files: Mapping[str, bytes]) -> Result:
        child = self._child = self._child or await self._inspectors.begun(self._attendant)
        for path, content in files.items():
            await child.give(path, content)
        return await child.ask(order)


async def _says_farewell(child: InspectorProcess) -> bool:
    with suppress(CondabotError, TimeoutError):
        async with asyncio.timeout(FAREWELL):
            return isinstance(await child.ask(End()), Ended)
    return False
