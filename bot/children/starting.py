"""A child is started with a list of variables and pipes, and ended with everything that it started itself."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import bot

ALLOWED: Final = frozenset(
    {
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "NO_PROXY",
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
"""The variables that a child may be given: locale, folders, proxies and certificates. Credentials are for no child."""

_ROOT: Final = Path(bot.__file__).parent.parent
_THREADS: Final = Path("/proc")


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return those of *environment* that a child may see; proxies are named in capitals or in small letters."""
    return {name: value for name, value in environment.items() if name.upper() in ALLOWED}


async def start_process(module: str, environment: Mapping[str, str]) -> Process:
    """Start *module* with pipes; it sees those of *environment* that it may, and where to import this package from."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-s", "-P", "-m", module),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=child_environment(environment) | {"PYTHONPATH": str(_ROOT)},
        cwd=_ROOT,
    )


async def kill_child(process: Process) -> None:
    """End *process* and what it started, and wait until it is gone."""
    started = started_by(process.pid) if process.returncode is None else ()
    with suppress(ProcessLookupError):
        process.kill()
    kill_all(started)
    await process.wait()


def started_by(pid: int) -> tuple[int, ...]:
    """Return the processes that *pid* has started and that still run; none where the system does not tell (`/proc`)."""
    found: list[int] = []
    with suppress(OSError):
        for thread in (_THREADS / str(pid) / "task").iterdir():
            found += map(int, (thread / "children").read_bytes().split())
    return tuple(found)


if sys.platform == "win32":

    def kill_all(pids: Iterable[int]) -> None:
        """Let them be: `started_by` finds none on Windows."""
else:

    def kill_all(pids: Iterable[int]) -> None:
        """End *pids* at once, each with its group where it leads one."""
        for pid in pids:
            with suppress(ProcessLookupError, PermissionError):
                if os.getpgid(pid) == pid:
                    os.killpg(pid, signal.SIGKILL)
                else:
                    os.kill(pid, signal.SIGKILL)


def manner_of_death(status: int) -> str:
    """Return how a process ended that was not to: `signal SIGKILL`, `exit status 1`."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
