"""How a service ends when it is told to: in good order, and within ten seconds whatever hangs.

Whoever stops a container kills it after ten seconds: https://docs.docker.com/reference/cli/docker/container/stop/
"""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

from bot.children.starting import kill_all, started_by

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

SOON: Final = 7.0
"""Seconds until a process that was told to end has ended."""

LAST: Final = 9.0
"""The same, for one that first waits for others that have `SOON`."""


@contextlib.contextmanager
def stoppable(*, within: float = SOON) -> Iterator[None]:
    """Let this process end as soon as it is told to; at the latest *within* so many seconds, with all its children.

    For what is done before there is an event loop. As the first process of a container it would not hear SIGTERM at all
    otherwise: signals without a handler do not reach that one (pid_namespaces(7)).
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        _end_by(within)
        raise SystemExit(0)

    before = {number: signal.signal(number, end) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def when_told(stop: Callable[[], object], *, within: float = SOON) -> None:
    """Call *stop* when this process is told to end, which it has *within* so many seconds; for its event loop."""

    def told() -> None:
        _end_by(within)
        stop()

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, told)


def _end_by(seconds: float) -> None:
    """End this process and its children after *seconds*, if it is still there."""
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    """Nothing is lost by that: a scan may be broken off anywhere, and its repository is looked at again."""
    for pid in _below(os.getpid()):
        kill_all((pid,))
    os._exit(0)


def _below(pid: int) -> Iterator[int]:
    """Return the processes that *pid* has started, and those that they have, the lowest first."""
    for child in started_by(pid):
        yield from _below(child)
        yield child
