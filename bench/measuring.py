"""Time and memory, of this process and of its children."""

import os
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable

RUNS = 5


async def median(measured: Callable[[int], Awaitable[object]], runs: int = RUNS) -> float:
    """Return the median of the seconds that *measured* takes; it is told how many runs there were."""
    seconds = []
    for run in range(runs):
        began = time.perf_counter()
        await measured(run)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def resident(name: str) -> tuple[float, ...]:
    """Return what each child of this process, whose command line has *name*, holds in memory now, in MiB.

    It is the resident set, as `ps` says: what is shared with other processes counts in each of them.
    """
    rows = (line.split(maxsplit=2) for line in _ps("-A", "-o", "ppid=,rss=,args=").splitlines())
    return tuple(int(rss) / 1024 for parent, rss, arguments in rows if int(parent) == os.getpid() and name in arguments)


def resident_of(pid: int) -> float:
    """Return what the process *pid* holds in memory now, in MiB."""
    return int(_ps("-p", str(pid), "-o", "rss=")) / 1024


def processor_of(pid: int) -> float:
    """Return the whole seconds of a processor that the process *pid* has used so far."""
    return int(_ps("-p", str(pid), "-o", "cputimes="))


def _ps(*arguments: str) -> str:
    command = ["ps", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 -- no shell
