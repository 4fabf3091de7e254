"""A child's loop: orders in, results out, one inspection after the other."""

import asyncio
import traceback
from collections.abc import Callable
from typing import Final, TypeAlias

from bot.children.bounds import bound_processor_time, end_for_memory, most_memory_held
from bot.errors import CondabotError, ConfigurationError
from bot.inspecting.asking import Parent
from bot.inspecting.protocol import (
    AskManners,
    Begin,
    Body,
    Describe,
    End,
    Ended,
    Explain,
    Failed,
    Fault,
    File,
    Given,
    HasLooked,
    HasResolved,
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
    WithFiles,
)
from bot.updating.inspection import Inspection

Message: TypeAlias = Begin | File | Order
MakeInspection: TypeAlias = Callable[[int], Inspection]
"""Makes an inspection, given its view of the channels."""

_UNBOUNDED: Final = 0.0


class Inspector:
    """Carries out the orders of one parent."""

    def __init__(self, parent: Parent, make: MakeInspection) -> None:
        self._parent = parent
        self._make = make
        self._inspection: Inspection | None = None
        self._files: dict[str, bytes] = {}

    async def serve(self, messages: asyncio.Queue[Message]) -> None:
        """Carry out what comes, for ever."""
        while True:
            match message := await messages.get():
                case Begin():
                    bound_processor_time(message.processor_seconds)
                    self._inspection = self._make(message.generation)
                case File():
                    self._files[message.path] = message.content
                case _:
                    self._parent.tell(await self._result(message))

    async def _result(self, order: Order) -> Result:
        """Return the result of *order*, whatever becomes of it."""
        try:
            return await self._do(order)
        except ConfigurationError as error:
            return Refused(tuple(map(Fault.of, error.problems)))
        except CondabotError as error:
            return Failed(str(error))
        except MemoryError:
            end_for_memory()
            raise
        except Exception as error:  # noqa: BLE001 -- the border of the process: any defect is a result, and is reported
            return Failed(f"{type(error).__name__}: {error}", traceback.format_exc())

    async def _do(self, order: Order) -> Result:
        inspection = self._inspection
        assert inspection is not None  # noqa: S101 -- a parent begins before it orders
        match order:
            case Listed():
                return Wanted(await inspection.listed(order.sizes))
            case Given():
                files, self._files = self._files, {}
                return Wanted(await inspection.given(files))
            case End():
                return self._end()
            case _:
                return await _done(inspection, order)

    def _end(self) -> Ended:
        self._inspection = None
        self._files.clear()
        bound_processor_time(_UNBOUNDED)
        return Ended(most_memory_held())


async def _done(inspection: Inspection, order: WithFiles) -> Result:
    """Return what *inspection* says once it has every file."""
    match order:
        case AskManners():
            return Mannered(await inspection.manners())
        case Scan():
            return Scanned(await inspection.scan(order.circumstances))
        case Introduce():
            return Introduced(await inspection.introduce(order.circumstances))
        case LookAt():
            return HasLooked(await inspection.look(order.now, order.wrong))
        case RelockAll():
            return HasResolved(await inspection.relock(order.now))
        case _:
            return await _told(inspection, order)


async def _told(inspection: Inspection, order: Explain | MergeText | Prepare | ReadText | Describe) -> Result:
    """Return a part of what *inspection* came to, or what it makes of texts."""
    match order:
        case Explain():
            return Body(await inspection.explain(order.now, order.package))
        case MergeText():
            return MergedText(await inspection.merged(order.began, order.theirs, order.ours))
        case Prepare():
            return IsPrepared(await inspection.prepared(order.key))
        case ReadText():
            return Text(await inspection.text(order.key, order.path))
        case Describe():
            return Body(await inspection.body(order.key, order.words))
