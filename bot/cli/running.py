"""How a command ends: with what it found, or told to stop, or because nobody reads on. Never with a traceback."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

SIGNALLED = 128
"""Who ends because of a signal exits with this and the signal's number, as shells say it."""

INTERRUPTED = SIGNALLED + signal.SIGINT
TERMINATED = SIGNALLED + signal.SIGTERM
UNREAD = SIGNALLED + 13
"""The exit code of a program whose output nobody reads on (SIGPIPE, which Windows has not)."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return what *work* comes to.

    At the first SIGINT or SIGTERM it is cancelled, so that it ends its processes and removes its folders; then the
    program exits with 130 or 143 and says nothing. A second one does not wait for that.
    """
    with _terminable() as exit_code:
        try:
            return asyncio.run(work)
        except KeyboardInterrupt:
            sys.exit(exit_code[0])


@contextmanager
def _terminable() -> Iterator[list[int]]:
    """Treat SIGTERM as an interrupt meanwhile; yield the exit code of the last of the two, in a list."""
    exit_code = [INTERRUPTED]

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        exit_code[0] = TERMINATED
        signal.raise_signal(signal.SIGINT)

    if threading.current_thread() is not threading.main_thread():
        yield exit_code
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield exit_code
    finally:
        signal.signal(signal.SIGTERM, before)


def stop_unread() -> NoReturn:
    """Exit because nobody reads what is printed; what is still in a buffer goes nowhere."""
    with open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123 -- os.devnull is a name, not a path
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    sys.exit(UNREAD)
