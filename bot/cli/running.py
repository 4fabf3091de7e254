"""How a command ends: with what it found, or told to stop, or because nobody reads on. Never with a traceback."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final, NoReturn, TypeVar

T = TypeVar("T")

STOPPING: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that ask a program to end: from the keyboard, from others, from a terminal that is closed."""

SIGNALLED: Final = 128
"""Who ends because of a signal exits with this and the signal's number, as shells say it."""

INTERRUPTED: Final = SIGNALLED + signal.SIGINT
UNREAD: Final = SIGNALLED + 13
"""The exit code of a program whose output nobody reads on (SIGPIPE, which Windows has not)."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return what *work* comes to.

    At the first of the signals in `STOPPING` it is cancelled, so that it ends its processes and removes its folders;
    then the program exits with 128 and the signal's number (130 for SIGINT), and says nothing. A second one does not
    wait for that. A signal that is ignored from the start, as for what a script runs in the background, stays so.
    """
    received: list[int] = []
    try:
        return asyncio.run(_stoppable(work, received))
    except (asyncio.CancelledError, KeyboardInterrupt):
        if received:
            sys.exit(SIGNALLED + received[0])
        raise


async def _stoppable(work: Coroutine[Any, Any, T], received: list[int]) -> T:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 -- this is run by one

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if len(received) > 1:
            raise KeyboardInterrupt
        loop.call_soon_threadsafe(task.cancel)

    with _handling(stop):
        return await work


async def until_told() -> NoReturn:
    """Wait for one of the signals in `STOPPING`. One that came before counts, also if what it met did not heed it.

    Raises:
        CancelledError: it came.

    """
    task = asyncio.current_task()
    if task is None or not task.cancelling():
        await asyncio.Event().wait()
    raise asyncio.CancelledError


@contextmanager
def _handling(stop: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Let *stop* see to the signals in `STOPPING` meanwhile, where this is the thread that gets them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heeded = [each for each in STOPPING if signal.getsignal(each) != signal.SIG_IGN]
    before = {each: signal.signal(each, stop) for each in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def drop_output() -> None:
    """Let what is still in the buffer of stdout go nowhere: it cannot be written, and would be tried again at exit."""
    with suppress(OSError), open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123 -- a name, not a path
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
