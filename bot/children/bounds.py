"""What a process may take, set by itself before it looks at anything: memory, processor time, and who goes first.

Memory is bounded twice: a watching thread ends the process when it has held too much, and the system refuses what is
asked for beyond that in one go (RLIMIT_DATA, which on Linux counts what is allocated, not what is mapped from files).
The thread comes first because py-rattler does not end when memory is refused: a thread of its runtime that cannot start
leaves the solve waiting for ever. Processor time is bounded by the system alone, which no code can hold up: a timer
that counts what this process uses, in the interpreter or below it, ends it by a signal.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

MEBIBYTE: Final = 1024 * 1024
HEADROOM: Final = 1024 * MEBIBYTE
"""What may be allocated beyond what may be held: stacks of threads and reserves of the allocator."""

WATCH_SECONDS = 0.05
NICENESS: Final = 10
"""Of processes that work: beside one that does not stand back they get a tenth of a processor that both want."""

OUT_OF_MEMORY: Final = 86
"""The exit status of a child that has held more memory than it may."""

_STATUS: Final = Path("/proc/self/status")
_PEAK: Final = b"VmHWM:"


def end_for_memory() -> None:
    """End this process at once, and say by the exit status that it is for its memory."""
    os._exit(OUT_OF_MEMORY)


def bound_memory(memory: int, end: Callable[[], None] = end_for_memory) -> None:
    """Let this process hold *memory* bytes; when it has held more, call *end*, which does not return."""
    threading.Thread(target=watch_memory, args=(memory, end), daemon=True).start()
    _limit_allocations(memory + HEADROOM)


def watch_memory(memory: int, end: Callable[[], None]) -> None:
    """Wait until this process has held more than *memory* bytes, and call *end*."""
    while most_memory_held() <= memory:
        time.sleep(WATCH_SECONDS)
    end()


if sys.platform == "win32":
    OUT_OF_PROCESSOR_TIME: Final = None

    def _limit_allocations(_memory: int) -> None:
        """Leave allocations unlimited: Windows has no such limit."""

    def most_memory_held() -> int:
        """Return 0: memory is not watched on Windows, where time alone is bounded."""
        return 0

    def bound_processor_time(_seconds: float) -> None:
        """Leave it unbounded: Windows has no such timer."""

    def stand_back() -> None:
        """Do nothing: the App does not run on Windows."""
else:
    import resource
    import signal

    OUT_OF_PROCESSOR_TIME: Final = -signal.SIGPROF
    """The exit status of a child that has used more processor time than it may, as its parent sees it."""

    def _limit_allocations(memory: int) -> None:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        bound = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))

    def most_memory_held() -> int:
        """Return the peak of resident memory in bytes.

        On Linux `ru_maxrss` begins with that of the process which this one was started from (getrusage(2) does not say
        so, fs/exec.c of the kernel does), so `/proc` is asked first. Elsewhere it is in kibibytes, on macOS in bytes.
        """
        with suppress(OSError):
            line = next(each for each in _STATUS.read_bytes().splitlines() if each.startswith(_PEAK))
            return int(line.split()[1]) * 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024

    def bound_processor_time(seconds: float) -> None:
        """Let this process use *seconds* of processor time from now on, of all its threads; 0 is no bound."""
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)

    def stand_back() -> None:
        """Let what answers people go first on this machine, before this process and all that it starts."""
        os.nice(NICENESS)
